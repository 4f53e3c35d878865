#include "fleetsim/sim/distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "fleetsim/sim/invariant.hpp"
#include "sim/distribution_forms.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim {
namespace {

bool finite(double x) { return std::isfinite(x); }
bool positive(double x) { return std::isfinite(x) && x > 0; }
bool all_finite(const std::vector<double>& xs) { return std::all_of(xs.begin(), xs.end(), finite); }
bool all_positive(const std::vector<double>& xs) { return std::all_of(xs.begin(), xs.end(), positive); }

void check(const Constant& form) { invariant(finite(form.value), "a constant is finite"); }
void check(const Exponential& form) { invariant(positive(form.mean), "an exponential's mean is above zero"); }
void check(const Weibull& form) {
  invariant(positive(form.shape) && positive(form.scale), "a Weibull's shape and scale are above zero");
}
void check(const LogNormal& form) {
  invariant(positive(form.median), "a log-normal's median is above zero");
  invariant(finite(form.sigma) && form.sigma >= 0, "a log-normal's sigma is not negative");
}
void check(const HyperExponential& form) {
  invariant(!form.means.empty() && form.weights.size() == form.means.size(),
            "a hyper-exponential has a weight for each mean, and at least one");
  invariant(all_positive(form.weights) && all_positive(form.means),
            "a hyper-exponential's weights and means are above zero");
}
void check(const Gamma& form) {
  invariant(positive(form.shape) && positive(form.scale), "a gamma's shape and scale are above zero");
}
void check(const Normal& form) {
  invariant(finite(form.mean) && finite(form.sigma) && form.sigma >= 0, "a normal's sigma is not negative");
}
void check(const Uniform& form) {
  invariant(finite(form.low) && finite(form.high) && form.low < form.high, "a uniform's low is below its high");
}
void check(const Triangular& form) {
  invariant(finite(form.low) && finite(form.high) && form.low < form.high, "a triangular's low is below its high");
  invariant(form.low <= form.mode && form.mode <= form.high, "a triangular's mode lies between its low and its high");
}
void check(const Discrete& form) {
  invariant(!form.values.empty() && form.weights.size() == form.values.size(),
            "a discrete distribution has a weight for each value, and at least one");
  invariant(all_positive(form.weights) && all_finite(form.values),
            "a discrete distribution's weights are above zero and its values finite");
}
void check(const Empirical& form) {
  const auto& values = form.sorted_values;
  invariant(!values.empty() && all_finite(values), "an empirical distribution has at least one value, all finite");
  invariant(std::is_sorted(values.begin(), values.end()), "an empirical distribution's values are sorted");
}
void check(const Bathtub& form) {
  invariant(positive(form.share) && positive(form.early) && positive(form.late) && positive(form.limit),
            "a bathtub's share, early and late scales and limit are above zero");
}

/// Makes the weights sum to one and returns their running sums.
std::vector<double> normalize(std::vector<double>& weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  std::vector<double> cumulative;
  cumulative.reserve(weights.size());
  double running = 0;
  for (double& weight : weights) {
    running += weight;
    cumulative.push_back(running / total);
    weight /= total;
  }
  cumulative.back() = 1;  // running / total, but for rounding when the total overflows
  return cumulative;
}

/// -ln(1 - u): the quantile of the exponential distribution of mean 1. The logarithm of 1 - u is the faster, and loses
/// no more than six bits to log1p where u is not small.
double exponential_quantile(double u) { return u < 1.0 / 64 ? -std::log1p(-u) : -std::log(1 - u); }

/// Solves ln S(x) = ln(1 - u) for the survival function S(x) = sum of w_i exp(-x / m_i), by Chebyshev's method:
/// Newton's plus the second-order term of the inverse function. ln S is convex and falls, so that Newton's steps from
/// the start, a lower bound of the root, never pass it however far the means lie apart.
double hyper_exponential_quantile(const HyperExponential& form, double u) {
  const std::size_t branches = form.means.size();
  const double target = exponential_quantile(u);
  // ln S(x) >= -x * sum of w_i / m_i (Jensen), and S(x) >= w_i exp(-x / m_i) for each i.
  double hazard_at_zero = 0;
  double x = 0;
  for (std::size_t i = 0; i < branches; ++i) {
    hazard_at_zero += form.weights[i] / form.means[i];
    x = std::max(x, form.means[i] * (target + std::log(form.weights[i])));
  }
  x = std::max(x, target / hazard_at_zero);

  const bool low = u < 0.5;  // below the median 1 - S carries the digits, above it S does
  constexpr int steps_max = 100;
  for (int step = 0; step < steps_max; ++step) {
    double sum = 0;  // S, or S - 1
    double d1 = 0;   // -S'
    double d2 = 0;   // S''
    for (std::size_t i = 0; i < branches; ++i) {
      const double rate = 1 / form.means[i];
      const double term = low ? std::expm1(-x * rate) : std::exp(-x * rate);
      sum += form.weights[i] * term;
      const double slope = form.weights[i] * rate * (low ? term + 1 : term);
      d1 += slope;
      d2 += slope * rate;
    }
    const double survival = low ? 1 + sum : sum;
    const double gap = target + (low ? std::log1p(sum) : std::log(sum));
    const double newton = gap * survival / d1;
    // Far from the root the second-order term could pass it, and ln S is too steep on that side to come back.
    const double second_order = 0.5 * (d2 / d1 - d1 / survival) * newton;
    const double move = std::abs(second_order) < 0.5 ? newton * (1 + second_order) : newton;
    x += move;
    if (std::abs(move) <= 1e-6 * x) break;  // the next error is of the order of its cube
  }
  return x;
}

double discrete_quantile(const Discrete& form, double u, std::span<const double> cumulative) {
  const auto at = std::lower_bound(cumulative.begin(), cumulative.end(), u);
  return form.values[static_cast<std::size_t>(at - cumulative.begin())];
}

double empirical_quantile(const Empirical& form, double u) {
  const auto& sorted = form.sorted_values;
  const double position = u * static_cast<double>(sorted.size() - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(position), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double triangular_quantile(const Triangular& form, double u) {
  const double width = form.high - form.low;
  const double share_below_mode = (form.mode - form.low) / width;
  return u < share_below_mode ? form.low + std::sqrt(u * width * (form.mode - form.low))
                              : form.high - std::sqrt((1 - u) * width * (form.high - form.mode));
}

struct Quantile {
  double u;
  std::span<const double> cumulative;

  double operator()(const Constant& form) const { return form.value; }
  double operator()(const Exponential& form) const { return form.mean * exponential_quantile(u); }
  double operator()(const Weibull& form) const {
    return form.scale * std::pow(exponential_quantile(u), 1 / form.shape);
  }
  double operator()(const LogNormal& form) const {
    return form.median * std::exp(form.sigma * special::normal_quantile(u));
  }
  double operator()(const HyperExponential& form) const { return hyper_exponential_quantile(form, u); }
  double operator()(const Gamma& form) const { return form.scale * special::gamma_quantile(form.shape, u); }
  double operator()(const Normal& form) const { return form.mean + form.sigma * special::normal_quantile(u); }
  double operator()(const Uniform& form) const { return form.low + u * (form.high - form.low); }
  double operator()(const Triangular& form) const { return triangular_quantile(form, u); }
  double operator()(const Discrete& form) const { return discrete_quantile(form, u, cumulative); }
  double operator()(const Empirical& form) const { return empirical_quantile(form, u); }
  double operator()(const Bathtub& form) const { return forms::bathtub_quantile(form, u); }
};

}  // namespace

Distribution::Distribution(DistributionForm form) : form_(std::move(form)) {
  std::visit([](const auto& f) { check(f); }, form_);
  if (auto* branches = std::get_if<HyperExponential>(&form_)) cumulative_ = normalize(branches->weights);
  if (auto* values = std::get_if<Discrete>(&form_)) cumulative_ = normalize(values->weights);
}

double Distribution::quantile(double u) const { return std::visit(Quantile{u, cumulative_}, form_); }

void Distribution::to_quantiles(std::span<double> us) const {
  const auto each = [&](const auto& form) {
    for (double& u : us) u = Quantile{u, cumulative_}(form);
  };
  std::visit(each, form_);
}

double Distribution::mean() const {
  return std::visit([](const auto& form) { return forms::moments(form).mean; }, form_);
}

double Distribution::variance() const {
  return std::visit([](const auto& form) { return forms::moments(form).variance; }, form_);
}

double Distribution::cdf(double x) const {
  return std::visit([x](const auto& form) { return forms::cdf(form, x); }, form_);
}

DurationDistribution::DurationDistribution(Distribution in_seconds) : seconds_(std::move(in_seconds)) {
  invariant(std::holds_alternative<Normal>(seconds_.form()) || seconds_.cdf(-1e-9) == 0,
            "a distribution over durations has no value below zero");
}

DurationDistribution::DurationDistribution(Duration constant)
    : DurationDistribution(Distribution(Constant{to_seconds(constant)})) {
  constant_ = constant;
}

namespace {

Duration schedulable(double in_seconds) {
  constexpr Duration longest = Duration::of(std::int64_t{1} << 61);
  return std::clamp(seconds(in_seconds), Duration{}, longest);
}

}  // namespace

Duration DurationDistribution::quantile(double u) const {
  return constant_ ? *constant_ : schedulable(seconds_.quantile(u));
}

void DurationDistribution::sample(Stream& stream, std::span<Duration, batch> into) const {
  std::array<double, batch> drawn;
  for (double& u : drawn) u = stream.uniform();
  if (constant_) return std::fill(into.begin(), into.end(), *constant_);
  seconds_.to_quantiles(drawn);
  std::transform(drawn.begin(), drawn.end(), into.begin(), schedulable);
}

Duration DurationDistribution::mean() const {
  if (constant_) return *constant_;
  const auto* normal = std::get_if<Normal>(&seconds_.form());
  if (normal == nullptr || normal->sigma == 0) return std::max(Duration{}, seconds(seconds_.mean()));
  const double z = normal->mean / normal->sigma;
  return seconds(normal->mean * special::normal_cdf(z) + normal->sigma * special::normal_density(z));
}

}  // namespace fleetsim
