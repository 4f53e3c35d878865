#include "harness.hpp"

#include <cmath>
#include <map>
#include <vector>

#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// Each hour of the recording has a count of its own: 1 + its number, counted from `first`.
ReplayedCapacity hours(std::int64_t count, Duration block, std::int64_t first = 0) {
  std::vector<std::pair<Duration, std::int64_t>> steps;
  for (std::int64_t hour = 0; hour < count; ++hour) steps.emplace_back(1_h * hour, first + hour + 1);
  ReplayedCapacity capacity = replay(steps, 1_h * count);
  capacity.start = ReplayStart::block_bootstrap;
  capacity.block = block;
  return capacity;
}

/// The recorded hour that is replayed at present.
std::int64_t hour_now(const MarketRun& run, std::uint32_t pool = 0) { return run.market.free_units(PoolId{pool}) - 1; }

}  // namespace

TEST_CASE("spot market: a block bootstrap replays whole blocks, at their hour of the day, all pools the same",
          "[spot_market][bootstrap][property]") {
  const Duration block = GENERATE(24_h, 48_h, 6_h, 7_h);
  const std::int64_t block_hours = block.count() / Duration{1_h}.count();
  // Ten days and nine; both zones were recorded from the same instant on, so both keep to the shorter. A run longer
  // than the recordings needs no repeating.
  MarketRun run{make_config({make_pool(hours(240, block)),
                             make_pool(hours(216, block, 500), ConstantPrice{}, "us-east-1b")}),
                960_h};
  std::int64_t block_begin = 0;
  for (std::int64_t hour = 0; hour < 960; ++hour) {
    run.run_to(1_h * hour + 30_min);
    const std::int64_t recorded = hour_now(run);
    REQUIRE((recorded >= 0 && recorded < 216));
    REQUIRE(recorded % 24 == hour % 24);
    if (hour % block_hours == 0) block_begin = recorded;
    REQUIRE(recorded == block_begin + hour % block_hours);
    REQUIRE(hour_now(run, 1) == 500 + recorded);
  }
}

TEST_CASE("spot market: each day of a recording is as likely to be a block of the bootstrap",
          "[spot_market][bootstrap][stochastic]") {
  constexpr int days = 5, blocks = 5'000;
  MarketRun run{make_config({make_pool(hours(24 * days, 24_h))}), 24_h * blocks};
  std::map<std::int64_t, int> drawn;
  for (int block = 0; block < blocks; ++block) {
    run.run_to(24_h * block + 30_min);
    ++drawn[hour_now(run) / 24];
  }
  REQUIRE(drawn.size() == days);
  double chi_square = 0;
  for (const auto& [day, count] : drawn) chi_square += std::pow(count - blocks / days, 2) * days / blocks;
  CHECK(chi_square < 23.5);  // four degrees of freedom: above it lies one in ten thousand
}

TEST_CASE("spot market: another recording leaves the blocks of a bootstrap alone", "[spot_market][bootstrap][property]") {
  ReplayedCapacity other = hours(100, 24_h);
  auto trace = *other.trace;
  trace.start.seconds_since_1970 = 86'400;
  other.trace = std::make_shared<const StepTrace<std::int64_t>>(trace);
  MarketRun alone{make_config({make_pool(hours(240, 24_h))}), 240_h};
  MarketRun beside{make_config({make_pool(other, ConstantPrice{}, "us-east-1b"), make_pool(hours(240, 24_h))}), 240_h};
  for (std::int64_t hour = 0; hour < 240; ++hour) {
    alone.run_to(1_h * hour);
    beside.run_to(1_h * hour);
    REQUIRE(hour_now(alone) == hour_now(beside, 1));
  }
}

TEST_CASE("spot market: a value that a block boundary leaves as it was causes no event", "[spot_market][bootstrap][table]") {
  ReplayedCapacity always_open = replay({{0_s, 3}, {1_h, 5}}, 240_h, unlimited_units);
  always_open.start = ReplayStart::block_bootstrap;
  MarketRun run{make_config({make_pool(always_open)}), 2'000_h};
  run.run_to(2'000_h);
  CHECK(run.sim.events_run() == 0);
}

TEST_CASE("spot market: prices recorded with a capacity come in its blocks, others begin on a day",
          "[spot_market][bootstrap][property]") {
  // Each hour has a price of its own, the cents of its number; the history began two days before the capacities' and ends
  // later.
  const config::UtcTime start{1'500'000'000};
  ReplayedCapacity capacity = hours(240, 6_h);
  StepTrace<std::int64_t> dated = *capacity.trace;
  dated.start = start;
  capacity.trace = std::make_shared<const StepTrace<std::int64_t>>(dated);
  const auto price_from = [&](std::int64_t hours_before) {
    StepTrace<UsdPerHour> trace;
    for (std::int64_t hour = 0; hour < 24 * 60; ++hour) {
      trace.times.push_back(1_h * hour);
      trace.values.push_back(usd_per_hour(0.01 * static_cast<double>(hour - hours_before + 1'000)));
    }
    trace.span = 24_h * 60;
    trace.start = {start.seconds_since_1970 - 3'600 * hours_before};
    return ReplayedPrice{.trace = std::make_shared<const StepTrace<UsdPerHour>>(std::move(trace)),
                         .start = ReplayStart::block_bootstrap};
  };
  const auto price_of_hour = [](std::int64_t hour) { return usd_per_hour(0.01 * static_cast<double>(hour + 1'000)); };
  MarketRun together{make_config({make_pool(capacity, price_from(48))}), 960_h};
  // This one begins a day after the capacities did.
  MarketRun apart{make_config({make_pool(capacity, price_from(-24))}), 960_h};
  int equal = 0;
  for (std::int64_t hour = 0; hour < 960; ++hour) {
    together.run_to(1_h * hour + 30_min);
    REQUIRE(together.market.price(PoolId{0}) == price_of_hour(hour_now(together)));
    apart.run_to(1_h * hour + 30_min);
    equal += apart.market.price(PoolId{0}) == price_of_hour(hour_now(apart)) ? 1 : 0;
  }
  // Its prices go on in order, while blocks jump.
  CHECK(equal < 240);
}
