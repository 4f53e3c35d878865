/// The regression benchmark: what it takes for a regression, and what it does not.

#include <cmath>
#include <fstream>
#include <iterator>
#include <regex>

#include <nlohmann/json.hpp>

#include "cli/four_instances.hpp"
#include "cli/program.hpp"
#include "fleetsim/scenario.hpp"
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
  CHECK_THAT(made.out, ContainsSubstring("The baseline is made"));
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

TEST_CASE("bench: the table lists what moved by more than its tolerance, in digits that show it, and counts the rest",
          "[cli][bench]") {
  const SuiteFile suite("    compare: metrics\n    tolerance: 1%\n");
  suite.run({"--update", "--no-speed"});
  // Four m5.large for a day at 0.096 USD/h cost 9.216 USD.
  const std::string cost = "\"fleet.shop.cost\", \"unit\": \"USD\", \"mean\": ";
  suite.change_baseline(cost + "9.216", cost + "9.2");
  const ProgramRun inside = suite.run({"--no-speed"});
  CHECK_THAT(inside.out, ContainsSubstring("four\n  1 moved within its tolerance\n"));
  suite.change_baseline(hours + "96", hours + "95.012");
  const ProgramRun run = suite.run({"--no-speed"});
  INFO(run.out);
  CHECK(run.exit_code == 1);
  // 96 / 95.012 is 1.0104, which one decimal would show as what is allowed.
  CHECK_THAT(run.out, ContainsSubstring("95.012 h -> 96 h (+1.04 %, allowed 1 %)\n"
                                        "  1 more moved within its tolerance\n"));
  CHECK_THAT(run.out, !ContainsSubstring("fleet.shop.cost"));
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
  const std::string junit = (suite.folder.path() / "r.xml").string();
  const ProgramRun other = suite.run({"--no-speed", "--junit", junit});
  CHECK(other.exit_code == 1);
  CHECK_THAT(other.out, ContainsSubstring("OTHER SETTINGS"));
  const std::string which = "recorded with 3 replications and seed 3, run with 2 and 3";
  CHECK_THAT(other.out, ContainsSubstring("'four' was " + which + ".\n"));
  CHECK_THAT(contents(junit), ContainsSubstring("message=\"" + which + "\""));
  suite.change_baseline("\"four\"", "\"five\"");
  const ProgramRun run = suite.run({"--no-speed"});
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.out, ContainsSubstring("NOT RECORDED"));
  CHECK_THAT(run.out, ContainsSubstring("'five'"));
}

TEST_CASE("bench: a wrong suite is told whole, with places, and nothing runs", "[cli][bench]") {
  const SuiteFile suite("    compare: speed\n    replications: 0\n    tolerance: 1%\n    sett: [a=b]\n",
                        "slower_allowed: 30\n");
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
  const SuiteFile named("", "baseline: other.json\n");
  CHECK_THAT(named.run().err, ContainsSubstring(named.path + ":4:11: error: the baseline"));
}

TEST_CASE("bench: a baseline that cannot be read is told with the way to a new one", "[cli][bench]") {
  const SuiteFile suite;
  suite.run({"--update", "--no-speed"});
  const std::string whole = contents(suite.baseline());
  std::ofstream(suite.baseline()) << whole.substr(0, whole.size() / 2);
  const std::string half = contents(suite.baseline());
  for (const char* option : {"--no-speed", "--update"}) {
    const ProgramRun run = suite.run({option});
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.err, ContainsSubstring(suite.baseline() + ":"));
    CHECK_THAT(run.err, ContainsSubstring("restore it, or delete it and make it anew with --update"));
    CHECK(contents(suite.baseline()) == half);
  }
}

TEST_CASE("bench: a tolerance of a metric that the scenario does not report is an error", "[cli][bench]") {
  const SuiteFile suite("    compare: metrics\n    tolerances: {fleet.shop.costs: 5%, fleet.shop.cost: 1%}\n");
  const ProgramRun run = suite.run({"--update"});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring(suite.path + ":8:18: error: cases.four.tolerances: the scenario has no metric "
                                                     "'fleet.shop.costs'\n  help: a metric with a similar name exists: "
                                                     "fleet.shop.cost\n"));
  CHECK_THAT(run.err, ContainsSubstring("1 error; nothing was run"));
}

TEST_CASE("bench: tolerances changed in the suite alone are told, and those of the baseline count", "[cli][bench]") {
  const SuiteFile suite("    compare: metrics\n    tolerance: 1%\n");
  suite.run({"--update", "--no-speed"});
  suite.change_baseline(hours + "96", hours + "100");
  suite.folder.write("suite.yaml", std::regex_replace(contents(suite.path), std::regex("1%"), "5%"));
  const ProgramRun run = suite.run({"--no-speed"});
  CHECK(run.exit_code == 1);
  CHECK_THAT(run.out, ContainsSubstring("The suite's tolerances of 'four' are not those that the baseline was made with"));
  suite.run({"--update", "--no-speed"});
  suite.change_baseline(hours + "96", hours + "100");
  const ProgramRun renewed = suite.run({"--no-speed"});
  CHECK(renewed.exit_code == 0);
  CHECK_THAT(renewed.out, !ContainsSubstring("The suite's tolerances"));
}

TEST_CASE("bench: a baseline renewed on purpose is no regression in any form of the answer", "[cli][bench]") {
  const SuiteFile suite;
  const std::string json = (suite.folder.path() / "r.json").string(), junit = (suite.folder.path() / "r.xml").string();
  const ProgramRun made = suite.run({"--update", "--no-speed"});
  CHECK_THAT(made.out, ContainsSubstring("four  new"));
  suite.change_baseline(hours + "96", hours + "100");
  const ProgramRun run = suite.run({"--update", "--no-speed", "--json", json, "--junit", junit});
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("four  moved"));
  CHECK_THAT(run.out, ContainsSubstring("The baseline is renewed"));
  const auto answer = nlohmann::json::parse(contents(json));
  CHECK(answer["renewed"] == true);
  CHECK(answer["regressed"] == false);
  CHECK(answer["cases"][0]["regressed"] == false);
  CHECK(answer["cases"][0]["moved"][0]["was"] == 100);
  CHECK_THAT(contents(junit), ContainsSubstring("failures=\"0\""));
}

TEST_CASE("bench: two results for one file are refused before anything runs", "[cli][bench]") {
  const SuiteFile suite;
  const std::string file = (suite.folder.path() / "r.out").string();
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--json", file, "--junit", file}, {"-o", file, "--json", file}, {"--json", "-"},
        {"--json", suite.baseline()}, {"--junit", suite.folder.path() / "." / "suite.baseline.json"}}) {
    std::vector<std::string> all = options;
    all.push_back("--update");
    const ProgramRun run = suite.run(all);
    CAPTURE(options);
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.err, ContainsSubstring("two results would be written to"));
    CHECK_FALSE(fs::exists(suite.baseline()));
  }
}

TEST_CASE("bench: a baseline made without speed has none, and says so", "[cli][bench]") {
  const SuiteFile suite;
  suite.run({"--update", "--no-speed"});
  CHECK_THAT(contents(suite.baseline()), !ContainsSubstring("loops"));
  const ProgramRun run = suite.run();
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("The baseline has no speed of 'four'"));
}

TEST_CASE("bench: a speed that is only told is skipped in JUnit XML, and the table says that it was not judged",
          "[cli][bench]") {
  const SuiteFile suite;
  const std::string junit = (suite.folder.path() / "r.xml").string();
  const auto speed_of = [](const std::string& message) {
    return "name=\"speed\" time=\"0.000\">\n      <skipped message=\"" + message + "\"/>\n    </testcase>\n";
  };
  const std::string judged = "name=\"speed\" time=\"0.000\"/>";
  suite.run({"--update", "--no-speed"});
  const ProgramRun without = suite.run({"--junit", junit});
  CHECK_THAT(without.out, ContainsSubstring("No regression; speed was not judged."));
  CHECK_THAT(contents(junit), ContainsSubstring(speed_of("the baseline has no speed of this case")));
  CHECK_THAT(contents(junit), ContainsSubstring("failures=\"0\" errors=\"0\" skipped=\""));
  CHECK_THAT(contents(junit), !ContainsSubstring("skipped=\"0\""));
  // Nothing was measured that could be judged.
  CHECK_THAT(suite.run({"--no-speed", "--junit", junit}).out, ContainsSubstring("No regression.\n"));
  CHECK_THAT(contents(junit), !ContainsSubstring("speed\""));

  suite.run({"--update"});
  suite.change_baseline("\"loops\": [-0-9.e+]+", "\"loops\": 1e9");
  CHECK_THAT(suite.run({"--junit", junit}).out, ContainsSubstring("No regression.\n"));
  CHECK_THAT(contents(junit), ContainsSubstring(judged));
  suite.change_baseline("\"build\": \"[^\"]*\"", "\"build\": \"Borland 5.5, Debug\"");
  CHECK_THAT(suite.run({"--junit", junit}).out, ContainsSubstring("No regression; speed was not judged."));
  CHECK_THAT(contents(junit), ContainsSubstring(speed_of("the baseline is of another build")));
  suite.change_baseline("\"replications\": 2", "\"replications\": 3");
  suite.run({"--junit", junit});
  CHECK_THAT(contents(junit), ContainsSubstring(speed_of("the baseline is of another seed or number of replications")));
}

TEST_CASE("bench: Ctrl-C writes nothing and judges nothing", "[cli][bench]") {
  const SuiteFile suite("    replications: 100000\n");
  const ProgramRun run =
      run_on_terminal({"bench", suite.path, "--update", "--no-speed"}, {.environment = {}, .interrupt_at = "replications,"});
  INFO(run.out);
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.out, ContainsSubstring("interrupted before all cases were measured"));
  CHECK_FALSE(fs::exists(suite.baseline()));
}

TEST_CASE("bench: a speed that does not settle is measured eight times as often, one that settles is not",
          "[cli][bench]") {
  const SuiteFile suite;
  const LoadedScenario loaded = load_scenario((suite.folder.path() / "fleet.yaml").string());
  REQUIRE(loaded.scenario);
  const bench::Measured settled =
      bench::measure(*loaded.scenario, {.seed = 1, .replications = 2, .rounds = 2, .settled = [](double) { return true; }});
  CHECK(settled.rounds == 2);
  std::vector<double> loops;
  const bench::Measured doubtful = bench::measure(
      *loaded.scenario,
      {.seed = 1, .replications = 2, .rounds = 1, .settled = [&](double of_now) { return loops.push_back(of_now), false; }});
  CHECK(doubtful.rounds == 8);
  // More rounds can only find a replication faster, and the loop too; the ratio follows the least of both.
  CHECK(loops.size() == 7);
  CHECK(doubtful.deterministic);
  CHECK(doubtful.seconds > 0);
  CHECK(doubtful.loops.value() * doubtful.calibration_seconds * 2 <= doubtful.seconds);
  const bench::Measured untimed = bench::measure(*loaded.scenario, {.seed = 1, .replications = 2, .with_speed = false});
  CHECK(untimed.rounds == 1);
  CHECK_FALSE(untimed.loops);
}

TEST_CASE("bench: a run stopped in the middle is not complete", "[cli][bench]") {
  const SuiteFile suite;
  const LoadedScenario loaded = load_scenario((suite.folder.path() / "fleet.yaml").string());
  REQUIRE(loaded.scenario);
  int asked = 0;
  const bench::Measured measured = bench::measure(
      *loaded.scenario, {.seed = 1, .replications = 50, .rounds = 100, .go_on = [&] { return ++asked < 10; }});
  CHECK_FALSE(measured.complete);
  CHECK(asked == 10);
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
  CHECK_FALSE(bench::judge(suite, {}, measured, &recorded).regressed());
  measured.loops = 5.01;
  CHECK(bench::judge(suite, {}, measured, &recorded).regressed());
  measured.loops.reset();  // not measured
  CHECK_FALSE(bench::judge(suite, {}, measured, &recorded).regressed());
  // Instructions are compared only if both were counted the same way.
  measured.loops = 4;
  measured.instructions = 1000;
  measured.counted_by = "callgrind";
  recorded.instructions = 100;
  recorded.counted_by = "perf";
  CHECK_FALSE(bench::judge(suite, {}, measured, &recorded).regressed());
  recorded.counted_by = "callgrind";
  CHECK(bench::judge(suite, {}, measured, &recorded).regressed());
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
  bench::Verdict verdict = bench::judge({}, {}, measured, &recorded, {.other_processor = true});
  CHECK_FALSE(verdict.regressed());
  CHECK(verdict.instructions->change() == 9);
  recorded.loops = 1;
  CHECK(bench::judge({}, {}, measured, &recorded, {.other_processor = true}).regressed());
  verdict = bench::judge({}, {}, measured, &recorded, {.other_build = true});
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
  report.suite = "a <suite> & \"more\" \x01\t\n\x1b é\uFFFD\uFFFE\uFFFF";
  CHECK_THAT(cli::bench::to_junit(report),
             ContainsSubstring("name=\"a &lt;suite&gt; &amp; &quot;more&quot; ?&#9;&#10;? é\uFFFD??\""));
}

TEST_CASE("bench: JUnit XML has what the schemas of Jenkins and of Ant require", "[cli][bench]") {
  const SuiteFile suite;
  const std::string junit = (suite.folder.path() / "r.xml").string();
  suite.run({"--update"});
  suite.change_baseline(hours + "96", hours + "100");
  suite.run({"--junit", junit});
  const std::string text = contents(junit);
  INFO(text);
  const std::regex whole(
      R"(<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites>\n)"
      R"(  <testsuite name="a suite" package="" id="0" timestamp="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d" hostname="localhost" )"
      R"(tests="\d" failures="[12]" )"  // two if the machine was slower this time
      R"(errors="0" skipped="\d" time="\d+\.\d{3}">\n)"
      R"(    <properties>\n(      <property name="[a-z_]+" value="[^"]*"/>\n)+    </properties>\n)"
      R"(    <testcase classname="four" name="result" time="\d+\.\d{3}">\n)"
      R"(      <failure type="regression" message="[^"]+">[^<]+</failure>\n    </testcase>\n)"
      R"((    <testcase classname="four" name="[a-z]+" time="0\.000"(/>\n|>\n)"
      R"(      (<failure type="regression" message="[^"]+">[^<]+</failure>|<skipped message="[^"]+"/>)\n)"
      R"(    </testcase>\n))+)"
      R"(    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n)");
  CHECK(std::regex_match(text, whole));
}

TEST_CASE("bench: two rounds that differ are a regression whatever was recorded", "[cli][bench]") {
  bench::Measured measured;
  measured.deterministic = false;
  const bench::Recorded recorded = bench::to_record({}, measured);
  CHECK(bench::judge({}, {}, measured, &recorded).outcome == bench::Outcome::not_deterministic);
  CHECK(bench::judge({}, {}, measured, &recorded).regressed());
}

}  // namespace fleetsim::test
