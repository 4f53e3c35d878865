#pragma once
/// Walks along a trace by blocks of it that are drawn one after the other: a block bootstrap, in the time of the run.

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::spot_market {

/// One for all worlds, so that all draw the same blocks.
inline constexpr std::string_view replay_blocks_stream = "spot_market/replay_blocks";

/// Where blocks may lie. All that was recorded together shares it, and so draws the same blocks.
struct BlockPlan {
  Duration block;
  Duration span;     ///< of the recording of capacities; blocks lie inside
  Duration shift{};  ///< when that began, in the time of the trace
};

/// The shortest recording that blocks of this length can be cut from at every hour of the day.
inline Duration room_needed(Duration block) {
  constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);
  return block.count() % day.count() == 0 ? block : block + day;
}

template <class Value>
class BlockCursor {
 public:
  /// `blocks` is a stream of the same name in all worlds.
  /// Requires: the plan's span is room_needed(block) or more; the trace has values for all of it.
  BlockCursor(std::shared_ptr<const StepTrace<Value>> trace, BlockPlan plan, Stream blocks, Duration run_length)
      : trace_(std::move(trace)), plan_(plan), blocks_(blocks), end_of_run_(Time::at(run_length)) {
    invariant(plan_.block > Duration{} && plan_.span >= room_needed(plan_.block),
              "a recording has room for a block at every hour of the day");
    invariant(plan_.shift >= Duration{} && plan_.span <= trace_->span - plan_.shift, "blocks lie inside their trace");
    draw_block();
  }

  Value value() const { return trace_->values[index_]; }

  /// Moves to the next entry, or to the first of the next block, and returns its instant; empty when none comes before the
  /// end of the run.
  std::optional<Time> advance() {
    const auto& times = trace_->times;
    Time at;
    if (index_ + 1 < times.size() && times[index_ + 1] - source_ < plan_.block) {
      ++index_;
      at = block_start_ + (times[index_] - source_);
    } else {
      if (end_of_run_ - block_start_ <= plan_.block) return std::nullopt;
      block_start_ += plan_.block;
      at = block_start_;
      draw_block();
    }
    if (at >= end_of_run_) return std::nullopt;
    return at;
  }

 private:
  void draw_block() {
    constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);
    // Run and recording begin at the same time of the day.
    const Duration hour = Duration::of(block_start_.since_start().count() % day.count());
    const std::int64_t days = (plan_.span - plan_.block - hour).count() / day.count() + 1;
    // One draw a block whatever the recording, so that each recording's blocks are the same beside any other.
    const auto drawn = static_cast<std::int64_t>(blocks_.uniform() * static_cast<double>(days));
    source_ = plan_.shift + hour + day * std::min(drawn, days - 1);
    const auto& times = trace_->times;
    index_ = static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), source_) - times.begin()) - 1;
  }

  std::shared_ptr<const StepTrace<Value>> trace_;
  BlockPlan plan_;
  Stream blocks_;
  Time end_of_run_;
  Time block_start_;
  Duration source_;        // where in the trace the present block is cut from
  std::size_t index_ = 0;  // of the trace's value at present
};

}  // namespace fleetsim::spot_market
