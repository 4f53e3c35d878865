/// Replacements ahead of interruptions, with the vectors of the Amazon EC2 user guide, capacity rebalancing.

#include "support/catch.hpp"
#include "tests/models/ec2_fleet/harness.hpp"

namespace fleetsim {
namespace {

using test::Ec2FleetRun;

Ec2FleetConfig rebalancing(std::int64_t target, CapacityRebalance rebalance = CapacityRebalance::launch) {
  Ec2FleetConfig config = test::fleet_of(target);
  config.rebalance = rebalance;
  return config;
}

TEST_CASE("capacity rebalancing: 100 of 100 at risk are 200 running, and further signals launch nothing",
          "[ec2_fleet][table]") {
  Ec2FleetRun run(rebalancing(100));
  run.fleets.start();
  run.signal(0, 100);
  CHECK(run.running() == 200);
  CHECK(run.fleets.fulfilled(run.fleet) == 100);
  run.signal(0, 20, 100);
  CHECK(run.running() == 200);
  CHECK(run.fleets.fulfilled(run.fleet) == 80);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("capacity rebalancing: of 110 running with 10 at risk, a target of 50 leaves 60, and one of 200 leaves 210",
          "[ec2_fleet][table]") {
  for (const auto& [target, left] : {std::pair{50, 60}, std::pair{200, 210}}) {
    Ec2FleetRun run(rebalancing(100));
    run.fleets.start();
    run.signal(0, 10);
    CHECK(run.running() == 110);
    run.fleets.set_target(run.fleet, target);
    CHECK(run.running() == left);
    CHECK(run.fleets.fulfilled(run.fleet) == target);
  }
}

TEST_CASE("capacity rebalancing: an instance at risk that is interrupted needs no second replacement",
          "[ec2_fleet][table]") {
  Ec2FleetRun run(rebalancing(10));
  run.fleets.start();
  run.signal(0, 1);
  const InstanceId at_risk = run.instances.front().first;
  CHECK(run.running() == 11);
  run.lose_instance(at_risk);
  run.run_until(1_h);
  CHECK(run.running() == 10);
  CHECK(run.reported("rebalance_launches") == 1.0);
}

TEST_CASE("capacity rebalancing: a replacement is launched only where availability is the same or better, at the "
          "interruption anywhere",
          "[ec2_fleet][table]") {
  Ec2FleetRun run(rebalancing(10), {{}, {}});
  run.fleets.start();
  run.pools[0].seen = 0;
  run.pools[0].availability = 5;
  run.pools[1].availability = 4;
  run.signal(0, 2);
  CHECK(run.running() == 10);
  CHECK(run.fleets.fulfilled(run.fleet) == 8);
  run.pools[1].availability = 5;
  run.run_until(15_s);  // the fleet keeps assessing
  CHECK(run.running() == 12);
  CHECK(run.pools[1].held == 2);

  Ec2FleetRun other(rebalancing(10), {{}, {}});
  other.fleets.start();
  other.pools[0].seen = 0;
  other.pools[0].availability = 5;
  other.signal(0, 1);
  CHECK(other.running() == 10);
  other.run_until(1_h);
  other.lose_instance(other.instances.front().first);
  other.run_until(1_h + 60_s);
  CHECK(other.running() == 10);
  CHECK(other.pools[1].held == 1);
}

TEST_CASE("capacity rebalancing: launch before terminate ends the instance a delay after its replacement was launched",
          "[ec2_fleet][table]") {
  Ec2FleetConfig config = rebalancing(10, CapacityRebalance::launch_before_terminate);
  config.termination_delay = 300_s;
  Ec2FleetRun run(config);
  run.fleets.start();
  run.run_until(1_h);
  run.signal(0, 2);
  const InstanceId first = run.instances[0].first;
  run.run_until(1_h + 120_s);
  run.lose_instance(first);  // the notice came earlier
  CHECK(run.running() == 11);
  run.run_until(1_h + 299_s);
  CHECK(run.running() == 11);
  run.run_until(1_h + 300_s);
  CHECK(run.running() == 10);
  run.run_until(2_h);
  CHECK(run.running() == 10);
  CHECK(run.fleets.fulfilled(run.fleet) == 10);
}

TEST_CASE("capacity rebalancing: without it a signal changes nothing", "[ec2_fleet][table]") {
  Ec2FleetRun run(test::fleet_of(10));
  run.fleets.start();
  run.signal(0, 10);
  CHECK(run.running() == 10);
  CHECK(run.fleets.fulfilled(run.fleet) == 10);
}

}  // namespace
}  // namespace fleetsim
