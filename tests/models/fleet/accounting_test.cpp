/// What a fleet reports of its run.

#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinRel;
using test::FleetRun;
using test::simple_fleet;
using test::simple_placement;

TEST_CASE("fleet: hours, shares and utilization of two groups, by hand", "[fleet][table]") {
  FleetRun run(simple_fleet(), {"large", "small"});
  const PlacementId first = run.fleet.add_placement(simple_placement());
  const PlacementId second = run.fleet.add_placement(simple_placement(Purchase::on_demand, 1));
  for (int i = 0; i < 3; ++i) run.fleet.launch_in_service(first);
  run.fleet.launch_in_service(second);
  run.fleet.start();
  run.fleet.demand_changed(200_per_s);
  run.run_until(1_h);
  run.fleet.demand_changed(500_per_s);  // 125 for each, of which it takes 95
  run.run_until(2_h);
  run.fleet.finish();
  CHECK(run.fleet.offered() == 700_per_s * 1_h);
  CHECK(run.fleet.served() == (200_per_s + 380_per_s) * 1_h);
  CHECK(run.fleet.instance_hours() == 8);
  CHECK(run.fleet.instance_hours(GroupId{1}) == 2);
  CHECK_THAT(run.reported("fleet.bidder.drop_fraction").value(), WithinRel(120.0 / 700, 1e-12));
  CHECK_THAT(run.reported("fleet.bidder.utilization").value(), WithinRel(580.0 / 800, 1e-12));
  CHECK_THAT(run.reported("fleet.bidder.group.large.share_of_work").value(), WithinRel(0.75, 1e-12));
  CHECK(run.reported("fleet.bidder.late_fraction") == 0.0);
  CHECK(run.reported("fleet.bidder.group.small.instances_mean") == 1.0);
}

TEST_CASE("fleet: work before the measurement does not count, instances that run do", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  std::vector<InstanceId> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(run.fleet.launch_in_service(place));
  run.fleet.demand_changed(60_per_s);
  run.run_until(20_min);
  run.fleet.interrupted(ids[0]);
  run.run_until(30_min);
  run.fleet.begin_measurement();
  run.run_until(90_min);
  run.fleet.interrupted(ids[1]);
  run.run_until(150_min);
  run.fleet.finish();
  CHECK(run.fleet.offered() == 60_per_s * 2_h);
  CHECK(run.fleet.instance_hours() == 3);
  CHECK(run.reported("fleet.bidder.group.g.interruptions") == 1.0);
  CHECK(run.reported("fleet.bidder.group.g.instances_max") == 2.0);
  CHECK(run.reported("fleet.bidder.group.g.instances_min") == 1.0);
  CHECK(run.reported("fleet.bidder.group.g.instances_mean") == 1.5);
}

TEST_CASE("fleet: without demand there is no drop fraction, and without instances all is dropped", "[fleet][table]") {
  FleetRun idle;
  idle.fleet.start();
  idle.run_until(1_h);
  idle.fleet.finish();
  CHECK_FALSE(idle.reported("fleet.bidder.drop_fraction"));
  CHECK_FALSE(idle.reported("fleet.bidder.utilization"));

  FleetRun empty;
  empty.fleet.start();
  empty.fleet.demand_changed(10_per_s);
  empty.run_until(1_h);
  empty.fleet.finish();
  CHECK(empty.fleet.served() == Requests{});
  CHECK(empty.reported("fleet.bidder.drop_fraction") == 1.0);
}

TEST_CASE("fleet: late responses count as dropped, and their share is that of the queue", "[fleet][analytic]") {
  FleetConfig config = simple_fleet();
  config.deadline = 50_ms;
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.demand_changed(60_per_s);
  run.run_until(1_h);
  run.fleet.finish();
  const double late = std::exp(-(100 - 60) * 0.05);  // one server
  CHECK_THAT(run.reported("fleet.bidder.late_fraction").value(), WithinRel(late, 1e-7));
  CHECK(run.reported("fleet.bidder.drop_fraction") == run.reported("fleet.bidder.late_fraction"));
}

TEST_CASE("fleet: round trips to the home zone shorten the time left for queueing", "[fleet][analytic]") {
  FleetConfig config = simple_fleet();
  config.deadline = 50_ms;
  config.home_round_trips = 3;
  FleetRun run(config);
  PlacementConfig away = simple_placement();
  away.in_home_zone = false;
  away.home_round_trip = 10_ms;
  run.fleet.launch_in_service(run.fleet.add_placement(away));
  run.fleet.demand_changed(60_per_s);
  run.run_until(1_h);
  run.fleet.finish();
  CHECK_THAT(run.reported("fleet.bidder.late_fraction").value(), WithinRel(std::exp(-40 * 0.02), 1e-7));
}

TEST_CASE("fleet: traffic with the home zone is that of the admitted requests outside it", "[fleet][table]") {
  FleetConfig config = simple_fleet();
  config.home_bytes_per_request = 2_KB;
  FleetRun run(config);
  PlacementConfig away = simple_placement();
  away.in_home_zone = false;
  const PlacementId at_home = run.fleet.add_placement(simple_placement());
  const PlacementId far = run.fleet.add_placement(away);
  run.fleet.launch_in_service(at_home);
  run.fleet.launch_in_service(far);
  run.fleet.demand_changed(400_per_s);  // 200 for each, of which it takes 95
  run.run_until(1_h);
  run.fleet.finish();
  CHECK(run.fleet.home_bytes(at_home) == DataVolume{});
  CHECK(run.fleet.home_bytes(far) == volume_of(2_KB * (95 * 3600)));
  CHECK_THAT(run.reported("fleet.bidder.cross_zone_gb").value(), WithinRel(0.684, 1e-12));
  CHECK_THAT(run.reported("fleet.bidder.cross_zone_gb_per_instance_hour").value(), WithinRel(0.684, 1e-12));
}

TEST_CASE("fleet: with boots drawn at random, another placement leaves the draws of the first alone",
          "[fleet][property]") {
  FleetConfig config = simple_fleet();
  config.pending_time = DurationDistribution{Exponential{.mean = 30}};
  const auto running_of_first = [&](bool with_second) {
    FleetRun run(config);
    const PlacementId first = run.fleet.add_placement(simple_placement());
    const PlacementId second = run.fleet.add_placement(simple_placement(Purchase::spot));
    std::vector<std::uint32_t> of_first;
    for (int i = 0; i < 20; ++i) {
      of_first.push_back(run.fleet.launch(first).index);
      if (with_second) run.fleet.launch(second);
    }
    run.run_until(1_h);
    std::vector<Time> times;
    for (const std::uint32_t instance : of_first) {
      for (const auto& ran : run.running) {
        if (ran.instance == instance) times.push_back(ran.at);
      }
    }
    return times;
  };
  CHECK(running_of_first(true) == running_of_first(false));
}

TEST_CASE("fleet: on-demand and Spot Instances of one group, zone and type draw on their own", "[fleet][property]") {
  FleetConfig config = simple_fleet();
  config.pending_time = DurationDistribution{Exponential{.mean = 30}};
  config.spot_fulfilment_time = Duration{};
  FleetRun run(config);
  run.fleet.launch(run.fleet.add_placement(simple_placement(Purchase::on_demand)));
  run.fleet.launch(run.fleet.add_placement(simple_placement(Purchase::spot)));
  run.run_until(1_h);
  REQUIRE(run.running.size() == 2);
  CHECK(run.running[0].at != run.running[1].at);
}

}  // namespace
}  // namespace fleetsim
