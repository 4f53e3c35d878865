#pragma once
/// A pool's capacity put together from blocks of its recording, drawn anew one after the other: a block bootstrap that
/// keeps the hour of the day and, because all pools draw the same blocks, the correlation between zones.

#include "fleetsim/sim/random.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"

namespace fleetsim::spot_market {

class BlockWorld : public CapacityWorld {
 public:
  /// Blocks lie in the first `span` of the trace, the same for all pools recorded together; each of the days on which a
  /// block may begin is as likely. `blocks` is a stream of the same name in all pools.
  /// Requires: span is at most the trace's, and room_needed(process.block) or more.
  BlockWorld(const ReplayedCapacity& process, Duration span, Stream blocks, Duration run_length);
  std::int64_t initial_units() const override { return initial_units_; }
  std::optional<CapacityChange> next() override;

 private:
  void draw_block();

  ReplayedCapacity process_;
  Duration span_;
  Stream blocks_;
  Time end_of_run_;
  Time block_start_;
  Duration source_;         // where in the trace the present block is cut from
  std::size_t index_ = 0;   // of the trace's value at present
  std::int64_t initial_units_ = 0;
  std::int64_t units_ = 0;  // after the last change
};

/// The shortest recording that blocks of this length can be cut from at every hour of the day.
Duration room_needed(Duration block);

}  // namespace fleetsim::spot_market
