#include "models/spot_market/worlds/block_world.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"
#include "models/spot_market/worlds/replay_world.hpp"

namespace fleetsim::spot_market {

namespace {

constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);

/// Time of the day of a moment of the run, or of the trace: both begin at the same one.
Duration time_of_day(Duration since_start) { return Duration::of(since_start.count() % day.count()); }

}  // namespace

Duration room_needed(Duration block) { return time_of_day(block) == Duration{} ? block : block + day; }

BlockWorld::BlockWorld(const ReplayedCapacity& process, Duration span, Stream blocks, Duration run_length)
    : process_(process), span_(span), blocks_(blocks), end_of_run_(Time::at(run_length)) {
  invariant(process_.block > Duration{} && span_ >= room_needed(process_.block) && span_ <= process_.trace->span,
            "a recording has room for a block at every hour of the day");
  draw_block();
  units_ = units_of(process_, process_.trace->values[index_]);
  initial_units_ = units_;
}

void BlockWorld::draw_block() {
  const Duration hour = time_of_day(block_start_.since_start());
  const std::int64_t days = (span_ - process_.block - hour).count() / day.count() + 1;
  // One draw a block whatever the recording, so that each recording's blocks are the same beside any other.
  const auto drawn = static_cast<std::int64_t>(blocks_.uniform() * static_cast<double>(days));
  source_ = hour + day * std::min(drawn, days - 1);
  const auto& times = process_.trace->times;
  index_ = static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), source_) - times.begin()) - 1;
}

std::optional<CapacityChange> BlockWorld::next() {
  const auto& times = process_.trace->times;
  for (;;) {
    Time at;
    if (index_ + 1 < times.size() && times[index_ + 1] - source_ < process_.block) {
      ++index_;
      at = block_start_ + (times[index_] - source_);
    } else {
      if (end_of_run_ - block_start_ <= process_.block) return std::nullopt;
      block_start_ += process_.block;
      at = block_start_;
      draw_block();
    }
    if (at >= end_of_run_) return std::nullopt;
    const std::int64_t units = units_of(process_, process_.trace->values[index_]);
    if (units == units_) continue;
    units_ = units;
    return CapacityChange{at, units};
  }
}

}  // namespace fleetsim::spot_market
