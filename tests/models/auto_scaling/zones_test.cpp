/// Where a group launches and terminates.

#include "support/catch.hpp"
#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim {
namespace {

using test::GroupRun;
using test::simple_group;

std::vector<std::size_t> zones_of(const std::vector<test::Attempt>& attempts) {
  std::vector<std::size_t> zones;
  for (const auto& attempt : attempts) zones.push_back(attempt.zone);
  return zones;
}
std::vector<std::int64_t> counts(const GroupRun& run) {
  std::vector<std::int64_t> counts;
  for (const auto& zone : run.zones) counts.push_back(zone.count[0] + zone.count[1]);
  return counts;
}
using Zones = std::vector<std::size_t>;
using Counts = std::vector<std::int64_t>;

TEST_CASE("auto scaling: a launch goes to the emptiest zone, of equal ones to the first named",
          "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b", "c"});
  GroupRun run(config);
  run.zones[0].free = run.zones[2].free = 0;
  run.scaling.start();
  CHECK(counts(run) == Counts{0, 2, 0});
  run.zones[0].free = run.zones[2].free = 10;
  run.attempts.clear();
  run.metric(76);  // five more
  CHECK(zones_of(run.attempts) == Zones{0, 2, 0, 2, 0});
  CHECK(counts(run) == Counts{3, 2, 2});
}

TEST_CASE("auto scaling: a zone that fails is left out for the rest of the round, and tried again in the next",
          "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b"});
  config.min = 4;
  GroupRun run(config);
  run.zones[0].free = 0;
  run.scaling.start();
  CHECK(zones_of(run.attempts) == Zones{0, 1, 1, 1, 1});
  CHECK(run.sim.events_pending() == 0);  // all are there: best effort, not balance
  run.zones[0].free = 10;
  run.attempts.clear();
  run.metric(76);
  CHECK(zones_of(run.attempts) == Zones{0, 0, 0, 0, 0});  // five more; the fifth finds 4 and 4
  CHECK(counts(run) == Counts{5, 4});
}

TEST_CASE("auto scaling: a zone that runs out gives what it has", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b"});
  config.min = 8;
  GroupRun run(config);
  run.zones[0].free = 2;
  run.scaling.start();
  CHECK(counts(run) == Counts{2, 6});
  CHECK(run.reported("launches") == 8.0);
  CHECK(run.reported("launch_failures") == 1.0);
}

TEST_CASE("auto scaling: in a zone the types are tried in the order of the strategy", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a"});
  config.instance_types = {{"c5.large", {}}, {"m5.large", {}}};
  config.min = 3;
  GroupRun run(config);
  run.preference = {1, 0};
  run.zones[0].free_other_type = 1;
  run.scaling.start();
  REQUIRE(run.attempts.size() == 4);
  CHECK((run.attempts[0].type == 1 && run.attempts[0].launched));
  CHECK((run.attempts[1].type == 1 && !run.attempts[1].launched));
  CHECK((run.attempts[2].type == 0 && run.attempts[2].launched));
  CHECK((run.attempts[3].type == 0 && run.attempts[3].launched));
}

TEST_CASE("auto scaling: a strategy that takes no type of a zone leaves it out", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a"});
  config.min = 3;
  GroupRun run(config);
  run.preference = {};
  run.scaling.start();
  CHECK(run.attempts.empty());
  CHECK(run.count() == 0);
  CHECK(run.reported("launch_failures") == 0.0);
  CHECK(run.sim.events_pending() == 1);  // the next round
}

TEST_CASE("auto scaling: the strategy hears how many units a round is to launch", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b"});
  config.purchases = {Purchase::on_demand, Purchase::spot};
  config.mix = {10, Ratio{0.5}};
  config.initial = 20;
  GroupRun run(config);
  run.scaling.start();
  CHECK(run.rounds == std::vector<std::pair<std::size_t, std::int64_t>>{{0, 15}, {1, 5}});
}

TEST_CASE("auto scaling: a weighted group launches until its units are covered", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b"});
  config.initial = 10;
  config.weights = {8};
  GroupRun run(config);
  run.scaling.start();
  CHECK(run.attempts.size() == 2);
  CHECK(run.count() == 16);
  CHECK(run.desired() == 10);
  run.metric(76);  // five more than the 16 that are warm
  CHECK(run.desired() == 21);
  CHECK(run.count() == 24);
}

TEST_CASE("auto scaling: five units that are missing and an instance of twelve are seven too many", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a"});
  config.initial = 17;
  config.weights = {12};
  GroupRun run(config);
  run.scaling.start();
  CHECK(run.count() == 17 + 7);
}

TEST_CASE("auto scaling: of a weighted group no instance ends that counts more than the excess",
          "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a"});
  config.initial = 30;
  config.composite->scale_in_count = 1;
  config.weights = {4};
  GroupRun run(config);
  run.scaling.start();
  CHECK(run.count() == 32);
  run.metric(50);  // 29: three above it, fewer than an instance
  CHECK(run.desired() == 29);
  CHECK(run.count() == 32);
  run.metric(50);  // 28: an instance fits in the excess
  CHECK(run.count() == 28);
}

TEST_CASE("auto scaling: a termination comes from the fullest zone, of equal ones from the first named",
          "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b", "c"});
  config.initial = 10;  // 4, 3, 3
  GroupRun run(config);
  run.scaling.start();
  run.zones[0].free = run.zones[2].free = 0;
  run.metric(76);
  run.warm_up();
  CHECK(counts(run) == Counts{4, 8, 3});
  run.metric(50);  // five go
  CHECK(run.terminations == Zones{1, 1, 1, 1, 0});
  CHECK(counts(run) == Counts{3, 4, 3});
}

TEST_CASE("auto scaling: where all are under notice another zone gives, and if all are nobody does",
          "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b"});
  config.initial = 10;
  GroupRun run(config);
  run.scaling.start();
  run.notice(0, 5);
  run.metric(50);
  CHECK(run.terminations == Zones{1, 1, 1, 1, 1});
  CHECK(run.desired() == 5);
  CHECK(counts(run) == Counts{5, 0});
  run.metric(50);
  CHECK(run.desired() == 2);
  CHECK(counts(run) == Counts{5, 0});
}

TEST_CASE("auto scaling: a mixed group keeps its division when it grows and when it shrinks", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a", "b"});
  config.purchases = {Purchase::on_demand, Purchase::spot};
  config.mix = {10, Ratio{0.5}};
  config.initial = 20;
  GroupRun run(config);
  run.scaling.start();
  const auto bought = [&](std::size_t purchase) { return run.zones[0].count[purchase] + run.zones[1].count[purchase]; };
  CHECK(bought(0) == 15);
  CHECK(bought(1) == 5);
  CHECK(counts(run) == Counts{10, 10});
  run.metric(82);  // 15 more: 35 = 10 + ceil(12.5) and 12
  CHECK(bought(0) == 23);
  CHECK(bought(1) == 12);
  run.warm_up();
  run.metric(50);  // 5 fewer: 30 = 20 and 10
  CHECK(bought(0) == 20);
  CHECK(bought(1) == 10);
  CHECK(counts(run) == Counts{15, 15});
}

TEST_CASE("auto scaling: a mixed group that is out of proportion still stops at desired", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a"});
  config.purchases = {Purchase::on_demand, Purchase::spot};
  config.mix = {0, Ratio{0.5}};
  config.initial = 28;
  config.maintain_desired = false;
  GroupRun run(config);
  run.scaling.start();
  run.lose(0, 8, 1);
  run.metric(76);  // 25: of 13 and 12, six Spot Instances are missing, but only five in all
  CHECK(run.zones[0].count[0] == 14);
  CHECK(run.zones[0].count[1] == 11);
  run.warm_up();
  run.metric(50);  // 20: on demand goes first, to come back to 10 and 10
  CHECK(run.zones[0].count[0] == 10);
  CHECK(run.zones[0].count[1] == 10);
}

TEST_CASE("auto scaling: of a mixed group on demand does not stand in for Spot", "[auto_scaling][table]") {
  GroupConfig config = simple_group({"a"});
  config.purchases = {Purchase::on_demand, Purchase::spot};
  config.mix = {0, Ratio{0.5}};
  config.initial = 20;
  GroupRun run(config);
  run.zones[0].free = 20;
  run.scaling.start();
  run.lose(0, 4, 1);
  run.run_until(1_h);
  CHECK(run.zones[0].count[0] == 10);
  CHECK(run.zones[0].count[1] == 6);
  CHECK(run.desired() == 20);
}

}  // namespace
}  // namespace fleetsim
