#include "models/spot_market/replay_offset.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

namespace fleetsim::spot_market {

namespace {

constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);

/// Time that every trace has to spare beside the run, over the pools whose `process` replays from a random day;
/// negative when the run is longer than one of them, the largest duration when there is none.
template <class Replayed, class Process>
Duration spare_time(const SpotMarketConfig& config, Process SpotPoolConfig::*process, Duration run_length) {
  Duration spare = Duration::max();
  for (const SpotPoolConfig& pool : config.pools) {
    const auto* replayed = std::get_if<Replayed>(&(pool.*process));
    if (replayed == nullptr || replayed->start != ReplayStart::random_day) continue;
    spare = std::min(spare, replayed->trace->span - run_length);
  }
  return spare;
}

Duration draw_offset(const Simulation& sim, std::string_view stream_name, Duration spare) {
  if (spare == Duration::max() || spare < day) return {};
  Stream stream = sim.stream(stream_name);
  const auto days = static_cast<std::uint64_t>(spare.count() / day.count()) + 1;
  return day * stream.below(days);
}

}  // namespace

ReplayOffsets draw_replay_offsets(const Simulation& sim, const SpotMarketConfig& config, Duration run_length) {
  return {.capacity = draw_offset(sim, "spot_market/replay_day",
                                  spare_time<ReplayedCapacity>(config, &SpotPoolConfig::capacity, run_length)),
          .price = draw_offset(sim, "spot_market/price_day",
                               spare_time<ReplayedPrice>(config, &SpotPoolConfig::price, run_length))};
}

}  // namespace fleetsim::spot_market
