#include "models/spot_market/calibration/latent.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fleetsim/sim/random.hpp"
#include "models/spot_market/calibration/durations.hpp"
#include "models/spot_market/calibration/regions.hpp"
#include "sim/fit/minimize.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim::calibration {
namespace {

/// The first is over twice 45 days at a step of 195 s, enough for the means; the second only checks the result.
constexpr std::size_t fit_steps = 50'000;
constexpr std::size_t check_steps = 160'000;
constexpr int calls_max = 250;

/// The random numbers of a Region's factor and of each pool's own, the same for all parameters: so a change of what
/// comes out is a change of the parameters.
struct Noise {
  std::vector<std::vector<double>> fast, slow;  // by factor: the Region's, then the pools'

  Noise(std::size_t pools, std::size_t steps, std::uint64_t seed, std::uint64_t replication) {
    Stream stream(seed, replication, "calibration/latent");
    for (std::size_t i = 0; i <= pools; ++i) {
      for (auto* paths : {&fast, &slow}) {
        std::vector<double>& path = paths->emplace_back(steps);
        for (double& x : path) x = special::normal_quantile(stream.uniform());
      }
    }
  }
};

/// One factor over time: two Ornstein-Uhlenbeck processes of unit variance, each stepped by its exact transition.
/// `centred` takes out the mean and variance that chance gave this path.
std::vector<double> factor_path(const Noise& noise, std::size_t index, const LatentParameters& p, double step_hours,
                                bool centred) {
  const std::vector<double>& fast = noise.fast[index];
  const std::vector<double>& slow = noise.slow[index];
  const double fast_keep = std::exp(-step_hours / p.fast_hours), slow_keep = std::exp(-step_hours / p.slow_hours);
  const double fast_new = std::sqrt(1 - fast_keep * fast_keep), slow_new = std::sqrt(1 - slow_keep * slow_keep);
  const double fast_part = std::sqrt(1 - p.slow_weight), slow_part = std::sqrt(p.slow_weight);
  std::vector<double> path(fast.size());
  double f = fast[0], s = slow[0], sum = 0, squares = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0) {
      f = fast_keep * f + fast_new * fast[i];
      s = slow_keep * s + slow_new * slow[i];
    }
    path[i] = fast_part * f + slow_part * s;
    sum += path[i];
    squares += path[i] * path[i];
  }
  if (!centred) return path;
  const auto count = static_cast<double>(path.size());
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(1e-12, squares / count - mean * mean));
  for (double& x : path) x = (x - mean) / deviation;
  return path;
}

/// Open below the threshold, with hysteresis: closes above it by `hysteresis`, opens below it by as much.
StepTrace<std::int64_t> threshold(const std::vector<double>& region, const std::vector<double>& own,
                                  const LatentParameters& p, double availability, Duration step) {
  const double shared = std::sqrt(p.correlation), alone = std::sqrt(1 - p.correlation);
  const double level = special::normal_quantile(availability);
  StepTrace<std::int64_t> trace;
  trace.span = step * static_cast<std::int64_t>(region.size());
  bool open = shared * region[0] + alone * own[0] < level;
  trace.times.push_back({});
  trace.values.push_back(open ? 1 : 0);
  for (std::size_t i = 1; i < region.size(); ++i) {
    const double x = shared * region[i] + alone * own[i];
    if (open ? x > level + p.hysteresis : x < level - p.hysteresis) {
      open = !open;
      trace.times.push_back(step * static_cast<std::int64_t>(i));
      trace.values.push_back(open ? 1 : 0);
    }
  }
  return trace;
}

LatentFit observe(const LatentParameters& parameters, const LatentTarget& target, const Noise& noise, bool centred) {
  const std::size_t steps = noise.fast.front().size();
  LatentFit result{.parameters = parameters,
                   .step = target.step,
                   .simulated = target.step * static_cast<std::int64_t>(steps),
                   .pools = {}};
  const double step_hours = to_hours(target.step);
  const std::vector<double> region = factor_path(noise, 0, parameters, step_hours, centred);
  std::vector<StepTrace<std::int64_t>> traces;
  for (std::size_t i = 0; i < target.pools.size(); ++i) {
    const std::vector<double> own = factor_path(noise, i + 1, parameters, step_hours, centred);
    traces.push_back(threshold(region, own, parameters, target.pools[i].availability, target.step));
    const Runs runs = runs_of(traces.back(), 1, {}, traces.back().span);
    LatentPool pool{.pool = target.pools[i].pool, .availability = runs.open_time / traces.back().span};
    if (!runs.up.ended.empty()) pool.mean_up_hours = fit::mean(runs.up) / 3600;
    if (!runs.down.ended.empty()) pool.mean_down_hours = fit::mean(runs.down) / 3600;
    pool.cv_up = fit::coefficient_of_variation(runs.up);
    pool.cv_down = fit::coefficient_of_variation(runs.down);
    result.pools.push_back(std::move(pool));
  }
  const JointOpenness joint = joint_openness(traces, 1);
  result.correlation = joint.mean_correlation;
  result.any_open = joint.any_open;
  return result;
}

double squared_log_ratio(double simulated, double recorded) {
  // What the simulation never shows counts as a thousandth, so that the search finds its way back.
  const double ratio = std::log(std::max(simulated, 0.001 * recorded) / recorded);
  return ratio * ratio;
}

/// How far a simulation is from the recording: squares of the relative differences, and of the correlation's in tenths.
double misfit(const LatentFit& simulated, const LatentTarget& target) {
  double sum = 0;
  for (std::size_t i = 0; i < target.pools.size(); ++i) {
    const LatentPool& s = simulated.pools[i];
    const LatentPool& r = target.pools[i];
    sum += squared_log_ratio(s.mean_up_hours, r.mean_up_hours) +
           squared_log_ratio(s.mean_down_hours, r.mean_down_hours) + squared_log_ratio(s.cv_up, r.cv_up) +
           squared_log_ratio(s.cv_down, r.cv_down);
  }
  const double correlation = (simulated.correlation - target.correlation) / 0.1;
  return sum / static_cast<double>(target.pools.size()) + correlation * correlation;
}

double to_free(double share) { return std::log(share / (1 - share)); }
double to_share(double free) { return 1 / (1 + std::exp(-free)); }

/// Any numbers become parameters in their ranges: 0.02 to 0.98 for the shares, 6 minutes to 24 hours and 2 to 200 times
/// that for the time constants, 0 to 1 for the hysteresis.
LatentParameters parameters_of(const std::vector<double>& free) {
  const double fast = std::exp(std::clamp(free[1], std::log(0.1), std::log(24.0)));
  return {.correlation = std::clamp(to_share(free[0]), 0.02, 0.98),
          .fast_hours = fast,
          .slow_hours = fast * std::exp(std::clamp(free[2], std::log(2.0), std::log(200.0))),
          .slow_weight = std::clamp(to_share(free[3]), 0.02, 0.98),
          .hysteresis = std::clamp(to_share(free[4]), 0.001, 0.999)};
}

}  // namespace

LatentFit simulate_latent(const LatentParameters& parameters, const LatentTarget& target, std::size_t steps,
                          std::uint64_t seed) {
  return observe(parameters, target, Noise(target.pools.size(), steps, seed, 1), false);
}

LatentFit fit_latent(const LatentTarget& target, std::uint64_t seed) {
  const Noise noise(target.pools.size(), fit_steps, seed, 0);
  // The middle of the published values (docs/models/calibration.md, "Latent factor"). Weight and slow time constant
  // hang together loosely, so a slight pull holds both near them unless the recording says otherwise.
  const std::vector<double> start = {to_free(0.7), std::log(2.0), std::log(18.0), to_free(0.4), to_free(0.15)};
  const auto distance = [&](const std::vector<double>& free) {
    double pull = 0;
    for (std::size_t i = 0; i < free.size(); ++i) pull += (free[i] - start[i]) * (free[i] - start[i]);
    return misfit(observe(parameters_of(free), target, noise, true), target) + 0.002 * pull;
  };
  const fit::Minimum best = fit::minimize(distance, start, {0.4, 0.4, 0.5, 0.5, 0.3}, calls_max, 1e-4);
  return simulate_latent(parameters_of(best.at), target, check_steps, seed);
}

}  // namespace fleetsim::calibration
