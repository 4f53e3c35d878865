// Plans whose times can be added up by hand.

#include <algorithm>

#include "fleetsim/sim/statistics.hpp"
#include "models/recovery/harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::all_named;
using test::named;
using test::PlanRun;
using test::resource;
using test::step;

namespace {

std::vector<std::string> names_of(const RecoveryPlanConfig& config, const std::vector<PathPart>& path) {
  std::vector<std::string> names;
  for (const PathPart& part : path) names.push_back(config.steps[part.step].name.value);
  return names;
}

}  // namespace

TEST_CASE("recovery: dependent steps add up, parallel ones take the longest", "[recovery][analytic]") {
  PlanRun run;
  run.config.steps = {step("detect", 2_min), step("restore", 30_min, {"detect"}), step("boot", 5_min, {"detect"}),
                      step("redirect", 1_min, {"restore", "boot"})};
  const RecoveryOutcome outcome = run(Time::at(7_h));
  CHECK_FALSE(outcome.failed);
  CHECK(outcome.rta == 33_min);
  CHECK(names_of(run.config, outcome.path) == std::vector<std::string>{"detect", "restore", "redirect"});
  CHECK(test::total(outcome.path) == 33_min);
  CHECK(outcome.steps[2].done == 7_min);
}

TEST_CASE("recovery: a limit on parallel tasks makes rounds", "[recovery][analytic]") {
  PlanRun run;
  std::vector<std::string> names;
  for (int i = 0; i < 7; ++i) {
    names.push_back("volume-" + std::to_string(i));
    run.resources.push_back(resource(names.back(), ResourceKind::volume));
  }
  run.config.steps = {step("copy", 10_min, {}, names)};
  CHECK(run().rta == 10_min);
  run.config.steps[0].parallel = 3;  // 7 tasks by threes: three rounds
  CHECK(run().rta == 30_min);
  run.config.steps[0].enough = Ratio{0.5};  // 4 of 7: two rounds
  CHECK(run().rta == 20_min);
  CHECK(run().full_speed == 30_min);
}

TEST_CASE("recovery: a plan's limit counts restores, provisions and boots together", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("a"), resource("b")};
  run.config.steps = {step("boot", 10_min, {}, {"a", "b"}), step("other", 10_min, {}, {"a", "b"})};
  run.config.steps[0].kind = StepKind::boot;
  run.config.parallel = 1;
  CHECK(run().rta == 20_min);
}

TEST_CASE("recovery: a task waits for those of what its resource uses, not for all", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("web"), resource("batch"), resource("small", ResourceKind::volume),
                   resource("large", ResourceKind::volume)};
  run.resources[0].uses = {2};
  run.resources[1].uses = {3};
  run.config.steps = {step("load", 10_min, {}, {"small"}), step("load-large", 1_h, {}, {"large"}),
                      step("start", 5_min, {}, {"web", "batch"})};
  run.config.steps[2].after_own = all_named({"load", "load-large"});
  const RecoveryOutcome outcome = run();
  CHECK(outcome.resources[0].rta == 15_min);
  CHECK(outcome.resources[1].rta == 65_min);
  CHECK(outcome.rta == 65_min);
}

TEST_CASE("recovery: calls beyond the burst wait for the permitted rate", "[recovery][analytic]") {
  PlanRun run;
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) {
    names.push_back("web-" + std::to_string(i));
    run.resources.push_back(resource(names.back()));
  }
  run.config.steps = {step("boot", 1_min, {}, names)};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].needs_control_plane = true;
  run.config.api_rate = requests_per_second(0.5);
  run.config.api_burst = 4;  // four at once, the tenth after six times two seconds
  CHECK(run().rta == 1_min + 12_s);
}

TEST_CASE("recovery: while the control plane is down attempts fail and are made again", "[recovery][analytic]") {
  PlanRun run;
  run.config.steps = {step("boot", 1_min)};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].needs_control_plane = true;
  run.config.steps[0].retry.every = 2_min;
  run.surroundings.control_plane_down = {Time{}, Time::at(7_min)};  // tries at 0, 2, 4, 6 and 8 minutes
  const RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 9_min);
  CHECK(outcome.steps[0].attempts == 5);
  CHECK(outcome.steps[0].failed_attempts == 4);
  run.config.steps[0].retry.attempts = 4;
  CHECK(run().failed);
  CHECK_FALSE(run().rta);
}

TEST_CASE("recovery: a time-out cuts an attempt off, and the plan gives up in time", "[recovery][analytic]") {
  PlanRun run;
  run.config.steps = {step("restore", 1_h)};
  run.config.steps[0].timeout = 20_min;
  run.config.steps[0].retry.every = 10_min;
  run.config.gives_up_after = 100_min;  // attempts end at 20, 50, 80 minutes; the fourth at 110
  const RecoveryOutcome outcome = run();
  CHECK(outcome.failed);
  CHECK(outcome.steps[0].attempts == 4);
  CHECK(outcome.steps[0].cut_off == 3);  // the plan gave up before the fourth was
  run.config.steps[0].retry.attempts = 1;
  run.config.steps[0].may_fail = true;
  CHECK(run().rta == 20_min);
}

TEST_CASE("recovery: attempts that fail by chance are geometric", "[recovery][stochastic]") {
  PlanRun run;
  run.config.steps = {step("verify", 1_min)};
  run.config.steps[0].failure_probability = Ratio{0.4};
  run.config.steps[0].retry.every = 1_min;
  Tally attempts;
  for (std::uint64_t k = 0; k < 2000; ++k) {
    const RecoveryOutcome outcome = run(Time{}, k);
    attempts.add(static_cast<double>(outcome.steps[0].attempts));
    CHECK(outcome.rta == 1_min + 2_min * (outcome.steps[0].attempts - 1));
  }
  CHECK_THAT(attempts.mean(), Catch::Matchers::WithinAbs(1 / 0.6, 4 * attempts.standard_error()));
}

TEST_CASE("recovery: one person does one task after another, and is reached anew for each", "[recovery][analytic]") {
  PlanRun run;
  run.people = {{.name = named("on-call"), .count = 1, .reached_after = DurationDistribution(5_min), .hours = {}, .reached_off_hours = {}}};
  run.config.steps = {step("a", 10_min), step("b", 10_min)};
  for (StepConfig& s : run.config.steps) s.people = named("on-call");
  CHECK(run().rta == 30_min);
  run.people[0].count = 2;
  CHECK(run().rta == 15_min);
}

TEST_CASE("recovery: a page outside of hours waits for the shift, or for the call-out", "[recovery][analytic]") {
  PlanRun run;  // begins on a Thursday
  run.people = {{.name = named("ops"), .count = 1, .reached_after = DurationDistribution(5_min),
                 .hours = {*parse_shift("mon-fri 09:00-17:00")}, .reached_off_hours = {}}};
  run.config.steps = {step("decide", 10_min)};
  run.config.steps[0].people = named("ops");
  CHECK(run(Time::at(10_h)).rta == 15_min);
  CHECK(run(Time::at(1_d + 18_h)).rta == 2_d + 15_h + 15_min);  // Friday 18:00 to Monday 09:00
  run.people[0].reached_off_hours = DurationDistribution(40_min);
  CHECK(run(Time::at(1_d + 18_h)).rta == 50_min);
}

TEST_CASE("recovery: data is as old as the newest point, and total loss fails the plan", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("db", ResourceKind::database), resource("files", ResourceKind::volume)};
  run.resources[0].data = DataId{0};
  run.resources[1].data = DataId{1};
  run.points.at_any_time[0] = {.point = Time::at(9_h), .restored = 50_GB, .lost = 3_GB};
  run.points.at_any_time[1] = {.point = Time::at(8_h), .restored = 50_GB, .lost = 1_GB};
  run.config.steps = {step("restore", 1_min, {}, {"db", "files"})};
  run.config.steps[0].kind = StepKind::restore;
  RecoveryOutcome outcome = run(Time::at(10_h));
  CHECK(outcome.rpa == 2_h);
  CHECK(outcome.resources[0].rpa == 1_h);
  CHECK(outcome.lost == 4_GB);
  CHECK(outcome.rta == 1_min);
  run.points.at_any_time.erase(1);
  outcome = run(Time::at(10_h));
  CHECK(outcome.total_loss);
  CHECK(outcome.failed);
  CHECK_FALSE(outcome.rpa);
  CHECK(outcome.resources[1].data_lost);
  CHECK_FALSE(outcome.resources[0].data_lost);
}

TEST_CASE("recovery: what lies in an archive is brought back before it is restored", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("files", ResourceKind::volume)};
  run.resources[0].data = DataId{0};
  run.points.at_any_time[0] = {.point = Time::at(1_h), .restored = 50_GB, .lost = 1_GB, .retrieval = 20_h};
  run.config.steps = {step("restore", 1_min, {}, {"files"})};
  run.config.steps[0].kind = StepKind::restore;
  const RecoveryOutcome outcome = run(Time::at(10_h));
  CHECK(outcome.rta == 20_h + 1_min);
  CHECK(outcome.resources[0].retrieved == 50_GB);
  // What is known of it before any run.
  run.resources[0].retrieval = 20_h;
  const RecoveryPlan plan(run.config, run.resources);
  CHECK(plan.static_critical_path(false).length == 20_h + 1_min);
  CHECK(plan.static_critical_path(false, true).length == 20_h + 1_min);
}

TEST_CASE("recovery: users are served before the blocks are loaded", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("db", ResourceKind::volume)};
  run.resources[0].data = DataId{0};
  run.points.at_any_time[0] = {.point = Time{}, .restored = 360_GB, .lost = {}};
  run.config.steps = {step("restore", 1_min, {}, {"db"}), step("redirect", 1_min, {"restore"})};
  run.config.steps[0].kind = StepKind::restore;
  run.config.steps[0].hydration = BytesPerSecond::of(100'000'000);  // an hour for 360 GB
  RecoveryOutcome outcome = run();
  CHECK(outcome.rta == 2_min);
  CHECK(outcome.full_speed == 61_min);
  run.config.steps[0].hydrate_first = true;
  outcome = run();
  CHECK(outcome.rta == 62_min);
  CHECK(outcome.full_speed == 62_min);
}

TEST_CASE("recovery: a type without capacity is replaced by the next larger, the next smaller, or nothing", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].count = 2;
  run.resources[0].ladder = {{"m5.large", 2, 0.096_usd_per_h}, {"m5.xlarge", 4, 0.192_usd_per_h},
                             {"m5.2xlarge", 8, 0.384_usd_per_h}};
  run.resources[0].wanted = 1;
  run.config.steps = {step("boot", 1_min, {}, {"web"}), step("warm", 4_min, {"boot"})};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].retry.attempts = 1;
  run.config.steps[1].cpu_bound = true;
  CHECK(run().resources[0].rung == 1U);
  CHECK(run().target_price == 0.384_usd_per_h);
  run.surroundings.short_types = {"m5.xlarge"};
  run.config.fallback = TypeFallback::larger;
  CHECK(run().resources[0].rung == 2U);
  CHECK(run().fallbacks == 1);
  CHECK(run().rta == 1_min + 2_min);  // twice the vCPUs
  run.config.fallback = TypeFallback::smaller;
  CHECK(run().resources[0].rung == 0U);
  CHECK(run().rta == 1_min + 8_min);
  CHECK(run().vcpus_share == 0.5);
  run.config.fallback = TypeFallback::fail;
  CHECK(run().failed);
  run.config.fallback = TypeFallback::larger;
  run.surroundings.short_types = {"m5.xlarge", "m5.2xlarge"};
  CHECK(run().failed);  // the ladder is exhausted
  run.resources[0].reserved = true;
  CHECK(run().resources[0].rung == 1U);
}

TEST_CASE("recovery: the last of n boots has the n-th power of one's distribution", "[recovery][stochastic]") {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].count = 9;
  run.config.steps = {step("boot", {}, {}, {"web"})};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].duration = DurationDistribution(Uniform{.low = 0, .high = 100});
  Tally last;
  for (std::uint64_t k = 0; k < 2000; ++k) last.add(to_seconds(*run(Time{}, k).rta));
  CHECK_THAT(last.mean(), Catch::Matchers::WithinAbs(100 * 9.0 / 10, 4 * last.standard_error()));
}

TEST_CASE("recovery: what stands at the target is not built again", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("web")};
  run.resources[0].count = 4;
  run.config.steps = {step("provision", 5_min), step("boot", 2_min, {"provision"}, {"web"})};
  run.config.steps[0].kind = StepKind::provision;
  run.config.steps[1].kind = StepKind::boot;
  run.target_built = false;
  CHECK(run().rta == 7_min);
  run.target_built = true;
  CHECK(run().rta == 2_min);
  run.resources[0].standing = 4;
  CHECK(run().rta == Duration{});
}

TEST_CASE("recovery: the source is shut down only where it can be reached, and never by a drill", "[recovery][table]") {
  PlanRun run;
  run.config.steps = {step("redirect", 1_min), step("stop", 1_min, {"redirect"})};
  run.config.steps[1].kind = StepKind::shut_down_source;
  run.config.steps[1].needed_for = NeededFor::nothing;
  CHECK(run().source_shut_down);
  CHECK_FALSE(run().double_serving);
  run.surroundings.outages = {{.site = 0, .zone = {}, .from = Time{}, .to = Time::at(3_h)}};
  CHECK_FALSE(run().source_shut_down);
  CHECK(run().double_serving);  // it comes back, and nobody told it to stop
  run.surroundings.outages[0].to = Time::max();
  CHECK_FALSE(run().double_serving);
  run.surroundings.outages.clear();
  run.drill = true;
  CHECK_FALSE(run().source_shut_down);
}

TEST_CASE("recovery: health checks do not see a grey failure", "[recovery][table]") {
  PlanRun run;
  run.config.steps = {step("detect", {})};
  run.config.steps[0].kind = StepKind::detect;
  run.config.steps[0].health_check = DnsHealthCheckConfig{};
  run.config.steps[0].grey_after = DurationDistribution(25_min);
  CHECK(run().rta < 97_s);
  run.grey = true;
  CHECK(run().rta == 25_min);
}

TEST_CASE("recovery: tasks that were given up are not enough", "[recovery][table]") {
  PlanRun run;
  run.resources = {resource("a"), resource("b"), resource("c"), resource("d")};
  for (PlanResource& row : run.resources) row.ladder = {{"m5.large", 2, UsdPerHour::of(100'000'000)}};
  run.config.steps = {step("boot", 2_min, {}, {"a", "b", "c", "d"}), step("redirect", 1_min, {"boot"})};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].may_fail = true;
  run.config.steps[0].enough = Ratio{0.5};
  run.config.steps[0].retry.attempts = 1;
  CHECK(run().rta == 3_min);
  run.surroundings.short_types = {"m5.large"};
  CHECK(run().failed);
  // Even where all that can be got is enough, a plan whose instances all fail serves nobody.
  run.config.steps[0].enough = Ratio{1};
  CHECK(run().failed);
  run.surroundings.short_types.clear();
  run.resources[0].lacking = true;  // this one fails, the others run
  CHECK(run().rta == 3_min);
}

TEST_CASE("recovery: an approval must still be valid when the calls are let through", "[recovery][analytic]") {
  PlanRun run;
  run.resources = {resource("a"), resource("b")};
  run.config.steps = {step("approve", {}), step("boot", 1_min, {"approve"}, {"a", "b"})};
  run.config.steps[0].kind = StepKind::approve;
  run.config.steps[0].approval = ApprovalConfig{.principal = "operator", .requestor = "operator", .valid_for = 10_min, .starts_after = {}};
  run.config.steps[1].kind = StepKind::boot;
  run.config.steps[1].needs_control_plane = true;
  run.config.steps[1].needs_approval = named("approve");
  run.config.steps[1].asks_again = false;
  run.config.steps[1].api_calls = 1;
  run.config.api_rate = requests_per_second(1.0 / 900);  // one at once, the other 15 minutes later
  const RecoveryOutcome outcome = run();
  CHECK(outcome.failed);
  CHECK(outcome.steps[1].denied == 1);
}

TEST_CASE("recovery: a drill meets the target as it is", "[recovery][analytic]") {
  PlanRun run;
  run.config.steps = {step("boot", 1_min)};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[0].retry.every = 10_min;
  run.drill = true;
  CHECK(run().rta == 1_min);
  run.surroundings.outages = {{.site = 1, .zone = {}, .from = Time{}, .to = Time::at(25_min)}};
  CHECK(run().rta == 31_min);
}

TEST_CASE("recovery: while no target is healthy Route 53 answers the primary, and the TTL counts from the first boot", "[recovery][analytic]") {
  const DnsConfig dns{.ttl = 60_s, .moved = {1}, .stale_share = {0}, .stale_factor = 1};
  PlanRun run;
  run.resources = {resource("app")};
  run.config.steps = {step("boot", 10_min, {}, {"app"}), step("redirect", 1_min)};
  run.config.steps[0].kind = StepKind::boot;
  run.config.steps[1].kind = StepKind::redirect;
  run.config.steps[1].dns = dns;
  const RecoveryOutcome early = run();
  CHECK(early.rta == 10_min + 1_min + 60_s);
  CHECK(names_of(run.config, early.path) == std::vector<std::string>{"boot", "redirect"});
  CHECK(test::total(early.path) == 12_min);
  run.resources[0].standing = 1;  // healthy at once
  CHECK(run().rta == 1_min + 60_s);
  // Of two groups the first one that serves will do.
  run.resources = {resource("app"), resource("other")};
  run.config.steps = {step("boot", 10_min, {}, {"app"}), step("late", 30_min, {}, {"other"}), step("redirect", 1_min)};
  run.config.steps[0].kind = run.config.steps[1].kind = StepKind::boot;
  run.config.steps[2].kind = StepKind::redirect;
  run.config.steps[2].dns = dns;
  const RecoveryOutcome both = run();
  CHECK(both.rta == 30_min);
  CHECK(both.steps[2].done == 10_min + 1_min + 60_s);
  // None ever is.
  run.config.gives_up_after = 2_d;
  run.config.steps[0].failure_probability = run.config.steps[1].failure_probability = {1};
  CHECK(run().failed);
  CHECK_FALSE(run().steps[2].done);
}
