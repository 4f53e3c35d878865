// Plans and faults that cannot be meant: each is found at its place when the scenario is read.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;
using Catch::Matchers::WithinAbs;

namespace {

/// Everything that reading says of the text, and whether it can be run.
struct Said {
  std::string text;
  bool runs = false;
  bool has(std::string_view part) const { return text.find(part) != std::string::npos; }
};

Said read(const std::string& text) {
  const test::TemporaryFolder folder;
  const LoadedScenario loaded = load_scenario(folder.write("scenario.yaml", text).string());
  Said said{.text = {}, .runs = loaded.scenario.has_value()};
  for (const auto& diagnostic : loaded.diagnostics) said.text += to_text(diagnostic);
  return said;
}

/// Line 9 holds the protected volume, 12 the environment, 15 the plan, 16 the fault.
std::string scenario(const std::string& steps, const std::string& more = "", const std::string& fault = "kind: region, regions: [us-east-1], duration: 1h",
                     const std::string& target = "copy", const std::string& protected_in = "us-east-1a") {
  return fmt::format(R"(fleetsim: 1
name: plans that cannot be meant
run: {{start: 2024-01-01T00:00:00Z, duration: 20d, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a, us-east-1b]}}
  us-west-2: {{zones: [us-west-2a]}}
region_links: [{{between: [us-east-1, us-west-2], bandwidth: 8 MB/s}}]
protection:
  volumes: {{files: {{size: 100 GiB, data: 50 GiB, zone: {}, writes: {{rate: 3 MB/s, working_set: 5 GiB}}}}}}
  policies: {{hourly: {{protects: [files], schedule: rate(1 hour), snapshot: {{time: 5m}}, copies: [{{region: us-west-2, time: 10m}}]}}}}
environments:
  production: {{region: us-east-1, volumes: {{files: {{zone: us-east-1a}}}}, instances: {{app: {{instance_type: m5.large, uses: [files]}}}}}}
  copy: {{clone_of: production, region: us-west-2}}
recovery:
  plan: {{protects: production, target: {}, answers: [loss], steps: {{{}}}{}}}
faults: {{loss: {{{}, at: [5d30m]}}}}
)", protected_in, target, steps, more, fault);
}

const std::string restore = "restore: {kind: restore, of: [files]}, boot: {kind: boot, of: [app]}";

}  // namespace

TEST_CASE("plan errors: the scenario of these tests is sound", "[scenarios][table]") {
  const Said said = read(scenario(restore));
  INFO(said.text);
  CHECK(said.runs);
  CHECK(said.text.empty());
}

TEST_CASE("plan errors: a way back that is written to faster than it is sent is found, and fails in the run", "[scenarios][analytic]") {
  const auto back = [](const char* bandwidth, const char* more = "") {
    return scenario(restore, fmt::format(", failback: {{bandwidth: {}, switch_duration: 0s{}}}", bandwidth, more));
  };
  CHECK(read(back("4 MB/s")).text.empty());
  const Said slow = read(back("2 MB/s"));
  CHECK(slow.runs);
  CHECK(slow.has(":15:"));
  CHECK(slow.has("the way back of 'files' is never in sync: 3 MB/s are written in the mean while 2 MB/s are sent back, so what waits grows by 1 MB each second"));
  CHECK(read(back("3 MB/s")).has("never in sync"));  // as fast is not fast enough
  // 50 GiB at 3.1 MB/s less 3 MB/s of writes take 6.2 days.
  CHECK(read(scenario(restore, ", gives_up_after: 5d, failback: {bandwidth: 3.1 MB/s, resync: full}")).has("is not in sync before plan 'plan' gives up after 5d"));
  CHECK_FALSE(read(scenario(restore, ", gives_up_after: 7d, failback: {bandwidth: 3.1 MB/s, resync: full}")).has("not in sync"));
  for (const char* ended : {", gives_up_after: 2d", ", gives_up_after: 30d"}) {
    INFO(ended);  // by the plan, and by the end of the run after 14 days
    const RunResult result = run_text(scenario(restore, fmt::format("{}, failback: {{bandwidth: 2 MB/s}}", ended)));
    CHECK(value(result, "recovery.plan.failback_never_in_sync_probability") == 1);
    CHECK(result.find("recovery.plan.ready_again_after")->n == 0);
    REQUIRE(result.courses.size() == 1);
    CHECK(result.courses.front().entries.back().what.find("the way back fails") == 0);
  }
  // The link of 8 MB/s is no way back for 9.
  std::string wide = back("100 MB/s");
  wide.replace(wide.find("rate: 3 MB/s"), 12, "rate: 9 MB/s");
  CHECK(read(wide).has("never in sync: 9 MB/s are written in the mean, and the link from us-west-2 to us-east-1 carries 8 MB/s"));
}

TEST_CASE("plan errors: zones, Regions and accounts that contradict each other", "[scenarios][table]") {
  const Said zones = read(scenario(restore, "", "kind: region, regions: [us-east-1], duration: 1h", "copy", "us-east-1b"));
  CHECK_FALSE(zones.runs);
  CHECK(zones.has(":12:"));
  CHECK(zones.has("'files' lies in zone us-east-1a here, and 'files' in us-east-1b under `protection`"));
  std::string west = scenario(restore, "", "kind: region, regions: [us-east-1], duration: 1h", "copy", "us-west-2a");
  west.replace(west.find("copies: [{region: us-west-2"), 27, "copies: [{region: us-east-1");
  const Said regions = read(west);
  CHECK_FALSE(regions.runs);
  CHECK(regions.has("in us-east-1, account main as environment 'production' has it, and 'files' in us-west-2, account main"));
}

TEST_CASE("plan errors: a target that is what it replaces", "[scenarios][table]") {
  const Said back = read(scenario("restore: {kind: restore, of: [files]}", ", failback: {bandwidth: 10 MB/s}", "kind: volume, resources: [files]", "production"));
  CHECK_FALSE(back.runs);
  CHECK(back.has("plan 'plan' recovers where it was: there is no way back"));
  const Said lost = read(scenario("restore: {kind: restore, of: [files]}", "", "kind: region, regions: [us-east-1]", "production"));
  CHECK(lost.runs);
  CHECK(lost.has("plan 'plan' recovers 'files' in 'production', which fault 'loss' takes for good: it can only fail"));
  CHECK_FALSE(read(scenario(restore, "", "kind: region, regions: [us-east-1]")).has("for good"));
  CHECK_FALSE(read(scenario("restore: {kind: restore, of: [files]}", "", "kind: volume, resources: [files]", "production")).has("for good"));
}

TEST_CASE("plan errors: steps that say nothing, or say it twice", "[scenarios][table]") {
  struct Row {
    const char *steps, *message;
  };
  for (const Row& row : {Row{"restore: {kind: restore, of: [files], hydrate_first: true}", "hydrate_first: step 'restore' loads no blocks that could be waited for"},
                         Row{"restore: {kind: restore, of: [files, files]}", "step 'restore' names 'files' twice in of"},
                         Row{"restore: {kind: restore, of: [files]}, boot: {kind: boot, of: [app], after: [restore, restore]}", "step 'boot' names 'restore' twice in after"},
                         Row{"restore: {kind: restore, of: [files], enough: 0%}", "recovery.plan.steps.restore.enough: 0% must be above 0%"}}) {
    INFO(row.steps);
    const Said said = read(scenario(row.steps));
    INFO(said.text);
    CHECK_FALSE(said.runs);
    CHECK(said.has(":15:"));
    CHECK(said.has(row.message));
  }
  CHECK(read(scenario("restore: {kind: restore, of: [files], hydrate_first: true, hydration: 100 MB/s}, boot: {kind: boot, of: [app]}")).text.empty());
}

TEST_CASE("plan errors: a redirect before any instance serves, with DNS or without", "[scenarios][table]") {
  const std::string early = restore + ", redirect: {kind: redirect";
  CHECK(read(scenario(early + "}")).has("step 'redirect' may redirect before any instance serves: its clients find nobody"));
  CHECK(read(scenario(early + ", dns: {ttl: 60s}}")).has("while no target is healthy, Route 53 answers the primary, and the step waits"));
  CHECK(read(scenario(early + ", after: [boot]}")).text.empty());
}

TEST_CASE("plan errors: faults that last no time, and keys that a kind of fault does not use", "[scenarios][table]") {
  struct Row {
    const char *fault, *message;
  };
  for (const Row& row : {Row{"kind: region, regions: [us-east-1], duration: 0s", "duration: fault 'loss' would be over as it begins"},
                         Row{"kind: region, regions: [us-east-1], share: 50%", "share: a fault of kind region strikes all of a place"},
                         Row{"kind: account, accounts: [main], share: 50%", "share: a fault of kind account strikes all of a place"},
                         Row{"kind: spot_drought, regions: [us-east-1], instance_types: [m5.large]", "instance_types: a fault of kind spot_drought asks for no type"}}) {
    INFO(row.fault);
    const Said said = read(scenario(restore, "", row.fault));
    INFO(said.text);
    CHECK_FALSE(said.runs);
    CHECK(said.has(":16:"));
    CHECK(said.has(row.message));
  }
  CHECK(read(scenario(restore, "", "kind: capacity_shortage, regions: [us-west-2], share: 50%, instance_types: [m5.large], duration: 1h")).runs);
}
