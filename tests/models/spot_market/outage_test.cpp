#include "harness.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

SpotMarketConfig with_outages(std::vector<SpotPoolConfig> pools, std::vector<SpotOutage> outages) {
  SpotMarketConfig config = make_config(std::move(pools));
  config.outages = std::move(outages);
  return config;
}

}  // namespace

TEST_CASE("spot market: an outage takes its share of each pool, rounded to the nearest, halves up",
          "[spot_market][table]") {
  struct Row { int running; double share; std::size_t taken; };
  const Row row = GENERATE(Row{10, 1.0, 10}, Row{10, 0.3, 3}, Row{5, 0.5, 3}, Row{3, 0.1, 0}, Row{4, 0.6, 2},
                           Row{0, 1.0, 0}, Row{10, 0.0, 0});
  MarketRun run{with_outages({make_pool(FixedCapacity{})}, {{.at = 1_h, .duration = 30_min, .share = Ratio{row.share},
                                                            .pools = {PoolId{0}}}})};
  REQUIRE(run.launch_many(row.running) == row.running);
  run.run_to(1_h);
  CHECK(run.noticed.size() == row.taken);
  CHECK_FALSE(run.launch());
  run.run_to(1_h + 30_min - 1_ns);
  CHECK(run.lost.size() == row.taken);
  CHECK_FALSE(run.launch());
  run.run_to(1_h + 30_min);
  CHECK(run.launch());
}

TEST_CASE("spot market: an outage leaves the pools it does not name alone", "[spot_market][table]") {
  MarketRun run{with_outages({make_pool(FixedCapacity{}), make_pool(FixedCapacity{}, ConstantPrice{}, "us-east-1b")},
                             {{.at = 1_h, .duration = 30_min, .share = Ratio{1}, .pools = {PoolId{1}}}})};
  REQUIRE(run.launch_many(2, 0) == 2);
  REQUIRE(run.launch_many(2, 1) == 2);
  run.run_to(1_h);
  CHECK(run.launch(0));
  CHECK_FALSE(run.launch(1));
  run.run_to(2_h);
  CHECK(run.market.units_in_use(PoolId{0}) == 3);
  CHECK(run.market.units_in_use(PoolId{1}) == 0);
}

TEST_CASE("spot market: a pool is closed until the last of its outages has ended", "[spot_market][table]") {
  MarketRun run{with_outages({make_pool(FixedCapacity{})},
                             {{.at = 1_h, .duration = 2_h, .share = Ratio{0}, .pools = {PoolId{0}}},
                              {.at = 2_h, .duration = 30_min, .share = Ratio{0}, .pools = {PoolId{0}}},
                              {.at = 150_min, .duration = 90_min, .share = Ratio{0}, .pools = {PoolId{0}}}})};
  for (const Duration closed_at : {1_h, 2_h, 150_min, 3_h, 4_h - 1_ns}) {
    run.run_to(closed_at);
    CHECK_FALSE(run.launch());
  }
  run.run_to(4_h);
  CHECK(run.launch());
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction") == 0.25);
}

TEST_CASE("spot market: an outage inside a notice takes only what was not yet to go", "[spot_market][table]") {
  // Half of eight at 1 h, then half of the four that remain.
  MarketRun run{with_outages({make_pool(FixedCapacity{})},
                             {{.at = 1_h, .duration = 1_h, .share = Ratio{0.5}, .pools = {PoolId{0}}},
                              {.at = 1_h + 60_s, .duration = 1_h, .share = Ratio{0.5}, .pools = {PoolId{0}}}})};
  REQUIRE(run.launch_many(8) == 8);
  run.run_to(3_h);
  CHECK(run.lost.size() == 6);
}

TEST_CASE("spot market: capacity goes on changing behind an outage", "[spot_market][table]") {
  MarketRun run{with_outages({make_pool(replay({{0_s, 4}, {90_min, 2}}, 24_h))},
                             {{.at = 1_h, .duration = 1_h, .share = Ratio{0}, .pools = {PoolId{0}}}})};
  REQUIRE(run.launch_many(4) == 4);
  run.run_to(90_min);
  CHECK(run.noticed.size() == 2);
  run.run_to(2_h);
  CHECK(run.launch_many(1) == 0);
  CHECK(run.market.units_in_use(PoolId{0}) == 2);
}

TEST_CASE("spot market: outages drawn again and again begin at the mean rate and last their mean time",
          "[spot_market][stochastic]") {
  // A Poisson process of one a day, each lasting half an hour: over 4,000 days 4,000 of them. One instance is kept.
  SpotMarketConfig config = with_outages(
      {make_pool(FixedCapacity{})},
      {{.at = 0_s, .duration = DurationDistribution{Distribution{Uniform{.low = 600, .high = 3'000}}}, .share = Ratio{1},
        .pools = {PoolId{0}}, .every = DurationDistribution{Distribution{Exponential{86'400}}}}});
  constexpr std::int64_t days = 4'000;
  MarketRun run{config, 24_h * days};
  run.run_to(24_h * days);
  const double begun = static_cast<double>(run.sim.events_run()) / 2;  // each begins and ends
  CHECK_THAT(begun, Catch::Matchers::WithinAbs(days, 4 * std::sqrt(days)));
  // M/G/infinity: none is on for the share exp(-30 min / 24 h) of the time. A share of 0.02 made of 4,000 pieces, whose
  // squares have the mean 1 + 0.15, has the relative error sqrt(1.15 / 4,000).
  const double closed = 1 - run.metric("spot.pool.us-east-1a/c5.2xlarge.open_fraction").value();
  const double expected = 1 - std::exp(-1.0 / 48);
  CHECK_THAT(closed, Catch::Matchers::WithinAbs(expected, 4 * expected * std::sqrt(1.15 / days)));
}

TEST_CASE("spot market: while a zone is out, launches elsewhere in its Region succeed as often as stated",
          "[spot_market][stochastic]") {
  // Two outages that overlap from 2 h to 3 h let a quarter of the launches through by default, one of them a half.
  MarketRun run{with_outages({make_pool(FixedCapacity{}), make_pool(FixedCapacity{}, ConstantPrice{}, "us-east-1b")},
                             {{.at = 1_h, .duration = 2_h, .pools = {PoolId{0}}, .elsewhere = {PoolId{1}}},
                              {.at = 2_h, .duration = 2_h, .pools = {PoolId{0}}, .elsewhere = {PoolId{1}}}})};
  struct Row { Duration at; double share; };
  constexpr int tries = 2'000;
  for (const Row row : {Row{30_min, 1}, Row{90_min, 0.5}, Row{150_min, 0.25}, Row{210_min, 0.5}, Row{270_min, 1}}) {
    CAPTURE(row.at);
    run.run_to(row.at);
    // Binomial: four standard deviations.
    const double tolerance = 4 * std::sqrt(tries * row.share * (1 - row.share));
    CHECK(std::abs(run.launch_many(tries, 1) - tries * row.share) <= tolerance);
  }
}
