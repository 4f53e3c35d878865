/// The metric of a group over a period, and when it is seen.

#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

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

}  // namespace
}  // namespace fleetsim
