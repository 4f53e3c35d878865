/// The regression benchmark: what it takes for a regression, and what it does not.

#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>

#include <nlohmann/json.hpp>

#include "cli/four_instances.hpp"
#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "tools/cli/bench/judge.hpp"
#include "tools/cli/output/bench.hpp"

namespace fleetsim::test {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
namespace bench = cli::bench;

namespace {

/// In a baseline, before the hours of four instances in a day.
const std::string hours = "\"fleet.shop.instance_hours\", \"unit\": \"h\", \"mean\": ";

/// A suite of one case, with what its test adds to the case and the suite.
struct SuiteFile {
  explicit SuiteFile(std::string_view of_case = "", std::string_view of_suite = "") {
    folder.write("fleet.yaml", four_instances);
    path = folder.write("suite.yaml", "fleetsim_suite: 1\nname: a suite\nrounds: 1\n" + std::string(of_suite) +
                                          "cases:\n  four:\n    scenario: fleet.yaml\n" + std::string(of_case));
  }
  std::string baseline() const { return (folder.path() / "suite.baseline.json").string(); }
  ProgramRun run(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"bench", path});
    return run_program(options);
  }
  /// Replaces what matches in the baseline.
  void change_baseline(const std::string& pattern, const std::string& by) const {
    std::ifstream in(baseline());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    std::ofstream(baseline()) << std::regex_replace(text, std::regex(pattern), by);
  }
  TemporaryFolder folder;
  std::string path;
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("bench: a baseline just made is met, and making it again gives the same results", "[cli][bench]") {
  const SuiteFile suite;
  const ProgramRun made = suite.run({"--update", "--no-speed"});
  INFO(made.err);
  CHECK(made.exit_code == 0);
  CHECK_THAT(made.out, ContainsSubstring("The baseline is renewed"));
  const ProgramRun met = suite.run({"--no-speed"});
  CHECK(met.exit_code == 0);
  CHECK_THAT(met.out, ContainsSubstring("No regression."));
  CHECK(met.err.empty());
}

TEST_CASE("bench: another result is a regression, named with both values", "[cli][bench]") {
  const SuiteFile suite;
  suite.run({"--update", "--no-speed"});
  suite.change_baseline(hours + "96", hours + "100");
  const ProgramRun run = suite.run({"--no-speed", "--json", (suite.folder.path() / "r.json").string(), "--junit",
                                    (suite.folder.path() / "r.xml").string()});
  CHECK(run.exit_code == 1);
  // Four instances for a day.
  CHECK_THAT(run.out, ContainsSubstring("fleet.shop.instance_hours\n    100 h -> 96 h (-4.0 %)"));
  CHECK_THAT(run.out, ContainsSubstring("1 regression."));
  const auto json = nlohmann::json::parse(contents(suite.folder.path() / "r.json"));
  CHECK(json["regressed"] == true);
  CHECK(json["cases"][0]["result"] == "moved");
  CHECK(json["cases"][0]["moved"][0]["metric"] == "fleet.shop.instance_hours");
  CHECK(json["cases"][0]["moved"][0]["was"] == 100);
  const std::string junit = contents(suite.folder.path() / "r.xml");
  CHECK_THAT(junit, ContainsSubstring("tests=\"1\" failures=\"1\""));
  CHECK_THAT(junit, ContainsSubstring("fleet.shop.instance_hours: 100 -&gt; 96"));
}

TEST_CASE("bench: where metrics are compared, what stays within the recorded tolerance is no regression",
          "[cli][bench]") {
  const SuiteFile suite("    compare: metrics\n    tolerances: {fleet.shop.instance_hours: 5%}\n");
  suite.run({"--update", "--no-speed"});
  suite.change_baseline("\"fingerprint\": \"[0-9a-f]+\"", "\"fingerprint\": \"0000000000000000\"");
  CHECK(suite.run({"--no-speed"}).exit_code == 0);
  suite.change_baseline(hours + "96", hours + "100");
  const ProgramRun run = suite.run({"--no-speed"});
  INFO(run.out);
  CHECK_THAT(run.out, ContainsSubstring("within tolerance"));
  CHECK(run.exit_code == 0);
}

TEST_CASE("bench: a speed far below the recorded one is a regression, unless speed is not judged", "[cli][bench]") {
  const SuiteFile suite;
  suite.run({"--update"});
  suite.change_baseline("\"loops\": [-0-9.e+]+", "\"loops\": 1e-9");
  const ProgramRun slow = suite.run();
  INFO(slow.out);
  CHECK(slow.exit_code == 1);
  CHECK_THAT(slow.out, ContainsSubstring("SLOWER"));
  CHECK(suite.run({"--no-speed"}).exit_code == 0);
}

TEST_CASE("bench: other settings, a case that is not recorded and one left over are told", "[cli][bench]") {
  const SuiteFile suite;
  suite.run({"--update", "--no-speed"});
  suite.change_baseline("\"replications\": 2", "\"replications\": 3");
  CHECK_THAT(suite.run({"--no-speed"}).out, ContainsSubstring("OTHER SETTINGS"));
  suite.change_baseline("\"four\"", "\"five\"");
  const ProgramRun run = suite.run({"--no-speed"});
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.out, ContainsSubstring("NOT RECORDED"));
  CHECK_THAT(run.out, ContainsSubstring("'five'"));
}

TEST_CASE("bench: a wrong suite is told whole, with places, and nothing runs", "[cli][bench]") {
  const SuiteFile suite("    compare: speed\n    replications: 0\n    tolerance: 1%\n    sett: [a=b]\n",
                        "slower_allowed: -5%\n");
  const ProgramRun run = suite.run({"--update"});
  CHECK(run.exit_code == 2);
  const auto told = [&](std::string_view text) {
    CHECK_THAT(run.err, ContainsSubstring(suite.path + std::string(text)));
  };
  told(":4:17: error: slower_allowed");
  told(":8:14: error: cases.four.compare: 'speed' is not one of fingerprint, metrics");
  told(":9:19: error: cases.four.replications");
  told(":11:5: error: unknown key 'sett'");
  CHECK_THAT(run.err, ContainsSubstring("nothing was run"));
  CHECK_FALSE(fs::exists(suite.baseline()));
}

TEST_CASE("bench: without a baseline it says how to make one", "[cli][bench]") {
  const ProgramRun run = SuiteFile().run();
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("is not there\n  help: make it with --update"));
}

TEST_CASE("bench: the verdict on speed follows what the suite allows, to the number", "[cli][bench]") {
  bench::Suite suite;
  suite.slower_allowed = Ratio{0.25};
  bench::Measured measured;
  measured.result.seed = 1;
  measured.result.replications = 1;
  bench::Recorded recorded = bench::to_record({}, measured);
  recorded.loops = 4;
  measured.loops = 5;  // 25 % more
  CHECK_FALSE(bench::judge(suite, {}, measured, &recorded, true).regressed());
  measured.loops = 5.01;
  CHECK(bench::judge(suite, {}, measured, &recorded, true).regressed());
  CHECK_FALSE(bench::judge(suite, {}, measured, &recorded, false).regressed());
  // Instructions are compared only if both were counted the same way.
  measured.loops = 4;
  measured.instructions = 1000;
  measured.counted_by = "callgrind";
  recorded.instructions = 100;
  recorded.counted_by = "perf";
  CHECK_FALSE(bench::judge(suite, {}, measured, &recorded, true).regressed());
  recorded.counted_by = "callgrind";
  CHECK(bench::judge(suite, {}, measured, &recorded, true).regressed());
}

TEST_CASE("bench: costs recorded with another build are told and not judged; on another processor speed is judged",
          "[cli][bench]") {
  bench::Measured measured;
  measured.result.seed = 1;
  measured.result.replications = 1;
  measured.loops = 4;
  measured.instructions = 1000;
  measured.counted_by = "callgrind";
  bench::Recorded recorded = bench::to_record({}, measured);
  recorded.instructions = 100;
  bench::Verdict verdict = bench::judge({}, {}, measured, &recorded, true, {.other_processor = true});
  CHECK_FALSE(verdict.regressed());
  CHECK(verdict.instructions->change() == 9);
  recorded.loops = 1;
  CHECK(bench::judge({}, {}, measured, &recorded, true, {.other_processor = true}).regressed());
  verdict = bench::judge({}, {}, measured, &recorded, true, {.other_build = true});
  CHECK_FALSE(verdict.regressed());
  CHECK(verdict.speed->change() == 3);

  const SuiteFile suite;
  suite.run({"--update"});
  suite.change_baseline("\"loops\": [-0-9.e+]+", "\"loops\": 1e-9");
  suite.change_baseline("\"processor\": \"[^\"]*\"", "\"processor\": \"Elbrus\"");
  const ProgramRun slow = suite.run();
  CHECK(slow.exit_code == 1);
  CHECK_THAT(slow.out, ContainsSubstring("of another processor, Elbrus"));
  suite.change_baseline("\"build\": \"[^\"]*\"", "\"build\": \"Borland 5.5, Debug\"");
  const ProgramRun other = suite.run();
  CHECK(other.exit_code == 0);
  CHECK_THAT(other.out, ContainsSubstring("of another build, Borland 5.5, Debug"));
}

TEST_CASE("bench: a baseline that does not tell its build is judged", "[cli][bench]") {
  const SuiteFile suite;
  suite.run({"--update"});
  suite.change_baseline("\"loops\": [-0-9.e+]+", "\"loops\": 1e-9");
  suite.change_baseline("\"build\": \"[^\"]*\", \"processor\": \"[^\"]*\", ", "");
  CHECK(suite.run().exit_code == 1);
}

TEST_CASE("bench: callgrind counts the same instructions on every run", "[cli][bench]") {
  const SuiteFile suite;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return;  // valgrind does not run a program with sanitizers
#endif
  const ProgramRun made = suite.run({"--update", "--no-speed", "--callgrind"});
  if (made.exit_code == 2) {
    WARN(made.err);  // not installed
    return;
  }
  const std::string json = (suite.folder.path() / "r.json").string();
  const ProgramRun met = suite.run({"--no-speed", "--callgrind", "--json", json});
  CHECK(met.exit_code == 0);
  const auto instructions = nlohmann::json::parse(contents(json))["cases"][0];
  CHECK(instructions["counted_by"] == "callgrind");
  // A day of four instances has some hundred events, each of some hundred instructions.
  CHECK(instructions["instructions"]["is"] > 1e4);
  // The program's start depends on its environment by some thousands, which leave with the difference of two runs.
  CHECK(std::abs(instructions["instructions"]["change"].get<double>()) < 0.01);
}

TEST_CASE("bench: that valgrind is not there is told before anything runs", "[cli][bench]") {
  const SuiteFile suite;
  const ProgramRun run =
      run_program({"bench", suite.path, "--update", "--callgrind"}, {.environment = {"PATH=/nowhere"}});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("--callgrind counts with valgrind, which is not installed"));
  CHECK_FALSE(fs::exists(suite.baseline()));
}

TEST_CASE("bench: a suite's name of any characters makes valid XML", "[cli][bench]") {
  cli::bench::Report report;
  report.suite = "a <suite> & \"more\" \x01\t\n\x1b é";
  CHECK_THAT(cli::bench::to_junit(report),
             ContainsSubstring("name=\"a &lt;suite&gt; &amp; &quot;more&quot; ?&#9;&#10;? é\""));
}

TEST_CASE("bench: two rounds that differ are a regression whatever was recorded", "[cli][bench]") {
  bench::Measured measured;
  measured.deterministic = false;
  const bench::Recorded recorded = bench::to_record({}, measured);
  CHECK(bench::judge({}, {}, measured, &recorded, false).outcome == bench::Outcome::not_deterministic);
  CHECK(bench::judge({}, {}, measured, &recorded, false).regressed());
}

}  // namespace fleetsim::test
