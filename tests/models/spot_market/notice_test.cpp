#include "harness.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

TEST_CASE("spot market: an instance is taken back two minutes after its notice", "[spot_market][table]") {
  MarketRun run{make_config({make_pool(replay({{0_s, 1}, {1_h, 0}}, 24_h, unlimited_units))})};
  CHECK(run.launch_many(3) == 3);
  run.run_to(1_h - 1_ns);
  CHECK(run.noticed.empty());
  run.run_to(1_h);
  REQUIRE(run.noticed.size() == 3);
  CHECK(run.lost.empty());
  CHECK(run.market.units_in_use(PoolId{0}) == 3);
  run.run_to(1_h + 120_s - 1_ns);
  CHECK(run.lost.empty());
  run.run_to(1_h + 120_s);
  CHECK(run.lost.size() == 3);
  CHECK(run.held.empty());
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
  CHECK(run.metric("spot.interruptions") == 3.0);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("spot market: a closing pool spreads its notices uniformly, and each keeps its own two minutes",
          "[spot_market][stochastic]") {
  constexpr int instances = 10'000;
  MarketRun run{make_config({make_pool(replay({{0_s, 1}, {1_h, 0}}, 24_h, unlimited_units))}, 180_s)};
  REQUIRE(run.launch_many(instances) == instances);
  run.run_to(2_h);
  REQUIRE(run.noticed.size() == instances);
  REQUIRE(run.lost.size() == instances);
  double sum = 0;
  for (std::size_t i = 0; i < instances; ++i) {
    // Notices come in the order of their instants, so do the ends.
    REQUIRE(run.lost[i] == Heard{run.noticed[i].at + 120_s, run.noticed[i].holder});
    const Duration delay = run.noticed[i].at - Time::at(1_h);
    REQUIRE((delay >= 0_s && delay <= 180_s));
    sum += to_seconds(delay);
  }
  // A uniform over 180 s has mean 90 and standard deviation 180 / sqrt(12).
  const double standard_error = 180 / std::sqrt(12.0 * instances);
  CHECK_THAT(sum / instances, Catch::Matchers::WithinAbs(90, 4 * standard_error));
}

TEST_CASE("spot market: a holder that lets go in time is not interrupted", "[spot_market][table]") {
  MarketRun run{make_config({make_pool(replay({{0_s, 1}, {1_h, 0}}, 24_h, unlimited_units))}, 180_s)};
  REQUIRE(run.launch_many(2) == 2);
  SECTION("between the closing and the notice") {
    run.run_to(1_h);
    REQUIRE(run.noticed.empty());
    run.release(0);
    run.run_to(2_h);
    CHECK(run.noticed.size() == 1);
    CHECK(run.lost.size() == 1);
  }
  SECTION("during the notice") {
    run.run_to(1_h + 180_s);  // all are noticed
    if (run.held.contains(0)) run.release(0);
    run.run_to(2_h);
    CHECK(run.noticed.size() == 2);
  }
  SECTION("at the notice itself") {
    run.when_noticed = [&](std::uint32_t holder) { run.release(holder); };
    run.run_to(2_h);
    CHECK(run.noticed.size() == 2);
    CHECK(run.lost.empty());
    CHECK(run.metric("spot.interruptions") == 0.0);
  }
  CHECK(run.held.empty());
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("spot market: while a pool is closed launches fail, and they succeed once it is open again",
          "[spot_market][table]") {
  MarketRun run{make_config({make_pool(replay({{0_s, 0}, {1_h, 1}, {2_h, 0}}, 24_h, unlimited_units))})};
  CHECK_FALSE(run.launch());
  CHECK(run.market.free_units(PoolId{0}) == 0);
  run.run_to(1_h);
  CHECK(run.launch());
  CHECK(run.market.free_units(PoolId{0}) == unlimited_units);
  run.run_to(2_h);
  CHECK_FALSE(run.launch());
  CHECK(run.metric("spot.launches") == 1.0);
  CHECK(run.metric("spot.launch_failures") == 2.0);
}

TEST_CASE("spot market: a unit that was taken back can be launched again at once", "[spot_market][table]") {
  // Three units, one from one hour on: two are lost, and their holders ask again the moment they are gone.
  MarketRun run{make_config({make_pool(replay({{0_s, 3}, {1_h, 1}, {1_h + 60_s, 2}}, 24_h))})};
  REQUIRE(run.launch_many(3) == 3);
  int replaced = 0;
  run.when_lost = [&](std::uint32_t) { replaced += run.launch() ? 1 : 0; };
  run.run_to(2_h);
  CHECK(run.lost.size() == 2);
  CHECK(replaced == 1);  // the pool has two units, one is still held
  CHECK(run.market.units_in_use(PoolId{0}) == 2);
}

TEST_CASE("spot market: a lease that has ended cannot be released", "[spot_market][table]") {
  MarketRun run{make_config({make_pool(FixedCapacity{1})})};
  run.launch();
  const LeaseId first = run.held.at(0);
  run.release(0);
  run.launch();  // takes the same slot
  CHECK(run.held.at(1).slot == first.slot);
  CHECK_THROWS_AS(run.market.release(first), InvariantViolation);
  CHECK_NOTHROW(run.release(1));
}
