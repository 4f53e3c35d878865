/// CPU credits of burstable instances: earned, spent, at an end, in surplus.

#include <cmath>

#include "models/fleet/credit_balance.hpp"
#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using fleet::CreditBalance;
using test::at;
using test::FleetRun;
using test::simple_placement;

constexpr std::int64_t credits(double count) { return detail::nearest(count * 1e6); }

/// A t3.small: 24 credits an hour for two vCPUs, 576 at most.
CpuCreditConfig t3_small(bool unlimited) {
  return {.earned_per_hour = credits(24), .accrued_max = credits(576), .launch = 0, .unlimited = unlimited};
}
double held(const CreditBalance& balance, Duration since) { return CreditBalance::to_credits(balance.balance(at(since))); }

TEST_CASE("cpu credits: an idle instance earns up to what a day earns", "[fleet][table]") {
  const CreditBalance balance(t3_small(false), at({}));
  CHECK(held(balance, 0_h) == 0);
  CHECK(held(balance, 1_h) == 24);
  CHECK(held(balance, 24_h) == 576);
  CHECK(held(balance, 100_h) == 576);
}

TEST_CASE("cpu credits: a full load spends 60 a vCPU and hour, and the end is known to the nanosecond", "[fleet][analytic]") {
  CreditBalance balance(t3_small(false), at({}));
  balance.set_use(at(10_h), credits(120));  // 240 credits held, 96 an hour more spent than earned: 2.5 h
  REQUIRE(balance.next_change());
  CHECK(*balance.next_change() == at(12_h + 30_min));
  CHECK_FALSE(balance.exhausted());
  balance.set_use(at(12_h + 30_min), credits(120));
  CHECK(balance.exhausted());
  CHECK(held(balance, 12_h + 30_min) == 0);
  balance.set_use(at(13_h), credits(12));  // earns again
  CHECK_FALSE(balance.exhausted());
  CHECK(held(balance, 15_h) == 24);
}

TEST_CASE("cpu credits: launch credits are spent first and do not count toward the most that is held", "[fleet][table]") {
  // A t2.micro: 6 an hour, 144 at most, 30 at launch.
  const CpuCreditConfig t2_micro{.earned_per_hour = credits(6), .accrued_max = credits(144), .launch = credits(30)};
  CreditBalance busy(t2_micro, at({}));
  busy.set_use(at({}), credits(60));
  CHECK(*busy.next_change() == at(30_min));       // 30 credits at 60 an hour, while 3 are earned beside
  CHECK(held(busy, 30_min) == 3);
  busy.set_use(at(30_min), credits(60));
  const Duration left = Duration::of(std::int64_t{200} * nanoseconds_per_second);  // 3 credits at 54 an hour
  CHECK(*busy.next_change() == at(30_min + left));
  const CreditBalance idle(t2_micro, at({}));
  CHECK(held(idle, 48_h) == 174);
}

TEST_CASE("cpu credits: unlimited spends ahead what a day earns, then pays", "[fleet][analytic]") {
  CreditBalance balance(t3_small(true), at({}));
  balance.set_use(at({}), credits(120));            // 96 an hour in surplus
  CHECK(*balance.next_change() == at(6_h));         // 576 / 96
  CHECK(held(balance, 6_h) == -576);
  CHECK(balance.charged(at(6_h)) == 0);
  balance.set_use(at(6_h), credits(120));
  CHECK_FALSE(balance.exhausted());
  CHECK_THAT(CreditBalance::to_credits(balance.charged(at(8_h))), WithinRel(192, 1e-12));
  // Below its baseline it pays back what it spent ahead.
  balance.set_use(at(8_h), 0);
  CHECK(held(balance, 32_h) == 0);
  CHECK(balance.owed(at(20_h)) == CreditBalance::level_of_credits(credits(288)));
  CHECK(balance.owed(at(40_h)) == 0);
}

TEST_CASE("cpu credits: earned, spent and charged add up over any load", "[fleet][property]") {
  for (std::uint64_t r = 0; r < 200; ++r) {
    Stream random(1, r, "test");
    CreditBalance balance(t3_small(true), at({}));
    Int128 spent = 0;
    Time now = at({});
    std::int64_t use = 0;
    for (int step = 0; step < 50; ++step) {
      Time next = now + 1_s * (1 + random.below(20'000));
      if (const auto change = balance.next_change(); change && *change < next) next = *change;
      spent += static_cast<Int128>(use) * (next - now).count();
      now = next;
      if (random.chance(0.7)) use = static_cast<std::int64_t>(random.below(120'000'000));
      balance.set_use(now, use);
    }
    const Int128 earned = static_cast<Int128>(credits(24)) * now.since_start().count();
    // What overflowed the most that is held is all that is missing.
    const Int128 lost = earned - spent + balance.charged(now) - balance.balance(now);
    CHECK(lost >= 0);
    if (balance.balance(now) < 0) CHECK(balance.owed(now) == -balance.balance(now));
  }
}

// --- in a fleet

PlacementConfig burstable(bool unlimited) {
  PlacementConfig placement = simple_placement();
  placement.instance_type = "t3.small";
  placement.vcpus = 2;
  placement.cpu_credits = t3_small(unlimited);
  return placement;
}

TEST_CASE("cpu credits: without credits an instance does what its baseline allows", "[fleet][analytic]") {
  // Two vCPUs of 100 requests/s each; the baseline of 20 % is 40 requests/s. Idle for 10 h it holds 240 credits; at 120
  // requests/s, 60 % of both, it spends 72 an hour, 48 more than it earns: 5 h.
  FleetRun run;
  run.fleet.launch_in_service(run.fleet.add_placement(burstable(false)));
  run.run_until(10_h);
  run.fleet.demand_changed(120_per_s);
  run.fleet.begin_measurement();
  run.run_until(20_h);
  run.fleet.finish();
  CHECK_THAT(to_double(run.fleet.served()), WithinRel(120.0 * 5 * 3600 + 40.0 * 5 * 3600, 1e-9));
  CHECK_THAT(run.reported("fleet.bidder.group.g.throttled_hours").value(), WithinRel(5, 1e-9));
  CHECK_THAT(run.reported("fleet.bidder.group.g.cpu_credits_end").value(), WithinAbs(0, 1e-9));
  CHECK(run.reported("fleet.bidder.group.g.surplus_vcpu_hours") == 0.0);
}

TEST_CASE("cpu credits: its metric tells the load, not what it is throttled to", "[fleet][table]") {
  FleetRun run;
  run.fleet.launch_in_service(run.fleet.add_placement(burstable(false)));
  run.fleet.demand_changed(120_per_s);
  run.fleet.start();
  run.run_until(10_min);
  run.fleet.finish();
  REQUIRE_FALSE(run.published.empty());
  CHECK_THAT(run.published.back().percent.value(), WithinRel(60, 1e-9));  // 120 of 200
}

TEST_CASE("cpu credits: an instance is fast again when its load falls to the baseline", "[fleet][table]") {
  FleetRun run;
  run.fleet.launch_in_service(run.fleet.add_placement(burstable(false)));
  run.fleet.demand_changed(120_per_s);  // throttled at once: it begins without credits
  run.run_until(1_h);
  run.fleet.demand_changed(20_per_s);   // spends 12 an hour, earns 24
  run.run_until(3_h);
  run.fleet.demand_changed(120_per_s);  // 24 credits at 48 an hour: half an hour
  run.run_until(5_h);
  run.fleet.finish();
  CHECK_THAT(run.reported("fleet.bidder.group.g.throttled_hours").value(), WithinAbs(1 + 1.5, 1e-6));
  CHECK_THAT(to_double(run.fleet.served()), WithinRel(3600 * (40 + 2 * 20 + 0.5 * 120 + 1.5 * 40), 1e-6));
}

TEST_CASE("cpu credits: unlimited serves all of it and pays for the surplus", "[fleet][analytic]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(burstable(true));
  run.fleet.launch_in_service(place);
  run.fleet.demand_changed(120_per_s);  // 48 an hour ahead: 12 h until 576 are spent, then each is charged
  run.run_until(20_h);
  run.fleet.finish();
  CHECK(to_double(run.fleet.served()) == 120.0 * 20 * 3600);
  // 8 h x 48 credits = 384 vCPU minutes; what it spent ahead is not due while it runs.
  CHECK_THAT(run.reported("fleet.bidder.group.g.surplus_vcpu_hours").value(), WithinAbs(6.4, 1e-6));
  CHECK_THAT(run.reported("fleet.bidder.group.g.cpu_credits_end").value(), WithinAbs(-576, 1e-6));
}

TEST_CASE("cpu credits: what an unlimited instance owes is charged when it ends", "[fleet][table]") {
  FleetConfig config = test::simple_fleet();
  config.drain_time = {};
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(burstable(true));
  const InstanceId instance = run.fleet.launch_in_service(place);
  run.fleet.demand_changed(120_per_s);
  run.run_until(5_h);
  run.fleet.terminate(instance);
  run.run_until(6_h);
  run.fleet.finish();
  CHECK_THAT(run.reported("fleet.bidder.group.g.surplus_vcpu_hours").value(), WithinAbs(5 * 48.0 / 60, 1e-6));
}

TEST_CASE("cpu credits: each instance has its own, by its age", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(burstable(false));
  run.fleet.launch_in_service(place);
  run.run_until(10_h);
  run.fleet.launch_in_service(place);  // without credits beside one with 240
  run.fleet.demand_changed(240_per_s);
  run.fleet.begin_measurement();
  run.run_until(11_h);
  run.fleet.finish();
  CHECK_THAT(run.reported("fleet.bidder.group.g.throttled_hours").value(), WithinAbs(1, 1e-6));
  CHECK_THAT(to_double(run.fleet.served()), WithinRel(3600.0 * (120 + 40), 1e-6));
}

TEST_CASE("cpu credits: instances that are alike run out in one instant", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(burstable(false));
  for (int i = 0; i < 3; ++i) run.fleet.launch_in_service(place);
  run.run_until(10_h);
  run.fleet.demand_changed(360_per_s);
  run.run_until(20_h);
  run.fleet.finish();
  CHECK_THAT(run.reported("fleet.bidder.group.g.throttled_hours").value(), WithinRel(15, 1e-9));
}

TEST_CASE("cpu credits: behind a balancer by outstanding requests the fast ones take over", "[fleet][table]") {
  FleetConfig config = test::simple_fleet();
  config.drain_time = {};
  config.load_balancer.emplace().algorithm = BalancingAlgorithm::least_outstanding_requests;
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(burstable(false));
  run.fleet.launch_in_service(place);
  run.run_until(10_h);
  run.fleet.launch_in_service(place);
  run.fleet.demand_changed(200_per_s);
  run.fleet.begin_measurement();
  run.run_until(10_h + 30_min);
  run.fleet.finish();
  // The slow one is full at 40; the other takes the rest, 160 of the 190 that it admits.
  CHECK_THAT(to_double(run.fleet.served()), WithinRel(1800.0 * 200, 1e-6));
  CHECK_THAT(run.reported("fleet.bidder.group.g.throttled_hours").value(), WithinAbs(0.5, 1e-6));
}

}  // namespace
}  // namespace fleetsim
