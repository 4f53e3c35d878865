/// The metric of a group over a period, and when it is seen.

#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::at;
using test::FleetRun;
using test::simple_fleet;
using test::simple_placement;

TEST_CASE("fleet: a period's metric is the mean over the time of the instances that are warm", "[fleet][analytic]") {
  FleetConfig config = simple_fleet();
  config.pending_time = config.boot_time = Duration{};
  config.start_time = 20_s;
  FleetRun run(config);
  PlacementConfig placement = simple_placement();
  placement.instance_warmup = 20_s;
  const PlacementId place = run.fleet.add_placement(placement);
  run.fleet.launch_in_service(place);
  run.fleet.launch(place);  // in service at 20 s, warm at 40 s
  run.fleet.demand_changed(60_per_s);
  run.fleet.start();
  run.run_until(2_min);
  // The first instance is at 60 % for 20 s and at 30 % for 40 s; the second counts for the last 20 s, at 30 %:
  // (20 x 60 + 40 x 30 + 20 x 30) / (60 + 20).
  REQUIRE(run.published.size() == 2);
  CHECK(run.published[0].at == at(60_s));
  CHECK_THAT(run.published[0].percent.value(), WithinRel(37.5, 1e-9));
  CHECK(run.published[1].at == at(120_s));
  CHECK_THAT(run.published[1].percent.value(), WithinRel(30.0, 1e-9));
}

TEST_CASE("fleet: a change of demand within a period weighs by its time", "[fleet][analytic]") {
  FleetRun run;
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.start();
  run.fleet.demand_changed(40_per_s);
  run.run_until(45_s);
  run.fleet.demand_changed(200_per_s);
  run.run_until(60_s);
  CHECK_THAT(run.published.at(0).percent.value(), WithinRel((45 * 40 + 15 * 200) / 60.0, 1e-9));
}

TEST_CASE("fleet: a group of two types has the mean over its instances", "[fleet][analytic]") {
  FleetRun run;
  PlacementConfig large = simple_placement();
  large.vcpus = 4;
  const PlacementId one = run.fleet.add_placement(simple_placement());
  const PlacementId four = run.fleet.add_placement(large);
  for (int i = 0; i < 3; ++i) run.fleet.launch_in_service(one);
  run.fleet.launch_in_service(four);
  run.fleet.demand_changed(320_per_s);  // 80 for each: three at 80 %, one at 20 %
  run.fleet.start();
  run.run_until(60_s);
  CHECK_THAT(run.published.at(0).percent.value(), WithinRel(65.0, 1e-9));
}

TEST_CASE("fleet: groups with the same type have the same metric, since load is even", "[fleet][analytic]") {
  FleetRun run(simple_fleet(), {"large", "small"});
  const PlacementId first = run.fleet.add_placement(simple_placement());
  const PlacementId second = run.fleet.add_placement(simple_placement(Purchase::on_demand, 1));
  for (int i = 0; i < 7; ++i) run.fleet.launch_in_service(first);
  for (int i = 0; i < 2; ++i) run.fleet.launch_in_service(second);
  run.fleet.demand_changed(700_per_s);
  run.fleet.start();
  run.run_until(60_s);
  REQUIRE(run.published.size() == 2);
  CHECK_THAT(run.published[0].percent.value(), WithinRel(700.0 / 9, 1e-9));
  CHECK_THAT(run.published[1].percent.value(), WithinRel(700.0 / 9, 1e-9));
}

TEST_CASE("fleet: without a warm instance a group has no metric", "[fleet][table]") {
  FleetRun run(simple_fleet(), {"has", "has not"});
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.launch(run.fleet.add_placement(simple_placement(Purchase::on_demand, 1)));  // warm at 105 s
  run.fleet.demand_changed(50_per_s);
  run.fleet.start();
  run.run_until(2_min);
  REQUIRE(run.published.size() == 4);
  CHECK(run.published[0].percent);
  CHECK_FALSE(run.published[1].percent);
  CHECK_THAT(run.published[3].percent.value(), WithinRel(25.0, 1e-9));
}

TEST_CASE("fleet: without demand the metric is zero, not missing", "[fleet][table]") {
  FleetRun run;
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.start();
  run.run_until(60_s);
  CHECK(run.published.at(0).percent == 0.0);
}

TEST_CASE("fleet: an instance under notice leaves the metric with the load balancer", "[fleet][analytic]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  const InstanceId leaving = run.fleet.launch_in_service(place);
  run.fleet.launch_in_service(place);
  run.fleet.demand_changed(80_per_s);
  run.fleet.start();
  run.run_until(15_s);
  run.fleet.interruption_noticed(leaving);
  run.run_until(60_s);
  // Two at 40 % for 15 s, then one at 80 % for 45 s.
  CHECK_THAT(run.published.at(0).percent.value(), WithinRel((2 * 15 * 40 + 45 * 80) / 75.0, 1e-9));
}

TEST_CASE("fleet: a metric is seen after its lag, in order, also when the lag is longer than the period",
          "[fleet][table]") {
  const Duration lag = GENERATE(0_s, 30_s, 60_s, 150_s, 180_s);
  FleetConfig config = simple_fleet();
  config.metric_lag = lag;
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.start();
  // 10 % in the first minute, 20 % in the second, …
  for (int minute = 0; minute < 5; ++minute) {
    run.run_until(60_s * minute);
    run.fleet.demand_changed(10_per_s * (minute + 1));
  }
  run.run_until(60_s * 5 + lag);
  REQUIRE(run.published.size() == 5);
  for (std::size_t i = 0; i < run.published.size(); ++i) {
    CHECK(run.published[i].at == at(60_s * (i + 1) + lag));
    CHECK_THAT(run.published[i].percent.value(), WithinRel(10.0 * static_cast<double>(i + 1), 1e-9));
  }
}

TEST_CASE("fleet: periods in which nothing changes repeat their values, bit for bit, as if each were worked out",
          "[fleet][property]") {
  // With a lag the values of each period are worked out, without one those of a period that repeats are told again.
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 10)));
  FleetConfig config = simple_fleet(), lagging = simple_fleet();
  lagging.metric_lag = 1_s;
  FleetRun run(config, {"large", "small"}), worked_out(lagging, {"large", "small"});
  std::vector<InstanceId> live;
  for (FleetRun* each : {&run, &worked_out}) {
    each->fleet.add_placement(simple_placement());
    each->fleet.add_placement(simple_placement(Purchase::on_demand, 1));
    each->fleet.start();
  }
  Stream random(seed, 0, "test");
  Duration now;
  for (int step = 0; step < 60; ++step) {
    // A change at the end of a period, after its value was told, or within one; then some periods without any.
    now = 60_s * (now.count() / (60_s).count() + static_cast<std::int64_t>(random.below(4)) + 1);
    if (random.below(2) == 0) now += 1_ms * random.below(60'000);
    const std::uint64_t action = random.below(5);
    const RequestRate rate = 1_per_s * random.below(500);
    const PlacementId place{static_cast<std::uint32_t>(random.below(2))};
    std::optional<InstanceId> launched;
    for (FleetRun* each : {&run, &worked_out}) {
      each->run_until(now);
      if (action == 0) each->fleet.demand_changed(rate);
      else if (action == 1) launched = each->fleet.launch_in_service(place);  // the same number in both
      else if (action == 2 && !live.empty()) each->fleet.terminate(live.back());
      else if (action == 3) each->fleet.set_errors(place, Ratio{rate.count() % 2 == 0 ? 0.25 : 0});
      else if (action == 4 && step == 30) each->fleet.begin_measurement();
    }
    if (launched) live.push_back(*launched);
    else if (action == 2 && !live.empty()) live.pop_back();
  }
  // The last period of both, and none after it.
  now = 60_s * (now.count() / (60_s).count() + 3);
  run.run_until(now);
  worked_out.run_until(now + 1_s);
  REQUIRE(run.metrics.size() == worked_out.metrics.size());
  for (std::size_t i = 0; i < run.metrics.size(); ++i) {
    REQUIRE(run.metrics[i].has_value() == worked_out.metrics[i].has_value());
    if (!run.metrics[i]) continue;
    REQUIRE(run.metrics[i]->percent == worked_out.metrics[i]->percent);
    REQUIRE(run.metrics[i]->units == worked_out.metrics[i]->units);
  }
  const auto means = [](const FleetRun& of) {
    MetricSink sink;
    of.fleet.report(sink);
    std::vector<std::optional<double>> found;
    for (const MetricValue& value : sink.values()) {
      if (value.name.ends_with(".metric_mean")) found.push_back(value.value);
    }
    return found;
  };
  CHECK(means(run).size() == 2);
  CHECK(means(run) == means(worked_out));
}

TEST_CASE("fleet: metric periods begin when the fleet starts, whatever its instances did before", "[fleet][table]") {
  FleetRun run;
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.demand_changed(50_per_s);
  run.run_until(30_s);
  run.fleet.start();
  run.run_until(5_min);
  REQUIRE(run.metrics.size() == 4);
  CHECK(run.published.front().at == at(90_s));
  for (const std::optional<PeriodMetrics>& metrics : run.metrics) {
    REQUIRE(metrics);
    CHECK(metrics->units == 1);
    CHECK_THAT(metrics->percent, WithinRel(50.0, 1e-9));
  }
}

TEST_CASE("fleet: a metric sees all changes of its instant, and scaling may ask the fleet then", "[fleet][table]") {
  FleetRun run;
  PlacementConfig placement = simple_placement();
  placement.instance_warmup = 15_s;
  const PlacementId place = run.fleet.add_placement(placement);
  run.fleet.launch_in_service(place);
  run.fleet.start();
  run.fleet.launch(place);  // warm at 5 + 40 + 15 = 60 s, scheduled after the period's end was
  std::optional<std::int64_t> warming;
  run.on_published = [&](GroupId group) { warming = run.fleet.warming(group); };
  run.run_until(60_s);
  CHECK(warming == 0);
}

// --- the metrics of CloudWatch

TEST_CASE("fleet: CPU and requests for each target are means over the instances that are warm", "[fleet][analytic]") {
  // Two vCPUs of 100 requests/s each. Three are warm and two never are; all are offered 150 for a minute, which
  // admit 140. The second group has one of four vCPUs, which admits all, warm for the second half of the minute.
  FleetConfig config = simple_fleet();
  config.pending_time = config.boot_time = config.start_time = Duration{};
  config.utilization_max = 70_percent;
  config.instance_metrics = true;
  config.network_in_per_request = Bytes::of(1000);
  config.network_out_per_request = Bytes::of(3000);
  FleetRun run(config, {"a", "b"});
  PlacementConfig small = simple_placement();
  small.vcpus = 2;
  small.instance_warmup = 1_h;
  PlacementConfig large = simple_placement(Purchase::on_demand, 1);
  large.vcpus = 4;
  large.instance_warmup = 30_s;
  const PlacementId a = run.fleet.add_placement(small);
  const PlacementId b = run.fleet.add_placement(large);
  for (int i = 0; i < 3; ++i) run.fleet.launch_in_service(a);
  run.fleet.launch(a);
  run.fleet.launch(a);
  run.fleet.launch(b);
  run.fleet.demand_changed(900_per_s);
  run.fleet.start();
  run.run_until(60_s);
  REQUIRE(run.metrics.size() == 2);
  const PeriodMetrics& first = run.metrics[0].value();
  CHECK_THAT(first.cpu, WithinRel(70, 1e-6));
  CHECK_THAT(first.requests_per_minute, WithinRel(9000, 1e-6));
  CHECK_THAT(first.network_in, WithinRel(9'000'000, 1e-6));
  CHECK_THAT(first.network_out, WithinRel(3 * 8'400'000, 1e-6));
  CHECK_THAT(first.percent, WithinRel(75, 1e-6));
  CHECK_THAT(run.metrics[1].value().cpu, WithinRel(37.5, 1e-6));
  CHECK_THAT(run.metrics[1].value().requests_per_minute, WithinRel(9000, 1e-6));
}

TEST_CASE("fleet: targets in slow start that are not warm do not lower the metrics", "[fleet][analytic]") {
  // Five are warm; five run at 5 s, pass their check at 65 s and start slowly for 15 min, their warm-up. From 155 s to 245 s
  // their share is 15 %, so a warm one of 200 requests/s has 800 / (5 + 5 x 0.15).
  for (const RequestModel model : {RequestModel::fluid, RequestModel::each}) {
    FleetConfig config = simple_fleet();
    config.drain_time = {};
    config.instance_metrics = true;
    config.load_balancer.emplace().slow_start = 900_s;
    config.service_time_cv = 0;
    if (model == RequestModel::each) config.requests.emplace().model = model;
    FleetRun run(config);
    PlacementConfig placement = simple_placement();
    placement.vcpus = 2;
    placement.instance_warmup = 900_s;
    const PlacementId place = run.fleet.add_placement(placement);
    for (int i = 0; i < 5; ++i) run.fleet.launch_in_service(place);
    for (int i = 0; i < 5; ++i) run.fleet.launch(place);
    run.fleet.demand_changed(800_per_s);
    run.fleet.start();
    run.run_until(4_min);
    const PeriodMetrics& metrics = run.metrics.at(3).value();
    // One by one, the warm ones have 41,739 of the requests of that minute, give or take 204.
    const double within = model == RequestModel::each ? 4 * 204.0 / 41'739 : 1e-6;
    const double each = 800 / 5.75;
    CHECK_THAT(metrics.cpu, WithinRel(100 * each / 200, within));
    CHECK_THAT(metrics.percent, WithinRel(100 * each / 200, within));
    CHECK_THAT(metrics.requests_per_minute, WithinRel(60 * each, within));
  }
}

TEST_CASE("fleet: CPU is what vCPUs worked while their instance was warm, for clients that gave up too", "[fleet][table]") {
  // Every service takes 10 s and every client waits for one, so nothing is answered. Queues are never empty, so a target
  // that is warm works all the time: the first for 45 s, until EC2 takes it back, and the second, whose warm-up ends at
  // 30 s, from then on.
  FleetConfig config = simple_fleet();
  config.pending_time = config.boot_time = config.start_time = Duration{};
  config.capacity_per_vcpu = requests_per_second(0.1);
  config.service_time_cv = 0;
  config.instance_metrics = true;
  config.load_balancer.emplace().health_check = {.interval = 5_s, .timeout = 2_s};
  config.requests.emplace() = {.model = RequestModel::each, .queue_limit = 100'000, .timeout = 1_s, .retries = {}};
  FleetRun run(config);
  PlacementConfig placement = simple_placement(Purchase::spot);
  placement.instance_warmup = 22_s;  // runs after 3 s and passes its first check at 8 s
  const PlacementId place = run.fleet.add_placement(placement);
  run.fleet.demand_changed(100_per_s);
  run.run_until(1_s);
  const InstanceId first = run.fleet.launch_in_service(place);
  run.fleet.launch(place);
  run.fleet.start();
  run.run_until(46_s);
  run.fleet.interrupted(first);
  run.run_until(121_s);
  REQUIRE(run.metrics.size() == 2);
  CHECK(to_double(run.fleet.served()) == 0);
  // A queue begins within a second: at 100 requests/s, no target waits for its first for longer.
  CHECK_THAT(run.metrics[0].value().cpu, WithinAbs(100, 100.0 / 75));
  CHECK_THAT(run.metrics[1].value().cpu, WithinRel(100, 1e-9));
  // The second has all: 6,000 in the minute, give or take 77.
  CHECK_THAT(run.metrics[1].value().requests_per_minute, WithinAbs(6000, 4 * 77.0));
}

}  // namespace
}  // namespace fleetsim
