#pragma once
/// Private to the kernel: the special functions behind distributions and intervals. Boost.Math is slow to compile, so
/// one source file includes it and this header does not.

#include <cstdint>

namespace fleetsim::special {

/// Density of the standard normal distribution.
double normal_density(double z);
/// P(Z <= z), Z standard normal.
double normal_cdf(double z);
/// The z with P(Z <= z) = p. Requires: 0 < p < 1.
double normal_quantile(double p);

/// P(X <= x), X gamma with this shape and scale 1. Requires: shape > 0, x >= 0.
double gamma_cdf(double shape, double x);
/// The x with P(X <= x) = p. Requires: shape > 0, 0 < p < 1.
double gamma_quantile(double shape, double p);
/// The gamma function. Requires: x > 0. Infinite where it is larger than any double.
double gamma_function(double x);

/// The t with P(T <= t) = p, T of Student's distribution. Requires: 0 < p < 1, degrees_of_freedom > 0.
double student_t_quantile(double p, double degrees_of_freedom);
/// P(B <= k), B the number of successes in n trials of probability p. Requires: k <= n, 0 < p < 1.
double binomial_cdf(std::uint64_t k, std::uint64_t n, double p);

}  // namespace fleetsim::special
