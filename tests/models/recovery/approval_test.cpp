// Approvals as Change Manager gives them: a tag on a principal, for one request, for a while.

#include "models/recovery/harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::named;
using test::PlanRun;
using test::resource;
using test::step;

namespace {

/// Approve, wait, then a session that needs the approval.
PlanRun with_wait(Duration wait, Duration valid_for = 10_min) {
  PlanRun run;
  run.config.steps = {step("approve", {}), step("wait", wait, {"approve"}), step("session", 20_min, {"wait"})};
  run.config.steps[0].kind = StepKind::approve;
  run.config.steps[0].approval = ApprovalConfig{.principal = "operator", .requestor = "operator", .valid_for = valid_for, .starts_after = {}};
  run.config.steps[2].needs_approval = named("approve");
  run.config.steps[2].asks_again = false;
  return run;
}

}  // namespace

TEST_CASE("approval: a session starts within its validity and not after", "[recovery][table]") {
  CHECK(with_wait(9_min + 59_s)().rta == 29_min + 59_s);
  CHECK(with_wait(10_min - 1_ns)().rta);
  CHECK(with_wait(10_min)().failed);
  CHECK(with_wait(10_min + 1_s)().failed);
  CHECK(with_wait(10_min + 1_s)().steps[2].denied == 1);
  CHECK(with_wait(4_min + 59_s, 5_min)().rta);
  CHECK(with_wait(5_min + 1_s, 5_min)().failed);
}

TEST_CASE("approval: what runs at expiry goes on, unless it is to be cut off", "[recovery][table]") {
  PlanRun run = with_wait(9_min);
  CHECK(run().rta == 29_min);
  run.config.steps[2].ends_at_expiry = true;
  const RecoveryOutcome outcome = run();
  CHECK(outcome.failed);
  CHECK(outcome.steps[2].cut_off == 1);
}

TEST_CASE("approval: a new one overwrites the one before it", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("i-1"), resource("i-2")};
  run.config.steps = {step("approve-1", {}, {}, {"i-1"}), step("minute", 1_min, {"approve-1"}),
                      step("approve-2", {}, {"minute"}, {"i-2"}), step("start-1", 1_min, {"approve-2"}, {"i-1"}),
                      step("start-2", 1_min, {"approve-2"}, {"i-2"})};
  for (const std::size_t a : {0U, 2U}) {
    run.config.steps[a].kind = StepKind::approve;
    run.config.steps[a].approval = ApprovalConfig{};
  }
  for (const std::size_t s : {3U, 4U}) {
    run.config.steps[s].asks_again = false;
    run.config.steps[s].may_fail = true;
  }
  run.config.steps[3].needs_approval = named("approve-1");
  run.config.steps[4].needs_approval = named("approve-2");
  const RecoveryOutcome outcome = run();
  CHECK(outcome.steps[3].denied == 1);
  CHECK(outcome.steps[3].attempts == 0);
  CHECK(outcome.steps[4].denied == 0);
  CHECK(outcome.steps[4].attempts == 1);
}

TEST_CASE("approval: validity counts from a scheduled start", "[recovery][table]") {
  PlanRun run = with_wait(9_min);
  run.config.steps[0].approval->starts_after = 2_h;
  CHECK(run().rta == 2_h + 29_min);
}

TEST_CASE("approval: a missed window is asked for again", "[recovery][table]") {
  PlanRun run = with_wait(15_min);
  run.config.steps[0].duration = DurationDistribution(7_min);
  run.config.steps[2].asks_again = true;
  const RecoveryOutcome outcome = run();
  // Approved at 7, denied at 22, approved again at 29, done at 49.
  CHECK(outcome.rta == 49_min);
  CHECK(outcome.steps[2].denied == 1);
  CHECK(outcome.steps[0].attempts == 2);
}
