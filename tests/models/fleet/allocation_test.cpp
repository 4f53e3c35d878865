/// A fleet that comes and goes at one size needs no memory.

#include <array>

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using test::simple_fleet;
using test::simple_placement;

struct Silent : InstanceOwner, FleetScaling {
  void instance_running(InstanceId, PlacementId) override {}
  void instance_stopped(InstanceId, PlacementId, EndedBy) override {}
  void instance_ended(InstanceId, PlacementId, bool, EndedBy) override {}
  void metrics_published(GroupId, std::span<const std::optional<PeriodMetrics>>) override {}
  void instance_interrupted(PlacementId, InstanceId) override {}
};

TEST_CASE("fleet: in the steady state launches, ends, notices and metrics allocate nothing", "[fleet][property]") {
  Simulation sim;
  Silent ports;
  FleetConfig config = simple_fleet();
  config.metric_lag = 90_s;
  config.boot_time = DurationDistribution{LogNormal{.median = 30, .sigma = 0.25}};
  Fleet fleet(sim, config, {"g"}, GroupId{0}, ports, ports);
  const PlacementId place = fleet.add_placement(simple_placement(Purchase::spot));
  fleet.start();
  // Each minute ten more instances; of the ten oldest five are terminated and five interrupted.
  std::array<InstanceId, 128> line{};
  std::size_t first = 0, last = 0;
  const auto minute = [&](int i) {
    fleet.demand_changed(100_per_s * (i % 7));
    for (int k = 0; k < 10; ++k) line[last++ % line.size()] = fleet.launch(place);
    for (int k = 0; k < 10 && fleet.capacity(place) > 100; ++k) {
      const InstanceId oldest = line[first++ % line.size()];
      if (k < 5) {
        fleet.terminate(oldest);
      } else {
        fleet.interruption_noticed(oldest);
        fleet.interrupted(oldest);
      }
    }
    sim.run_until(sim.now() + 60_s);
  };
  for (int i = 0; i < 600; ++i) minute(i);  // until every table has reached its largest size
  const std::uint64_t before = test::allocations();
  for (int i = 0; i < 600; ++i) minute(i);
  CHECK(test::allocations() == before);
}

}  // namespace
}  // namespace fleetsim
