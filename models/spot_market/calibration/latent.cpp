#include "models/spot_market/calibration/latent.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fleetsim/sim/normal_draws.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/spot_market/calibration/durations.hpp"
#include "models/spot_market/calibration/regions.hpp"
#include "models/spot_market/latent/latent_factor.hpp"
#include "models/spot_market/latent/latent_threshold.hpp"
#include "sim/fit/minimize.hpp"

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
      for (auto* paths : {&fast, &slow}) draw_standard_normals(stream, paths->emplace_back(steps));
    }
  }
};

LatentRegion region_of(const LatentParameters& p, Duration step) {
  return {.correlation = p.correlation, .fast = seconds(p.fast_hours * 3600), .slow = seconds(p.slow_hours * 3600),
          .slow_weight = p.slow_weight, .hysteresis = p.hysteresis, .step = step};
}

/// One factor over time. `centred` takes out the mean and variance that chance gave this path.
std::vector<double> factor_path(const Noise& noise, std::size_t index, const LatentRegion& region, bool centred) {
  const std::vector<double>& fast = noise.fast[index];
  const std::vector<double>& slow = noise.slow[index];
  spot_market::LatentFactor factor(region);
  std::vector<double> path(fast.size());
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    path[i] = factor.next(slow[i], fast[i]);
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

/// What a pool of this availability does.
StepTrace<std::int64_t> open_times(const std::vector<double>& shared, const std::vector<double>& own,
                                   const LatentRegion& region, double availability) {
  const spot_market::LatentWeights weights = spot_market::latent_weights(region);
  const double level = spot_market::latent_threshold(availability, 0);
  StepTrace<std::int64_t> trace;
  trace.span = region.step * static_cast<std::int64_t>(shared.size());
  bool open = false;
  for (std::size_t i = 0; i < shared.size(); ++i) {
    const double state = weights.shared * shared[i] + weights.own * own[i];
    // At the first look the past is not known, and the threshold decides.
    const bool now = spot_market::open_after(open, state, level, i == 0 ? 0 : region.hysteresis);
    if (i > 0 && now == open) continue;
    open = now;
    trace.times.push_back(region.step * static_cast<std::int64_t>(i));
    trace.values.push_back(open ? 1 : 0);
  }
  return trace;
}

LatentFit observe(const LatentParameters& parameters, const LatentTarget& target, const Noise& noise, bool centred) {
  const std::size_t steps = noise.fast.front().size();
  LatentFit result{.parameters = parameters,
                   .step = target.step,
                   .simulated = target.step * static_cast<std::int64_t>(steps),
                   .pools = {}};
  const LatentRegion region = region_of(parameters, target.step);
  const std::vector<double> shared = factor_path(noise, 0, region, centred);
  std::vector<StepTrace<std::int64_t>> traces;
  for (std::size_t i = 0; i < target.pools.size(); ++i) {
    const std::vector<double> own = factor_path(noise, i + 1, region, centred);
    traces.push_back(open_times(shared, own, region, target.pools[i].availability));
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
