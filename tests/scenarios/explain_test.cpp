// What explain says of a scenario.

#include <filesystem>
#include <regex>
#include <set>

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("explain: no line of any shipped scenario is wider than 80 columns", "[scenarios][property]") {
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(test::source_dir) / "scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    const LoadedScenario loaded = load_scenario(entry.path().string());
    REQUIRE(loaded.scenario);
    const std::string text = explain(*loaded.scenario);
    for (std::size_t start = 0, end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
      INFO(entry.path().filename().string() << ": " << text.substr(start, end - start));
      CHECK(end - start <= 80);
    }
  }
}

TEST_CASE("explain: what delays, multiplies and bills is told", "[scenarios][table]") {
  const std::string text = explain(test::shipped(
      "scenarios/quickstart.yaml",
      {"demand={web: {constant: 1000 requests/s, bursts: [{at: 6h, duration: 90s, factor: 3}]}}", "fleets.shop.serves=web",
       "fleets.shop.boot_time=2479.4s", "run.warm_up=0s", "billing.minimum_per_start=60s"}));
  CHECK_THAT(text, ContainsSubstring("from 6h on it is 3 times as high for 1m30s"));
  CHECK_THAT(text, ContainsSubstring("it is at most 3,000 requests/s"));
  CHECK_THAT(text, ContainsSubstring("boots for 41m19.4s"));
  CHECK_THAT(text, ContainsSubstring("A start is billed for 1m at least"));
  CHECK_THAT(text, !ContainsSubstring("not measured"));
}

TEST_CASE("explain: what the replication of a migrated server costs after its free time is told", "[scenarios][table]") {
  CHECK_THAT(explain(test::shipped("scenarios/claims/PP-13.yaml")),
             ContainsSubstring("free for 90d, of which 30d have gone when the run starts; then 0.042 USD/h"));
}

TEST_CASE("run: replications beyond the days of a recording are told", "[scenarios][property]") {
  // 45 days leave 16 days on which a run of 30 days can begin.
  const auto loaded = load_scenario((std::filesystem::path(test::source_dir) / "scenarios/rtb-four-groups.yaml").string());
  REQUIRE(loaded.scenario);
  RunOptions options;
  options.replications = 17;
  const RunResult result = run(*loaded.scenario, options);
  CHECK_THAT(result.warnings.empty() ? "" : result.warnings.back(), ContainsSubstring("fewer than the 17 replications"));
}

TEST_CASE("explain: a plan is drawn as bars whose lengths are its means", "[scenarios][table]") {
  const test::TemporaryFolder folder;
  const LoadedScenario loaded = load_scenario(folder.write("plan.yaml", R"(
fleetsim: 1
name: a plan of an hour
run: {start: 2024-01-01T00:00:00Z, duration: 2d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a]}, us-west-2: {zones: [us-west-2a]}}
environments:
  production: {region: us-east-1, instances: {web: {instance_type: m5.large}}}
  standby: {clone_of: production, region: us-west-2}
faults: {loss: {kind: region, regions: [us-east-1], at: [1d]}}
recovery:
  plan:
    protects: production
    target: standby
    steps:
      a: {duration: 15m}
      b: {kind: boot, of: [web], duration: 45m, after: [a]}
      c: {duration: 30m, after: [a]}
)").string());
  REQUIRE(loaded.scenario);
  // 48 columns for an hour: 12 for a, 36 for b, 24 for c, which b outlasts.
  CHECK_THAT(explain(*loaded.scenario), ContainsSubstring("    a  |" + std::string(12, '#') + std::string(36, ' ') + "|\n"));
  CHECK_THAT(explain(*loaded.scenario), ContainsSubstring("    b  |" + std::string(12, ' ') + std::string(36, '#') + "|\n"));
  CHECK_THAT(explain(*loaded.scenario),
             ContainsSubstring("    c  |" + std::string(12, ' ') + std::string(24, '-') + std::string(12, ' ') + "|\n"));
  CHECK_THAT(explain(*loaded.scenario), ContainsSubstring("set off by loss"));
}

TEST_CASE("explain: graphs of every shipped scenario are one digraph whose edges lead between its nodes", "[scenarios][property]") {
  const std::regex node(R"re(^ +([a-z0-9_]+) \[)re", std::regex::multiline), edge(R"re(^ +([a-z0-9_]+) -> ([a-z0-9_]+)[; ])re", std::regex::multiline);
  std::size_t drawn = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(test::source_dir) / "scenarios")) {
    if (entry.path().extension() != ".yaml") continue;
    INFO(entry.path().filename().string());
    const LoadedScenario loaded = load_scenario(entry.path().string());
    REQUIRE(loaded.scenario);
    const std::string dot = explain_dot(*loaded.scenario);
    CHECK(dot.starts_with("digraph \""));
    CHECK(dot.find("digraph ", 1) == std::string::npos);
    std::set<std::string> nodes;
    for (std::sregex_iterator it(dot.begin(), dot.end(), node), end; it != end; ++it) CHECK(nodes.insert((*it)[1]).second);
    for (std::sregex_iterator it(dot.begin(), dot.end(), edge), end; it != end; ++it) {
      INFO(it->str());
      CHECK(nodes.contains((*it)[1]));
      CHECK(nodes.contains((*it)[2]));
      ++drawn;
    }
  }
  CHECK(drawn > 50);
}

TEST_CASE("explain: a graph shows what a clone lacks, who decides, and any name", "[scenarios][table]") {
  const test::TemporaryFolder folder;
  const LoadedScenario loaded = load_scenario(folder.write("graph.yaml", R"(
fleetsim: 1
name: a "quoted" name
run: {start: 2024-01-01T00:00:00Z, duration: 2d, replications: 1}
regions: {us-east-1: {zones: [us-east-1a]}, us-west-2: {zones: [us-west-2a]}}
environments:
  production: {region: us-east-1, images: {ami: {}}, instances: {web: {instance_type: m5.large, count: 3, image: ami}}}
  standby: {clone_of: production, region: us-west-2, standing: {web: {count: 2}}}
people: {on-call: {}}
faults: {loss: {kind: region, regions: [us-east-1], at: [1d]}}
recovery:
  plan:
    protects: production
    target: standby
    steps:
      decide: {kind: decide, people: on-call, duration: 5m}
      boot: {kind: boot, of: [web], after: [decide], duration: 1m}
      look: {duration: 1h, after: [boot], needed_for: nothing}
)").string());
  REQUIRE(loaded.scenario);
  const std::string dot = explain_dot(*loaded.scenario);
  CHECK_THAT(dot, ContainsSubstring(R"re(digraph "a \"quoted\" name" {)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re([shape=box3d, label="web\n3 x m5.large"];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re([shape=box3d, label="web\n3 x m5.large, 2 standing"];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re(e1_missing_0 [style=dashed, color=red, fontcolor=red, label="lacks a copy\nin Region us-west-2"];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re(p0_0 [style="bold", label="decide\ndecide, 5m, by on-call"];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re(p0_0 -> p0_1 [style="bold"];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re(p0_1 -> p0_served [style=bold];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re(p0_2 [style="dashed", label="look\ncustom, 1h"];)re"));
}

TEST_CASE("explain: a failover cluster is told with what each loss leaves, and drawn", "[scenarios][table]") {
  const Scenario scenario = test::shipped("scenarios/sql-failover-cluster.yaml");
  std::string text = explain(scenario);
  text = std::regex_replace(text, std::regex("\\n +"), " ");  // wrapped lines as one
  CHECK_THAT(text, ContainsSubstring("Failover cluster sql: 3 nodes, file share witness in us-east-2; votes given anew 10s after a loss"));
  CHECK_THAT(text, ContainsSubstring("another node takes over after 42s in the mean = heartbeats 20s + regroup 3s + bring online 19s"));
  CHECK_THAT(text, ContainsSubstring("without us-east-1a: 2 of 3 votes, quorum, on production/sql-2"));
  CHECK_THAT(text, ContainsSubstring("without us-east-1: 1 of 3 votes, no quorum; bit by bit 2 of 3 votes, quorum, on west/sql-1"));
  CHECK_THAT(text, ContainsSubstring("without the link of us-east-1 and us-west-2: 2 of 3 votes, quorum, on production/sql-1"));
  CHECK_THAT(text, ContainsSubstring("force: force_quorum, 10m in the mean of cluster sql, after detect, by on-call; nobody waits for it"));
  const std::string dot = explain_dot(scenario);
  CHECK_THAT(dot, ContainsSubstring(R"re(f0_0 [shape=box3d, label="production/sql-1\nus-east-1a, runs the application"];)re"));
  CHECK_THAT(dot, ContainsSubstring(R"re(f0_witness [shape=note, label="witness\nfile share witness in us-east-2"];)re"));
  CHECK_THAT(dot, ContainsSubstring("f0_0 -> f0_2 [dir=none];"));
}
