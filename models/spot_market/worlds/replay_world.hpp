#pragma once
/// A pool's capacity as recorded.

#include "models/spot_market/worlds/capacity_world.hpp"
#include "models/spot_market/worlds/trace_cursor.hpp"

namespace fleetsim::spot_market {

/// The units that a pool has while its trace says `recorded`.
std::int64_t units_of(const ReplayedCapacity& process, std::int64_t recorded);

class ReplayWorld : public CapacityWorld {
 public:
  ReplayWorld(const ReplayedCapacity& process, Duration offset, Duration run_length);
  std::int64_t initial_units() const override { return initial_units_; }
  std::optional<CapacityChange> next() override;

 private:
  ReplayedCapacity process_;
  TraceCursor<std::int64_t> cursor_;
  std::int64_t initial_units_;
  std::int64_t units_;  // after the last change
};

}  // namespace fleetsim::spot_market
