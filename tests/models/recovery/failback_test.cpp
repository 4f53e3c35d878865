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
  Bytes send_back(DataId data, SiteId from, SiteId to, bool full, const Divergence& written, BytesPerSecond) override {
    CHECK(from.index == 1);
    CHECK(to.index == 0);
    asked_full = full;
    since = written;
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
  Divergence since;
  Time asked_at;
};

const SentBack nothing;
SentBack changed_since(Duration point) { return {.what = SentBack::What::changed, .point = Time::at(point)}; }

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
  failback.begin({.disaster = Time::at(2_h), .stopped = Time::at(2_h), .served = Time::at(3_h)}, Time::at(7_h),
                 {changed_since(1_h), changed_since(90_min), nothing});
  sim.run();
  CHECK(way.asked_at == Time::at(8_h));
  CHECK(way.asked_full);
  // Written between the recovery point and the disaster, and since users are served; nothing while nobody was.
  CHECK(way.since.point == Time::at(90_min));
  CHECK(way.since.stopped == Time::at(2_h));
  CHECK(way.since.resumed == Time::at(3_h));
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
  one.begin({.disaster = {}, .stopped = {}, .served = Time::at(1_h)}, Time{}, {changed_since({}), nothing, nothing});
  sim.run();
  CHECK(one.outcome()->ready_again == 1_h + 1_h + 1_h + 2_min);
  CHECK_FALSE(way.asked_full);
  PlanFailback none(sim, plan, way, "none/");
  const Time begun = sim.now();
  none.begin({begun, begun, begun}, begun, {nothing, nothing, nothing});
  sim.run();
  CHECK(none.outcome()->ready_again == 1_h + 2_min);
}

TEST_CASE("failback: all is sent where nothing is left at the source", "[recovery][table]") {
  const RecoveryPlan plan = plan_with({1}, false);
  Simulation sim;
  SlowWay way(sim);
  PlanFailback failback(sim, plan, way, "test/");
  way.failback = &failback;
  failback.begin({}, Time{}, {SentBack{.what = SentBack::What::all}, nothing});
  sim.run();
  CHECK(way.asked_full);
}

TEST_CASE("failback: never in sync, it is given up", "[recovery][analytic]") {
  const RecoveryPlan plan = plan_with({9}, false);
  Simulation sim;
  SlowWay way(sim);
  PlanFailback failback(sim, plan, way, "test/");
  way.failback = &failback;
  failback.begin({}, Time{}, {changed_since({}), nothing});
  sim.run();
  CHECK(sim.now() == Time::at(1_h + 48_h));
  CHECK_FALSE(failback.outcome()->ready_again);
}
