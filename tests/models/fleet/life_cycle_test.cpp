/// An instance from launch to end, and when its owner hears of it.

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using test::at;
using test::Ended;
using test::FleetRun;
using test::Ran;
using test::simple_fleet;
using test::simple_placement;

/// Requests served up to the clock when `rate` is offered and instances have room for it.
Requests served_until_now(FleetRun& run, RequestRate rate) {
  run.fleet.demand_changed(rate);  // brings the integrals up to the clock
  return run.fleet.served();
}

TEST_CASE("fleet: an instance runs, serves, warms up, drains and ends at the sums of its durations", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.demand_changed(50_per_s);
  const InstanceId instance = run.fleet.launch(place);
  CHECK(run.fleet.capacity(place) == 1);  // wanted from the launch on

  run.run_until(5_s - 1_ns);
  CHECK(run.running.empty());
  run.run_until(5_s);
  CHECK(run.running == std::vector<Ran>{{at(5_s), instance.index}});

  run.run_until(55_s);
  CHECK(served_until_now(run, 50_per_s) == 50_per_s * 10_s);  // in service from 5 + 30 + 10 s on
  run.run_until(105_s - 1_ns);
  CHECK(run.fleet.warming(GroupId{0}) == 1);
  run.run_until(105_s);
  CHECK(run.fleet.warming(GroupId{0}) == 0);

  run.fleet.terminate(instance);
  CHECK(run.fleet.capacity(place) == 0);
  run.run_until(125_s - 1_ns);
  CHECK(run.ended.empty());
  CHECK(served_until_now(run, 50_per_s) == 50_per_s * 60_s);  // nothing while it drains
  run.run_until(125_s);
  CHECK(run.ended == std::vector<Ended>{{at(125_s), instance.index, true, EndedBy::owner}});
}

TEST_CASE("fleet: a Spot Instance waits for its request to be fulfilled too", "[fleet][table]") {
  FleetRun run;
  run.fleet.launch(run.fleet.add_placement(simple_placement(Purchase::spot)));
  run.run_until(1_min);
  CHECK(run.running == std::vector<Ran>{{at(8_s), 0}});
}

TEST_CASE("fleet: a boot takes as long in two variants that differ in another time of the life", "[fleet][property]") {
  // The n-th boot is compared with the n-th, whatever is drawn between for launches that overlap.
  const auto boots_with = [](DurationDistribution pending_time) {
    FleetConfig config = simple_fleet();
    config.pending_time = std::move(pending_time);
    config.boot_time = DurationDistribution(LogNormal{.median = 30, .sigma = 0.25});
    FleetRun run(config);
    const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
    for (int launch = 1; launch <= 50; ++launch) {
      run.fleet.launch(place);
      run.run_until(40_s * launch);
    }
    run.run_until(2_h);
    std::vector<Duration> boots(50);
    for (std::size_t n = 0; n < boots.size(); ++n) {
      const auto served = std::find_if(run.in_service.begin(), run.in_service.end(), [&](const Ran& ran) {
        return ran.instance == run.running[n].instance;
      });
      REQUIRE(served != run.in_service.end());
      boots[n] = served->at - run.running[n].at;
    }
    return boots;
  };
  const std::vector<Duration> boots = boots_with(5_s);
  CHECK(boots == boots_with(DurationDistribution(Exponential{.mean = 60})));
  CHECK(std::set<Duration>(boots.begin(), boots.end()).size() == boots.size());  // and they do differ among each other
}

TEST_CASE("fleet: a run begins with instances that are in service and warm", "[fleet][table]") {
  FleetRun run;
  run.fleet.demand_changed(50_per_s);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  CHECK(run.running == std::vector<Ran>{{Time{}, 0}});
  CHECK(run.fleet.warming(GroupId{0}) == 0);
  run.run_until(10_s);
  CHECK(served_until_now(run, 50_per_s) == 50_per_s * 10_s);
}

TEST_CASE("fleet: what does not serve yet ends at once, without a drain and billed only if it ran", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  const InstanceId pending = run.fleet.launch(place);
  const InstanceId booting = run.fleet.launch(place);
  run.run_until(2_s);
  run.fleet.terminate(pending);
  run.run_until(20_s);
  run.fleet.terminate(booting);
  run.run_until(10_min);
  CHECK(run.ended == std::vector<Ended>{{at(2_s), pending.index, false, EndedBy::owner},
                                        {at(20_s), booting.index, true, EndedBy::owner}});
  CHECK(run.running == std::vector<Ran>{{at(5_s), booting.index}});
}

TEST_CASE("fleet: without a drain a terminated instance ends at once", "[fleet][table]") {
  FleetConfig config = simple_fleet();
  config.drain_time = {};
  FleetRun run(config);
  const InstanceId instance = run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.run_until(7_s);
  run.fleet.terminate(instance);
  CHECK(run.ended == std::vector<Ended>{{at(7_s), instance.index, true, EndedBy::owner}});
}

TEST_CASE("fleet: what a zone loses is all that a placement has, in whatever state", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  const PlacementId other = run.fleet.add_placement(simple_placement());
  run.fleet.launch_in_service(place);
  run.fleet.launch(place);
  const InstanceId noticed = run.fleet.launch_in_service(place);
  run.fleet.interruption_noticed(noticed);
  const InstanceId draining = run.fleet.launch_in_service(place);
  run.fleet.terminate(draining);
  run.fleet.launch_in_service(other);
  run.run_until(1_s);
  run.fleet.all_interrupted(place);
  CHECK(run.ended.size() == 4);
  CHECK(run.fleet.capacity(place) == 0);
  CHECK(run.fleet.capacity(other) == 1);
}

TEST_CASE("fleet: an instance under notice leaves service, counts, and is billed until it is taken back",
          "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  run.fleet.demand_changed(50_per_s);
  const InstanceId instance = run.fleet.launch_in_service(place);
  run.run_until(100_s);
  run.fleet.interruption_noticed(instance);
  run.fleet.interruption_noticed(instance);  // hearing it twice changes nothing
  CHECK(run.fleet.capacity(place) == 1);
  CHECK(run.fleet.warming(GroupId{0}) == 0);  // it will not come back to the metric
  run.run_until(220_s);
  CHECK(run.ended.empty());
  run.fleet.interrupted(instance);
  CHECK(run.fleet.capacity(place) == 0);
  CHECK(served_until_now(run, 50_per_s) == 50_per_s * 100_s);
  CHECK(run.ended == std::vector<Ended>{{at(220_s), instance.index, true, EndedBy::interruption}});
  CHECK(run.lost == std::vector<Ran>{{at(220_s), 0}});
}

TEST_CASE("fleet: told to keep serving under notice, an instance does so to the end, even one that boots",
          "[fleet][table]") {
  FleetConfig config = simple_fleet();
  config.deregister_on_notice = false;
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  run.fleet.demand_changed(50_per_s);
  const InstanceId instance = run.fleet.launch(place);
  run.run_until(20_s);
  run.fleet.interruption_noticed(instance);
  run.run_until(48_s);
  CHECK(run.fleet.warming(GroupId{0}) == 1);
  run.run_until(108_s);
  CHECK(run.fleet.warming(GroupId{0}) == 0);  // warm 8 + 40 + 60 s after its launch
  run.run_until(140_s);
  run.fleet.interrupted(instance);
  run.run_until(10_min);
  CHECK(served_until_now(run, 50_per_s) == 50_per_s * (140_s - 48_s));
  CHECK(run.ended == std::vector<Ended>{{at(140_s), instance.index, true, EndedBy::interruption}});
}

TEST_CASE("fleet: a notice while pending lets the instance run and be billed, but never serve", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  run.fleet.demand_changed(50_per_s);
  const InstanceId instance = run.fleet.launch(place);
  run.run_until(1_s);
  run.fleet.interruption_noticed(instance);
  CHECK(run.fleet.warming(GroupId{0}) == 0);
  run.run_until(121_s);
  CHECK(run.running == std::vector<Ran>{{at(8_s), instance.index}});
  CHECK(run.fleet.warming(GroupId{0}) == 0);
  run.fleet.interrupted(instance);
  run.run_until(10_min);
  CHECK(served_until_now(run, 50_per_s) == Requests{});
  CHECK(run.ended == std::vector<Ended>{{at(121_s), instance.index, true, EndedBy::interruption}});
}

TEST_CASE("fleet: a notice while booting stops the way into service", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  run.fleet.demand_changed(50_per_s);
  const InstanceId instance = run.fleet.launch(place);
  run.run_until(20_s);
  CHECK(run.fleet.warming(GroupId{0}) == 1);
  run.fleet.interruption_noticed(instance);
  CHECK(run.fleet.warming(GroupId{0}) == 0);
  run.run_until(140_s);
  run.fleet.interrupted(instance);
  CHECK(served_until_now(run, 50_per_s) == Requests{});
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("fleet: an instance is taken back from any state without a notice", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  const InstanceId in_service = run.fleet.launch_in_service(place);
  const InstanceId draining = run.fleet.launch_in_service(place);
  const InstanceId booting = run.fleet.launch(place);
  run.run_until(10_s);
  const InstanceId pending = run.fleet.launch(place);
  run.fleet.terminate(draining);
  run.run_until(11_s);
  run.fleet.interruption_noticed(draining);  // it is on its way out already
  for (const InstanceId instance : {in_service, draining, booting, pending}) run.fleet.interrupted(instance);
  CHECK(run.ended == std::vector<Ended>{{at(11_s), in_service.index, true, EndedBy::interruption},
                                        {at(11_s), draining.index, true, EndedBy::interruption},
                                        {at(11_s), booting.index, true, EndedBy::interruption},
                                        {at(11_s), pending.index, false, EndedBy::interruption}});
  // The draining one had left the group's capacity: nobody replaces it.
  CHECK(run.lost.size() == 3);
  CHECK(run.fleet.capacity(place) == 0);
  CHECK(run.sim.events_pending() == 0);
}

TEST_CASE("fleet: a number is reused only after its instance ended", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  const InstanceId first = run.fleet.launch_in_service(place);
  run.fleet.launch_in_service(place);
  CHECK(run.fleet.next_instance().index == 2);
  run.fleet.terminate(first);
  CHECK(run.fleet.launch(place).index == 2);  // the first still drains
  run.run_until(20_s);
  CHECK(run.fleet.next_instance() == first);
  const InstanceId reused = run.fleet.launch(place);
  CHECK(reused == first);
  CHECK(run.fleet.next_instance().index == 3);
  // The successor lives its own life.
  run.run_until(45_s);
  CHECK(run.running.back() == Ran{at(25_s), reused.index});
  CHECK(run.ended == std::vector<Ended>{{at(20_s), first.index, true, EndedBy::owner}});
}

TEST_CASE("fleet: the end of the run closes the bill of what still runs, and of nothing else", "[fleet][table]") {
  FleetRun run;
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.fleet.launch_in_service(place);
  run.fleet.terminate(run.fleet.launch_in_service(place));
  run.run_until(10_s);
  run.fleet.launch(place);  // still pending at the end
  run.run_until(12_s);
  run.fleet.finish();
  CHECK(run.ended == std::vector<Ended>{{at(12_s), 0, true, EndedBy::horizon}, {at(12_s), 1, true, EndedBy::horizon}});
}

TEST_CASE("fleet: scaling may launch while an instant is observed, even if a launch takes no time", "[fleet][table]") {
  FleetConfig config = simple_fleet();
  config.pending_time = config.boot_time = config.start_time = Duration{};
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement());
  run.on_published = [&](GroupId) { run.fleet.launch(place); };
  run.fleet.start();
  run.run_until(61_s);
  CHECK(run.running == std::vector<Ran>{{at(60_s + 1_ns), 0}});
}

}  // namespace
}  // namespace fleetsim
