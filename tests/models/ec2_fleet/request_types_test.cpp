/// What instant, request and maintain fleets do when pools fail, and when instances are lost.

#include "support/catch.hpp"
#include "tests/models/ec2_fleet/harness.hpp"

namespace fleetsim {
namespace {

using test::Ec2FleetRun;
using test::fleet_of;
constexpr Ec2FleetType instant = Ec2FleetType::instant, request = Ec2FleetType::request,
                       maintain = Ec2FleetType::maintain;

TEST_CASE("ec2 fleet: where a pool fails, instant and maintain fleets take others, a request does not",
          "[ec2_fleet][table]") {
  for (const Ec2FleetType type : {instant, request, maintain}) {
    Ec2FleetRun run(fleet_of(10, type), {{}, {}});
    run.pools[0].free = 4;
    run.fleets.start();
    CHECK(run.pools[0].held == 4);
    CHECK(run.pools[1].held == (type == request ? 0 : 6));
    CHECK(run.reported("launch_failures") == 1.0);
    CHECK(run.reported("launches") == (type == request ? 4.0 : 10.0));
  }
}

TEST_CASE("ec2 fleet: only a maintain fleet replaces what it loses", "[ec2_fleet][table]") {
  for (const Ec2FleetType type : {instant, request, maintain}) {
    Ec2FleetRun run(fleet_of(10, type));
    run.fleets.start();
    run.run_until(1_h);
    run.lose(0, 3);
    CHECK(run.running() == 7);
    run.run_until(1_h + 60_s);
    CHECK(run.running() == (type == maintain ? 10 : 7));
  }
}

TEST_CASE("ec2 fleet: with every pool down a maintain fleet keeps trying, a request never tries again",
          "[ec2_fleet][table]") {
  for (const Ec2FleetType type : {instant, request, maintain}) {
    Ec2FleetRun run(fleet_of(10, type), {{}, {}});
    for (auto& pool : run.pools) pool.seen = 0;
    run.fleets.start();
    run.run_until(75_s);  // retries after 15, 45 and 105 s
    CHECK(run.attempts.size() == (type == maintain ? 3 : 1));
    run.run_until(3_h);
    run.pools[1].seen = 100;
    run.run_until(3_h + 600_s);  // the longest wait
    CHECK(run.running() == (type == maintain ? 10 : 0));
    if (type != maintain) CHECK(run.sim.events_pending() == 0);
  }
}

TEST_CASE("ec2 fleet: a loss does not wait for a retry that is far away", "[ec2_fleet][table]") {
  Ec2FleetRun run(fleet_of(10));
  run.pools[0].seen = 9;
  run.fleets.start();
  run.pools[0].seen = 0;
  run.run_until(3_h);
  run.pools[0].seen = 100;
  run.lose(0, 1);
  run.run_until(3_h + 60_s);
  CHECK(run.running() == 10);
}

TEST_CASE("ec2 fleet: the time in which less than the target is held, and the mean that is held",
          "[ec2_fleet][analytic]") {
  Ec2FleetRun run(fleet_of(10));
  run.fleets.start();
  run.run_until(1_h);
  run.lose(0, 5);
  run.run_until(2_h);
  CHECK(run.reported("shortfall_time") == 60.0);
  CHECK_THAT(run.reported("fulfilled_units_mean"), Catch::Matchers::WithinAbs(10 - 5.0 * 60 / 7200, 1e-12));
}

TEST_CASE("ec2 fleet: the on-demand part is bought on demand, and Spot does not stand in for it",
          "[ec2_fleet][table]") {
  Ec2FleetConfig config = fleet_of(20);
  config.on_demand = 8;
  Ec2FleetRun run(config, {{.spot = true, .weight = 1}, {.spot = false, .weight = 1}});
  run.pools[1].free = 5;
  run.fleets.start();
  CHECK(run.pools[0].held == 12);
  CHECK(run.pools[1].held == 5);
}

TEST_CASE("ec2 fleet: a weighted fleet covers its target with whole instances", "[ec2_fleet][table]") {
  Ec2FleetRun run(fleet_of(10), {{.spot = true, .weight = 8}});
  run.fleets.start();
  CHECK(run.running() == 2);
  CHECK(run.fleets.units(run.fleet) == 16);
}

TEST_CASE("ec2 fleet: launching stops at the total price, and goes on as far as a loss makes room",
          "[ec2_fleet][table]") {
  for (const auto& [cap, launched] : {std::pair{1.50_usd_per_h, 10}, std::pair{0.80_usd_per_h, 8}}) {
    Ec2FleetConfig config = fleet_of(10);
    config.total_price_max = cap;
    Ec2FleetRun run(config);  // 0.10 USD/h
    run.fleets.start();
    CHECK(run.running() == launched);
    run.lose(0, 2);
    run.run_until(1_h);
    CHECK(run.running() == launched);
  }
}

TEST_CASE("ec2 fleet: a new target launches what is missing and ends what is too much", "[ec2_fleet][table]") {
  Ec2FleetRun run(fleet_of(10), {{}, {}});
  run.pools[0].free = 6;
  run.fleets.start();
  run.fleets.set_target(run.fleet, 16);
  CHECK(run.running() == 16);
  run.fleets.set_target(run.fleet, 4);
  CHECK(run.running() == 4);
  CHECK(run.pools[0].held == 2);  // of 6 and 10 the fuller gives first
}

}  // namespace
}  // namespace fleetsim
