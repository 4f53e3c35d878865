#pragma once
/// A pool's capacity as recorded.

#include <utility>

#include "models/spot_market/worlds/block_cursor.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"
#include "models/spot_market/worlds/trace_cursor.hpp"

namespace fleetsim::spot_market {

/// The units that a pool has while its trace says `recorded`.
std::int64_t units_of(const ReplayedCapacity& process, std::int64_t recorded);

/// The cursor says in which order the recording is walked along: TraceCursor as it stands, BlockCursor by drawn blocks.
template <class Cursor>
class ReplayWorld : public CapacityWorld {
 public:
  ReplayWorld(const ReplayedCapacity& process, Cursor cursor)
      : process_(process),
        cursor_(std::move(cursor)),
        initial_units_(units_of(process_, cursor_.value())),
        units_(initial_units_) {}
  std::int64_t initial_units() const override { return initial_units_; }
  std::optional<CapacityChange> next() override {
    while (const auto at = cursor_.advance()) {
      const std::int64_t next_units = units_of(process_, cursor_.value());
      if (next_units == units_) continue;
      units_ = next_units;
      return CapacityChange{*at, units_};
    }
    return std::nullopt;
  }

 private:
  ReplayedCapacity process_;
  Cursor cursor_;
  std::int64_t initial_units_;
  std::int64_t units_;  // after the last change
};

}  // namespace fleetsim::spot_market
