/// The load balancer: who receives requests, how soon it learns of a failure, slow start, draining.

#include <array>
#include <cmath>

#include "models/fleet/targets.hpp"
#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using fleet::Flow;
using fleet::HostClass;
using fleet::TargetKind;
using fleet::Targets;
using test::at;
using test::FleetRun;
using test::simple_placement;

FleetConfig balanced_fleet() {
  FleetConfig config = test::simple_fleet();
  config.drain_time = {};
  config.load_balancer.emplace();
  return config;
}

DurationDistribution once(Duration after) { return DurationDistribution(after); }

HostClass host(double capacity, int vcpus) {
  const RequestRate rate = requests_per_second(capacity);
  return {.capacity = rate, .admitted_max = rate, .vcpus = vcpus, .nominal = rate, .budget = 1000};
}

struct Spread {
  explicit Spread(const FleetConfig& fleet_config) : config(fleet_config), targets(config) {}
  void add(const HostClass& host_class, std::size_t zone, std::int64_t count, TargetKind kind = fleet::healthy) {
    targets.add_host(host_class, zone, 0);
    for (std::int64_t i = 0; i < count; ++i) targets.move(hosts, std::nullopt, kind, false);
    ++hosts;
  }
  std::vector<Flow> operator()(RequestRate offered) {
    std::vector<Flow> flows(hosts);
    targets.spread(offered, flows);
    return flows;
  }
  FleetConfig config;
  Targets targets;
  std::size_t hosts = 0;
};

// --- who receives what

TEST_CASE("load balancer: round robin gives each target the same, in turn over all zones", "[fleet][table]") {
  Spread spread(balanced_fleet());
  spread.add(host(100, 1), 0, 3);
  spread.add(host(400, 4), 1, 1);
  const auto flows = spread(200_per_s);
  CHECK(flows[0].offered == 150_per_s);
  CHECK(flows[1].offered == 50_per_s);
}

TEST_CASE("load balancer: without cross-zone balancing each zone gets the same, however few targets it has",
          "[fleet][table]") {
  FleetConfig config = balanced_fleet();
  config.load_balancer->cross_zone = false;
  Spread spread(config);
  spread.add(host(100, 1), 0, 8);
  spread.add(host(100, 1), 1, 2);
  auto flows = spread(200_per_s);
  CHECK(flows[0].offered == 100_per_s);
  CHECK(flows[1].offered == 100_per_s);  // 50 for each instance against 12.5
  // A zone whose targets are all unhealthy gets nothing while another has healthy ones.
  spread.targets.move(1, fleet::healthy, fleet::failed, false);
  spread.targets.move(1, fleet::healthy, fleet::failed, false);
  flows = spread(200_per_s);
  CHECK(flows[0].offered == 200_per_s);
  CHECK(flows[1].offered == RequestRate{});
}

TEST_CASE("load balancer: the fewest outstanding requests fill targets by what they can have in flight",
          "[fleet][analytic]") {
  FleetConfig config = balanced_fleet();
  config.load_balancer->algorithm = BalancingAlgorithm::least_outstanding_requests;
  Spread spread(config);
  spread.add(host(100, 2), 0, 1);  // 50 for each vCPU
  spread.add(host(400, 8), 0, 1);
  // Two in flight at each serve 200; then the small one is full, and the rest goes to the large one.
  auto flows = spread(200_per_s);
  CHECK(flows[0].offered == 100_per_s);
  CHECK(flows[1].offered == 100_per_s);
  flows = spread(450_per_s);
  CHECK(flows[0].offered == 100_per_s);
  CHECK(flows[1].offered == 350_per_s);
  CHECK(flows[1].admitted == 350_per_s);
  flows = spread(1000_per_s);  // twice what both can do: half is refused at either
  CHECK(flows[0].offered == 200_per_s);
  CHECK(flows[1].offered == 800_per_s);
  CHECK(flows[1].admitted == 400_per_s);
}

TEST_CASE("load balancer: a failed instance that answers errors at once draws requests where the fewest in flight count",
          "[fleet][analytic]") {
  FleetConfig config = balanced_fleet();
  config.load_balancer->algorithm = BalancingAlgorithm::least_outstanding_requests;
  config.failures = FailureConfig{.every = once(1_h), .lasts = {}, .answer = FailedAnswer::error};
  Spread spread(config);
  spread.add(host(100, 10), 0, 9);                            // 10 for each vCPU: 100 ms a request
  spread.add(host(100, 10), 0, 1, fleet::failed_unnoticed);   // an error takes 1 ms
  const auto flows = spread(500_per_s);
  // In flight at each: N = 500 / (9 x 10 + 1000); the failed one is done with 1000 N of them.
  CHECK_THAT(to_requests_per_second(flows[1].offered), WithinRel(500 * 1000.0 / 1090, 1e-6));
  CHECK(flows[1].admitted == RequestRate{});
  CHECK(flows[1].lost == flows[1].offered);
  // One that says nothing keeps what it has and gets no more.
  config.failures->answer = FailedAnswer::nothing;
  Spread silent(config);
  silent.add(host(100, 10), 0, 9);
  silent.add(host(100, 10), 0, 1, fleet::failed_unnoticed);
  CHECK(silent(500_per_s)[0].offered == 500_per_s);
}

TEST_CASE("load balancer: with no healthy target it sends to all, or to none if it does not fail open", "[fleet][table]") {
  for (const bool fail_open : {true, false}) {
    FleetConfig config = balanced_fleet();
    config.load_balancer->fail_open = fail_open;
    Spread spread(config);
    spread.add(host(100, 1), 0, 3, fleet::failed);
    spread.add(host(100, 1), 0, 1, fleet::recovered_unnoticed);
    CHECK(spread.targets.all_unhealthy());
    const auto flows = spread(80_per_s);
    CHECK(flows[0].offered == (fail_open ? 60_per_s : RequestRate{}));
    CHECK(flows[1].admitted == (fail_open ? 20_per_s : RequestRate{}));  // only the one that answers serves
    // One healthy target takes everything again.
    spread.targets.move(1, fleet::recovered_unnoticed, fleet::healthy, false);
    CHECK(spread(80_per_s)[1].admitted == 80_per_s);
  }
}

TEST_CASE("load balancer: shares sum to what is offered, whatever stands where", "[fleet][property]") {
  Stream random(1, 0, "test");
  for (int run = 0; run < 2000; ++run) {
    FleetConfig config = balanced_fleet();
    config.load_balancer->cross_zone = random.chance(0.5);
    if (random.chance(0.5)) config.load_balancer->algorithm = BalancingAlgorithm::least_outstanding_requests;
    config.failures = FailureConfig{.every = once(1_h), .lasts = {},
                                    .answer = random.chance(0.5) ? FailedAnswer::error : FailedAnswer::nothing};
    Spread spread(config);
    std::int64_t all = 0;
    const std::uint64_t hosts = 1 + random.below(5);
    for (std::uint64_t h = 0; h < hosts; ++h) {
      spread.targets.add_host(host(100, 1 + static_cast<int>(random.below(8))), random.below(3), 0);
      for (std::uint8_t k = 0; k < fleet::target_kinds; ++k) {
        const auto count = static_cast<std::int64_t>(random.below(3) * random.below(4));
        for (std::int64_t i = 0; i < count; ++i) spread.targets.move(h, std::nullopt, static_cast<TargetKind>(k), false);
        all += count;
      }
      ++spread.hosts;
    }
    const auto offered = RequestRate::of(static_cast<std::int64_t>(random.below(std::uint64_t{1} << random.below(50))));
    RequestRate sum;
    for (const Flow& flow : spread(offered)) {
      sum += flow.offered;
      CHECK(flow.admitted + flow.lost <= flow.offered);
      CHECK(flow.late <= flow.admitted);
    }
    CHECK(sum == (all > 0 ? offered : RequestRate{}));
  }
}

// --- health checks

TEST_CASE("load balancer: a new target has its first request after the first check that it passes", "[fleet][table]") {
  // Runs at 5 s and is checked from then on, every 30 s; it could serve at 45 s, and passes the check of 65 s.
  struct Case {
    int first_healthy_count;
    Duration in_service;
  };
  for (const auto& [count, in_service] : {Case{1, 65_s}, Case{2, 95_s}, Case{5, 185_s}}) {
    FleetConfig config = balanced_fleet();
    config.load_balancer->health_check.first_healthy_count = count;
    FleetRun run(config);
    const PlacementId place = run.fleet.add_placement(simple_placement());
    run.fleet.launch(place);
    run.fleet.demand_changed(10_per_s);
    run.run_until(in_service);
    CHECK(run.fleet.served() == Requests{});
    run.run_until(in_service + 10_s);
    run.fleet.finish();
    CHECK(run.fleet.served() == 10_per_s * 10_s);
  }
}

TEST_CASE("load balancer: a dead target is detected after 30 to 65 s at the defaults", "[fleet][table]") {
  // Registered at 0, checked every 30 s. Failing at f, the second failed check begins at 30 (floor(f / 30) + 2); one
  // without an answer takes 5 s more to fail.
  struct Case {
    Duration fails;
    FailedAnswer answer;
    Duration detected;
  };
  for (const Case& c : {Case{60_s, FailedAnswer::nothing, 125_s}, Case{60_s, FailedAnswer::error, 120_s},
                        Case{Duration::of(89'999'999'999), FailedAnswer::nothing, 125_s},
                        Case{Duration::of(89'999'999'999), FailedAnswer::error, 120_s},
                        Case{75_s, FailedAnswer::nothing, 125_s}}) {
    FleetConfig config = balanced_fleet();
    config.failures = FailureConfig{.every = once(c.fails), .lasts = {}, .answer = c.answer};
    FleetRun run(config);
    const PlacementId place = run.fleet.add_placement(simple_placement());
    run.fleet.launch_in_service(place);
    run.run_until(c.detected - 1_ns);
    CHECK(run.health.empty());
    run.run_until(c.detected);
    REQUIRE(run.health.size() == 1);
    CHECK_FALSE(run.health[0].healthy);
    const Duration took = c.detected - c.fails;
    CHECK((took >= 30_s && took <= 65_s));
  }
}

TEST_CASE("load balancer: until a failure is detected its share is lost, then the others take it", "[fleet][table]") {
  FleetConfig config = balanced_fleet();
  config.failures = FailureConfig{.every = once(60_s), .lasts = once(10_min), .answer = FailedAnswer::nothing};
  config.load_balancer->health_check.healthy_count = 5;
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.launch_in_service(place);
  run.fleet.demand_changed(10_per_s);
  run.run_until(125_s);
  REQUIRE(run.health.size() == 1);
  run.run_until(660_s);  // it answers again; with no healthy target the balancer fails open all the while
  run.fleet.finish();
  // In flight when it failed: an M/M/1 queue at 10 of 100/s holds 1/9.
  CHECK_THAT(to_double(run.fleet.served()), WithinAbs(600 - 1.0 / 9, 1e-6));
  CHECK_THAT(run.reported("fleet.bidder.requests_lost").value(), WithinAbs(6000 + 1.0 / 9, 1e-6));
  CHECK_THAT(run.reported("fleet.bidder.all_unhealthy_time").value(), WithinAbs(535, 1e-9));
}

TEST_CASE("load balancer: an unhealthy target that answers again is healthy after five checks", "[fleet][table]") {
  FleetConfig config = balanced_fleet();
  config.failures = FailureConfig{.every = once(600_s), .lasts = once(370_s), .answer = FailedAnswer::nothing};
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.run_until(665_s);
  REQUIRE(run.health.size() == 1);
  // Answers from 970 on: the checks of 990, 1020, 1050, 1080 and 1110 pass.
  run.run_until(1110_s - 1_ns);
  CHECK(run.health.size() == 1);
  run.run_until(1110_s);
  REQUIRE(run.health.size() == 2);
  CHECK(run.health[1].healthy);
}

TEST_CASE("load balancer: a failure shorter than its detection goes unnoticed", "[fleet][table]") {
  FleetConfig config = balanced_fleet();
  config.failures = FailureConfig{.every = once(100_s), .lasts = once(40_s), .answer = FailedAnswer::nothing};
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.run_until(139_s);
  run.fleet.demand_changed(10_per_s);
  run.run_until(150_s);
  run.fleet.finish();
  CHECK(run.health.empty());
  CHECK(run.fleet.served() == 10_per_s * 10_s);
}

// --- slow start and draining

TEST_CASE("load balancer: in slow start a target's share grows to a full one, and over it the mean is half",
          "[fleet][analytic]") {
  FleetConfig config = balanced_fleet();
  config.load_balancer->slow_start = 100_s;
  FleetRun run(config, {"old", "new"});
  const PlacementId old = run.fleet.add_placement(simple_placement());
  const PlacementId fresh = run.fleet.add_placement(simple_placement(Purchase::on_demand, 1));
  run.fleet.launch_in_service(old);
  run.fleet.launch(fresh);
  run.fleet.demand_changed(20_per_s);
  run.run_until(65_s);
  run.fleet.begin_measurement();
  run.run_until(165_s);
  run.fleet.finish();
  // Ten steps of 10 s with weights 0.05, 0.15, …, 0.95: share w / (1 + w).
  double share = 0;
  for (int step = 0; step < 10; ++step) share += (step + 0.5) / 10 / (1 + (step + 0.5) / 10) / 10;
  CHECK_THAT(run.reported("fleet.bidder.group.new.share_of_work").value(), WithinAbs(share, 1e-6));
  // The line itself gives 1 - ln 2.
  CHECK_THAT(share, WithinAbs(1 - std::log(2.0), 5e-4));
}

TEST_CASE("load balancer: a lone target does not start slowly", "[fleet][table]") {
  FleetConfig config = balanced_fleet();
  config.load_balancer->slow_start = 100_s;
  FleetRun run(config);
  run.fleet.launch(run.fleet.add_placement(simple_placement()));
  run.fleet.demand_changed(20_per_s);
  run.run_until(66_s);
  run.fleet.finish();
  CHECK(run.fleet.served() == 20_per_s * 1_s);
}

TEST_CASE("load balancer: a drain ends when nothing is in flight, at the latest with the deregistration delay",
          "[fleet][table]") {
  // One vCPU, requests of 100 s in the mean, half busy: one in flight (M/M/1 at 1/2). Less than a thousandth is left
  // after 100 ln 1000 = 690.8 s.
  struct Case {
    Duration delay;
    double drained, lost;
  };
  for (const Case& c : {Case{1000_s, 690.776, 0.001}, Case{300_s, 300, std::exp(-3.0)}, Case{0_s, 0, 1}}) {
    FleetConfig config = balanced_fleet();
    config.capacity_per_vcpu = requests_per_second(0.01);
    config.utilization_max = Ratio{0.9999};
    config.deadline = 1000_h;
    config.load_balancer->deregistration_delay = c.delay;
    FleetRun run(config);
    const PlacementId place = run.fleet.add_placement(simple_placement());
    const InstanceId id = run.fleet.launch_in_service(place);
    run.fleet.demand_changed(requests_per_second(0.005));
    run.run_until(2000_s);
    run.fleet.terminate(id);
    run.run_until(4000_s);
    run.fleet.finish();
    REQUIRE(run.ended.size() == 1);
    CHECK_THAT(to_seconds(run.ended[0].at - at(2000_s)), WithinAbs(c.drained, 0.002));
    CHECK_THAT(run.reported("fleet.bidder.requests_lost").value(), WithinAbs(c.lost, 1e-5));
  }
}

TEST_CASE("load balancer: an instance that EC2 takes back loses what its two minutes did not finish", "[fleet][table]") {
  FleetConfig config = balanced_fleet();
  config.capacity_per_vcpu = requests_per_second(0.01);
  config.utilization_max = Ratio{0.9999};
  config.deadline = 1000_h;
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  const InstanceId instance = run.fleet.launch_in_service(place);
  run.fleet.demand_changed(requests_per_second(0.005));
  run.run_until(2000_s);
  run.fleet.interruption_noticed(instance);
  run.run_until(2120_s);
  run.fleet.interrupted(instance);
  run.fleet.finish();
  CHECK_THAT(run.reported("fleet.bidder.requests_lost").value(), WithinAbs(std::exp(-1.2), 1e-6));
}

TEST_CASE("load balancer: latencies are those of the queue", "[fleet][analytic]") {
  FleetConfig config = balanced_fleet();
  config.deadline = 10_s;
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.demand_changed(80_per_s);  // M/M/1: exponential of rate 20
  run.run_until(1_h);
  run.fleet.finish();
  // The record keeps the idle share to 1.8 %.
  CHECK_THAT(run.reported("fleet.bidder.latency_mean").value(), WithinRel(0.05, 0.01));
  CHECK_THAT(run.reported("fleet.bidder.latency_p50").value(), WithinRel(std::log(2.0) / 20, 0.01));
  CHECK_THAT(run.reported("fleet.bidder.latency_p99").value(), WithinRel(std::log(100.0) / 20, 0.01));
}

TEST_CASE("load balancer: a queue that grows without end has no mean, and no quantile among those who wait in it",
          "[fleet][analytic]") {
  using fleet::LatencyRecord;
  const fleet::ResponseTime busy({.servers = 1, .capacity = 100, .arrivals = 80});  // exponential of rate 20
  const fleet::ResponseTime full({.servers = 1, .capacity = 100, .arrivals = 100});
  const std::vector<LatencyRecord::Part> parts{{.requests = 90, .response = busy}, {.requests = 10, .response = full}};
  CHECK_FALSE(fleet::mean_latency(parts));
  // 90 e^(-20 t) + 10 of 100 take longer: a half at t = ln(90 / 40) / 20.
  CHECK_THAT(fleet::latency_quantile(parts, 0.5).value(), WithinRel(std::log(90.0 / 40) / 20, 1e-5));
  CHECK_FALSE(fleet::latency_quantile(parts, 0.95));
}

TEST_CASE("load balancer: at the highest limit of utilization an overloaded fleet drops what it cannot serve",
          "[fleet][analytic]") {
  // 125 offered and 99.99 admitted; their queue drains by 0.01 a second, so a wait is 100 s in the mean and e^-36 of them
  // are later than an hour.
  for (const bool balanced : {false, true}) {
    FleetConfig config = test::simple_fleet();
    if (balanced) config = balanced_fleet();
    config.utilization_max = Ratio{0.9999};
    config.deadline = 1_h;
    FleetRun run(config);
    run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
    run.fleet.demand_changed(125_per_s);
    run.run_until(1_h);
    run.fleet.finish();
    CHECK_THAT(run.reported("fleet.bidder.drop_fraction").value(), WithinRel(1 - 99.99 / 125, 1e-9));
    // The record keeps the idle share to 1.8 %, half of it to either side.
    if (balanced) CHECK_THAT(run.reported("fleet.bidder.latency_mean").value(), WithinRel(100, 0.01));
  }
}

TEST_CASE("load balancer: a capacity unit is the largest of four measures", "[fleet][table]") {
  const auto units = [](double requests_per_connection, Duration open, int rules, double requests, double bytes) {
    return capacity_unit_hours({.price = {}, .requests_per_connection = requests_per_connection, .connection_time = open, .rules = rules},
                               requests, bytes);
  };
  constexpr double hour = 3600;
  CHECK_THAT(units(1, 10_s, 1, 25 * hour, 0), WithinRel(1.0, 1e-12));             // 25 new connections/s
  CHECK_THAT(units(4, 10_s, 1, 100 * hour, 0), WithinRel(1.0, 1e-12));
  CHECK_THAT(units(1, 240_s, 1, 25 * hour, 0), WithinRel(2.0, 1e-12));            // 6,000 connections are open
  CHECK_THAT(units(1000, 10_s, 1, 1000, 3e6), WithinRel(3.0, 1e-12));             // 3 GB
  CHECK_THAT(units(1e9, 10_s, 10, 1000 * hour, 0), WithinRel(1000.0 / 1e9 / 25, 1e-9));  // ten rules are free
  CHECK_THAT(units(1e9, 10_s, 15, 1000 * hour, 0), WithinRel(5.0, 1e-12));
  CHECK(units(100, 60_s, 1, 0, 1e6) == 0);
}

}  // namespace
}  // namespace fleetsim
