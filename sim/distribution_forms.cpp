#include "sim/distribution_forms.hpp"

#include <algorithm>
#include <cmath>

#include "sim/special_functions.hpp"

namespace fleetsim::forms {
namespace {

double square(double x) { return x * x; }

}  // namespace

double cdf(const Constant& form, double x) { return x >= form.value ? 1 : 0; }

double cdf(const Exponential& form, double x) { return x <= 0 ? 0 : -std::expm1(-x / form.mean); }

double cdf(const Weibull& form, double x) { return x <= 0 ? 0 : -std::expm1(-std::pow(x / form.scale, form.shape)); }

double cdf(const LogNormal& form, double x) {
  if (x <= 0) return 0;
  if (form.sigma == 0) return x >= form.median ? 1 : 0;
  return special::normal_cdf(std::log(x / form.median) / form.sigma);
}

double cdf(const HyperExponential& form, double x) {
  if (x <= 0) return 0;
  double share = 0;
  for (std::size_t i = 0; i < form.means.size(); ++i) share -= form.weights[i] * std::expm1(-x / form.means[i]);
  return share;
}

double cdf(const Gamma& form, double x) { return x <= 0 ? 0 : special::gamma_cdf(form.shape, x / form.scale); }

double cdf(const Normal& form, double x) {
  if (form.sigma == 0) return x >= form.mean ? 1 : 0;
  return special::normal_cdf((x - form.mean) / form.sigma);
}

double cdf(const Uniform& form, double x) { return std::clamp((x - form.low) / (form.high - form.low), 0.0, 1.0); }

double cdf(const Triangular& form, double x) {
  if (x <= form.low) return 0;
  if (x >= form.high) return 1;
  const double width = form.high - form.low;
  return x < form.mode ? square(x - form.low) / (width * (form.mode - form.low))
                       : 1 - square(form.high - x) / (width * (form.high - form.mode));
}

double cdf(const Discrete& form, double x) {
  double share = 0;
  bool all = true;
  for (std::size_t i = 0; i < form.values.size(); ++i) {
    if (form.values[i] <= x) share += form.weights[i];
    else all = false;
  }
  return all ? 1 : share;  // not the rounded sum of all weights
}

double cdf(const Empirical& form, double x) {
  const auto& sorted = form.sorted_values;
  if (x < sorted.front()) return 0;
  if (x >= sorted.back()) return 1;
  // The last interval [sorted[i], sorted[i + 1]) that holds x; ties before it are passed over, a jump of F.
  const auto above = std::upper_bound(sorted.begin(), sorted.end(), x);
  const double low = *(above - 1);
  const double steps = static_cast<double>(above - 1 - sorted.begin()) + (x - low) / (*above - low);
  return steps / static_cast<double>(sorted.size() - 1);
}

Moments moments(const Constant& form) { return {form.value, 0}; }

Moments moments(const Exponential& form) { return {form.mean, square(form.mean)}; }

Moments moments(const Weibull& form) {
  const double g1 = special::gamma_function(1 + 1 / form.shape);
  const double g2 = special::gamma_function(1 + 2 / form.shape);
  return {form.scale * g1, square(form.scale) * (g2 - square(g1))};
}

Moments moments(const LogNormal& form) {
  const double s2 = square(form.sigma);
  const double mean = form.median * std::exp(s2 / 2);
  return {mean, square(mean) * std::expm1(s2)};
}

Moments moments(const HyperExponential& form) {
  double mean = 0;
  for (std::size_t i = 0; i < form.means.size(); ++i) mean += form.weights[i] * form.means[i];
  // Within the branches, and between them.
  double variance = 0;
  for (std::size_t i = 0; i < form.means.size(); ++i)
    variance += form.weights[i] * (square(form.means[i]) + square(form.means[i] - mean));
  return {mean, variance};
}

Moments moments(const Gamma& form) { return {form.shape * form.scale, form.shape * square(form.scale)}; }

Moments moments(const Normal& form) { return {form.mean, square(form.sigma)}; }

Moments moments(const Uniform& form) {
  return {form.low + (form.high - form.low) / 2, square(form.high - form.low) / 12};
}

Moments moments(const Triangular& form) {
  const double a = form.low, b = form.high, c = form.mode;
  return {(a + b + c) / 3, (square(b - a) + square(c - a) + square(b - c)) / 36};
}

Moments moments(const Discrete& form) {
  double mean = 0;
  for (std::size_t i = 0; i < form.values.size(); ++i) mean += form.weights[i] * form.values[i];
  double variance = 0;
  for (std::size_t i = 0; i < form.values.size(); ++i) variance += form.weights[i] * square(form.values[i] - mean);
  return {mean, variance};
}

Moments moments(const Empirical& form) {
  // Between two neighbours the draw is uniform, and each gap is as likely.
  const auto& x = form.sorted_values;
  if (x.size() == 1) return {x.front(), 0};
  const double gaps = static_cast<double>(x.size() - 1);
  double mean = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) mean += (x[i] + x[i + 1]) / 2;
  mean /= gaps;
  double variance = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double a = x[i] - mean, b = x[i + 1] - mean;
    variance += (a * a + a * b + b * b) / 3;
  }
  return {mean, variance / gaps};
}

}  // namespace fleetsim::forms
