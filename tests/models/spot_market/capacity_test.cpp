#include "harness.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

TEST_CASE("spot market: a finite pool is drained by launches and refilled by releases", "[spot_market][table]") {
  MarketRun run{make_config({make_pool(FixedCapacity{3})})};
  CHECK(run.launch_many(5) == 3);
  CHECK(run.market.free_units(PoolId{0}) == 0);
  run.release(1);
  CHECK(run.market.free_units(PoolId{0}) == 1);
  CHECK(run.launch_many(2) == 1);
  CHECK(run.sim.events_pending() == 0);
  CHECK(run.metric("spot.launches") == 4.0);
  CHECK(run.metric("spot.launch_failures") == 3.0);
}

TEST_CASE("spot market: a shrinking pool takes back its excess and no more", "[spot_market][table]") {
  // Eight held: 6 left at 1 h takes two, 9 at 1 h 1 min gives no unit to those, 5 at 1 h 1 min 30 s takes one more.
  MarketRun run{make_config(
      {make_pool(replay({{0_s, 10}, {1_h, 6}, {1_h + 60_s, 9}, {1_h + 90_s, 5}}, 24_h))})};
  REQUIRE(run.launch_many(8) == 8);
  run.run_to(1_h);
  CHECK(run.noticed.size() == 2);
  CHECK(run.market.free_units(PoolId{0}) == 0);
  run.run_to(1_h + 60_s);
  CHECK(run.noticed.size() == 2);
  CHECK(run.market.free_units(PoolId{0}) == 1);  // nine, of which eight are in use
  run.run_to(1_h + 90_s);
  CHECK(run.noticed.size() == 3);
  run.run_to(2_h);
  CHECK(run.lost.size() == 3);
  CHECK(run.market.units_in_use(PoolId{0}) == 5);
}

TEST_CASE("spot market: each unit of a trace stands for as many as the scenario says", "[spot_market][table]") {
  struct Row { std::int64_t recorded, units_for_each, units_max, expected; };
  const Row row = GENERATE(Row{0, 5, unlimited_units, 0}, Row{1, 5, unlimited_units, 5},
                           Row{7, 5, unlimited_units, 35}, Row{7, 5, 30, 30}, Row{1, 5, 30, 5},
                           Row{1, unlimited_units, unlimited_units, unlimited_units}, Row{9, unlimited_units, 30, 30},
                           Row{1'000'000'000, 1'000'000'000, unlimited_units, unlimited_units});
  ReplayedCapacity capacity = replay({{0_s, row.recorded}}, 24_h, row.units_for_each);
  capacity.units = row.units_max;
  MarketRun run{make_config({make_pool(capacity)})};
  CHECK(run.market.free_units(PoolId{0}) == row.expected);
}

TEST_CASE("spot market: values of a trace that mean the same cause no event", "[spot_market][table]") {
  // Any value above zero opens the pool: of six entries one changes it.
  MarketRun run{make_config(
      {make_pool(replay({{0_s, 1}, {1_h, 4}, {2_h, 2}, {3_h, 0}, {4_h, 0}}, 24_h, unlimited_units),
                 ReplayedPrice{make_trace<UsdPerHour>({{0_s, 0.1_usd_per_h}, {1_h, 0.1_usd_per_h},
                                                       {2_h, 0.2_usd_per_h}, {3_h, 0.2_usd_per_h}}, 24_h)})})};
  run.run_to(24_h);
  CHECK(run.sim.events_run() == 2);
  CHECK(run.heard_prices == std::vector<std::pair<Time, UsdPerHour>>{{Time{}, 0.1_usd_per_h},
                                                                     {Time::at(2_h), 0.2_usd_per_h}});
}

TEST_CASE("spot market: a repeated trace starts again where it ended", "[spot_market][table]") {
  // Closed in the second of every three hours. The end and the start are both open: no event there.
  ReplayedCapacity capacity = replay({{0_s, 1}, {1_h, 0}, {2_h, 1}}, 3_h, unlimited_units);
  capacity.repeat = true;
  MarketRun run{make_config({make_pool(capacity)}), 9_h};
  for (int hour = 0; hour < 9; ++hour) {
    run.run_to(1_h * hour + 30_min);
    CHECK((run.market.free_units(PoolId{0}) > 0) == (hour % 3 != 1));
  }
  CHECK(run.sim.events_run() == 6);
  run.run_to(9_h);
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction") == 6.0 / 9.0);
}

TEST_CASE("spot market: a launch fails with the stated probability though there is a unit",
          "[spot_market][stochastic]") {
  SpotMarketConfig config = make_config({make_pool(FixedCapacity{})});
  config.launch_failure = Ratio{0.2};
  MarketRun run{config};
  constexpr int attempts = 10'000;
  const double launched = run.launch_many(attempts);
  const double standard_error = std::sqrt(attempts * 0.2 * 0.8);  // binomial
  CHECK_THAT(launched, Catch::Matchers::WithinAbs(attempts * 0.8, 4 * standard_error));
  CHECK(run.metric("spot.launch_failures") == attempts - launched);
}

TEST_CASE("spot market: metrics start again when measurement begins", "[spot_market][table]") {
  MarketRun run{make_config({make_pool(
      replay({{0_s, 1}, {3_h, 0}}, 24_h, unlimited_units),
      ReplayedPrice{make_trace<UsdPerHour>({{0_s, 0.5_usd_per_h}, {3_h, 0.1_usd_per_h}}, 24_h)})})};
  CHECK_FALSE(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction"));  // no time to speak of
  run.launch_many(2);
  run.run_to(2_h);
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction") == 1.0);
  run.market.begin_measurement();
  run.run_to(6_h);  // of four hours, one open at 0.5 USD/h and three closed at 0.1
  CHECK(run.metric("spot.launches") == 0.0);
  CHECK(run.metric("spot.interruptions") == 2.0);
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.interruptions") == 2.0);
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction") == 0.25);
  CHECK_THAT(run.metric("spot.pool.us-east-1a/c5.2xlarge.price_mean").value(), Catch::Matchers::WithinRel(0.2, 1e-12));
  CHECK(run.market.price(PoolId{0}) == 0.1_usd_per_h);
}
