/// Instances of a maintain fleet that EC2 stops or hibernates: not favoured, started only where a launch falls to their pool.

#include "support/catch.hpp"
#include "tests/models/ec2_fleet/harness.hpp"

namespace fleetsim {
namespace {

using test::Ec2FleetRun;
using test::fleet_of;

Ec2FleetConfig one(Ec2FleetInterruption interruption) {
  Ec2FleetConfig config = fleet_of(1);
  config.interruption = interruption;
  return config;
}

TEST_CASE("ec2 fleet: a stopped instance waits until the strategy leads back to its pool", "[ec2_fleet][table]") {
  Ec2FleetRun run(one(Ec2FleetInterruption::stop), {{}, {}});
  run.fleets.start();
  const InstanceId first = run.instances.at(0).first;
  run.run_until(1_h);
  run.pools[0].seen = 0;
  run.stop_instance(first);
  CHECK(run.fleets.units(run.fleet) == 0);
  // The other pool replaces it, and it is not wanted when its own opens again.
  run.run_until(2_h);
  CHECK(run.pools[1].held == 1);
  run.pools[0].seen = 1;
  run.run_until(3_h);
  CHECK(run.started.empty());
  // The next launch is its pool's: it is started instead.
  run.stop_instance(run.instances.at(0).first);
  run.run_until(3_h + 60_s);
  CHECK(run.started == std::vector<std::pair<InstanceId, bool>>{{first, false}});
  CHECK(run.pools[0].held == 1);
  CHECK(run.reported("launches") == 3);
  CHECK(run.reported("stops") == 2);
  CHECK(run.reported("resumes") == 1);
}

TEST_CASE("ec2 fleet: an instance cannot be started while it is stopping", "[ec2_fleet][table]") {
  Ec2FleetConfig config = one(Ec2FleetInterruption::stop);
  config.replacement_delay = 30_s;
  config.stop_time = 60_s;
  Ec2FleetRun run(config);
  run.fleets.start();
  run.run_until(1_h);
  run.stop_instance(run.instances.at(0).first);
  run.run_until(2_h);
  CHECK(run.started.empty());
  CHECK(run.running() == 1);  // a new one, 30 s after the loss
  CHECK(run.reported("launches") == 2);
}

TEST_CASE("ec2 fleet: a pool without a unit fails to start an instance as it fails to launch one", "[ec2_fleet][table]") {
  Ec2FleetRun run(one(Ec2FleetInterruption::stop));
  run.fleets.start();
  run.run_until(1_h);
  run.pools[0].free = 0;
  run.stop_instance(run.instances.at(0).first);
  run.run_until(2_h);
  CHECK(run.started.empty());
  CHECK(run.reported("launch_failures") > 0);
  run.pools[0].free = 1;
  run.run_until(2_h + 600_s);  // the longest wait
  CHECK(run.started.size() == 1);
}

TEST_CASE("ec2 fleet: hibernation is charged until the memory is written, which then is kept", "[ec2_fleet][table]") {
  Ec2FleetConfig config = one(Ec2FleetInterruption::hibernate);
  config.hibernation_time = 50_s;
  Ec2FleetRun run(config);
  run.fleets.start();
  run.run_until(1_h);
  const InstanceId first = run.instances.at(0).first;
  run.stop_instance(first);
  run.run_until(2_h);
  CHECK(run.written == std::vector<std::pair<InstanceId, Time>>{{first, Time::at(1_h + 50_s)}});
  CHECK(run.started == std::vector<std::pair<InstanceId, bool>>{{first, true}});  // 60 s after the loss
}

}  // namespace
}  // namespace fleetsim
