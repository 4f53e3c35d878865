#include "fleetsim/models/billing.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "fleetsim/sim/simulation.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinRel;

namespace {

LineItem instance_line(Purchase purchase) {
  return {.region = "us-east-1", .zone = "us-east-1a", .fleet = "bidder", .group = "group",
          .resource = "instance c5.2xlarge", .purchase = purchase, .unit = "instance-hours"};
}

LineItem transfer_line(std::string zone, std::string resource) {
  return {.region = "us-east-1", .zone = std::move(zone), .fleet = "bidder", .group = "group",
          .resource = std::move(resource), .purchase = Purchase::on_demand, .unit = "GB"};
}

/// One tariff and one account at 0.36 USD/h, which is 0.0001 USD a second.
struct OneInstance {
  explicit OneInstance(Purchase purchase = Purchase::on_demand, UsdPerHour price = 0.36_usd_per_h)
      : tariff(billing.add_tariff(price)), account(billing.add_account(instance_line(purchase))) {}

  void run_to(Duration since_start) { sim.run_until(Time::at(since_start)); }
  double quantity_in_seconds() const {
    const auto lines = billing.ledger();
    return lines.empty() ? 0.0 : lines.front().quantity * 3600;
  }

  Simulation sim;
  Billing billing{sim, {}};
  TariffId tariff;
  AccountId account;
};

}  // namespace

TEST_CASE("billing: an instance costs its price for each second it ran", "[billing][table]") {
  OneInstance run;
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(1'000_s);
  CHECK(run.billing.stop(meter, EndedBy::owner) == 0.1_usd);
  CHECK_THAT(run.quantity_in_seconds(), WithinRel(1'000.0, 1e-12));
  CHECK(run.billing.cost(run.account) == 0.1_usd);
}

TEST_CASE("billing: a price that changes during a life is integrated over it", "[billing][table]") {
  OneInstance run{Purchase::spot};
  run.run_to(100_s);
  const auto meter = run.billing.start(run.tariff, run.account);  // 200 s at 0.36, 50 s at 0.72, 30 s at 1.08 USD/h
  run.run_to(300_s);
  run.billing.set_price(run.tariff, 0.72_usd_per_h);
  run.run_to(350_s);
  run.billing.set_price(run.tariff, 1.08_usd_per_h);
  run.run_to(380_s);
  CHECK(run.billing.stop(meter, EndedBy::owner) == 0.02_usd + 0.01_usd + 0.009_usd);
  CHECK(run.billing.price(run.tariff) == 1.08_usd_per_h);
}

TEST_CASE("billing: a start costs sixty seconds at least", "[billing][table]") {
  struct Row { Duration life; Usd cost; };
  const Row row = GENERATE(Row{0_s, 0.006_usd}, Row{10_s, 0.006_usd}, Row{60_s, 0.006_usd}, Row{61_s, 0.0061_usd});
  OneInstance run;
  run.run_to(5_s);
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(5_s + row.life);
  CHECK(run.billing.stop(meter, EndedBy::owner) == row.cost);
}

TEST_CASE("billing: what the minimum adds costs the price in force at the end", "[billing][table]") {
  OneInstance run{Purchase::spot};
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(10_s);
  run.billing.set_price(run.tariff, 0.72_usd_per_h);
  run.run_to(20_s);
  // 10 s at 0.0001, then 10 s lived and 40 s added at 0.0002 USD/s.
  CHECK(run.billing.stop(meter, EndedBy::owner) == 0.001_usd + 0.01_usd);
  CHECK_THAT(run.quantity_in_seconds(), WithinRel(60.0, 1e-12));
}

TEST_CASE("billing: an instance that still runs at the horizon is billed for what it used", "[billing][table]") {
  OneInstance run;
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(10_s);
  CHECK(run.billing.stop(meter, EndedBy::horizon) == 0.001_usd);
}

TEST_CASE("billing: Spot interrupted in its first hour is free", "[billing][table]") {
  struct Row { Purchase purchase; Duration life; EndedBy ended_by; Usd cost; };
  const Row row = GENERATE(
      Row{Purchase::spot, 3'599_s, EndedBy::interruption, 0_usd},  // 59 min 59 s
      Row{Purchase::spot, 3'600_s - 1_ns, EndedBy::interruption, 0_usd},
      Row{Purchase::spot, 3'600_s, EndedBy::interruption, 0.36_usd},
      Row{Purchase::spot, 10_s, EndedBy::interruption, 0_usd},  // no minimum either
      Row{Purchase::spot, 3'599_s, EndedBy::owner, 0.3599_usd},
      Row{Purchase::spot, 3'599_s, EndedBy::horizon, 0.3599_usd},
      Row{Purchase::on_demand, 3'599_s, EndedBy::interruption, 0.3599_usd},
      Row{Purchase::reserved_1y, 3'599_s, EndedBy::interruption, 0.3599_usd});
  OneInstance run{row.purchase};
  run.run_to(7_s);
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(7_s + row.life);
  CHECK(run.billing.stop(meter, row.ended_by) == row.cost);
  CHECK(run.billing.total() == row.cost);
  CHECK(run.billing.ledger().empty() == (row.cost == 0_usd));
}

TEST_CASE("billing: an interrupted instance is billed through its notice", "[billing][table]") {
  OneInstance run{Purchase::spot};
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(2_h + 120_s);  // noticed at 2 h
  CHECK(run.billing.stop(meter, EndedBy::interruption) == 0.72_usd + 0.012_usd);
}

TEST_CASE("billing: the warm-up is cut off to the nanosecond", "[billing][table]") {
  struct Row { Duration start; Duration end; EndedBy ended_by; Usd cost; };
  const Duration warm_up = 2_h;
  const Row row = GENERATE(
      Row{0_s, 3_h, EndedBy::owner, 0.36_usd},                     // one hour of three was measured
      Row{2_h - 5_s, 2_h + 5_s, EndedBy::owner, 0.0055_usd},       // 60 s owed, 5 of them in the warm-up
      Row{90_min, 2_h + 29_min, EndedBy::interruption, 0_usd},     // true age 59 min: free
      Row{90_min, 2_h + 30_min, EndedBy::interruption, 0.18_usd},  // true age 60 min: the measured 30 are billed
      Row{2_h, 3_h, EndedBy::owner, 0.36_usd});
  OneInstance run{Purchase::spot};
  const auto ended_before = run.billing.start(run.tariff, run.account);
  run.run_to(row.start);
  const auto meter = run.billing.start(run.tariff, run.account);
  run.run_to(warm_up);
  CHECK(run.billing.stop(ended_before, EndedBy::owner) == 0.72_usd);  // posted in the warm-up, so forgotten
  run.billing.begin_measurement();
  CHECK(run.billing.total() == 0_usd);
  run.run_to(row.end);
  CHECK(run.billing.stop(meter, row.ended_by) == row.cost);
  CHECK(run.billing.total() == row.cost);
}

TEST_CASE("billing: the mean price is weighted by time and starts at the end of the warm-up", "[billing][table]") {
  OneInstance run;
  run.run_to(1_h);
  CHECK(run.billing.mean_price(run.tariff) == 0.36_usd_per_h);
  run.billing.begin_measurement();
  run.billing.set_price(run.tariff, 0.40_usd_per_h);
  run.run_to(1_h + 15_min);
  run.billing.set_price(run.tariff, 0.20_usd_per_h);
  run.run_to(2_h);
  CHECK(run.billing.mean_price(run.tariff) == 0.25_usd_per_h);
}

TEST_CASE("billing: traffic between zones costs a cent a gigabyte on each side", "[billing][table]") {
  Simulation sim;
  Billing billing{sim, {}};
  const auto out = billing.add_account(transfer_line("us-east-1b", "cross-zone transfer out"));
  const auto in = billing.add_account(transfer_line("us-east-1a", "cross-zone transfer in"));
  billing.add_account(transfer_line("us-east-1c", "cross-zone transfer out"));  // unused: no line
  billing.charge(out, volume_of(250_GB), 0.01_usd_per_gb);
  billing.charge(in, volume_of(250_GB), 0.01_usd_per_gb);
  CHECK(billing.total() == 5_usd);
  const auto lines = billing.ledger();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].item.zone == "us-east-1b");
  CHECK(lines[0].quantity == 250.0);
  CHECK(lines[0].cost == 2.5_usd);
  CHECK(lines[1].item.resource == "cross-zone transfer in");
  billing.charge(out, volume_of(49'999_KB), 0.01_usd_per_gb);  // 499,990 nano-dollars
  CHECK(billing.cost(out) == 2.5_usd + Usd::of(499'990));
  billing.begin_measurement();
  CHECK(billing.ledger().empty());
}

TEST_CASE("billing: totals by purchase option add up to the bill", "[billing][table]") {
  Simulation sim;
  Billing billing{sim, {}};
  std::vector<InstanceMeter> meters;
  const std::vector<std::pair<Purchase, UsdPerHour>> bought{{Purchase::spot, 0.1_usd_per_h},
                                                            {Purchase::on_demand, 0.34_usd_per_h},
                                                            {Purchase::reserved_1y, 0.2_usd_per_h}};
  for (const auto& [purchase, price] : bought) {
    const TariffId tariff = billing.add_tariff(price);
    meters.push_back(billing.start(tariff, billing.add_account(instance_line(purchase))));
  }
  sim.run_until(Time::at(10_h));
  for (const auto& meter : meters) billing.stop(meter, EndedBy::owner);
  CHECK(billing.total(Purchase::spot) == 1_usd);
  CHECK(billing.total(Purchase::on_demand) == 3.4_usd);
  CHECK(billing.total(Purchase::reserved_1y) == 2_usd);
  CHECK(billing.total(Purchase::reserved_3y) == 0_usd);
  CHECK(billing.total() == 6.4_usd);
}

TEST_CASE("billing: each instance is rounded once, to the nearest nano-dollar", "[billing][table]") {
  // 1 nano-dollar an hour for 61 s is 0.017 nano-dollars; for half an hour, 0.5, which rounds away from zero.
  OneInstance run{Purchase::on_demand, UsdPerHour::of(1)};
  const auto short_life = run.billing.start(run.tariff, run.account);
  const auto half_hour = run.billing.start(run.tariff, run.account);
  run.run_to(61_s);
  CHECK(run.billing.stop(short_life, EndedBy::owner) == Usd{});
  run.run_to(30_min);
  CHECK(run.billing.stop(half_hour, EndedBy::owner) == Usd::of(1));
}

TEST_CASE("billing: a bill takes one step however often the price changed", "[billing][property]") {
  STATIC_REQUIRE(std::is_trivially_copyable_v<InstanceMeter>);  // nothing hangs on a meter that could grow
  OneInstance run{Purchase::spot};
  const std::vector<InstanceMeter> meters(10'000, run.billing.start(run.tariff, run.account));
  for (int second = 1; second <= 1'000'000; ++second) {
    run.billing.set_price(run.tariff, UsdPerHour::of(1'000 * second));
    run.run_to(1_s * second);
  }
  // The sum of 1000 k nano-dollars/h for k = 1 to 10^6, a second each.
  const Int128 sum = Int128{1'000} * 1'000'000 * 1'000'001 / 2;
  const Usd one = Usd::of(static_cast<std::int64_t>(divide_rounded(sum, 3'600)));
  // Were a bill to walk over the prices, this loop would take 10^10 steps.
  Usd all;
  for (const auto& meter : meters) all += run.billing.stop(meter, EndedBy::owner);
  CHECK(all == one * 10'000);
  CHECK(run.billing.total() == all);
  // 317 years of instance time: more than a Duration holds.
  CHECK_THAT(run.quantity_in_seconds(), WithinRel(1e10, 1e-12));
}

TEST_CASE("billing: what is provisioned costs its price for a month of 30 days, in proportion to the time held",
          "[billing][table]") {
  Simulation sim;
  Billing billing(sim, {});
  const AccountId volume = billing.add_account({.region = "us-east-1", .zone = {}, .fleet = {}, .group = {},
                                                .resource = "gp3 storage", .purchase = Purchase::on_demand,
                                                .unit = "GiB-months"});
  billing.charge_provisioned(volume, 1000, 30_d, 0.08_usd);
  CHECK(billing.cost(volume) == 80_usd);
  billing.charge_provisioned(volume, 500, 6_d, 0.08_usd);  // a fifth of a month
  CHECK(billing.total() == 88_usd);
  REQUIRE(billing.ledger().size() == 1);
  CHECK_THAT(billing.ledger().front().quantity, WithinRel(1100.0, 1e-12));
}
