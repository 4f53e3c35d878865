#pragma once
/// Probability distributions, sampled by inversion: one uniform number, one draw. Inversion keeps common random
/// numbers monotone: a larger uniform gives a larger value under every variant of a scenario.

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// Parameters are finite numbers in the ranges stated here.
struct Constant { double value = 0; };
/// F(x) = 1 - exp(-x / mean), x >= 0. mean > 0.
struct Exponential { double mean = 1; };
/// F(x) = 1 - exp(-(x / scale)^shape), x >= 0. shape, scale > 0.
struct Weibull { double shape = 1; double scale = 1; };
/// ln X is normal with mean ln(median) and standard deviation sigma. median > 0, sigma >= 0.
struct LogNormal { double median = 1; double sigma = 0; };
/// A mixture of exponentials: branch i, of mean means[i], with probability weights[i]. Weights are positive and are
/// normalized to sum to 1; means > 0; at least one branch.
struct HyperExponential { std::vector<double> weights; std::vector<double> means; };
/// Shape k > 0, scale > 0; mean k * scale.
struct Gamma { double shape = 1; double scale = 1; };
/// sigma >= 0.
struct Normal { double mean = 0; double sigma = 1; };
/// low < high.
struct Uniform { double low = 0; double high = 1; };
/// low <= mode <= high, low < high.
struct Triangular { double low = 0; double mode = 0; double high = 1; };
/// Value values[i] with probability weights[i]; weights positive, normalized; at least one. Values keep the order they
/// are given in, and the uniform number runs through them in that order: with rising values that is the quantile
/// function; with others two variants of a scenario still agree on which entry is drawn.
struct Discrete { std::vector<double> weights; std::vector<double> values; };
/// A sample, inverted with linear interpolation between its sorted values (type 7 of Hyndman and Fan 1996, "Sample
/// quantiles in statistical packages"). At least one value.
struct Empirical { std::vector<double> sorted_values; };
/// Early failures, a flat middle and a wall of deaths at a limit, as lifetimes of machines that may not grow older:
/// F(x) = share * (1 - exp(-x / early) + exp((x - limit) / late)) for 0 <= x < limit, at most 1, and 1 from limit on
/// (the form of Kadupitiya, Jadhao and Sharma, HPDC 2020). What F lacks to 1 just below the limit is an atom at the
/// limit; where F passes 1 before the limit no draw is larger; F(0) = share * exp(-limit / late) is an atom at 0.
/// All above zero.
struct Bathtub { double share = 0.5; double early = 1; double late = 1; double limit = 24; };

using DistributionForm = std::variant<Constant, Exponential, Weibull, LogNormal, HyperExponential, Gamma, Normal,
                                      Uniform, Triangular, Discrete, Empirical, Bathtub>;

/// One of the forms above. Copies are cheap enough to keep by value in a config; sampling allocates nothing.
class Distribution {
 public:
  Distribution() : Distribution(DistributionForm{}) {}
  /// Requires: the form's parameters lie in their ranges (an invariant: the config reader has checked them).
  Distribution(DistributionForm form);
  /// From one form, so that `Distribution d = Exponential{.mean = 5}` compiles.
  template <class Form>
    requires(std::constructible_from<DistributionForm, Form> && !std::same_as<Form, DistributionForm>)
  Distribution(Form form) : Distribution(DistributionForm(std::move(form))) {}

  /// The value below which the share `u` of draws lies; it never falls as u rises, but for rounding in the last place
  /// and for a Discrete of unsorted values. Requires: 0 < u < 1.
  double quantile(double u) const;
  /// The quantile of each, in its place: as by quantile(), in less time.
  void to_quantiles(std::span<double> us) const;
  /// Draws one uniform number whatever the form.
  double sample(Stream& stream) const { return quantile(stream.uniform()); }
  /// Mean and variance of the draws; those of an Empirical are of the interpolated distribution, so they differ from
  /// the sample's own by terms of order 1/n.
  double mean() const;
  double variance() const;
  /// F(x) = P(X <= x).
  double cdf(double x) const;
  /// The form, its weights normalized.
  const DistributionForm& form() const { return form_; }

 private:
  DistributionForm form_;
  std::vector<double> cumulative_;  // of the weights of a Discrete or a HyperExponential; the last is exactly 1
};

/// A distribution over durations; the form's numbers are seconds. Draws below zero (a normal's tail) count as zero, and
/// draws above 2^61 ns (73 years) as that: an event that much later can still be scheduled in a run as long.
class DurationDistribution {
 public:
  /// Always `constant`, to the nanosecond. Requires: constant >= 0.
  DurationDistribution(Duration constant = {});
  /// Requires: no value below zero, unless the form is Normal.
  explicit DurationDistribution(Distribution in_seconds);
  /// Draws one uniform number whatever the form.
  Duration sample(Stream& stream) const { return quantile(stream.uniform()); }
  /// So many draws, the same as one by one: docs/decisions/0002.
  static constexpr std::size_t batch = 8;
  void sample(Stream& stream, std::span<Duration, batch> into) const;
  /// Requires: 0 < u < 1.
  Duration quantile(double u) const;
  /// The mean of the draws: a normal's counts its negative tail as zero.
  Duration mean() const;
  const Distribution& in_seconds() const { return seconds_; }

 private:
  Distribution seconds_;
  std::optional<Duration> constant_;  // a double counts nanoseconds exactly for 104 days only
};

}  // namespace fleetsim
