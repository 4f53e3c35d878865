// Instances that EC2 stops or hibernates, and that come back under their old number.

#include "harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

TEST_CASE("fleet: an instance that stops is neither capacity nor billed, and boots anew when it resumes",
          "[fleet][stop][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.start();
  const InstanceId id = run.fleet.launch(place);  // runs at 5 s, serves at 45 s
  run.run_until(10_min);
  CHECK(run.fleet.capacity(place) == 1);
  run.fleet.stop(id, false);
  CHECK(run.fleet.capacity(place) == 0);
  CHECK(run.stopped == std::vector<Ran>{{at(10_min), id.index}});
  run.run_until(60_min);
  run.fleet.resume(id, false);
  CHECK(run.fleet.capacity(place) == 1);
  CHECK(run.fleet.warming(GroupId{0}) == 1);
  run.run_until(60_min + 45_s + 60_s);  // 5 s pending, 40 s boot and start, 60 s warm-up
  CHECK(run.running == std::vector<Ran>{{at(5_s), id.index}, {at(60_min + 5_s), id.index}});
  CHECK(run.fleet.warming(GroupId{0}) == 0);
  run.run_until(2_h);
  run.fleet.finish();
  // Runs from 5 s to 10 min, and from 1 h 5 s to 2 h.
  CHECK_THAT(run.fleet.instance_hours(), Catch::Matchers::WithinAbs((595.0 + 3595.0) / 3600, 1e-12));
  CHECK(run.ended == std::vector<Ended>{{at(2_h), id.index, true, EndedBy::horizon}});
}

TEST_CASE("fleet: an instance that hibernates is billed until it has, and resumes without booting",
          "[fleet][stop][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.start();
  run.fleet.demand_changed(50_per_s);
  const InstanceId id = run.fleet.launch_in_service(place);
  run.run_until(10_min);
  run.fleet.stop(id, true);
  CHECK(run.stopped.empty());
  run.run_until(12_min);
  run.fleet.hibernated(id);
  CHECK(run.stopped == std::vector<Ran>{{at(12_min), id.index}});
  CHECK(run.stopped_by == std::vector<EndedBy>{EndedBy::interruption});
  run.run_until(60_min);
  run.fleet.resume(id, true);
  run.run_until(2_h);
  run.fleet.finish();
  // Serves 50/s for 10 min, and again from 60 min + 5 s + 15 s on.
  CHECK(run.fleet.served() == 50_per_s * (10_min + 60_min - 20_s));
  CHECK_THAT(run.fleet.instance_hours(), Catch::Matchers::WithinAbs((720.0 + 3595.0) / 3600, 1e-12));
}

TEST_CASE("fleet: EC2 did not stop an instance that stopped by itself", "[fleet][stop][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.start();
  const InstanceId id = run.fleet.launch_in_service(place);
  run.run_until(10_min);
  run.fleet.fail(id, true);
  CHECK(run.stopped == std::vector<Ran>{{at(10_min), id.index}});
  CHECK(run.stopped_by == std::vector<EndedBy>{EndedBy::owner});
}

TEST_CASE("fleet: a notice, a stop and a second life leave no trace of the first", "[fleet][stop][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.start();
  const InstanceId id = run.fleet.launch_in_service(place);
  run.run_until(10_min);
  run.fleet.interruption_noticed(id);
  run.run_until(12_min);
  run.fleet.stop(id, false);
  run.run_until(20_min);
  run.fleet.resume(id, false);
  run.run_until(30_min);
  CHECK(run.fleet.capacity(place) == 1);
  CHECK(run.fleet.warming(GroupId{0}) == 0);
  run.fleet.terminate(id);
  run.run_until(31_min);
  CHECK(run.fleet.capacity(place) == 0);
  CHECK(run.ended == std::vector<Ended>{{at(30_min + 20_s), id.index, true, EndedBy::owner}});
  run.fleet.finish();
}

TEST_CASE("fleet: an instance that is stopped before it runs was never billed", "[fleet][stop][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.start();
  const InstanceId id = run.fleet.launch(place);
  run.run_until(2_s);
  run.fleet.stop(id, true);
  run.fleet.hibernated(id);
  run.run_until(1_h);
  CHECK(run.running.empty());
  CHECK(run.stopped.empty());
  run.fleet.interrupted(id);  // a stopped instance may end
  CHECK(run.ended == std::vector<Ended>{{at(1_h), id.index, false, EndedBy::interruption}});
  CHECK(run.fleet.capacity(place) == 0);
  run.fleet.finish();
}

TEST_CASE("fleet: an instance that hibernates before it has served boots when it resumes", "[fleet][stop][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.start();
  run.fleet.demand_changed(50_per_s);
  const InstanceId id = run.fleet.launch(place);
  run.run_until(20_s);  // running since 5 s, booting until 45 s
  run.fleet.stop(id, true);
  run.fleet.hibernated(id);
  run.run_until(10_min);
  run.fleet.resume(id, true);
  run.run_until(20_min);
  run.fleet.finish();
  CHECK(run.fleet.served() == 50_per_s * (10_min - 45_s));
}
