#pragma once
/// Probability distributions, sampled by inversion: one uniform number, one draw. Inversion keeps common random
/// numbers monotone: a larger uniform gives a larger value under every variant of a scenario.

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

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
/// Value values[i] with probability weights[i]; weights positive, normalized; at least one.
struct Discrete { std::vector<double> weights; std::vector<double> values; };
/// A sample, inverted with linear interpolation between its sorted values (type 7 of Hyndman and Fan 1996).
/// At least one value.
struct Empirical { std::vector<double> sorted_values; };

using DistributionForm = std::variant<Constant, Exponential, Weibull, LogNormal, HyperExponential, Gamma, Normal,
                                      Uniform, Triangular, Discrete, Empirical>;

/// One of the forms above. Copies are cheap enough to keep by value in a config; sampling allocates nothing.
class Distribution {
 public:
  /// Requires: the form's parameters lie in their ranges (an invariant: the config reader has checked them).
  Distribution(DistributionForm form = Constant{});
  /// The value below which the share `u` of draws lies. Requires: 0 < u < 1.
  double quantile(double u) const;
  double sample(Stream& stream) const { return quantile(stream.uniform()); }
  double mean() const;
  double variance() const;
  /// F(x) = P(X <= x).
  double cdf(double x) const;
  const DistributionForm& form() const { return form_; }

 private:
  DistributionForm form_;
};

/// A distribution over durations; the form's numbers are seconds. Draws below zero (a normal's tail) count as zero.
class DurationDistribution {
 public:
  DurationDistribution(Duration constant = {}) : seconds_(Constant{to_seconds(constant)}) {}
  explicit DurationDistribution(Distribution in_seconds) : seconds_(std::move(in_seconds)) {}
  Duration sample(Stream& stream) const;
  Duration mean() const { return fleetsim::seconds(seconds_.mean()); }
  const Distribution& in_seconds() const { return seconds_; }

 private:
  Distribution seconds_;
};

}  // namespace fleetsim
