#include "fleetsim/sim/experiment/gaussian_process.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "sim/fit/minimize.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim::experiment {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

/// Lengths and variance are kept within what points in [0, 1] can tell.
constexpr double log_length_min = -3.5;  // 0.03
constexpr double log_length_max = 2.5;   // 12
constexpr double log_variance_min = -6;
constexpr double log_variance_max = 4;

double matern_5_2(const UnitPoint& a, const UnitPoint& b, const std::vector<double>& lengths) {
  double squared = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squared += std::pow((a[i] - b[i]) / lengths[i], 2);
  const double r = std::sqrt(5 * squared);
  return (1 + r + r * r / 3) * std::exp(-r);
}

}  // namespace

struct GaussianProcess::Impl {
  std::vector<Measured> points;  // values in units of their spread, their mean taken away
  double center = 0;
  double scale = 1;
  std::vector<double> lengths;
  double variance = 1;
  Eigen::LLT<Matrix> factor;
  Vector ones_solved;   // K^-1 1
  Vector solved;        // K^-1 (y - mean)
  double mean = 0;      // constant, generalized least squares

  /// Factors the covariance for these lengths and variance; -ln of the likelihood, infinite where it can't be.
  double fit(const std::vector<double>& lengths_, double variance_) {
    lengths = lengths_;
    variance = variance_;
    const auto n = static_cast<Eigen::Index>(points.size());
    Matrix covariance(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = 0; j <= i; ++j) {
        const Measured& a = points[static_cast<std::size_t>(i)];
        const Measured& b = points[static_cast<std::size_t>(j)];
        covariance(i, j) = covariance(j, i) = variance * matern_5_2(a.at, b.at, lengths);
      }
      // A little more than the noise keeps the matrix regular where points nearly coincide.
      covariance(i, i) += points[static_cast<std::size_t>(i)].variance + 1e-8 * variance;
    }
    factor.compute(covariance);
    if (factor.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
    Vector values(n);
    for (Eigen::Index i = 0; i < n; ++i) values[i] = points[static_cast<std::size_t>(i)].value;
    ones_solved = factor.solve(Vector::Ones(n));
    mean = ones_solved.dot(values) / ones_solved.sum();
    const Vector centered = values - Vector::Constant(n, mean);
    solved = factor.solve(centered);
    const double log_determinant = 2 * Matrix(factor.matrixL()).diagonal().array().log().sum();
    return (centered.dot(solved) + log_determinant) / 2;
  }

  double fit_logs(const std::vector<double>& logs) {
    double penalty = 0;
    std::vector<double> candidate;
    const auto within = [&penalty](double x, double low, double high) {
      const double inside = std::clamp(x, low, high);
      penalty += (x - inside) * (x - inside);
      return inside;
    };
    for (std::size_t i = 0; i + 1 < logs.size(); ++i)
      candidate.push_back(std::exp(within(logs[i], log_length_min, log_length_max)));
    const double log_variance = within(logs.back(), log_variance_min, log_variance_max);
    return fit(candidate, std::exp(log_variance)) + penalty;
  }
};

GaussianProcess::GaussianProcess(std::vector<Measured> points) : impl_(std::make_unique<Impl>()) {
  invariant(points.size() >= 2, "a surrogate has two points or more");
  const std::size_t dimensions = points.front().at.size();
  Tally values;
  for (const Measured& point : points) values.add(point.value);
  impl_->center = values.mean();
  impl_->scale = values.standard_deviation() > 0 ? values.standard_deviation() : 1;
  for (Measured& point : points) {
    point.value = (point.value - impl_->center) / impl_->scale;
    point.variance /= impl_->scale * impl_->scale;
  }
  impl_->points = std::move(points);
  fit::Minimum best{.at = {}, .value = std::numeric_limits<double>::infinity()};
  for (const double start : {-1.5, -0.5, 0.5}) {
    std::vector<double> logs(dimensions, start);
    logs.push_back(0);
    const std::vector<double> steps(logs.size(), 0.7);
    constexpr int calls_for_each = 60;
    const fit::Minimum found =
        fit::minimize([this](const std::vector<double>& at) { return impl_->fit_logs(at); }, logs, steps,
                      calls_for_each * static_cast<int>(logs.size()), 1e-6);
    if (best.at.empty() || found.value < best.value) best = found;
  }
  impl_->fit_logs(best.at);
}
GaussianProcess::GaussianProcess(GaussianProcess&&) noexcept = default;
GaussianProcess& GaussianProcess::operator=(GaussianProcess&&) noexcept = default;
GaussianProcess::~GaussianProcess() = default;

const std::vector<double>& GaussianProcess::lengths() const { return impl_->lengths; }

Guess GaussianProcess::at(const UnitPoint& point) const {
  const Impl& gp = *impl_;
  const auto n = static_cast<Eigen::Index>(gp.points.size());
  Vector covariance(n);
  for (Eigen::Index i = 0; i < n; ++i)
    covariance[i] = gp.variance * matern_5_2(point, gp.points[static_cast<std::size_t>(i)].at, gp.lengths);
  const double mean = gp.mean + covariance.dot(gp.solved);
  // The last term is for the constant mean, which is estimated too.
  const double lost = 1 - gp.ones_solved.dot(covariance);
  const double variance =
      gp.variance - covariance.dot(gp.factor.solve(covariance)) + lost * lost / gp.ones_solved.sum();
  return {.mean = gp.center + gp.scale * mean, .deviation = gp.scale * std::sqrt(std::max(0.0, variance))};
}

double expected_improvement(const Guess& guess, double best) {
  const double gain = best - guess.mean;
  if (!(guess.deviation > 0)) return std::max(0.0, gain);
  const double z = gain / guess.deviation;
  return gain * special::normal_cdf(z) + guess.deviation * special::normal_density(z);
}

double probability_below(const Guess& guess, double bound) {
  if (!(guess.deviation > 0)) return guess.mean <= bound ? 1 : 0;
  return special::normal_cdf((bound - guess.mean) / guess.deviation);
}

}  // namespace fleetsim::experiment
