#include "sim/special_functions.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>

namespace fleetsim::special {
namespace {

namespace bmp = boost::math::policies;

// In double throughout: long double would double the time for digits that no result shows. An overflow is infinity;
// the callers have checked the domains.
using Policy = bmp::policy<bmp::promote_double<false>, bmp::promote_float<false>,
                           bmp::overflow_error<bmp::ignore_error>, bmp::domain_error<bmp::ignore_error>,
                           bmp::pole_error<bmp::ignore_error>, bmp::evaluation_error<bmp::ignore_error>>;

}  // namespace

double normal_density(double z) {
  return std::exp(-0.5 * z * z) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_quantile(double p) {
  // Of the lower half always: which half a random p is in is a branch that is guessed wrongly half of the time.
  const double size = boost::math::erfc_inv(std::min(2 * p, 2 - 2 * p), Policy());
  return std::numbers::sqrt2 * std::copysign(size, p - 0.5);
}

double gamma_cdf(double shape, double x) { return boost::math::gamma_p(shape, x, Policy()); }

double gamma_quantile(double shape, double p) { return boost::math::gamma_p_inv(shape, p, Policy()); }

double gamma_function(double x) { return boost::math::tgamma(x, Policy()); }

double student_t_quantile(double p, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t_distribution<double, Policy>(degrees_of_freedom), p);
}

double binomial_cdf(std::uint64_t k, std::uint64_t n, double p) {
  if (k == n) return 1;
  // P(B <= k) = I_{1-p}(n - k, k + 1), the regularized incomplete beta function.
  return boost::math::ibeta(static_cast<double>(n - k), static_cast<double>(k) + 1, 1 - p, Policy());
}

}  // namespace fleetsim::special
