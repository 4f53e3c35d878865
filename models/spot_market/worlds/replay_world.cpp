#include "models/spot_market/worlds/replay_world.hpp"

#include <algorithm>

namespace fleetsim::spot_market {

ReplayWorld::ReplayWorld(const ReplayedCapacity& process, Duration offset, Duration run_length)
    : process_(process),
      cursor_(process.trace, offset, process.repeat, run_length),
      initial_units_(units_of(process_, cursor_.value())),
      units_(initial_units_) {}

std::int64_t units_of(const ReplayedCapacity& process, std::int64_t recorded) {
  if (recorded <= 0) return 0;
  // The bound is compared by division, so that no product overflows.
  if (process.units_for_each == unlimited_units || recorded > process.units / process.units_for_each) {
    return process.units;
  }
  return recorded * process.units_for_each;
}

std::optional<CapacityChange> ReplayWorld::next() {
  while (const auto at = cursor_.advance()) {
    const std::int64_t next_units = units_of(process_, cursor_.value());
    if (next_units == units_) continue;
    units_ = next_units;
    return CapacityChange{*at, units_};
  }
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
