// The critical path against all paths, one by one.

#include <algorithm>

#include "fleetsim/sim/random.hpp"
#include "models/recovery/harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::named;
using test::PlanRun;
using test::step;

namespace {

/// The longest chain that ends with the step, by trying every chain.
Duration longest_to(const std::vector<StepConfig>& steps, std::size_t s) {
  Duration longest;
  for (const auto& name : steps[s].after) {
    for (std::size_t before = 0; before < steps.size(); ++before) {
      if (steps[before].name.value == name.value) longest = std::max(longest, longest_to(steps, before));
    }
  }
  return longest + steps[s].duration.mean();
}

std::vector<StepConfig> random_steps(Stream& stream) {
  std::vector<StepConfig> steps;
  const std::size_t count = 1 + stream.below(12);
  for (std::size_t s = 0; s < count; ++s) {
    std::vector<std::string> after;
    for (std::size_t before = 0; before < s; ++before) {
      if (stream.chance(0.3)) after.push_back("s" + std::to_string(before));
    }
    steps.push_back(step("s" + std::to_string(s), 1_s * (1 + stream.below(1000)), after));
  }
  return steps;
}

}  // namespace

TEST_CASE("critical path: without quorum a failover waits for what forces it, and then only starts", "[recovery][analytic]") {
  RecoveryPlanConfig config;
  config.steps = {test::step("detect", 3_min), test::step("force", 10_min, {"detect"}), test::step("failover", 5_s),
                  test::step("verify", 1_min, {"failover"})};
  config.steps[0].needed_for = config.steps[1].needed_for = NeededFor::nothing;
  config.steps[1].kind = StepKind::force_quorum;
  config.steps[2].kind = StepKind::cluster_failover;
  config.steps[2].takeover_mean = 42_s;
  config.steps[2].restart_mean = 19_s;
  using Steps = std::vector<std::size_t>;
  const RecoveryPlan plan(config, {test::resource("sql")});
  CHECK(plan.static_critical_path(false).steps == Steps{2, 3});
  CHECK(plan.static_critical_path(false).length == 42_s + 5_s + 1_min);
  const auto without = plan.static_path_without_quorum(false);
  REQUIRE(without);
  CHECK(without->steps == Steps{0, 1, 2, 3});
  CHECK(without->length == 3_min + 10_min + 19_s + 5_s + 1_min);
  // A cluster that nobody forces keeps its quorum, and its takeover.
  RecoveryPlanConfig two = config;
  two.steps.push_back(test::step("queue", 5_s));
  two.steps.back().kind = StepKind::cluster_failover;
  two.steps.back().cluster_row = 1;
  two.steps.back().takeover_mean = 35_min;
  two.steps.back().restart_mean = 30_min;
  CHECK(RecoveryPlan(two, {test::resource("sql")}).static_path_without_quorum(false)->length == 35_min + 5_s);
  // Of another cluster, or after the failover itself, it forces nothing for it.
  config.steps[1].cluster_row = 1;
  CHECK_FALSE(RecoveryPlan(config, {test::resource("sql")}).static_path_without_quorum(false));
  config.steps[1].cluster_row = 0;
  config.steps[1].after = test::all_named({"failover"});
  CHECK_FALSE(RecoveryPlan(config, {test::resource("sql")}).static_path_without_quorum(false));
}

TEST_CASE("critical path: the time to serve is the longest of all paths", "[recovery][property]") {
  Stream stream(7, 0, "critical path");
  for (int k = 0; k < 300; ++k) {
    PlanRun run;
    run.config.steps = random_steps(stream);
    Duration longest;
    for (std::size_t s = 0; s < run.config.steps.size(); ++s) longest = std::max(longest, longest_to(run.config.steps, s));
    const RecoveryOutcome outcome = run();
    CHECK(outcome.rta == longest);
    CHECK(test::total(outcome.path) == longest);
    const RecoveryPlan::StaticPath path = RecoveryPlan(run.config, {test::resource("app")}).static_critical_path(false);
    CHECK(path.length == longest);
    Duration sum;
    for (const Duration length : path.lengths) sum += length;
    CHECK(sum == longest);
    // Each part follows the one before it.
    for (std::size_t p = 1; p < path.steps.size(); ++p) {
      const auto& after = run.config.steps[path.steps[p]].after;
      const std::string& before = run.config.steps[path.steps[p - 1]].name.value;
      CHECK(std::any_of(after.begin(), after.end(), [&](const auto& name) { return name.value == before; }));
    }
  }
}

TEST_CASE("plan: a cycle is found and named in its order", "[recovery][table]") {
  std::vector<StepConfig> steps{step("a", 1_s), step("b", 1_s, {"a", "d"}), step("c", 1_s, {"b"}), step("d", 1_s, {"c"})};
  std::vector<std::string> cycle = find_cycle(steps);
  REQUIRE(cycle.size() == 4);
  CHECK(cycle.front() == cycle.back());
  std::rotate(cycle.begin(), std::find(cycle.begin(), cycle.end() - 1, "b"), cycle.end() - 1);
  CHECK(std::vector<std::string>(cycle.begin(), cycle.begin() + 3) == std::vector<std::string>{"b", "c", "d"});
  steps[1].after = test::all_named({"a"});
  CHECK(find_cycle(steps).empty());
}
