/// Reserved Instances and Savings Plans settled by the hour.

#include "fleetsim/models/billing/commitments.hpp"

#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/read_text.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

constexpr Int128 hours(double count) { return static_cast<Int128>(count * static_cast<double>(nanoseconds_per_hour)); }

CommitmentConfig reserved(const std::string& type, std::int64_t count, const std::string& zone = {}) {
  CommitmentConfig config;
  config.name = "reserved";
  config.region = "us-east-1";
  config.zone = zone;
  config.instance_type = type;
  config.family = type.substr(0, type.find('.'));
  config.vcpus = 2;
  config.count = count;
  config.hourly = 0.06_usd_per_h;
  return config;
}
CommitmentConfig plan(CommitmentKind kind, UsdPerHour hourly) {
  CommitmentConfig config;
  config.name = "plan";
  config.kind = kind;
  config.region = "us-east-1";
  config.family = "m5";
  config.hourly = hourly;
  return config;
}
CommittedUse use(const std::string& type, UsdPerHour price, std::vector<std::optional<UsdPerHour>> rates = {}) {
  CommittedUse use;
  use.region = "us-east-1";
  use.zone = "us-east-1a";
  use.instance_type = type;
  use.on_demand = price;
  rates.resize(3);
  use.plan_rates = std::move(rates);
  return use;
}
constexpr UsdPerHour large = 0.096_usd_per_h, xlarge = 0.192_usd_per_h;

TEST_CASE("commitments: sizes count as AWS normalizes them", "[billing][table]") {
  // Amazon EC2 user guide, how Reserved Instances are applied: nano 0.25, small 1, large 4, 8xlarge 64 units.
  CHECK(normalized_size("t3.nano", 2) == 1);
  CHECK(normalized_size("t3.micro", 2) == 2);
  CHECK(normalized_size("t3.small", 2) == 4);
  CHECK(normalized_size("t3.medium", 2) == 8);
  CHECK(normalized_size("m5.large", 2) == 16);
  CHECK(normalized_size("m5.xlarge", 4) == 32);
  CHECK(normalized_size("m5.8xlarge", 32) == 256);
  CHECK(normalized_size("m5.metal", 96) == normalized_size("m5.24xlarge", 96));
}

TEST_CASE("commitments: a regional reservation covers other sizes, the smallest first", "[billing][table]") {
  // One t2.medium covers two t2.small, or half of a t2.large: the user guide's examples.
  struct Case {
    std::string type;
    std::int64_t vcpus;
    double ran, covered;
  };
  for (const Case& c : {Case{"t2.small", 1, 3, 2}, Case{"t2.large", 2, 1, 0.5}, Case{"t2.medium", 2, 1, 1}}) {
    CommittedUse sized = use(c.type, large);
    sized.vcpus = c.vcpus;
    const Settlement settlement = settle({reserved("t2.medium", 1)}, {sized}, {hours(c.ran)}, 1_h);
    CHECK(settlement.covered[0][0] == hours(c.covered));
    CHECK_THAT(settlement.used[0], WithinRel(1.0, 1e-12));
  }
  const Settlement mixed = settle({reserved("m5.xlarge", 1)}, {use("m5.xlarge", xlarge), use("m5.large", large)},
                                  {hours(1), hours(1)}, 1_h);
  CHECK(mixed.covered[1][0] == hours(1));
  CHECK(mixed.covered[0][0] == hours(0.5));
}

TEST_CASE("commitments: a zonal reservation covers its type in its zone alone, and comes first", "[billing][table]") {
  std::vector<CommittedUse> uses{use("m5.large", large), use("m5.large", large), use("m5.xlarge", xlarge)};
  uses[1].zone = "us-east-1b";
  const std::vector<Int128> ran{hours(2), hours(2), hours(1)};
  CHECK(settle({reserved("m5.large", 9, "us-east-1a")}, uses, ran, 1_h).covered ==
        std::vector<std::vector<Int128>>{{hours(2)}, {0}, {0}});
  // The zonal one takes zone a, so the regional one has its two for zone b.
  const Settlement both = settle({reserved("m5.large", 2), reserved("m5.large", 2, "us-east-1a")}, uses, ran, 1_h);
  CHECK(both.covered[0] == std::vector<Int128>{0, hours(2)});
  CHECK(both.covered[1] == std::vector<Int128>{hours(2), 0});
}

TEST_CASE("commitments: other systems and families, other Regions and GPU sizes are not covered", "[billing][table]") {
  std::vector<CommittedUse> uses{use("m5.xlarge", xlarge), use("c5.large", large), use("m5.large", large)};
  uses[0].os = OperatingSystem::windows;
  uses[2].region = "us-west-2";
  const Settlement none = settle({reserved("m5.large", 9)}, uses, {hours(1), hours(1), hours(1)}, 1_h);
  CHECK(none.covered == std::vector<std::vector<Int128>>{{0}, {0}, {0}});
  CHECK(none.used[0] == 0);
  CHECK(settle({reserved("g4dn.xlarge", 9)}, {use("g4dn.2xlarge", xlarge)}, {hours(1)}, 1_h).covered[0][0] == 0);
}

TEST_CASE("commitments: a reservation covers its operating system alone, and sizes of Linux alone", "[billing][table]") {
  using enum OperatingSystem;
  for (const OperatingSystem os : {OperatingSystem::linux, windows, rhel, suse}) {
    for (const OperatingSystem runs : {OperatingSystem::linux, windows, rhel, suse}) {
      for (const bool zonal : {false, true}) {
        CommitmentConfig reservation = reserved("m5.large", 9, zonal ? "us-east-1a" : "");
        reservation.os = os;
        CommittedUse same = use("m5.large", large), larger = use("m5.xlarge", xlarge);
        same.os = larger.os = runs;
        const Settlement settlement = settle({reservation}, {same, larger}, {hours(1), hours(1)}, 1_h);
        CHECK(settlement.covered[0][0] == (os == runs ? hours(1) : 0));
        CHECK(settlement.covered[1][0] == (os == runs && os == OperatingSystem::linux && !zonal ? hours(1) : 0));
      }
    }
  }
}

TEST_CASE("commitments: an hour of one reservation is 3,600 s of any instances", "[billing][table]") {
  // Four instances that run a quarter of the hour each are covered by one.
  CHECK(settle({reserved("m5.large", 1)}, {use("m5.large", large)}, {hours(4 * 0.25)}, 1_h).covered[0][0] == hours(1));
  // And nothing is kept for later: a second hour has its own.
  CHECK(settle({reserved("m5.large", 1)}, {use("m5.large", large)}, {hours(4)}, 1_h).covered[0][0] == hours(1));
}

TEST_CASE("commitments: a Savings Plan spends where it saves the largest share, by its own rates", "[billing][table]") {
  // 0.10 USD an hour. c5 saves 40 %, m5 30 %: the c5 first, at 0.06; what is left, 0.04, pays for 4/7 of an m5 at 0.07.
  const std::vector<CommittedUse> uses{use("m5.large", 0.10_usd_per_h, {0.07_usd_per_h}),
                                       use("c5.large", 0.10_usd_per_h, {0.06_usd_per_h})};
  const Settlement settlement = settle({plan(CommitmentKind::compute_savings_plan, 0.10_usd_per_h)}, uses,
                                       {hours(1), hours(1)}, 1_h);
  CHECK(settlement.covered[1][0] == hours(1));
  CHECK_THAT(static_cast<double>(settlement.covered[0][0]) / static_cast<double>(nanoseconds_per_hour),
             WithinRel(4.0 / 7, 1e-9));
  CHECK_THAT(settlement.used[0], WithinRel(1.0, 1e-9));
}

TEST_CASE("commitments: reservations come before plans, and a family's plan before a compute plan", "[billing][table]") {
  const std::vector<CommitmentConfig> commitments{plan(CommitmentKind::compute_savings_plan, 1.0_usd_per_h),
                                                  plan(CommitmentKind::instance_savings_plan, 0.06_usd_per_h),
                                                  reserved("m5.large", 1)};
  const std::vector<CommittedUse> uses{use("m5.large", large, {0.07_usd_per_h, 0.06_usd_per_h, std::nullopt})};
  const Settlement settlement = settle(commitments, uses, {hours(3)}, 1_h);
  CHECK(settlement.covered[0] == std::vector<Int128>{hours(1), hours(1), hours(1)});
}

TEST_CASE("commitments: no more is covered than ran or is paid for, whatever ran", "[billing][property]") {
  Stream random(1, 0, "test");
  for (int run = 0; run < 1000; ++run) {
    const std::vector<CommitmentConfig> commitments{reserved("m5.large", static_cast<std::int64_t>(1 + random.below(5))),
                                                    reserved("m5.xlarge", 2, "us-east-1a"),
                                                    plan(CommitmentKind::compute_savings_plan, 0.2_usd_per_h)};
    const std::vector<std::optional<UsdPerHour>> rates{std::nullopt, std::nullopt, 0.07_usd_per_h};
    const std::vector<CommittedUse> uses{use("m5.large", large, rates), use("m5.xlarge", xlarge, rates),
                                         use("c5.large", large, rates)};
    std::vector<Int128> ran;
    for (std::size_t u = 0; u < uses.size(); ++u) ran.push_back(static_cast<Int128>(random.below(36'000'000'000'000)));
    const Settlement settlement = settle(commitments, uses, ran, 1_h);
    for (std::size_t u = 0; u < uses.size(); ++u) {
      Int128 covered = 0;
      for (const Int128 part : settlement.covered[u]) {
        CHECK(part >= 0);
        covered += part;
      }
      CHECK(covered <= ran[u]);
    }
    for (const double used : settlement.used) CHECK((used >= 0 && used <= 1 + 1e-12));
  }
}

// --- in a run

TEST_CASE("commitments: a reservation is paid at night too", "[billing][table]") {
  // Two reserved at 0.06; three instances run for 12 h, then one for 12 h: 12 h of one at 0.096 are left on demand.
  Simulation sim;
  Billing billing(sim, {});
  const AccountId account = billing.add_account({.region = "us-east-1", .zone = "us-east-1a", .fleet = "web", .group = "g",
                                                 .resource = "instance m5.large", .purchase = Purchase::on_demand,
                                                 .unit = "instance-hours"});
  const TariffId tariff = billing.add_tariff(large);
  Commitments commitments(sim, billing, {reserved("m5.large", 2)}, {0});
  commitments.add_use(account, use("m5.large", large));
  std::vector<InstanceMeter> meters;
  for (int i = 0; i < 3; ++i) meters.push_back(billing.start(tariff, account));
  commitments.start();
  sim.run_until(Time::at(12_h));
  billing.stop(meters[0], EndedBy::owner);
  billing.stop(meters[1], EndedBy::owner);
  sim.run_until(Time::at(24_h));
  billing.stop(meters[2], EndedBy::horizon);
  commitments.finish();
  CHECK(commitments.cost() == usd(2 * 24 * 0.06));
  CHECK(billing.cost(account) == usd(12 * 0.096));
  CHECK(billing.total() == usd(2 * 24 * 0.06 + 12 * 0.096));
  CHECK(commitments.share_of(account) == usd(2 * 24 * 0.06));
  MetricSink sink;
  commitments.report(sink);
  for (const MetricValue& metric : sink.values()) {
    if (metric.name.ends_with("utilization")) CHECK_THAT(metric.value.value(), WithinRel(0.75, 1e-12));
    if (metric.name.ends_with("unused_cost")) CHECK_THAT(metric.value.value(), WithinRel(0.25 * 2.88, 1e-12));
    if (metric.name.ends_with("savings")) CHECK_THAT(metric.value.value(), WithinRel(36 * 0.096 - 2.88, 1e-12));
  }
}

TEST_CASE("commitments: hours are those of the calendar, and a warm-up within one begins anew", "[billing][table]") {
  // The run begins at half past; the first settled hour is half an hour long.
  Simulation sim;
  Billing billing(sim, {});
  const AccountId account = billing.add_account({.region = "us-east-1", .zone = "us-east-1a", .fleet = "web", .group = "g",
                                                 .resource = "instance m5.large", .purchase = Purchase::on_demand,
                                                 .unit = "instance-hours"});
  const TariffId tariff = billing.add_tariff(large);
  Commitments commitments(sim, billing, {reserved("m5.large", 1)}, {1800});
  commitments.add_use(account, use("m5.large", large));
  commitments.start();
  // Two instances for the last quarter of the first half hour: 30 minutes of both, all covered by 30 of the reservation.
  sim.run_until(Time::at(15_min));
  const InstanceMeter first = billing.start(tariff, account);
  const InstanceMeter second = billing.start(tariff, account);
  sim.run_until(Time::at(30_min));
  billing.stop(first, EndedBy::owner);
  billing.stop(second, EndedBy::owner);
  sim.run_until(Time::at(31_min));
  CHECK(billing.cost(account) == Usd{});
  CHECK(commitments.cost() == usd(0.03));
  sim.run_until(Time::at(50_min));
  billing.begin_measurement();
  commitments.begin_measurement();
  sim.run_until(Time::at(90_min));
  commitments.finish();
  CHECK(commitments.cost() == usd(0.04));  // 40 minutes
}

/// One on-demand line of m5.large that one reservation may cover, on a calendar.
struct Line {
  explicit Line(OperatingSystem os, config::UtcTime start)
      : account(billing.add_account({.region = "us-east-1", .zone = "us-east-1a", .fleet = "web", .group = "g",
                                     .resource = "instance m5.large", .purchase = Purchase::on_demand,
                                     .unit = "instance-hours"}, whole_hours_until(os, start))),
        commitments(sim, billing, {of(os)}, start) {
    CommittedUse covered = use("m5.large", large);
    covered.os = os;
    commitments.add_use(account, covered);
    commitments.start();
  }
  static CommitmentConfig of(OperatingSystem os) {
    CommitmentConfig config = reserved("m5.large", 1);
    config.os = os;
    return config;
  }
  double utilization() const {
    MetricSink sink;
    commitments.report(sink);
    for (const MetricValue& metric : sink.values()) {
      if (metric.name.ends_with("utilization")) return metric.value.value();
    }
    return -1;
  }
  Simulation sim;
  Billing billing{sim, {}};
  TariffId tariff = billing.add_tariff(large);
  AccountId account;
  Commitments commitments;
};
constexpr config::UtcTime august_2021{1'627'862'400};  // 2021-08-02T00:00:00Z

TEST_CASE("commitments: an hour that is billed whole is covered whole", "[billing][table]") {
  // RHEL before April 2024: 90 minutes are billed as two hours, of which the reservation pays both; half of its four.
  Line rhel(OperatingSystem::rhel, august_2021);
  const InstanceMeter meter = rhel.billing.start(rhel.tariff, rhel.account);
  rhel.sim.run_until(Time::at(90_min));
  rhel.billing.stop(meter, EndedBy::owner);
  // A second one begins within the first one's last hour: from 1:30 to 2:00 one of the two is left, to 2:30 none is.
  const InstanceMeter second = rhel.billing.start(rhel.tariff, rhel.account);
  rhel.sim.run_until(Time::at(100_min));
  rhel.billing.stop(second, EndedBy::owner);
  rhel.sim.run_until(Time::at(4_h));
  rhel.commitments.finish();
  CHECK(rhel.billing.cost(rhel.account) == usd(0.048));
  CHECK_THAT(rhel.utilization(), WithinRel(2.5 / 4, 1e-12));
}

TEST_CASE("commitments: what a start is billed at least is covered", "[billing][table]") {
  // Ten seconds at 0:59:55 are billed as a minute: 5 s of the first hour and 55 s of the second.
  Line linux(OperatingSystem::linux, august_2021);
  linux.sim.run_until(Time::at(1_h - 5_s));
  const InstanceMeter meter = linux.billing.start(linux.tariff, linux.account);
  linux.sim.run_until(Time::at(1_h + 5_s));
  linux.billing.stop(meter, EndedBy::owner);
  linux.sim.run_until(Time::at(2_h));
  linux.commitments.finish();
  CHECK(linux.billing.cost(linux.account) == Usd{});
  CHECK_THAT(linux.utilization(), WithinRel(60.0 / 7200, 1e-12));
}

TEST_CASE("commitments: an hour that was billed before the warm-up ended covers nothing after it", "[billing][table]") {
  Line rhel(OperatingSystem::rhel, august_2021);
  const InstanceMeter ended = rhel.billing.start(rhel.tariff, rhel.account);
  const InstanceMeter runs = rhel.billing.start(rhel.tariff, rhel.account);
  rhel.sim.run_until(Time::at(10_min));
  rhel.billing.stop(ended, EndedBy::owner);
  rhel.sim.run_until(Time::at(30_min));
  rhel.billing.begin_measurement();
  rhel.commitments.begin_measurement();
  rhel.sim.run_until(Time::at(40_min));
  rhel.billing.stop(runs, EndedBy::owner);
  rhel.sim.run_until(Time::at(90_min));
  rhel.commitments.finish();
  // Of an hour that is measured the other one was billed for its first half.
  CHECK(rhel.billing.cost(rhel.account) == Usd{});
  CHECK_THAT(rhel.utilization(), WithinRel(0.5, 1e-12));
}

TEST_CASE("commitments: a scenario's are read, and what is wrong is refused", "[billing][table]") {
  const auto read = [](std::string_view text) { return test::read_text(text, read_commitments); };
  const auto good = read(R"(
commitments:
  night: {reserved_instances: {instance_type: c5.2xlarge, count: 200, zone: us-east-1a}, term: 3y}
  family: {savings_plan: {family: m5, commitment: 20 USD/h}}
  all: {savings_plan: {commitment: 5 USD/h, discount: 30%}}
)");
  REQUIRE(good.problems == "");
  REQUIRE(good.value.size() == 3);
  CHECK(good.value[0].kind == CommitmentKind::reserved_instances);
  CHECK(good.value[0].count == 200);
  CHECK(good.value[0].term == CommitmentTerm::three_years);
  CHECK(good.value[1].kind == CommitmentKind::instance_savings_plan);
  CHECK(good.value[2].kind == CommitmentKind::compute_savings_plan);
  CHECK_THAT(read("commitments: {a: {reserved_instances: {instance_type: m5.large, count: 0}}}").problems,
             ContainsSubstring("count: 0 must be at least 1"));
  CHECK_THAT(read("commitments: {a: {term: 2y, savings_plan: {commitment: 0 USD/h}}}").problems,
             ContainsSubstring("'2y' is not one of 1y, 3y") && ContainsSubstring("must be above 0 USD/h"));
  CHECK_THAT(read("commitments: {a: {savings_plan: {commitment: 1 USD/h}, region: eu-nowhere}}").problems,
             ContainsSubstring("region does not go with a Savings Plan without a family"));
  CHECK_THAT(read("commitments: {a: {term: 1y}}").problems, ContainsSubstring("reserved_instances"));
}

TEST_CASE("commitments: plans of a kind are spent together, the one that saves most first", "[billing][table]") {
  // One hour of an instance at 0.10: the second plan, at 0.05, covers it, and the first, at 0.07, is left.
  const std::vector<CommitmentConfig> both{plan(CommitmentKind::compute_savings_plan, 0.07_usd_per_h),
                                           plan(CommitmentKind::compute_savings_plan, 0.05_usd_per_h)};
  const Settlement one = settle(both, {use("m5.large", 0.10_usd_per_h, {0.07_usd_per_h, 0.05_usd_per_h})}, {hours(1)}, 1_h);
  CHECK(one.covered[0] == std::vector<Int128>{0, hours(1)});
  CHECK(one.used == std::vector<double>{0, 1});
  // Of equal shares the lowest rate: the large one is covered whole, not half of the xlarge.
  const Settlement equal = settle({plan(CommitmentKind::compute_savings_plan, 0.048_usd_per_h)},
                                  {use("m5.xlarge", xlarge, {0.096_usd_per_h}), use("m5.large", large, {0.048_usd_per_h})},
                                  {hours(1), hours(1)}, 1_h);
  CHECK(equal.covered[0][0] == 0);
  CHECK(equal.covered[1][0] == hours(1));
}

}  // namespace
}  // namespace fleetsim
