/// Maximum prices: who launches, who loses an instance when the price rises, and what is counted as what.

#include "fleetsim/models/spot_market/requests.hpp"
#include "harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// Open for ever; 0.10 USD/h, from 2 h on 0.30, from 4 h on 0.05.
SpotPoolConfig priced_pool(CapacityProcess capacity = FixedCapacity{}) {
  return make_pool(std::move(capacity),
                   ReplayedPrice{make_trace<UsdPerHour>(
                       {{0_s, 0.1_usd_per_h}, {2_h, 0.3_usd_per_h}, {4_h, 0.05_usd_per_h}}, 24_h)});
}

/// Launches for holder 0, 1, … up to these maxima, now.
int launch_up_to(MarketRun& run, const std::vector<UsdPerHour>& maxima) {
  int launched = 0;
  for (const UsdPerHour max : maxima) {
    if (const auto lease = run.market.launch(PoolId{0}, {run.next_holder}, {.max_price = max})) {
      run.held.emplace(run.next_holder, *lease);
      ++launched;
    }
    ++run.next_holder;
  }
  return launched;
}

}  // namespace

TEST_CASE("maximum price: a launch fails while the Spot price is above it, and not at it", "[spot_market][table]") {
  MarketRun run{make_config({priced_pool()})};
  CHECK(launch_up_to(run, {0.0999_usd_per_h, 0.1_usd_per_h, 0.2_usd_per_h}) == 2);
  CHECK(run.market.price_too_low(PoolId{0}, {.max_price = 0.0999_usd_per_h}));
  CHECK_FALSE(run.market.price_too_low(PoolId{0}, {.max_price = 0.1_usd_per_h}));
  CHECK_FALSE(run.market.price_too_low(PoolId{0}, {}));
  CHECK(run.metric("spot.launch_failures") == 1.0);
  CHECK(run.metric("spot.launch_failures.by_price") == 1.0);
}

TEST_CASE("maximum price: a rising price takes those below it, the lowest first, two minutes after their notice",
          "[spot_market][table]") {
  MarketRun run{make_config({priced_pool()})};
  // Holders 0 to 5; 0.3 is met but not exceeded, and no maximum is never exceeded.
  REQUIRE(launch_up_to(run, {0.2_usd_per_h, 0.15_usd_per_h, 0.3_usd_per_h, 0.15_usd_per_h, 0.9_usd_per_h}) == 5);
  REQUIRE(run.launch());
  run.run_to(24_h);
  CHECK(run.noticed == std::vector<Heard>{{Time::at(2_h), 1}, {Time::at(2_h), 3}, {Time::at(2_h), 0}});
  CHECK(run.lost == std::vector<Heard>{{Time::at(2_h + 120_s), 1}, {Time::at(2_h + 120_s), 3},
                                       {Time::at(2_h + 120_s), 0}});
  CHECK(run.market.units_in_use(PoolId{0}) == 3);
  CHECK(run.metric("spot.interruptions") == 3.0);
  CHECK(run.metric("spot.interruptions.by_price") == 3.0);
  CHECK(run.metric("spot.interruptions.by_capacity") == 0.0);
  CHECK(run.metric("spot.pool.us-east-1a/c5.2xlarge.interruptions_by_price") == 3.0);
}

TEST_CASE("maximum price: a high one does not keep EC2 from taking capacity back", "[spot_market][table]") {
  MarketRun run{make_config({priced_pool(replay({{0_s, 5}, {1_h, 0}}, 24_h))})};
  launch_up_to(run, {9.0_usd_per_h, 0.15_usd_per_h});
  run.run_to(24_h);
  CHECK(run.lost.size() == 2);
  CHECK(run.metric("spot.interruptions.by_capacity") == 2.0);
  CHECK(run.metric("spot.interruptions.by_price") == 0.0);
}

TEST_CASE("maximum price: who ends, or is to be taken for capacity, is not taken for the price", "[spot_market][table]") {
  MarketRun run{make_config({priced_pool(replay({{0_s, 5}, {2_h - 60_s, 4}, {3_h, 5}}, 24_h))})};
  launch_up_to(run, std::vector<UsdPerHour>(5, 0.15_usd_per_h));
  run.run_to(1_h);
  const bool holder_0_left = run.held.contains(0);
  REQUIRE(holder_0_left);
  run.release(0);
  run.launch();  // its unit, without a maximum
  run.run_to(24_h);
  // One of five goes a minute before the price rises, drawn by EC2; of the other four those with a maximum follow.
  const double by_capacity = run.metric("spot.interruptions.by_capacity").value();
  CHECK(by_capacity == 1.0);
  const bool without_maximum_taken = std::any_of(run.lost.begin(), run.lost.end(), [](const Heard& h) {
    return h.holder == 5;
  });
  CHECK(run.metric("spot.interruptions.by_price") == (without_maximum_taken ? 4.0 : 3.0));
}

TEST_CASE("maximum price: many that came and went leave no trace", "[spot_market][property]") {
  MarketRun run{make_config({priced_pool()})};
  for (int i = 0; i < 5'000; ++i) {
    launch_up_to(run, {0.15_usd_per_h});
    if (i % 100 != 0) run.release(run.next_holder - 1);
  }
  run.run_to(3_h);
  CHECK(run.lost.size() == 50);  // each hundredth stayed
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
}

namespace {

/// A market with requests as its only holder.
class PricedRequests : private SpotHolder, private SpotPriceListener, private SpotRequestOwner {
 public:
  explicit PricedRequests(SpotPoolConfig pool = priced_pool())
      : market(sim, make_config({std::move(pool)}), 24_h, *this, *this),
        requests(sim, market, {.fulfilment = Duration{}}, *this) {
    market.start();
  }
  SpotRequestId submit(UsdPerHour max_price, SpotRequestType type = SpotRequestType::one_time,
                       InterruptionBehavior behavior = InterruptionBehavior::terminate) {
    return requests.submit({.pool = PoolId{0}, .type = type, .interruption = behavior, .valid_for = {},
                            .launch_group = {}, .max_price = max_price});
  }
  std::string_view status_at(Duration since_start, SpotRequestId id) {
    sim.run_until(Time::at(since_start));
    return to_name(requests.status(id));
  }

  Simulation sim;
  SpotMarket market;
  SpotRequests requests;

 private:
  void spot_instance_started(SpotRequestId, bool) override {}
  void spot_instance_noticed(SpotRequestId) override {}
  void spot_rebalance_recommended(SpotRequestId) override {}
  void spot_instance_stopping(SpotRequestId, bool) override {}
  void spot_instance_stopped(SpotRequestId) override {}
  void spot_instance_ended(SpotRequestId, EndedBy) override {}
  void priced_out(SpotHolderId holder) override { requests.priced_out(holder); }
  void notice_given(SpotHolderId holder) override { requests.notice_given(holder); }
  void interruption_noticed(SpotHolderId holder) override { requests.interruption_noticed(holder); }
  void interrupted(SpotHolderId holder) override { requests.interrupted(holder); }
  void spot_price_changed(PoolId, UsdPerHour) override {}
};

}  // namespace

TEST_CASE("maximum price: a request below every price waits for ever, with no event while the price stays",
          "[spot_market][requests][table]") {
  PricedRequests run;
  const SpotRequestId id = run.submit(0.04_usd_per_h);
  CHECK(run.status_at(1_h, id) == "price-too-low");
  CHECK(run.status_at(24_h, id) == "price-too-low");
  CHECK(run.requests.state(id) == SpotRequestState::open);
  CHECK(run.requests.instance(id) == SpotInstanceState::none);
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
  // Its evaluation and two changes of the price.
  CHECK(run.sim.events_run() == 3);
}

TEST_CASE("maximum price: a request goes through EC2's codes as the price rises and falls",
          "[spot_market][requests][table]") {
  PricedRequests run;
  const SpotRequestId one_time = run.submit(0.2_usd_per_h);
  const SpotRequestId persistent = run.submit(0.2_usd_per_h, SpotRequestType::persistent);
  const SpotRequestId stopped = run.submit(0.2_usd_per_h, SpotRequestType::persistent, InterruptionBehavior::stop);
  CHECK(run.status_at(1_h, one_time) == "fulfilled");
  CHECK(run.status_at(2_h + 60_s, one_time) == "marked-for-termination");
  CHECK(run.requests.state(one_time) == SpotRequestState::active);
  CHECK(run.requests.instance(one_time) == SpotInstanceState::running);
  CHECK(run.status_at(3_h, one_time) == "instance-terminated-by-price");
  CHECK(run.requests.state(one_time) == SpotRequestState::closed);
  CHECK(to_name(run.requests.status(persistent)) == "price-too-low");
  CHECK(to_name(run.requests.status(stopped)) == "instance-stopped-by-price");
  CHECK(run.requests.state(stopped) == SpotRequestState::disabled);
  CHECK(run.status_at(5_h, persistent) == "fulfilled");  // the price has fallen
  CHECK(to_name(run.requests.status(stopped)) == "fulfilled");
  CHECK(to_name(run.requests.status(one_time)) == "instance-terminated-by-price");
}

TEST_CASE("maximum price: who waits for a lower price keeps the turn, and lets those pass who pay more",
          "[spot_market][requests][table]") {
  // One unit; the price is 0.30, from 2 h on 0.20, from 4 h on 0.05.
  PricedRequests run{make_pool(FixedCapacity{.units = 1},
                               ReplayedPrice{make_trace<UsdPerHour>(
                                   {{0_s, 0.3_usd_per_h}, {2_h, 0.2_usd_per_h}, {4_h, 0.05_usd_per_h}}, 24_h)})};
  const SpotRequestId low = run.submit(0.1_usd_per_h);
  const SpotRequestId middle = run.submit(0.25_usd_per_h);
  const SpotRequestId late = run.submit(0.25_usd_per_h);
  CHECK(run.status_at(1_h, middle) == "price-too-low");
  CHECK(run.status_at(3_h, middle) == "fulfilled");
  CHECK(to_name(run.requests.status(low)) == "price-too-low");
  CHECK(to_name(run.requests.status(late)) == "capacity-not-available");
  run.sim.run_until(Time::at(5_h));
  run.requests.terminate(middle);
  CHECK(run.status_at(6_h, low) == "fulfilled");  // asked first
  CHECK(to_name(run.requests.status(late)) == "capacity-not-available");
  run.requests.terminate(low);
  CHECK(run.status_at(7_h, late) == "fulfilled");
}
