#include "models/spot_market/hazard.hpp"

#include <memory>
#include <variant>

#include "models/spot_market/worlds/latent_world.hpp"
#include "models/spot_market/worlds/replay_world.hpp"

namespace fleetsim::spot_market {

namespace {

double in_hours(Duration time) { return to_seconds(time) / 3600; }

/// The share of a pool's instances that a fall of its units takes, in the mean.
double share_taken(std::int64_t from, std::int64_t to, double whole) {
  if (to == 0) return whole + (1 - whole) / 2;
  return to < from ? static_cast<double>(from - to) / static_cast<double>(from) : 0;
}

double hazard_of(const FixedCapacity&, double) { return 0; }

double hazard_of(const OnOffCapacity& process, double whole) {
  return share_taken(1, 0, whole) * 3600 / process.up.in_seconds().mean();
}

double hazard_of(const ReplayedCapacity& process, double whole) {
  const StepTrace<std::int64_t>& trace = *process.trace;
  double reclaims = 0;
  Duration open{};
  for (std::size_t i = 0; i < trace.times.size(); ++i) {
    const std::int64_t units = units_of(process, trace.values[i]);
    if (units == 0) continue;
    const bool last = i + 1 == trace.times.size();
    open += (last ? trace.span : trace.times[i + 1]) - trace.times[i];
    if (!last) reclaims += share_taken(units, units_of(process, trace.values[i + 1]), whole);
  }
  return open > Duration{} ? reclaims / in_hours(open) : 0;
}

/// No closed form is known for a state that is sampled and has a hysteresis, so this is the rate in a fixed sample, to
/// some 10 %. A pool's state alone has the same law whatever share of it comes from the Region.
double hazard_of(const LatentCapacity& process, double whole) {
  constexpr int steps = 20'000;
  LatentCapacity alone = process;
  alone.region.correlation = 0;
  const Duration length = process.region.step * steps;
  const Stream stream(1, 0, "spot_market/hazard");
  LatentWorld world(alone, std::make_shared<const LatentPath>(alone.region, stream, length), stream);
  double reclaims = 0;
  Duration open{};
  std::int64_t units = world.initial_units();
  Time since;
  while (const auto change = world.next()) {
    if (units > 0) open += change->at - since;
    if (change->units < units) reclaims += share_taken(units, change->units, whole);
    units = change->units;
    since = change->at;
  }
  if (units > 0) open += Time::at(length) - since;
  return open > Duration{} ? reclaims / in_hours(open) : 0;
}

}  // namespace

double hazard_per_hour(const SpotPoolConfig& pool, Ratio reclaim_whole) {
  const double of_pool =
      std::visit([&](const auto& process) { return hazard_of(process, reclaim_whole.value); }, pool.capacity);
  return of_pool + (pool.life ? 3600 / pool.life->life.in_seconds().mean() : 0);
}

}  // namespace fleetsim::spot_market
