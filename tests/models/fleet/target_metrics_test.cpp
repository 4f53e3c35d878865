/// What a group's clients see, for alarms: errors, response times and unhealthy targets of each metric period.

#include <cmath>
#include <vector>

#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::FleetRun;
using test::simple_placement;

FleetConfig watched_fleet() {
  FleetConfig config = test::simple_fleet();
  config.drain_time = {};
  config.instance_metrics = config.target_metrics = true;
  return config;
}

/// Ten targets of 100 requests/s share 100; one fails at 61 s. Its checks at 90 s and 120 s get no answer, so it is
/// unhealthy at 125 s.
FleetRun& fail_one_of_ten(FleetRun& run) {
  const PlacementId place = run.fleet.add_placement(simple_placement());
  std::vector<InstanceId> instances;
  for (int i = 0; i < 10; ++i) instances.push_back(run.fleet.launch_in_service(place));
  run.fleet.demand_changed(100_per_s);
  run.fleet.start();
  run.run_until(61_s);
  run.fleet.fail(instances[3], false);
  run.run_until(4_min);
  return run;
}

TEST_CASE("target metrics: errors are what instances refuse, with a load balancer or without", "[fleet][analytic]") {
  // 125 requests/s reach each of two instances, which take 95: 24 % are refused.
  for (const bool balanced : {false, true}) {
    FleetConfig config = watched_fleet();
    if (balanced) config.load_balancer.emplace();
    FleetRun run(config);
    const PlacementId place = run.fleet.add_placement(simple_placement());
    run.fleet.launch_in_service(place);
    run.fleet.launch_in_service(place);
    run.fleet.demand_changed(250_per_s);
    run.fleet.start();
    run.run_until(60_s);
    REQUIRE(run.metrics.at(0));
    CHECK_THAT(run.metrics[0]->errors, WithinRel(24, 1e-6));
    CHECK(run.metrics[0]->unhealthy == 0);
    CHECK(std::isnan(run.metrics[0]->latency) != balanced);
  }
}

TEST_CASE("target metrics: a target that fails loses its share until it is found out, and is unhealthy from then on", "[fleet][analytic]") {
  FleetConfig config = watched_fleet();
  config.load_balancer.emplace();
  FleetRun run(config);
  fail_one_of_ten(run);
  REQUIRE(run.metrics.size() == 4);
  const auto errors = [&](std::size_t period) { return run.metrics[period]->errors; };
  CHECK(errors(0) == 0);
  // 10 requests/s for 59 s and less than one in flight, of 6,000; then for 5 s.
  CHECK_THAT(errors(1), WithinAbs(100 * 590.0 / 6000, 100 * 1.0 / 6000));
  CHECK_THAT(errors(2), WithinRel(100 * 50.0 / 6000, 1e-6));
  CHECK(errors(3) == 0);
  CHECK(run.metrics[1]->unhealthy == 0);
  CHECK_THAT(run.metrics[2]->unhealthy, WithinRel(55.0 / 60, 1e-9));
  CHECK_THAT(run.metrics[3]->unhealthy, WithinRel(1, 1e-9));
}

TEST_CASE("target metrics: requests one by one tell the same within their spread", "[fleet][stochastic]") {
  FleetConfig config = watched_fleet();
  config.load_balancer.emplace();
  config.requests.emplace() = {.model = RequestModel::each, .queue_limit = 1000, .timeout = 1_min, .retries = {}};
  FleetRun run(config);
  fail_one_of_ten(run);
  // The number that one target is dealt is one in ten of a Poisson number of 5,900 and 500.
  CHECK(run.metrics[0]->errors == 0);
  CHECK_THAT(run.metrics[1]->errors, WithinAbs(100 * 590.0 / 6000, 4 * 100 * std::sqrt(590.0) / 6000));
  CHECK_THAT(run.metrics[2]->errors, WithinAbs(100 * 50.0 / 6000, 4 * 100 * std::sqrt(50.0) / 6000));
  CHECK(run.metrics[3]->errors == 0);
  CHECK_THAT(run.metrics[2]->unhealthy, WithinRel(55.0 / 60, 1e-9));
  // A service takes 10 ms in the mean and hardly a request waits.
  CHECK_THAT(run.metrics[0]->latency, WithinAbs(0.010, 4 * 0.010 / std::sqrt(6000.0) + 0.0005));
}

TEST_CASE("target metrics: latency is the mean response time of the queue", "[fleet][analytic]") {
  // One vCPU of 100 requests/s at 50: M/M/1, 1 / (100 - 50) s.
  FleetConfig config = watched_fleet();
  config.load_balancer.emplace();
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.launch_in_service(place);
  run.fleet.demand_changed(50_per_s);
  run.fleet.start();
  run.run_until(60_s);
  CHECK_THAT(run.metrics.at(0)->latency, WithinRel(0.020, 1e-6));
}

TEST_CASE("target metrics: they are there before an instance is warm, when the other metrics are not", "[fleet][table]") {
  FleetConfig config = watched_fleet();
  config.load_balancer.emplace();
  FleetRun run(config);
  PlacementConfig placement = simple_placement();
  placement.instance_warmup = 1_h;
  run.fleet.launch(run.fleet.add_placement(placement));
  run.fleet.demand_changed(50_per_s);
  run.fleet.start();
  run.run_until(3_min);
  REQUIRE(run.metrics.at(2));
  CHECK(run.metrics[2]->errors == 0);
  CHECK_THAT(run.metrics[2]->latency, WithinRel(0.020, 1e-6));
  CHECK(std::isnan(run.metrics[2]->cpu));
  CHECK_FALSE(run.published.at(2).percent);
  // Without requests there are neither errors nor response times.
  REQUIRE(run.metrics[0]);
  CHECK(std::isnan(run.metrics[0]->errors));
  CHECK(std::isnan(run.metrics[0]->latency));
}

}  // namespace
}  // namespace fleetsim
