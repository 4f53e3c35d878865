/// EC2's table of who pays what for an interrupted Spot Instance, by operating system, and instances billed by the hour.

#include <utility>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

config::UtcTime date(const char* text) { return *config::parse_utc_time(text); }

LineItem line(Purchase purchase) {
  return {.region = "us-east-1", .zone = "us-east-1a", .fleet = "f", .group = "g", .resource = "instance m5.large",
          .purchase = purchase, .unit = "instance-hours"};
}

/// The cost of an instance that runs for so long from 7 s on, at 0.36 USD/h, 0.0001 USD/s.
Usd cost_of_life(OperatingSystem os, Purchase purchase, Duration life, EndedBy ended_by,
                 const char* run_start = "2026-01-01T00:00:00Z") {
  Simulation sim;
  Billing billing{sim, {}};
  const TariffId tariff = billing.add_tariff(0.36_usd_per_h);
  const AccountId account = billing.add_account(line(purchase), whole_hours_until(os, date(run_start)));
  sim.run_until(Time::at(7_s));
  const InstanceMeter meter = billing.start(tariff, account);
  sim.run_until(Time::at(7_s + life));
  return billing.stop(meter, ended_by);
}

}  // namespace

TEST_CASE("billing: each row of EC2's table for interrupted Spot Instances", "[billing][table]") {
  using enum OperatingSystem;
  struct Row { OperatingSystem os; Duration life; EndedBy ended_by; Usd cost; };
  const Row row = GENERATE(
      // The user ends it: by the second, or every hour begun.
      Row{linux, 3'599_s, EndedBy::owner, 0.3599_usd}, Row{windows, 3'599_s, EndedBy::owner, 0.3599_usd},
      Row{rhel, 3'599_s, EndedBy::owner, 0.3599_usd}, Row{suse, 3'599_s, EndedBy::owner, 0.36_usd},
      Row{linux, 9'000_s, EndedBy::owner, 0.9_usd}, Row{windows, 9'000_s, EndedBy::owner, 0.9_usd},
      Row{rhel, 9'000_s, EndedBy::owner, 0.9_usd}, Row{suse, 9'000_s, EndedBy::owner, 1.08_usd},
      Row{suse, 3'600_s, EndedBy::owner, 0.36_usd}, Row{suse, 3'600_s + 1_ns, EndedBy::owner, 0.72_usd},
      Row{suse, 0_s, EndedBy::owner, 0.36_usd},
      // EC2 interrupts it in its first hour: free.
      Row{linux, 3'599_s, EndedBy::interruption, 0_usd}, Row{windows, 3'599_s, EndedBy::interruption, 0_usd},
      Row{rhel, 3'599_s, EndedBy::interruption, 0_usd}, Row{suse, 3'599_s, EndedBy::interruption, 0_usd},
      // EC2 interrupts it later: by the second, or the full hours only.
      Row{linux, 9'000_s, EndedBy::interruption, 0.9_usd}, Row{windows, 9'000_s, EndedBy::interruption, 0.9_usd},
      Row{rhel, 9'000_s, EndedBy::interruption, 0.9_usd}, Row{suse, 9'000_s, EndedBy::interruption, 0.72_usd},
      Row{suse, 3'600_s, EndedBy::interruption, 0.36_usd}, Row{suse, 7'199_s, EndedBy::interruption, 0.36_usd},
      // It still runs at the end: what it used so far.
      Row{suse, 9'000_s, EndedBy::horizon, 0.9_usd});
  CHECK(cost_of_life(row.os, Purchase::spot, row.life, row.ended_by) == row.cost);
}

TEST_CASE("billing: On-Demand SUSE pays each hour begun", "[billing][table]") {
  CHECK(cost_of_life(OperatingSystem::suse, Purchase::on_demand, 9'000_s, EndedBy::owner) == 1.08_usd);
  CHECK(cost_of_life(OperatingSystem::linux, Purchase::on_demand, 9'000_s, EndedBy::owner) == 0.9_usd);
}

TEST_CASE("billing: RHEL is billed by the second from 2024-04-01 on", "[billing][table]") {
  struct Row { const char* run_start; Usd cost; };
  // Two and a half hours, from seven seconds after the start of the run on.
  const Row row = GENERATE(Row{"2024-03-31T00:00:00Z", 1.08_usd},   // ends in March
                           Row{"2024-03-31T21:29:54Z", 0.9_usd},    // ends at 00:00:01 of April
                           Row{"2024-03-31T21:29:53Z", 0.9_usd},    // at midnight
                           Row{"2024-03-31T21:29:52Z", 1.08_usd},   // a second before
                           Row{"2024-04-01T00:00:00Z", 0.9_usd}, Row{"1990-01-01T00:00:00Z", 1.08_usd});
  CHECK(cost_of_life(OperatingSystem::rhel, Purchase::spot, 9'000_s, EndedBy::owner, row.run_start) == row.cost);
}

TEST_CASE("billing: the hour that EC2 interrupts is free at the prices that were in force before it",
          "[billing][table]") {
  Simulation sim;
  Billing billing{sim, {}};
  const TariffId tariff = billing.add_tariff(0.36_usd_per_h);
  const AccountId account = billing.add_account(line(Purchase::spot), Time::max());
  const InstanceMeter meter = billing.start(tariff, account);
  const auto set = [&](Duration at, UsdPerHour price) {
    sim.run_until(Time::at(at));
    billing.set_price(tariff, price);
  };
  set(30_min, 0.72_usd_per_h);
  set(75_min, 9.0_usd_per_h);
  set(80_min, 8.0_usd_per_h);
  sim.run_until(Time::at(119_min));
  // One full hour: half of it at 0.36, half at 0.72 USD/h. All at 9 and 8 USD/h lies in the hour that is free.
  CHECK(billing.stop(meter, EndedBy::interruption) == 0.54_usd);
  CHECK(billing.ledger().front().quantity == 1.0);
}

TEST_CASE("billing: the rest of an owner's last hour costs the price in force at its end", "[billing][table]") {
  Simulation sim;
  Billing billing{sim, {}};
  const TariffId tariff = billing.add_tariff(0.36_usd_per_h);
  const InstanceMeter meter = billing.start(tariff, billing.add_account(line(Purchase::spot), Time::max()));
  sim.run_until(Time::at(15_min));
  billing.set_price(tariff, 0.72_usd_per_h);
  sim.run_until(Time::at(30_min));
  CHECK(billing.stop(meter, EndedBy::owner) == 0.09_usd + 0.18_usd + 0.36_usd);
}

TEST_CASE("billing: hours of the warm-up are not billed, and whole hours count from the true start", "[billing][table]") {
  struct Row { Duration end; EndedBy ended_by; Usd cost; };
  const Row row = GENERATE(Row{150_min, EndedBy::owner, 0.54_usd},         // three hours from 0, measured from 1 h 30
                           Row{150_min, EndedBy::interruption, 0.18_usd},  // two hours from 0
                           Row{95_min, EndedBy::interruption, 0_usd});     // one hour, all before
  Simulation sim;
  Billing billing{sim, {}};
  const TariffId tariff = billing.add_tariff(0.36_usd_per_h);
  const InstanceMeter meter = billing.start(tariff, billing.add_account(line(Purchase::spot), Time::max()));
  sim.run_until(Time::at(90_min));
  billing.begin_measurement();
  sim.run_until(Time::at(row.end));
  CHECK(billing.stop(meter, row.ended_by) == row.cost);
}

TEST_CASE("billing: for any prices an interrupted life by whole hours costs the integral of its full hours",
          "[billing][property]") {
  Stream stream{1, 0, "whole_hours_test"};
  Simulation sim;
  Billing billing{sim, {}};
  const TariffId tariff = billing.add_tariff(UsdPerHour::of(1'000'000));
  const AccountId account = billing.add_account(line(Purchase::spot), Time::max());
  std::vector<std::pair<Time, UsdPerHour>> prices{{Time{}, UsdPerHour::of(1'000'000)}};
  for (int life = 0; life < 300; ++life) {
    const Time start = sim.now();
    const InstanceMeter meter = billing.start(tariff, account);
    const auto changes = stream.below(12);
    for (std::uint64_t i = 0; i <= changes; ++i) {
      sim.run_until(sim.now() + 1_s * stream.below(3'000));
      prices.emplace_back(sim.now(), UsdPerHour::of(static_cast<std::int64_t>(stream.below(1'000'000'000))));
      billing.set_price(tariff, prices.back().second);
    }
    const Time end = start + 1_h * ((sim.now() - start).count() / (1_h).count());
    PriceIntegral sum;
    for (std::size_t p = 0; p < prices.size(); ++p) {
      const Time from = std::max(start, prices[p].first);
      const Time to = p + 1 < prices.size() ? std::min(end, prices[p + 1].first) : end;
      if (from < to) sum += prices[p].second * (to - from);
    }
    CHECK(billing.stop(meter, EndedBy::interruption) == cost_of(sum));
  }
}
