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
