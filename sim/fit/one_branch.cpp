/// The forms with one branch: exponential, Weibull and log-normal.

#include <cmath>

#include "sim/fit/likelihood.hpp"

namespace fleetsim::fit {
namespace {

double total(const Sample& sample) {
  double sum = 0;
  for (const double x : sample.ended) sum += x;
  for (const double x : sample.censored) sum += x;
  return sum;
}

double mean_log(const std::vector<double>& amounts) {
  double sum = 0;
  for (const double x : amounts) sum += std::log(x);
  return sum / static_cast<double>(amounts.size());
}

/// Sums over all amounts of (x / unit)^shape, and of that times ln(x / unit).
struct PowerSums {
  double power = 0;
  double power_log = 0;
};

PowerSums power_sums(const Sample& sample, double shape, double unit) {
  PowerSums sums;
  const auto add = [&](double x) {
    const double log_x = std::log(x / unit);
    const double power = std::exp(shape * log_x);
    sums.power += power;
    sums.power_log += power * log_x;
  };
  for (const double x : sample.ended) add(x);
  for (const double x : sample.censored) add(x);
  return sums;
}

}  // namespace

std::optional<Fit> exponential(const Sample& sample) {
  check(sample);
  if (sample.ended.empty()) return std::nullopt;
  return make_fit(sample, Exponential{total(sample) / static_cast<double>(sample.ended.size())}, 1);
}

std::optional<Fit> weibull(const Sample& sample) {
  check(sample);
  if (!varies(sample)) return std::nullopt;
  // In units of the ended amounts' geometric mean the powers stay near 1 and their mean logarithm vanishes.
  const double unit = std::exp(mean_log(sample.ended));
  const auto ended = static_cast<double>(sample.ended.size());
  // The derivative of the profile likelihood by the shape is falling; its zero is the estimate (Lawless, "Statistical
  // models and methods for lifetime data", 2003, section 5.2).
  const auto slope = [&](double shape) {
    const PowerSums sums = power_sums(sample, shape, unit);
    return 1 / shape - sums.power_log / sums.power;
  };
  double low = 0.01, high = 100;
  if (!(slope(low) > 0) || !(slope(high) < 0)) return std::nullopt;
  while (high - low > 1e-13 * high) {
    const double middle = std::sqrt(low * high);
    if (middle <= low || middle >= high) break;
    (slope(middle) > 0 ? low : high) = middle;
  }
  const double shape = std::sqrt(low * high);
  const double scale = unit * std::pow(power_sums(sample, shape, unit).power / ended, 1 / shape);
  return make_fit(sample, Weibull{shape, scale}, 2);
}

std::optional<Fit> log_normal(const Sample& sample) {
  check(sample);
  if (!varies(sample)) return std::nullopt;
  const auto count = static_cast<double>(sample.size());
  double sum = 0, squares = 0;
  const double first_location = mean_log(sample.ended);
  for (const double x : sample.ended) {
    sum += std::log(x);
    squares += (std::log(x) - first_location) * (std::log(x) - first_location);
  }
  double location = first_location;
  double scale = std::sqrt(squares / static_cast<double>(sample.ended.size()));
  // A censored amount stands for the mean and the square of those above it.
  constexpr int rounds_max = 100'000;
  for (int round = 0; round < rounds_max && !sample.censored.empty(); ++round) {
    double sum_all = sum, squares_all = 0;
    for (const double x : sample.censored) {
      sum_all += location + scale * normal_hazard((std::log(x) - location) / scale);
    }
    const double next_location = sum_all / count;
    for (const double x : sample.ended) squares_all += (std::log(x) - next_location) * (std::log(x) - next_location);
    for (const double x : sample.censored) {
      const double z = (std::log(x) - location) / scale;
      const double hazard = normal_hazard(z);
      const double shift = location - next_location;
      squares_all += scale * scale * (1 + z * hazard) + 2 * shift * scale * hazard + shift * shift;
    }
    const double next_scale = std::sqrt(squares_all / count);
    const double change = std::abs(next_location - location) + std::abs(next_scale - scale);
    location = next_location;
    scale = next_scale;
    if (change < 1e-12 * scale) break;
  }
  return make_fit(sample, LogNormal{std::exp(location), scale}, 2);
}

}  // namespace fleetsim::fit
