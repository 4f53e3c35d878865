#include "models/spot_market/worlds/replay_world.hpp"

namespace fleetsim::spot_market {

std::int64_t units_of(const ReplayedCapacity& process, std::int64_t recorded) {
  if (recorded <= 0) return 0;
  // The bound is compared by division, so that no product overflows.
  if (process.units_for_each == unlimited_units || recorded > process.units / process.units_for_each) {
    return process.units;
  }
  return recorded * process.units_for_each;
}

}  // namespace fleetsim::spot_market
