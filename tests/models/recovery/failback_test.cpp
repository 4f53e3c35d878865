// The way back: its times add up by hand.

#include "fleetsim/models/recovery/failback.hpp"
#include "models/recovery/harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::resource;
using test::step;

namespace {

/// Each data is in sync an hour times its number after it was asked for; number 9 never is.
struct SlowWay final : WayBack, EventHandler<SlowWay, FailbackSwitched> {
  explicit SlowWay(Simulation& s) : EventHandler(s), sim(s) {}
  Bytes send_back(DataId data, SiteId from, SiteId to, bool full, Time since, BytesPerSecond) override {
    CHECK(from.index == 1);
    CHECK(to.index == 0);
    asked_full = full;
    changed_since = since;
    asked_at = sim.now();
    if (data.index != 9) {
      sim.schedule(*this, 1_h * data.index, FailbackSwitched{});
      due.push_back(data);
    }
    return 10_GB * data.index;
  }
  void on(const FailbackSwitched&) {
    failback->in_sync(due.front());
    due.erase(due.begin());
  }
  Simulation& sim;
  PlanFailback* failback = nullptr;
  std::vector<DataId> due;
  bool asked_full = false;
  Time changed_since, asked_at;
};

RecoveryPlan plan_with(std::vector<std::uint32_t> data, bool full) {
  RecoveryPlanConfig config;
  config.steps = {step("promote", 1_min)};
  config.gives_up_after = 48_h;
  config.failback = FailbackConfig{.full_resync = full, .bandwidth = BytesPerSecond::of(1), .wait = DurationDistribution(1_h),
                                   .switch_duration = DurationDistribution(2_min), .where = {}, .bandwidth_where = {}};
  std::vector<PlanResource> rows;
  for (const std::uint32_t d : data) {
    rows.push_back(resource("db-" + std::to_string(d), ResourceKind::database));
    rows.back().data = DataId{d};
  }
  rows.push_back(resource("web"));
  return {config, rows};
}

}  // namespace

TEST_CASE("failback: it waits, sends all, and moves the clients when the last is in sync", "[recovery][analytic]") {
  const RecoveryPlan plan = plan_with({1, 3}, true);
  Simulation sim;
  sim.run_until(Time::at(2_h));
  SlowWay way(sim);
  PlanFailback failback(sim, plan, way, "test/");
  way.failback = &failback;
  failback.begin(Time::at(2_h), Time::at(3_h), Time::at(7_h), {SentBack::changed, SentBack::changed, SentBack::nothing});
  sim.run();
  CHECK(way.asked_at == Time::at(8_h));
  CHECK(way.asked_full);
  CHECK(way.changed_since == Time::at(3_h));  // nothing was written while nobody was served
  REQUIRE(failback.outcome());
  CHECK(failback.outcome()->sent == 40_GB);
  CHECK(failback.outcome()->outage == 2_min);
  CHECK(failback.outcome()->ready_again == 5_h + 1_h + 3_h + 2_min);
}

TEST_CASE("failback: what is lost is not sent back, and without data clients move at once", "[recovery][analytic]") {
  const RecoveryPlan plan = plan_with({1, 3}, false);
  Simulation sim;
  SlowWay way(sim);
  PlanFailback one(sim, plan, way, "one/");
  way.failback = &one;
  one.begin(Time{}, Time::at(1_h), Time{}, {SentBack::changed, SentBack::nothing, SentBack::nothing});
  sim.run();
  CHECK(one.outcome()->ready_again == 1_h + 1_h + 1_h + 2_min);
  CHECK_FALSE(way.asked_full);
  PlanFailback none(sim, plan, way, "none/");
  const Time begun = sim.now();
  none.begin(begun, begun, begun, {SentBack::nothing, SentBack::nothing, SentBack::nothing});
  sim.run();
  CHECK(none.outcome()->ready_again == 1_h + 2_min);
}

TEST_CASE("failback: all is sent where nothing is left at the source", "[recovery][table]") {
  const RecoveryPlan plan = plan_with({1}, false);
  Simulation sim;
  SlowWay way(sim);
  PlanFailback failback(sim, plan, way, "test/");
  way.failback = &failback;
  failback.begin(Time{}, Time{}, Time{}, {SentBack::all, SentBack::nothing});
  sim.run();
  CHECK(way.asked_full);
}

TEST_CASE("failback: never in sync, it is given up", "[recovery][analytic]") {
  const RecoveryPlan plan = plan_with({9}, false);
  Simulation sim;
  SlowWay way(sim);
  PlanFailback failback(sim, plan, way, "test/");
  way.failback = &failback;
  failback.begin(Time{}, Time{}, Time{}, {SentBack::changed, SentBack::nothing});
  sim.run();
  CHECK(sim.now() == Time::at(1_h + 48_h));
  CHECK_FALSE(failback.outcome()->ready_again);
}
