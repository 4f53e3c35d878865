#include "models/spot_market/hazard.hpp"

#include <variant>

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

}  // namespace

double hazard_per_hour(const SpotPoolConfig& pool) {
  const double of_pool = std::visit([](const auto& process) { return hazard_of(process); }, pool.capacity);
  return of_pool + (pool.life ? 3600 / pool.life->life.in_seconds().mean() : 0);
}

}  // namespace fleetsim::spot_market
