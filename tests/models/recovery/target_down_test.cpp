// A target that is down when it is needed: what stands there, what was built there, and what was kept there.

#include "fleetsim/models/recovery/failback.hpp"
#include "models/recovery/harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::named;
using test::PlanRun;
using test::resource;
using test::step;

namespace {

/// A warm standby: the network is built, the instance stands, clients move within a minute. A boot takes 2 minutes, what fails
/// is tried again every minute.
PlanRun standby() {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].standing = 1;
  run.config.steps = {step("network", 5_min), step("boot", 2_min, {"network"}, {"web"}), step("redirect", 1_min, {"boot"})};
  run.config.steps[0].kind = StepKind::provision;
  run.config.steps[1].kind = StepKind::boot;
  run.config.steps[2].kind = StepKind::redirect;
  return run;
}

}  // namespace

TEST_CASE("target down: what stands there serves when it is back and was launched again", "[recovery][analytic]") {
  PlanRun run = standby();
  CHECK(run().rta == 1_min);
  run.surroundings.outages = {{.site = 1, .zone = {}, .from = Time{}, .to = Time::at(12_h)}};
  const RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 12_h + 3_min);  // the network was kept, the instance was not
  CHECK(test::total(outcome.path) == *outcome.rta);
  CHECK(outcome.steps[0].failed_attempts == 720);
  // Struck 30 s after the disaster, half a minute into the redirection. Attempts at 30 s past each minute.
  run.surroundings.outages[0].from = Time::at(30_s);
  const RecoveryOutcome struck = run();
  CHECK(struck.strikes == 1);
  CHECK(struck.rta == 12_h + 30_s + 3_min);
}

TEST_CASE("target down: clients are not sent to a site that is down", "[recovery][analytic]") {
  PlanRun run;
  run.config.steps = {step("redirect", 1_min)};
  run.config.steps[0].kind = StepKind::redirect;
  run.surroundings.outages = {{.site = 1, .zone = {}, .from = Time{}, .to = Time::at(1_h)}};
  CHECK(run().rta == 1_h + 1_min);
  run.surroundings.outages[0].site = 0;
  CHECK(run().rta == 1_min);
}

TEST_CASE("target down: a network that an intruder deleted is built again", "[recovery][analytic]") {
  PlanRun run = standby();
  run.surroundings.outages = {{.site = 1, .zone = {}, .from = Time{}, .to = Time::at(1_h)}};
  run.surroundings.destroyed_from = Time{};
  CHECK(run().rta == 1_h + 8_min);
  // Deleted while the plan waits for it to come back: from then on it is waited for as one to be built.
  run.surroundings.outages.push_back({.site = 1, .zone = {}, .from = Time::at(30_min), .to = Time::at(2_h)});
  run.surroundings.destroyed_from = Time::at(30_min);
  CHECK(run().rta == 2_h + 8_min);
}

TEST_CASE("target down: what was deleted there before the disaster is no matter, what is later is lost", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("db", ResourceKind::volume)};
  run.resources[0].data = DataId{0};
  run.points.at_any_time[0] = {.point = Time::at(50_min), .restored = 10_GB, .lost = 3_GB};
  run.config.steps = {step("decide", 30_min), step("restore", 10_min, {"decide"}, {"db"})};
  run.config.steps[1].kind = StepKind::restore;
  run.surroundings.destroyed_from = Time::at(30_min);
  RecoveryOutcome outcome = run(Time::at(1_h));
  CHECK(outcome.rpa == 10_min);
  CHECK(outcome.lost == 3_GB);
  // At the disaster itself, while people decide, and when it has been restored but for a minute.
  for (const Duration at : {1_h, 1_h + 10_min, 1_h + 39_min}) {
    run.surroundings.destroyed_from = Time::at(at);
    run.surroundings.outages = {{.site = 1, .zone = {}, .from = Time::at(at), .to = Time::at(at + 1_h)}};
    outcome = run(Time::at(1_h));
    CHECK(outcome.failed);
    CHECK(outcome.total_loss);
    CHECK(outcome.resources[0].data_lost);
    CHECK_FALSE(outcome.rpa);
    CHECK(outcome.lost == Bytes{});
  }
}

TEST_CASE("recovery: what was given up is not served, and nothing is at full speed without it", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("a"), resource("b")};
  run.config.steps = {step("boot", 2_min, {}, {"a", "b"}), step("redirect", 1_min, {"boot"})};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].may_fail = true;
  CHECK(run().full_speed == 3_min);
  run.resources[0].lacking = true;
  const RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 3_min);
  CHECK_FALSE(outcome.full_speed);
  CHECK_FALSE(outcome.resources[0].rta);
  CHECK_FALSE(outcome.resources[0].full_speed);
  CHECK(outcome.resources[1].rta == 2_min);
  CHECK(outcome.resources[1].full_speed == 2_min);
}

TEST_CASE("recovery: an approval that expired while calls waited is asked for again, the calls are not", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].count = 100;
  run.config.steps = {step("approve", {}), step("boot", 10_s, {"approve"}, {"web"})};
  run.config.steps[0].kind = StepKind::approve;
  run.config.steps[0].approval = ApprovalConfig{.principal = "operator", .requestor = "operator", .valid_for = 10_min, .starts_after = {}};
  run.config.steps[1].kind = StepKind::boot;
  run.config.steps[1].needs_control_plane = true;
  run.config.steps[1].needs_approval = named("approve");
  run.config.steps[1].ends_at_expiry = true;
  run.config.api_rate = requests_per_second(0.1);
  // The hundredth call is let through after 990 s. Approved at 0 until 600 s, denied, approved again at once.
  const RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 1'000_s);
  CHECK(outcome.steps[1].denied == 1);
  CHECK(outcome.steps[1].cut_off == 0);
  CHECK(outcome.steps[1].attempts == 1);
}

TEST_CASE("recovery: calls that take longer than the plan waits are never let through", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].count = 1000;
  run.config.steps = {step("boot", 10_s, {}, {"web"})};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].needs_control_plane = true;
  run.config.steps[0].api_calls = 1'000'000;
  run.config.api_rate = requests_per_second(0.1);  // 10^10 s, 317 years
  const RecoveryOutcome outcome = run();
  CHECK(outcome.failed);
  CHECK(outcome.ended_after == 7_d);
  CHECK(outcome.steps[0].attempts == 0);
}

TEST_CASE("recovery: the source of a volume that was lost is known to be gone", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("db", ResourceKind::volume)};
  run.resources[0].data = DataId{0};
  run.points.at_any_time[0] = {};
  run.config.steps = {step("restore", 10_min, {}, {"db"})};
  CHECK_FALSE(run().resources[0].source_gone);
  run.surroundings.outages = {{.site = 0, .zone = {}, .from = Time{}, .to = Time::at(3_h)}};
  run.surroundings.destroyed_from = Time::at(2_h);  // another disaster, before the source is back
  CHECK(run().resources[0].source_gone);
}
