#include "fleetsim/sim/relative_change.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim {

RelativeChange relative_change(std::span<const double> baseline, std::span<const double> variant, double coverage) {
  invariant(baseline.size() == variant.size(), "paired variants have the same replications");
  invariant(coverage > 0 && coverage < 1, "a coverage lies between 0 and 1");
  std::vector<double> bases, differences;
  Tally base, difference;
  bool negative = false;
  for (std::size_t k = 0; k < baseline.size(); ++k) {
    if (std::isnan(baseline[k]) || std::isnan(variant[k])) continue;
    negative = negative || baseline[k] < 0 || variant[k] < 0;
    bases.push_back(baseline[k]);
    differences.push_back(variant[k] - baseline[k]);
    base.add(bases.back());
    difference.add(differences.back());
  }
  RelativeChange result{.mean = difference.mean() / base.mean(), .interval = {}};
  const std::size_t n = bases.size();
  if (n < 2) return result;

  // Of the residuals difference - mean change * base, whose mean is zero, and of them with the baseline.
  double residual_squares = 0, products = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const double residual = differences[k] - result.mean * bases[k];
    residual_squares += residual * residual;
    products += residual * (bases[k] - base.mean());
  }
  const double pairs = static_cast<double>(n);
  const double of_mean = 1 / ((pairs - 1) * pairs);
  const double t = special::student_t_quantile((1 + coverage) / 2, pairs - 1);
  const double variance = residual_squares * of_mean, covariance = products * of_mean;
  const double base_variance = base.variance() / pairs;
  // A change e away from the mean one is kept while (e b)^2 <= t^2 (v - 2 e c + e^2 v_b); the roots in e.
  const double leading = base.mean() * base.mean() - t * t * base_variance;
  if (!(leading > 0)) return result;  // the baseline's own interval includes zero: no bounded set of ratios
  const double shift = -t * t * covariance;
  const double root = std::sqrt(shift * shift + leading * t * t * variance);
  const double low = result.mean + (shift - root) / leading;
  result.interval = Interval{negative ? low : std::max(low, -1.0), result.mean + (shift + root) / leading};
  return result;
}

}  // namespace fleetsim
