#include <algorithm>
#include <cmath>

#include "sim/distribution_forms.hpp"

namespace fleetsim::forms {
namespace {

/// F on [0, limit) before it is cut at 1.
double rising(const Bathtub& form, double x) {
  return form.share * (std::exp((x - form.limit) / form.late) - std::expm1(-x / form.early));
}

double slope(const Bathtub& form, double x) {
  return form.share *
         (std::exp((x - form.limit) / form.late) / form.late + std::exp(-x / form.early) / form.early);
}

}  // namespace

double cdf(const Bathtub& form, double x) {
  if (x < 0) return 0;
  return x < form.limit ? std::min(1.0, rising(form, x)) : 1;
}

double bathtub_quantile(const Bathtub& form, double u) {
  if (u <= rising(form, 0)) return 0;
  if (u >= rising(form, form.limit)) return form.limit;
  // Newton's method, kept inside a bracket that halves where the curve bends it out: F is concave, then convex.
  double low = 0;
  double high = form.limit;
  double x = form.limit / 2;
  constexpr int steps_max = 200;
  for (int step = 0; step < steps_max; ++step) {
    const double gap = rising(form, x) - u;
    (gap < 0 ? low : high) = x;
    const double newton = x - gap / slope(form, x);
    const double next = newton > low && newton < high ? newton : low + (high - low) / 2;
    if (std::abs(next - x) <= 1e-15 * form.limit) return next;
    x = next;
  }
  return x;
}

/// E[X] is the integral of 1 - F, E[X^2] that of 2 x (1 - F), both up to the largest value.
Moments moments(const Bathtub& form) {
  const double end = bathtub_quantile(form, 1);
  const double decay = end / form.early;
  const double wall = std::exp((end - form.limit) / form.late);
  const double wall_rise = wall - std::exp(-form.limit / form.late);
  const double mean = end * (1 - form.share) - form.share * form.early * std::expm1(-decay) -
                      form.share * form.late * wall_rise;
  const double square = end * end * (1 - form.share) +
                        2 * form.share * form.early * form.early * (1 - std::exp(-decay) * (1 + decay)) -
                        2 * form.share * form.late * (end * wall - form.late * wall_rise);
  return {mean, square - mean * mean};
}

}  // namespace fleetsim::forms
