#include "models/spot_market/worlds/replay_world.hpp"

#include <algorithm>

namespace fleetsim::spot_market {

ReplayWorld::ReplayWorld(const ReplayedCapacity& process, Duration offset, Duration run_length)
    : units_for_each_(process.units_for_each),
      units_max_(process.units),
      cursor_(process.trace, offset, process.repeat, run_length),
      initial_units_(units(cursor_.value())),
      units_(initial_units_) {}

std::int64_t ReplayWorld::units(std::int64_t recorded) const {
  if (recorded <= 0) return 0;
  // The bound is compared by division, so that no product overflows.
  if (units_for_each_ == unlimited_units || recorded > units_max_ / units_for_each_) return units_max_;
  return recorded * units_for_each_;
}

std::optional<CapacityChange> ReplayWorld::next() {
  while (const auto at = cursor_.advance()) {
    const std::int64_t next_units = units(cursor_.value());
    if (next_units == units_) continue;
    units_ = next_units;
    return CapacityChange{*at, units_};
  }
  return std::nullopt;
}

}  // namespace fleetsim::spot_market
