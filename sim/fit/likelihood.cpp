#include "sim/fit/likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include "fleetsim/sim/invariant.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim::fit {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();

/// ln of the density, and of the probability of more, at x > 0.
struct LogTerms {
  double density;
  double tail;
};

LogTerms terms(const Exponential& f, double x) { return {-std::log(f.mean) - x / f.mean, -x / f.mean}; }

LogTerms terms(const Weibull& f, double x) {
  const double log_ratio = std::log(x / f.scale);
  const double hazard = std::exp(f.shape * log_ratio);
  return {std::log(f.shape / f.scale) + (f.shape - 1) * log_ratio - hazard, -hazard};
}

LogTerms terms(const LogNormal& f, double x) {
  constexpr double log_sqrt_2_pi = 0.91893853320467274178;
  const double z = std::log(x / f.median) / f.sigma;
  return {-z * z / 2 - log_sqrt_2_pi - std::log(f.sigma * x), log_normal_tail(z)};
}

LogTerms terms(const HyperExponential& f, double x) {
  double sum = 0;
  for (const double weight : f.weights) sum += weight;
  // The largest term is taken out of both sums, so that none underflows to nothing.
  double density_max = impossible, tail_max = impossible;
  for (std::size_t i = 0; i < f.means.size(); ++i) {
    const double tail = std::log(f.weights[i] / sum) - x / f.means[i];
    tail_max = std::max(tail_max, tail);
    density_max = std::max(density_max, tail - std::log(f.means[i]));
  }
  double density = 0, tail = 0;
  for (std::size_t i = 0; i < f.means.size(); ++i) {
    const double log_tail = std::log(f.weights[i] / sum) - x / f.means[i];
    tail += std::exp(log_tail - tail_max);
    density += std::exp(log_tail - std::log(f.means[i]) - density_max);
  }
  return {density_max + std::log(density), tail_max + std::log(tail)};
}

template <class Form>
constexpr bool has_terms = std::is_same_v<Form, Exponential> || std::is_same_v<Form, Weibull> ||
                           std::is_same_v<Form, LogNormal> || std::is_same_v<Form, HyperExponential>;

}  // namespace

void check(const Sample& sample) {
  const auto amount = [](double x) { return std::isfinite(x) && x > 0; };
  invariant(std::all_of(sample.ended.begin(), sample.ended.end(), amount) &&
                std::all_of(sample.censored.begin(), sample.censored.end(), amount),
            "amounts to be fitted are finite and above zero");
}

bool varies(const Sample& sample) {
  return std::adjacent_find(sample.ended.begin(), sample.ended.end(), std::not_equal_to<>()) != sample.ended.end();
}

Fit make_fit(const Sample& sample, DistributionForm form, int parameters) {
  const double likelihood = log_likelihood(sample, form);
  return {.distribution = Distribution(std::move(form)), .log_likelihood = likelihood, .parameters = parameters};
}

double log_normal_tail(double z) {
  // Far out the tail is smaller than any double; its asymptotic series is exact to 1e-9 there.
  if (z < 30) return std::log(special::normal_cdf(-z));
  constexpr double log_sqrt_2_pi = 0.91893853320467274178;
  return -z * z / 2 - log_sqrt_2_pi - std::log(z) + std::log1p(-1 / (z * z) + 3 / (z * z * z * z));
}

double normal_hazard(double z) {
  if (z < 30) return special::normal_density(z) / special::normal_cdf(-z);
  return z + 1 / z - 2 / (z * z * z);
}

double log_likelihood(const Sample& sample, const DistributionForm& form) {
  check(sample);
  return std::visit(
      [&](const auto& f) {
        double sum = 0;
        if constexpr (has_terms<std::decay_t<decltype(f)>>) {
          for (const double x : sample.ended) sum += terms(f, x).density;
          for (const double x : sample.censored) sum += terms(f, x).tail;
        } else {
          invariant(false, "the likelihood is that of one of the fitted forms");
        }
        return sum;
      },
      form);
}

}  // namespace fleetsim::fit
