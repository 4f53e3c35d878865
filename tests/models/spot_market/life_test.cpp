#include "harness.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/summary.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;

namespace {

SpotPoolConfig pool_with_life(SpotLife life, CapacityProcess capacity = FixedCapacity{}) {
  SpotPoolConfig pool = make_pool(std::move(capacity));
  pool.life = std::move(life);
  return pool;
}

DurationDistribution exponential(Duration mean) {
  return DurationDistribution{Distribution{Exponential{to_seconds(mean)}}};
}

}  // namespace

TEST_CASE("spot market: an instance ends with its life, its notice before that, just after the launch at the earliest",
          "[spot_market][life][table]") {
  struct Row { Duration life, noticed_at, lost_at; };
  const Row row = GENERATE(Row{6_h, 6_h - 120_s, 6_h}, Row{120_s, 1_ns, 120_s + 1_ns},
                           Row{30_s, 1_ns, 120_s + 1_ns});
  MarketRun run{make_config({pool_with_life({.life = row.life})})};
  const std::uint32_t holder = run.launch().value();
  run.run_to(24_h);
  CHECK(run.noticed == std::vector<Heard>{{Time::at(row.noticed_at), holder}});
  CHECK(run.lost == std::vector<Heard>{{Time::at(row.lost_at), holder}});
  CHECK(run.metric("spot.interruptions") == 1.0);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("spot market: who is released or taken back with its pool no longer has a life to end",
          "[spot_market][life][table]") {
  // Two live for 6 h; one is released after 1 h, the other loses its pool after 2 h.
  MarketRun run{make_config({pool_with_life({.life = 6_h}, replay({{0_s, 2}, {2_h, 0}}, 24_h))})};
  REQUIRE(run.launch_many(2) == 2);
  run.run_to(1_h);
  run.release(0);
  run.run_to(24_h);
  CHECK(run.noticed == std::vector<Heard>{{Time::at(2_h), 1}});
  CHECK(run.lost == std::vector<Heard>{{Time::at(2_h + 120_s), 1}});
}

TEST_CASE("spot market: who hears that its life ends may let go at once", "[spot_market][life][table]") {
  MarketRun run{make_config({pool_with_life({.life = 6_h})})};
  run.when_noticed = [&](std::uint32_t holder) { run.release(holder); };
  REQUIRE(run.launch_many(3) == 3);
  run.run_to(24_h);
  CHECK(run.noticed.size() == 3);
  CHECK(run.lost.empty());
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
}

TEST_CASE("spot market: lives have the mean and the spread of their distribution", "[spot_market][life][stochastic]") {
  // No shorter than the notice, so that every life is as drawn.
  const Distribution life = Triangular{.low = 600, .mode = 1'000, .high = 20'000};
  MarketRun run{make_config({pool_with_life({.life = DurationDistribution{life}})})};
  constexpr int instances = 10'000;
  REQUIRE(run.launch_many(instances) == instances);
  run.run_to(24_h);
  REQUIRE(run.lost.size() == instances);
  Tally lives, squares;
  for (const Heard& lost : run.lost) {
    const double lived = to_seconds(lost.at.since_start());
    lives.add(lived);
    squares.add(std::pow(lived - life.mean(), 2));
  }
  CHECK_THAT(lives.mean(), WithinAbs(life.mean(), 4 * lives.standard_error()));
  CHECK_THAT(squares.mean(), WithinAbs(life.variance(), 4 * squares.standard_error()));
}

TEST_CASE("spot market: a pool is closed from the notice of a life that ended, until the last closed time is over",
          "[spot_market][life][table]") {
  // Launched at 0 and at 10 min with lives of 1 h: notices at 58 min and 68 min, closed for half an hour from each.
  MarketRun run{make_config({pool_with_life({.life = 1_h, .closed_after = 30_min})})};
  run.launch();
  run.run_to(10_min);
  run.launch();
  run.run_to(58_min - 1_ns);
  CHECK(run.market.free_units(PoolId{0}) > 0);
  for (const Duration closed_at : {58_min, 88_min, 98_min - 1_ns}) {
    run.run_to(closed_at);
    CHECK_FALSE(run.launch());
  }
  run.run_to(98_min);
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction") == 58.0 / 98);
  CHECK(run.launch());
}

TEST_CASE("spot market: one instance, launched whenever its pool opens, finds it open for the share of its life",
          "[spot_market][life][analytic]") {
  // Cycles of a life to its notice, at least 0, and a closed time: a renewal process. With lives of 2 h in the mean,
  // a notice of nothing and 30 min closed the share is 0.8.
  SpotMarketConfig config = make_config({pool_with_life({.life = exponential(2_h), .closed_after = exponential(30_min)})});
  config.notice = 0_s;
  constexpr double cycles = 4'000;
  const Duration length = 150_min * static_cast<std::int64_t>(cycles);
  MarketRun run{config, length};
  for (Duration at; at < length; at += 1_min) {
    run.run_to(at);
    if (run.held.empty()) run.launch();
  }
  // The share of a cycle open, u / (u + d): the linear approximation of its error is (d' u - u' d) / (u + d)^2 for
  // independent exponential u and d, of variance 2 (0.8 * 0.2)^2 a cycle. The minute's wait adds 0.5 min of 120 to u.
  const double standard_error = std::sqrt(2 / cycles) * 0.8 * 0.2;
  CHECK_THAT(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction").value(),
             WithinAbs(120.5 / 150.5, 4 * standard_error));
}
