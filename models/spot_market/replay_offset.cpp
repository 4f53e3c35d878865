#include "models/spot_market/replay_offset.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <type_traits>
#include <variant>

#include "fleetsim/models/spot_market/settings.hpp"

namespace fleetsim::spot_market {

namespace {

constexpr Duration day = Duration::of(24 * nanoseconds_per_hour);

/// A whole number of days from those on which a replay may begin. Every recording draws from a stream of the same name,
/// so each gets the same random number whatever other recordings there are.
Duration draw_offset(const Simulation& sim, std::string_view stream_name, std::int64_t days) {
  if (days <= 1) return {};
  Stream stream = sim.stream(stream_name);
  return day * stream.below(static_cast<std::uint64_t>(days));
}

/// Days on which the run may begin: those that leave it inside the trace, or every day of one that repeats.
template <class Replayed>
std::int64_t days_of(const Replayed& replayed, Duration run_length) {
  const Duration room = replayed.repeat ? replayed.trace->span - day : replayed.trace->span - run_length;
  return room < Duration{} ? 0 : room.count() / day.count() + 1;
}

/// The capacity of a pool whose recording is put together from blocks; null for anything else.
const ReplayedCapacity* bootstrap(const SpotPoolConfig& pool) {
  const auto* form = std::get_if<ReplayedCapacity>(&pool.capacity);
  return form != nullptr && form->start == ReplayStart::block_bootstrap ? form : nullptr;
}

/// The price of a pool that takes the blocks of its capacity: recorded all the time that this was.
const ReplayedPrice* in_blocks(const SpotPoolConfig& pool) {
  const auto* price = std::get_if<ReplayedPrice>(&pool.price);
  const ReplayedCapacity* capacity = bootstrap(pool);
  if (price == nullptr || capacity == nullptr || price->start != ReplayStart::block_bootstrap) return nullptr;
  const std::int64_t from = capacity->trace->start.seconds_since_1970 - price->trace->start.seconds_since_1970;
  const bool known = capacity->trace->start != config::UtcTime{} && price->trace->start != config::UtcTime{};
  return known && from >= 0 && Duration::of(from * nanoseconds_per_second) + capacity->trace->span <= price->trace->span ? price : nullptr;
}

/// The replay of a recording that begins on a drawn day; null for anything else.
template <class Replayed, class Process>
const Replayed* drawn(const SpotPoolConfig& pool, Process SpotPoolConfig::*process) {
  const auto* form = std::get_if<Replayed>(&(pool.*process));
  if (form == nullptr) return nullptr;
  if constexpr (std::is_same_v<Replayed, ReplayedPrice>) {
    // Prices move over weeks: without capacities to go with, they begin on a day.
    if (form->start == ReplayStart::block_bootstrap) return in_blocks(pool) == nullptr ? form : nullptr;
  }
  return form->start == ReplayStart::random_day ? form : nullptr;
}

/// Days of each recording, by its start: the fewest of its pools.
template <class Replayed, class Process>
std::map<config::UtcTime, std::int64_t> days_by_recording(const SpotMarketConfig& config,
                                                          Process SpotPoolConfig::*process, Duration run_length) {
  std::map<config::UtcTime, std::int64_t> days;
  for (const SpotPoolConfig& pool : config.pools) {
    const auto* form = drawn<Replayed>(pool, process);
    if (form == nullptr) continue;
    const std::int64_t count = days_of(*form, run_length);
    const auto [it, first] = days.try_emplace(form->trace->start, count);
    if (!first) it->second = std::min(it->second, count);
  }
  return days;
}

template <class Replayed, class Process>
std::int64_t fewest_days(const SpotMarketConfig& config, Process SpotPoolConfig::*process, Duration run_length) {
  std::int64_t fewest = 0;
  for (const auto& [start, days] : days_by_recording<Replayed>(config, process, run_length)) {
    fewest = fewest == 0 ? days : std::min(fewest, days);
  }
  return fewest;
}

template <class Replayed, class Process>
std::vector<Duration> offsets_of(const Simulation& sim, const SpotMarketConfig& config, Process SpotPoolConfig::*process,
                                 Duration run_length, std::string_view stream_name) {
  const auto days = days_by_recording<Replayed>(config, process, run_length);
  std::vector<Duration> offsets;
  for (const SpotPoolConfig& pool : config.pools) {
    const auto* form = drawn<Replayed>(pool, process);
    offsets.push_back(form == nullptr ? Duration{} : draw_offset(sim, stream_name, days.at(form->trace->start)));
  }
  return offsets;
}

std::vector<Duration> recorded_together(const SpotMarketConfig& config) {
  std::map<config::UtcTime, Duration> shortest;
  for (const SpotPoolConfig& pool : config.pools) {
    if (const ReplayedCapacity* form = bootstrap(pool)) {
      const auto [it, first] = shortest.try_emplace(form->trace->start, form->trace->span);
      if (!first) it->second = std::min(it->second, form->trace->span);
    }
  }
  std::vector<Duration> spans;
  for (const SpotPoolConfig& pool : config.pools) {
    const ReplayedCapacity* form = bootstrap(pool);
    spans.push_back(form == nullptr ? Duration{} : shortest.at(form->trace->start));
  }
  return spans;
}

std::vector<std::optional<BlockPlan>> price_blocks(const SpotMarketConfig& config, const std::vector<Duration>& together) {
  std::vector<std::optional<BlockPlan>> plans;
  for (std::size_t p = 0; p < config.pools.size(); ++p) {
    const ReplayedPrice* price = in_blocks(config.pools[p]);
    if (price == nullptr) {
      plans.emplace_back();
      continue;
    }
    const ReplayedCapacity& capacity = *bootstrap(config.pools[p]);
    const std::int64_t shift = capacity.trace->start.seconds_since_1970 - price->trace->start.seconds_since_1970;
    plans.push_back(BlockPlan{.block = capacity.block, .span = together[p],
                              .shift = Duration::of(shift * nanoseconds_per_second)});
  }
  return plans;
}

}  // namespace

ReplayOffsets draw_replay_offsets(const Simulation& sim, const SpotMarketConfig& config, Duration run_length) {
  const std::vector<Duration> together = recorded_together(config);
  return {.capacity = offsets_of<ReplayedCapacity>(sim, config, &SpotPoolConfig::capacity, run_length,
                                                   "spot_market/replay_day"),
          .price = offsets_of<ReplayedPrice>(sim, config, &SpotPoolConfig::price, run_length,
                                             "spot_market/price_day"),
          .recorded_together = together,
          .price_blocks = price_blocks(config, together)};
}

}  // namespace fleetsim::spot_market

namespace fleetsim {

ReplayDays replay_days(const SpotMarketConfig& market, Duration run_length) {
  return {.capacity = spot_market::fewest_days<ReplayedCapacity>(market, &SpotPoolConfig::capacity, run_length),
          .price = spot_market::fewest_days<ReplayedPrice>(market, &SpotPoolConfig::price, run_length)};
}

}  // namespace fleetsim
