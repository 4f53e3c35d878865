// What executions of the same time share.

#include "fleetsim/models/recovery/shared_work.hpp"
#include "models/recovery/harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::PlanRun;
using test::resource;
using test::step;

namespace {

/// A plan that restores volumes of 90 GB, each loaded at up to 100 MB/s.
PlanRun restores(std::size_t volumes) {
  PlanRun run;
  std::vector<std::string> names;
  for (std::size_t v = 0; v < volumes; ++v) {
    names.push_back("volume-" + std::to_string(v));
    run.resources.push_back(resource(names.back(), ResourceKind::volume));
    run.resources.back().data = DataId{static_cast<std::uint32_t>(v)};
    run.points.at_any_time[static_cast<std::uint32_t>(v)] = {.point = Time{}, .restored = 90_GB, .lost = {}};
  }
  run.config.steps = {step("restore", 1_min, {}, names)};
  run.config.steps[0].kind = StepKind::restore;
  run.config.steps[0].hydration = BytesPerSecond::of(100'000'000);
  return run;
}

}  // namespace

TEST_CASE("restores: blocks load in the background, or before users are served", "[recovery][analytic]") {
  PlanRun run = restores(3);
  RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 1_min);
  CHECK(outcome.full_speed == 1_min + 15_min);  // 90 GB at 100 MB/s
  run.config.steps[0].hydrate_first = true;
  CHECK(run().rta == 16_min);
  // A time-out counts the loading in.
  run.config.steps[0].timeout = 10_min;
  run.config.steps[0].retry = {.attempts = 2, .every = 5_min};
  outcome = run();
  CHECK(outcome.failed);
  CHECK(outcome.steps[0].cut_off == 4);  // all three at first; then the first one to fail for good ends the plan
}

TEST_CASE("restores: they share the bandwidth of their site", "[recovery][analytic]") {
  PlanRun run = restores(4);
  run.config.restore_bandwidth = BytesPerSecond::of(200'000'000);
  CHECK(run().full_speed == 1_min + 30_min);  // 50 MB/s each
  // Two at once: two by two at full rate.
  run.config.steps[0].hydrate_first = true;
  run.config.restores_max = 2;
  CHECK(run().rta == 2 * (1_min + 15_min));
}

TEST_CASE("restores: a smaller one ends sooner and leaves its share to the others", "[recovery][analytic]") {
  PlanRun run = restores(2);
  run.points.at_any_time[0].restored = 30_GB;
  run.config.restore_bandwidth = BytesPerSecond::of(120'000'000);
  const RecoveryOutcome outcome = run();
  // 30 GB at 60 MB/s: 500 s. Of the other 60 GB are left, at 100 MB/s: 600 s.
  CHECK(outcome.resources[0].full_speed == 1_min + 500_s);
  CHECK(outcome.resources[1].full_speed == 1_min + 1100_s);
}

TEST_CASE("shared work: two plans share one team, the calls and the restores of their site", "[recovery][analytic]") {
  const auto both = [](auto change) {
    PlanRun run = restores(2);
    run.config.steps[0].needs_control_plane = true;
    change(run);
    const RecoveryPlan first(run.config, run.resources), second(run.config, run.resources);
    const std::vector<const RecoveryPlan*> plans{&first, &second};
    Simulation sim;
    SharedWork shared(sim, run.people, run.start, limits_of(plans));
    PlanExecution a(sim, {.plan = first, .people = run.people}, shared, run.points, run.surroundings, "a/", false);
    PlanExecution b(sim, {.plan = second, .people = run.people}, shared, run.points, run.surroundings, "b/", false);
    a.begin({true, true});
    b.begin({true, true});
    sim.run();
    return std::pair(a.outcome(), b.outcome());
  };
  const auto [a, b] = both([](PlanRun& run) { run.config.restore_bandwidth = BytesPerSecond::of(200'000'000); });
  CHECK(a.full_speed == 1_min + 30_min);
  CHECK(b.full_speed == 1_min + 30_min);
  const auto [c, d] = both([](PlanRun& run) {
    run.people = {{.name = test::named("on-call"), .count = 1, .reached_after = DurationDistribution(), .hours = {}, .reached_off_hours = {}}};
    run.config.steps[0].people = test::named("on-call");
  });
  CHECK(c.rta == 2_min);
  CHECK(d.rta == 4_min);
  const auto [e, f] = both([](PlanRun& run) { run.config.api_rate = requests_per_second(0.1); });
  CHECK(e.rta == 10_s + 1_min);  // a burst of one, then one call in ten seconds
  CHECK(f.rta == 30_s + 1_min);
}

TEST_CASE("second strike: standing instances that are lost are launched again", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].target_zones = {{0}, {1}};
  run.resources[0].count = run.resources[0].standing = 3;
  run.resources[0].ladder = {{"m5.large", 2, UsdPerHour::of(100'000'000)}};
  run.config.steps = {step("detect", 5_min), step("boot", 2_min, {"detect"}, {"web"}), step("redirect", 10_min, {"boot"})};
  run.config.steps[1].kind = StepKind::boot;
  RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 15_min);  // all stand: nothing is launched
  CHECK(outcome.standing_lost == 0);
  CHECK(outcome.resources[0].launched == 0);
  // Their zone is lost a minute after the boot found nothing to do; the redirect begins anew.
  run.surroundings.outages = {{.site = 1, .zone = 0, .from = Time::at(6_min), .to = Time::max()}};
  outcome = run();
  CHECK(outcome.rta == 6_min + 2_min + 10_min);
  CHECK(outcome.standing_lost == 3);
  CHECK(outcome.resources[0].launched == 3);
  // Lost before the disaster, they are none of its strikes.
  run.surroundings.outages[0].from = Time{};
  outcome = run();
  CHECK(outcome.rta == 17_min);
  CHECK(outcome.strikes == 0);
}

TEST_CASE("course: what happens is told in the order of time", "[recovery][table]") {
  PlanRun run = restores(1);
  const RecoveryPlan plan(run.config, run.resources);
  const RecoveryPlan* only = &plan;
  Simulation sim;
  SharedWork shared(sim, run.people, run.start, limits_of({&only, 1}));
  PlanExecution execution(sim, {.plan = plan, .people = run.people}, shared, run.points, run.surroundings, "test/", false);
  execution.keep_course();
  execution.begin({true});
  sim.run();
  std::vector<std::pair<Happening, Duration>> found;
  for (const Happened& happened : execution.outcome().course) found.emplace_back(happened.what, happened.at);
  CHECK(found == std::vector<std::pair<Happening, Duration>>{{Happening::begun, 0_s}, {Happening::done, 1_min}, {Happening::served, 1_min},
                                                             {Happening::loaded, 16_min}, {Happening::full_speed, 16_min}});
}
