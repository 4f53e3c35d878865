#include "fleetsim/sim/experiment/estimate.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim::experiment {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Independent observations: a column for the metric, one for each control less its mean.
struct Observations {
  std::vector<std::vector<double>> columns;
  Tally single;  // the metric's values, pairs taken apart

  std::size_t size() const { return columns.front().size(); }
};

bool complete(std::span<const double> values, const std::vector<Control>& controls, std::size_t k) {
  return !std::isnan(values[k]) && std::none_of(controls.begin(), controls.end(), [k](const Control& control) {
    return std::isnan(control.values[k]);
  });
}

Observations observe(std::span<const double> values, const EstimateOptions& options) {
  Observations observed;
  observed.columns.resize(1 + options.controls.size());
  const std::size_t step = options.antithetic_pairs ? 2 : 1;
  for (std::size_t k = 0; k + step <= values.size(); k += step) {
    const std::size_t last = k + step - 1;
    if (!complete(values, options.controls, k) || !complete(values, options.controls, last)) continue;
    for (std::size_t i = k; i <= last; ++i) observed.single.add(values[i]);
    observed.columns[0].push_back((values[k] + values[last]) / 2);
    for (std::size_t c = 0; c < options.controls.size(); ++c) {
      const Control& control = options.controls[c];
      observed.columns[c + 1].push_back((control.values[k] + control.values[last]) / 2 - control.mean);
    }
  }
  return observed;
}

Estimate plain(const Observations& observed, double coverage) {
  Tally tally;
  for (const double value : observed.columns[0]) tally.add(value);
  Estimate result{.mean = tally.mean(), .interval = mean_interval(tally, coverage), .n = observed.single.count()};
  if (observed.single.count() == tally.count()) return result;
  // Pairs: the variance of the mean against that of as many single values.
  const double of_pairs = tally.variance() / static_cast<double>(tally.count());
  const double of_singles = observed.single.variance() / static_cast<double>(observed.single.count());
  result.gain = of_singles / of_pairs;
  return result;
}

/// Empty where the controls can't be used.
std::optional<Estimate> with_controls(const Observations& observed, double coverage) {
  const std::size_t n = observed.size();
  const std::size_t controls = observed.columns.size() - 1;
  if (n < controls + 3) return std::nullopt;
  const auto rows = static_cast<Eigen::Index>(n);
  Eigen::MatrixXd design(rows, static_cast<Eigen::Index>(controls) + 1);
  design.col(0).setOnes();
  for (std::size_t c = 0; c < controls; ++c) {
    const auto column = static_cast<Eigen::Index>(c) + 1;
    design.col(column) = Eigen::Map<const Eigen::VectorXd>(observed.columns[c + 1].data(), rows);
    // In units of its own size, so that the rank is judged fairly.
    const double size = design.col(column).cwiseAbs().maxCoeff();
    if (!(size > 0)) return std::nullopt;
    design.col(column) /= size;
  }
  const Eigen::Map<const Eigen::VectorXd> metric(observed.columns[0].data(), rows);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> solver(design);
  if (solver.rank() < design.cols()) return std::nullopt;
  const Eigen::VectorXd coefficients = solver.solve(metric);
  const double degrees = static_cast<double>(n - 1 - controls);
  const double residual = (metric - design * coefficients).squaredNorm() / degrees;
  // The intercept is the mean where every control is at its known mean; its variance is the residual's times the first
  // element of (X'X)^-1.
  const Eigen::MatrixXd inverse = (design.transpose() * design).ldlt().solve(
      Eigen::MatrixXd::Identity(design.cols(), design.cols()));
  const double variance = residual * inverse(0, 0);
  const double half_width = special::student_t_quantile((1 + coverage) / 2, degrees) * std::sqrt(variance);
  Estimate result{.mean = coefficients[0], .n = observed.single.count()};
  result.interval = Interval{result.mean - half_width, result.mean + half_width};
  result.gain = observed.single.variance() / static_cast<double>(observed.single.count()) / variance;
  return result;
}

double width_wanted(const Precision& wanted, double estimate) {
  return wanted.relative ? wanted.half_width * std::abs(estimate) : wanted.half_width;
}

struct Centered {
  double center = not_a_number;
  std::optional<double> half_width;
};

/// The order statistics of a sample of dependent pairs have no known distribution: one of each pair is taken.
std::vector<double> independent_values(std::span<const double> values, bool pairs) {
  std::vector<double> sample;
  for (std::size_t k = 0; k < values.size(); k += pairs ? 2 : 1)
    if (!std::isnan(values[k])) sample.push_back(values[k]);
  std::sort(sample.begin(), sample.end());
  return sample;
}

Centered interval_for(const Precision& wanted, std::span<const double> values, const EstimateOptions& options) {
  if (!wanted.quantile) {
    const Estimate estimate = estimate_mean(values, options);
    if (!estimate.interval) return {};
    return {estimate.mean, estimate.interval->half_width()};
  }
  const std::vector<double> sample = independent_values(values, options.antithetic_pairs);
  const auto interval = quantile_interval(sample, *wanted.quantile, options.coverage);
  if (!interval) return {};
  // Order statistics lie on both sides at unequal distances; the larger one counts.
  const double center = sample_quantile(sample, *wanted.quantile);
  return {center, std::max(interval->high - center, center - interval->low)};
}

}  // namespace

Estimate estimate_mean(std::span<const double> values, const EstimateOptions& options) {
  for (const Control& control : options.controls)
    invariant(control.values.size() == values.size(), "a control has a value in each replication");
  const Observations observed = observe(values, options);
  if (!options.controls.empty())
    if (const std::optional<Estimate> estimate = with_controls(observed, options.coverage)) return *estimate;
  return plain(observed, options.coverage);
}

Attained attained(const Precision& wanted, std::span<const double> values, const EstimateOptions& options) {
  const Centered found = interval_for(wanted, values, options);
  if (!found.half_width) return {};
  // Zero in every replication so far: nothing is known in shares of it, and a rare event may not have been met yet.
  if (wanted.relative && found.center == 0) return {};
  const double scale = wanted.relative ? std::abs(found.center) : 1;
  const double half_width = *found.half_width == 0 ? 0 : *found.half_width / scale;
  return {.half_width = half_width, .reached = *found.half_width <= width_wanted(wanted, found.center)};
}

std::optional<std::uint64_t> replications_for(const Precision& wanted, std::span<const double> values,
                                              const EstimateOptions& options) {
  const Centered found = interval_for(wanted, values, options);
  if (!found.half_width) return std::nullopt;
  const double target = width_wanted(wanted, found.center);
  const auto present = static_cast<double>(values.size());
  if (!(target > 0)) return std::nullopt;
  const double needed = std::ceil(present * std::pow(*found.half_width / target, 2));
  constexpr double most = 1e15;
  return static_cast<std::uint64_t>(std::clamp(needed, present + 1, most));
}

std::uint64_t next_replications(std::span<const Precision> wanted,
                                const std::function<std::span<const double>(std::size_t metric)>& values,
                                const EstimateOptions& options, std::uint64_t there, std::uint64_t at_most) {
  std::uint64_t next = there;
  for (const Precision& precision : wanted) {
    const std::span<const double> of_metric = values(precision.metric);
    if (attained(precision, of_metric, options).reached) continue;
    const std::uint64_t guess = replications_for(precision, of_metric, options).value_or(2 * there);
    next = std::max(next, std::clamp(guess, there + 10, there + std::max<std::uint64_t>(10, there / 2)));
  }
  if (options.antithetic_pairs) next += next % 2;
  return std::max(there, std::min(next, at_most));
}

}  // namespace fleetsim::experiment
