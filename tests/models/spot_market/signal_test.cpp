// Rebalance recommendations: when they come, whom they reach, and when holders hear of them.

#include <algorithm>
#include <cmath>

#include "harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;
using Catch::Matchers::WithinAbs;

namespace {

/// Every risk is known an hour before, every instance is told, nothing else is.
RebalanceSignals an_hour_before() {
  return {.sent = Ratio{1}, .early = Ratio{1}, .lead = 1_h, .false_alarms = Ratio{0}};
}

SpotMarketConfig with_signals(RebalanceSignals signals, SpotPoolConfig pool) {
  SpotMarketConfig config = make_config({std::move(pool)});
  config.rebalance = std::move(signals);
  return config;
}

}  // namespace

TEST_CASE("rebalance: an early recommendation comes its lead before the notice, or at the launch if that is later",
          "[spot_market][rebalance][table]") {
  MarketRun run{with_signals(an_hour_before(), make_pool(replay({{0_s, 9}, {6_h, 0}}, 24_h)))};
  REQUIRE(run.launch_many(2) == 2);
  run.run_to(5_h + 1_ns);
  REQUIRE(run.launch_many(1) == 1);  // after the pool's signal: told with its notice
  run.run_to(24_h);
  CHECK(run.recommended == std::vector<Heard>{{Time::at(5_h), 0}, {Time::at(5_h), 1}, {Time::at(6_h), 2}});
  CHECK(run.noticed.size() == 3);
  CHECK(run.metric("spot.rebalance_recommendations") == 3.0);
}

TEST_CASE("rebalance: an instance with a life of its own is told on its own", "[spot_market][rebalance][table]") {
  SpotPoolConfig pool = make_pool(FixedCapacity{});
  pool.life = SpotLife{.life = 3_h};
  MarketRun run{with_signals(an_hour_before(), pool)};
  REQUIRE(run.launch_many(1) == 1);
  run.run_to(1_h);
  REQUIRE(run.launch_many(1) == 1);
  run.run_to(24_h);
  // The notice comes two minutes before the life ends.
  CHECK(run.recommended == std::vector<Heard>{{Time::at(3_h - 120_s - 1_h), 0}, {Time::at(4_h - 120_s - 1_h), 1}});
}

TEST_CASE("rebalance: one that is not early comes with the notice, before it", "[spot_market][rebalance][table]") {
  RebalanceSignals signals = an_hour_before();
  signals.early = Ratio{0};
  MarketRun run{with_signals(signals, make_pool(replay({{0_s, 9}, {6_h, 0}}, 24_h)))};
  std::size_t told_when_noticed = 0;
  run.when_noticed = [&](std::uint32_t) { told_when_noticed = run.recommended.size(); };
  REQUIRE(run.launch_many(1) == 1);
  run.run_to(24_h);
  CHECK(run.recommended == std::vector<Heard>{{Time::at(6_h), 0}});
  CHECK(told_when_noticed == 1);
}

TEST_CASE("rebalance: a signal that is lost leaves the notice", "[spot_market][rebalance][table]") {
  RebalanceSignals signals = an_hour_before();
  signals.sent = Ratio{0};
  MarketRun run{with_signals(signals, make_pool(replay({{0_s, 9}, {6_h, 0}}, 24_h)))};
  REQUIRE(run.launch_many(4) == 4);
  run.run_to(24_h);
  CHECK(run.recommended.empty());
  CHECK(run.noticed.size() == 4);
}

TEST_CASE("rebalance: an outage is foreseen in all of its pools at once", "[spot_market][rebalance][table]") {
  SpotMarketConfig config = make_config({make_pool(FixedCapacity{}),
                                         make_pool(FixedCapacity{}, ConstantPrice{0.1_usd_per_h}, "us-east-1b")});
  config.outages = {{.at = 6_h, .duration = 1_h, .pools = {PoolId{0}, PoolId{1}}}};
  config.rebalance = an_hour_before();
  MarketRun run{std::move(config)};
  REQUIRE(run.launch_many(1, 0) + run.launch_many(1, 1) == 2);
  run.run_to(24_h);
  CHECK(run.recommended == std::vector<Heard>{{Time::at(5_h), 0}, {Time::at(5_h), 1}});
}

TEST_CASE("rebalance: who hears of a risk may let go at once", "[spot_market][rebalance][table]") {
  RebalanceSignals signals = an_hour_before();
  signals.early = GENERATE(Ratio{0}, Ratio{1});
  MarketRun run{with_signals(signals, make_pool(replay({{0_s, 9}, {6_h, 0}}, 24_h)))};
  run.when_recommended = [&](std::uint32_t holder) { run.release(holder); };
  REQUIRE(run.launch_many(5) == 5);
  run.run_to(24_h);
  CHECK(run.recommended.size() == 5);
  CHECK(run.noticed.empty());
  CHECK(run.lost.empty());
}

TEST_CASE("rebalance: false alarms are a quarter of the risks, each instance hears once", "[spot_market][rebalance]") {
  // 4,000 instances that live for 10 h. Half are told early (a share of them falsely before that), so the share told
  // before the notice is 1 - (1 - 0.5)(1 - 0.25) = 0.625; its standard deviation is sqrt(0.625 x 0.375 / 4000) = 0.0077.
  SpotPoolConfig pool = make_pool(FixedCapacity{});
  pool.life = SpotLife{.life = 10_h};
  MarketRun run{with_signals({}, pool)};
  REQUIRE(run.launch_many(4000) == 4000);
  run.run_to(10_h - 120_s - 1_ns);
  CHECK_THAT(static_cast<double>(run.recommended.size()) / 4000, WithinAbs(0.625, 4 * 0.0077));
  run.run_to(24_h);
  CHECK(run.recommended.size() == 4000);
}

TEST_CASE("rebalance: an agent that asks every five seconds hears up to five later, and has less time",
          "[spot_market][rebalance]") {
  SpotMarketConfig config = with_signals(an_hour_before(), make_pool(replay({{0_s, 1000}, {6_h, 0}}, 24_h)));
  config.poll = 5_s;
  MarketRun run{std::move(config)};
  REQUIRE(run.launch_many(400) == 400);
  run.run_to(24_h);
  REQUIRE(run.recommended.size() == 400);
  REQUIRE(run.noticed.size() == 400);
  double delays = 0;
  for (const auto& [heard, given] : {std::pair{&run.recommended, 5_h}, std::pair{&run.noticed, 6_h}}) {
    for (const Heard& one : *heard) {
      REQUIRE(one.at >= Time::at(given));
      REQUIRE(one.at <= Time::at(given + 5_s));
      delays += to_seconds(one.at - Time::at(given));
    }
  }
  // The mean of 800 uniform delays: standard deviation 5 / sqrt(12 x 800) = 0.051.
  CHECK_THAT(delays / 800, WithinAbs(2.5, 4 * 0.051));
  for (const Heard& one : run.lost) CHECK(one.at == Time::at(6_h + 120_s));
}

TEST_CASE("rebalance: what is on its way to an agent comes at its next question, whatever follows",
          "[spot_market][rebalance][table]") {
  // Signals an hour before, notices at 6 h, and an agent that asks every two hours: who has not asked since the signal
  // when the notice is given hears of both at the next question, within two hours of the signal.
  SpotMarketConfig config = with_signals(an_hour_before(), make_pool(replay({{0_s, 1000}, {6_h, 0}}, 24_h)));
  config.poll = 2_h;
  config.notice = 3_h;
  MarketRun run{std::move(config)};
  REQUIRE(run.launch_many(200) == 200);
  run.run_to(24_h);
  REQUIRE(run.recommended.size() == 200);
  double together = 0;
  for (const Heard& signal : run.recommended) {
    CHECK(signal.at <= Time::at(7_h));
    const auto notice = std::find_if(run.noticed.begin(), run.noticed.end(),
                                     [&](const Heard& heard) { return heard.holder == signal.holder; });
    REQUIRE(notice != run.noticed.end());
    if (signal.at >= Time::at(6_h)) CHECK(notice->at == signal.at);
    if (notice->at == signal.at) ++together;
  }
  // Each with probability one half: 200 of them within four standard deviations of 7.1.
  CHECK_THAT(together, WithinAbs(100, 4 * 7.1));
}

TEST_CASE("rebalance: without it nothing is sent", "[spot_market][rebalance][table]") {
  MarketRun run{make_config({make_pool(replay({{0_s, 9}, {6_h, 0}}, 24_h))})};
  REQUIRE(run.launch_many(3) == 3);
  run.run_to(24_h);
  CHECK(run.recommended.empty());
  CHECK(run.metric("spot.rebalance_recommendations") == 0.0);
}
