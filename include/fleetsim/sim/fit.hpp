#pragma once
/// Fits distributions to positive amounts, such as durations, some of which are known only to be longer than they were
/// seen to be; and says how well they fit.
///
///   const fit::Sample lives{.ended = {6, 6, 7, 10}, .censored = {9, 11}};
///   const std::optional<fit::Fit> weibull = fit::weibull(lives);
///   const double distance = fit::ks_distance(fit::kaplan_meier(lives), weibull->distribution);
///
/// All fits are of maximum likelihood: an amount seen to its end counts with its density, one that was cut off with the
/// probability of a longer one. The cut must have nothing to do with how long the amount would have been.

#include <cstddef>
#include <optional>
#include <vector>

#include "fleetsim/sim/distribution.hpp"

namespace fleetsim::fit {

/// Requires everywhere: all amounts are finite and above zero.
struct Sample {
  std::vector<double> ended;     ///< seen to their end
  std::vector<double> censored;  ///< longer than this

  std::size_t size() const { return ended.size() + censored.size(); }
};

struct Fit {
  Distribution distribution;
  double log_likelihood = 0;
  int parameters = 0;
  /// Akaike's information criterion, 2 parameters - 2 ln L: of two fits to one sample the smaller is the better.
  double aic() const { return 2.0 * parameters - 2.0 * log_likelihood; }
};

/// Mean = total amount / number of ended ones. Empty if none ended.
std::optional<Fit> exponential(const Sample& sample);
/// Shape by the profile likelihood. Empty if fewer than two different amounts ended, or if the likelihood has no
/// maximum at a shape from 0.01 to 100.
std::optional<Fit> weibull(const Sample& sample);
/// Location and scale of the logarithm; by expectation-maximization where amounts are censored. Empty if fewer than two
/// different amounts ended.
std::optional<Fit> log_normal(const Sample& sample);
/// A mixture of two exponentials, the branch of the smaller mean first, by expectation-maximization from several
/// starts. A sample that varies less than an exponential gives two branches of (nearly) the same mean. Empty if fewer
/// than four amounts ended.
std::optional<Fit> hyper_exponential(const Sample& sample);

/// ln of the likelihood of the sample under an Exponential, Weibull, LogNormal or HyperExponential.
double log_likelihood(const Sample& sample, const DistributionForm& form);

/// The estimate just after `time`, at which `ended` of `at_risk` ended.
struct SurvivalPoint {
  double time = 0;
  std::size_t at_risk = 0;
  std::size_t ended = 0;
  double survival = 1;        ///< P(amount > time)
  double standard_error = 0;  ///< Greenwood's
};
/// The product-limit estimate: one point for each amount at which something ended, rising. What was cut off at such an
/// amount was still at risk. (Kaplan, Meier, "Nonparametric estimation from incomplete observations", JASA 53, 1958.)
std::vector<SurvivalPoint> kaplan_meier(const Sample& sample);

/// The largest distance between the distribution function and 1 - survival, up to the last point, on both sides of each
/// step: the Kolmogorov-Smirnov distance, which with censored amounts is taken to the Kaplan-Meier estimate.
double ks_distance(const std::vector<SurvivalPoint>& survival, const Distribution& distribution);

/// The same for amounts that were recorded in steps of about `step`: compared half a step after each point and before
/// the next, where both functions are known, so that the rounding itself makes no distance. Points nearer to each other
/// than half a step count as one. Below the first point nothing is compared: a recording in steps misses the shortest.
/// Requires: step > 0.
double ks_distance(const std::vector<SurvivalPoint>& survival, const Distribution& distribution, double step);

/// The distance that a sample of `size` exceeds with probability 5 % if it is drawn from the distribution: 1.358 /
/// sqrt(n) for large n. With parameters fitted to the same sample it is exceeded more seldom. Requires: size > 0.
double ks_critical_5_percent(std::size_t size);

/// Of the ended amounts. Requires: there is one.
double mean(const Sample& sample);
/// Standard deviation over mean of the ended amounts, with n - 1; 0 for fewer than two.
double coefficient_of_variation(const Sample& sample);

}  // namespace fleetsim::fit
