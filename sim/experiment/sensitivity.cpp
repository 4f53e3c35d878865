#include "fleetsim/sim/experiment/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"

namespace fleetsim::experiment {
namespace {

constexpr double morris_step = 2.0 / 3.0;

/// A sum of products over base points, for points counted as often as `times` says.
struct Indices {
  double first = 0;
  double total = 0;
};

/// Values of A, B and A with one input of B, at the base points that `which` names.
Indices indices_of(std::span<const double> a, std::span<const double> b, std::span<const double> mixed,
                   const std::vector<std::size_t>& which) {
  Tally all;
  for (const std::size_t k : which) {
    all.add(a[k]);
    all.add(b[k]);
  }
  double first = 0;
  double total = 0;
  for (const std::size_t k : which) {
    // Centred, which leaves the expectation alone and takes away most of the estimator's own variance.
    first += (b[k] - all.mean()) * (mixed[k] - a[k]);
    total += (a[k] - mixed[k]) * (a[k] - mixed[k]) / 2;
  }
  const auto n = static_cast<double>(which.size());
  return {first / n / all.variance(), total / n / all.variance()};
}

Interval middle_95(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {sample_quantile(values, 0.025), sample_quantile(values, 0.975)};
}

}  // namespace

std::vector<UnitPoint> morris_points(std::size_t trajectories, std::size_t inputs, Stream& stream) {
  std::vector<UnitPoint> points;
  for (std::size_t t = 0; t < trajectories; ++t) {
    UnitPoint point(inputs);
    // From the lower half of the four levels 0, 1/3, 2/3, 1 a step up stays inside; from the upper half one down.
    for (double& x : point) x = static_cast<double>(stream.below(4)) / 3.0;
    std::vector<std::size_t> order(inputs);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = inputs; i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
    points.push_back(point);
    for (const std::size_t input : order) {
      point[input] = point[input] < 0.5 ? point[input] + morris_step : point[input] - morris_step;
      point[input] = std::clamp(point[input], 0.0, 1.0);
      points.push_back(point);
    }
  }
  return points;
}

std::vector<MorrisEffect> morris_effects(const std::vector<UnitPoint>& points, std::span<const double> outputs,
                                         std::size_t inputs) {
  invariant(points.size() == outputs.size(), "each point has its output");
  std::vector<Tally> effects(inputs);
  std::vector<Tally> sizes(inputs);
  for (std::size_t k = 1; k < points.size(); ++k) {
    if (k % (inputs + 1) == 0) continue;  // the first of a trajectory
    for (std::size_t i = 0; i < inputs; ++i) {
      const double step = points[k][i] - points[k - 1][i];
      if (step == 0) continue;
      const double effect = (outputs[k] - outputs[k - 1]) / step;
      if (std::isnan(effect)) continue;
      effects[i].add(effect);
      sizes[i].add(std::abs(effect));
    }
  }
  std::vector<MorrisEffect> result;
  for (std::size_t i = 0; i < inputs; ++i) {
    const double size = sizes[i].mean();
    result.push_back({.mean = effects[i].mean(),
                      .mean_absolute = size,
                      .spread = effects[i].standard_deviation(),
                      .interval = mean_interval(sizes[i]).value_or(Interval{size, size})});
  }
  return result;
}

std::vector<UnitPoint> sobol_index_points(std::size_t base, std::size_t inputs, Stream& stream) {
  const std::vector<UnitPoint> both = sobol(base, 2 * inputs, stream);
  std::vector<UnitPoint> points;
  points.reserve(base * (inputs + 2));
  const auto half = [inputs](const UnitPoint& point, std::size_t from) {
    const auto begin = point.begin() + static_cast<std::ptrdiff_t>(from);
    return UnitPoint(begin, begin + static_cast<std::ptrdiff_t>(inputs));
  };
  for (const UnitPoint& point : both) points.push_back(half(point, 0));
  for (const UnitPoint& point : both) points.push_back(half(point, inputs));
  for (std::size_t i = 0; i < inputs; ++i) {
    for (const UnitPoint& point : both) {
      points.push_back(half(point, 0));
      points.back()[i] = point[inputs + i];
    }
  }
  return points;
}

std::vector<SobolIndex> sobol_indices(std::size_t base, std::size_t inputs, std::span<const double> outputs,
                                      Stream& stream) {
  invariant(outputs.size() == base * (inputs + 2), "each point has its output");
  constexpr int resamples = 1000;
  std::vector<std::size_t> all(base);
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::vector<std::size_t>> drawn(resamples, std::vector<std::size_t>(base));
  for (auto& sample : drawn)
    for (std::size_t& k : sample) k = stream.below(base);

  const std::span<const double> a = outputs.subspan(0, base);
  const std::span<const double> b = outputs.subspan(base, base);
  std::vector<SobolIndex> result;
  for (std::size_t i = 0; i < inputs; ++i) {
    const std::span<const double> mixed = outputs.subspan(base * (i + 2), base);
    const Indices estimate = indices_of(a, b, mixed, all);
    std::vector<double> first;
    std::vector<double> total;
    for (const auto& sample : drawn) {
      const Indices resampled = indices_of(a, b, mixed, sample);
      if (!std::isfinite(resampled.first)) continue;
      first.push_back(resampled.first);
      total.push_back(resampled.total);
    }
    SobolIndex index{.first = estimate.first, .first_interval = {estimate.first, estimate.first},
                     .total = estimate.total, .total_interval = {estimate.total, estimate.total}};
    if (!first.empty()) {
      index.first_interval = middle_95(std::move(first));
      index.total_interval = middle_95(std::move(total));
    }
    result.push_back(index);
  }
  return result;
}

}  // namespace fleetsim::experiment
