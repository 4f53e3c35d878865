#include "models/spot_market/hazard.hpp"

#include <memory>
#include <variant>

#include "models/spot_market/worlds/latent_world.hpp"

namespace fleetsim::spot_market {

namespace {

double in_hours(Duration time) { return to_seconds(time) / 3600; }

double hazard_of(const FixedCapacity&) { return 0; }

double hazard_of(const OnOffCapacity& process) { return 3600 / process.up.in_seconds().mean(); }

/// Each fall of the capacity takes the share of the units by which it falls.
double hazard_of(const ReplayedCapacity& process) {
  const StepTrace<std::int64_t>& trace = *process.trace;
  double reclaims = 0;
  Duration open{};
  for (std::size_t i = 0; i < trace.times.size(); ++i) {
    const std::int64_t units = trace.values[i];
    if (units == 0) continue;
    const bool last = i + 1 == trace.times.size();
    open += (last ? trace.span : trace.times[i + 1]) - trace.times[i];
    if (!last && trace.values[i + 1] < units) {
      reclaims += static_cast<double>(units - trace.values[i + 1]) / static_cast<double>(units);
    }
  }
  return open > Duration{} ? reclaims / in_hours(open) : 0;
}

/// No closed form is known for a state that is sampled and has a hysteresis, so this is the rate in a fixed sample, to
/// some 10 %. A pool's state alone has the same law whatever share of it comes from the Region.
double hazard_of(const LatentCapacity& process) {
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
    if (change->units < units) reclaims += static_cast<double>(units - change->units) / static_cast<double>(units);
    units = change->units;
    since = change->at;
  }
  if (units > 0) open += Time::at(length) - since;
  return open > Duration{} ? reclaims / in_hours(open) : 0;
}

}  // namespace

double hazard_per_hour(const SpotPoolConfig& pool) {
  const double of_pool = std::visit([](const auto& process) { return hazard_of(process); }, pool.capacity);
  return of_pool + (pool.life ? 3600 / pool.life->life.in_seconds().mean() : 0);
}

}  // namespace fleetsim::spot_market
