/// The verbs that read a scenario, run as a user runs them.

#include <fstream>
#include <iterator>
#include <sstream>

#include "cli/four_instances.hpp"
#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"
#include "tools/cli/output/layout.hpp"

namespace fleetsim::test {

namespace fs = std::filesystem;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

struct Scenario {
  explicit Scenario(std::string_view end = "") : path(folder.write("small.yaml", std::string(four_instances) += end)) {}
  TemporaryFolder folder;
  std::string path;
};

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The text with the lines joined that were broken to fit a width.
std::string unwrapped(std::string text) {
  for (std::size_t at; (at = text.find("\n  ")) != std::string::npos;) text.replace(at, 3, " ");
  return text;
}

}  // namespace

TEST_CASE("run: the table goes to stdout, and stderr stays silent", "[cli][table]") {
  const Scenario scenario;
  const ProgramRun run = run_program({"run", scenario.path});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK_THAT(run.out, StartsWith("four instances\n2 replications of 1 day; seed 3.\n\nFleet shop costs "));
  CHECK_THAT(run.out, !ContainsSubstring("\033"));
}

TEST_CASE("run: seed and replications of the command line replace the scenario's, and so does --set", "[cli][table]") {
  const Scenario scenario;
  CHECK_THAT(run_program({"run", scenario.path, "--seed", "10", "--replications", "3"}).out,
             ContainsSubstring("3 replications of 1 day; seed 10."));
  CHECK_THAT(run_program({"run", "--set", "run.seed=11", "--set", "run.duration=2d", scenario.path}).out,
             ContainsSubstring("2 replications of 2 days; seed 11."));
}

TEST_CASE("run: the form is what --format says, else what the name of the output says", "[cli][table]") {
  const Scenario scenario;
  const fs::path folder = scenario.folder.path();
  CHECK_THAT(run_program({"run", scenario.path, "--format", "json"}).out, StartsWith("{\n  \"scenario\": "));
  CHECK_THAT(run_program({"run", scenario.path, "--format", "csv"}).out, StartsWith("name,unit,mean,"));
  for (const char* name : {"result.json", "result.csv", "result.txt"}) {
    const ProgramRun run = run_program({"run", scenario.path, "--output", folder / name});
    CHECK(run.exit_code == 0);
    CHECK(run.out.empty());
  }
  CHECK_THAT(contents(folder / "result.json"), StartsWith("{\n"));
  CHECK_THAT(contents(folder / "result.csv"), StartsWith("name,unit,mean,"));
  CHECK_THAT(contents(folder / "result.txt"), StartsWith("four instances\n"));
  run_program({"run", scenario.path, "--output", folder / "result.txt", "--format", "csv"});
  CHECK_THAT(contents(folder / "result.txt"), StartsWith("name,unit,mean,"));
}

TEST_CASE("run: the same command line gives the same bytes, with any number of threads", "[cli][property]") {
  const Scenario scenario;
  const std::string once = run_program({"run", scenario.path, "--format", "json", "--jobs", "1"}).out;
  CHECK_THAT(once, EndsWith("}\n"));
  CHECK(run_program({"run", scenario.path, "--format", "json", "--jobs", "1"}).out == once);
  CHECK(run_program({"run", scenario.path, "--format", "json", "--jobs", "7"}).out == once);
}

TEST_CASE("run: a missed objective is exit code 1, with the whole result", "[cli][table]") {
  const auto [bound, exit_code] = GENERATE(table<std::string, int>({{"below: 1%", 0}, {"above: 1%", 1}}));
  const Scenario scenario("objectives:\n  - {metric: fleet.shop.drop_fraction, " + bound + "}\n");
  const ProgramRun run = run_program({"run", scenario.path});
  CHECK(run.exit_code == exit_code);
  CHECK_THAT(run.out, ContainsSubstring(exit_code == 0 ? "\nmet " : "\nmissed "));
}

TEST_CASE("run: a wrong scenario is told whole and not run", "[cli][table]") {
  const Scenario scenario("objectivs: 3\nextra: 4\n");
  const ProgramRun run = run_program({"run", scenario.path});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, ContainsSubstring(scenario.path + ":16:1: error: unknown key 'objectivs'"));
  CHECK_THAT(run.err, ContainsSubstring(scenario.path + ":17:1: error: unknown key 'extra'"));
  CHECK_THAT(run.err, EndsWith("\n2 errors; nothing was run\n"));
}

TEST_CASE("run: a result that can't be written is exit code 3, and a wrong output is known before the run",
          "[cli][table]") {
  const Scenario scenario;
  for (const Stdout out : {Stdout::closed, Stdout::closed_pipe, Stdout::full_disk}) {
    CHECK(run_program({"run", scenario.path}, {.out = out, .environment = {}}).exit_code == 3);
  }
  CHECK(run_program({"run", scenario.path, "--output", "/dev/full"}).exit_code == 3);
  const ProgramRun run = run_program({"run", scenario.path, "--output", scenario.path + "/x"});
  CHECK(run.exit_code == 2);
  CHECK_THAT(run.err, ContainsSubstring("cannot write to " + scenario.path + "/x"));
}

TEST_CASE("run: results never take the place of a file that the scenario is read from", "[cli][table]") {
  const Scenario scenario("include: base.yaml\n");
  const std::string base = scenario.folder.write("base.yaml", "description: included\n");
  const std::string before = contents(scenario.path);
  for (const std::string& output : {scenario.path, base, scenario.folder.path().string() + "/../" +
                                                             scenario.folder.path().filename().string() + "/base.yaml"}) {
    for (const char* verb : {"run", "explain", "validate"}) {
      const ProgramRun run = run_program({verb, scenario.path, "--output", output});
      CHECK(run.exit_code == 2);
      CHECK_THAT(run.err, ContainsSubstring(": it is a file that is read\n"));
    }
  }
  CHECK(contents(scenario.path) == before);
  CHECK(contents(base) == "description: included\n");
}

TEST_CASE("run: on a terminal there is colour, unless NO_COLOR or --no-color says otherwise", "[cli][table]") {
  const Scenario scenario;
  CHECK_THAT(run_on_terminal({"run", scenario.path}).out, ContainsSubstring("\033[1mfour instances\033[0m\n"));
  CHECK_THAT(run_on_terminal({"run", scenario.path, "--no-color", "--quiet"}).out, !ContainsSubstring("\033"));
  const TerminalOptions no_color{.environment = {"NO_COLOR=1"}, .interrupt_at = {}};
  CHECK_THAT(run_on_terminal({"run", scenario.path, "--quiet"}, no_color).out, !ContainsSubstring("\033"));
}

TEST_CASE("run: a terminal whose locale is not UTF-8 gets ASCII", "[cli][table]") {
  const Scenario scenario;
  const std::string out = run_program({"run", scenario.path}, {.out = {}, .environment = {"LC_ALL=C"}}).out;
  CHECK_THAT(out, ContainsSubstring("+/-"));
  CHECK(std::all_of(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST_CASE("run: Ctrl-C prints what was finished and is exit code 130", "[cli][table]") {
  const Scenario scenario;
  const ProgramRun run =
      run_on_terminal({"run", scenario.path, "--replications", "1000000", "--set", "run.duration=30d"},
                      {.environment = {}, .interrupt_at = "/1000000 replications, "});
  CHECK(run.exit_code == 130);
  CHECK_THAT(run.out, ContainsSubstring("fleetsim: interrupted; finishing the replications in flight"));
  CHECK_THAT(run.out, ContainsSubstring("of 1,000,000 replications finished, and only these are counted."));
}

TEST_CASE("run: copies in error and archived snapshots are told, and no line is wider than 80 characters", "[cli][table]") {
  // Three days' copies find their key denied; of the volume 754.93 GiB lie in the archive, in the mean.
  const ProgramRun run = run_program({"run", std::string(source_dir) + "/scenarios/copies-to-a-vault.yaml"});
  CHECK(run.exit_code == 0);
  CHECK_THAT(run.out, ContainsSubstring("in full  refused  dropped  in error\n"));
  CHECK_THAT(run.out, ContainsSubstring("  3\nin-an-hour "));
  CHECK_THAT(run.out, ContainsSubstring("us-east-1, archive  754.9\n"));
  // Neither of its policies has an objective.
  CHECK(run.out.find("over rpo") == std::string::npos);
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) CHECK(cli::width_of(line) <= 80);
}

TEST_CASE("validate: each file has its line, and one that is wrong makes the whole fail", "[cli][table]") {
  const Scenario scenario;
  const std::string right = scenario.path + ": ok: would run 2 replications of 1 day; seed 3\n";
  const ProgramRun good = run_program({"validate", scenario.path, scenario.path});
  CHECK(good.exit_code == 0);
  CHECK(unwrapped(good.out) == right + right);
  std::istringstream lines(good.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 80);
  CHECK(good.err.empty());

  const std::string wrong = scenario.folder.write("wrong.yaml", "fleetsim: 2\n");
  const ProgramRun bad = run_program({"validate", wrong, scenario.path});
  CHECK(bad.exit_code == 2);
  CHECK_THAT(unwrapped(bad.out), StartsWith(wrong + ": ") && EndsWith(right));
  CHECK_THAT(bad.err, ContainsSubstring(wrong + ":1:"));
}

TEST_CASE("explain, schema and reference print to stdout or a file", "[cli][table]") {
  const Scenario scenario;
  CHECK_THAT(run_program({"explain", scenario.path}).out, StartsWith("four instances\n"));
  CHECK(run_program({"explain", scenario.path + ".none"}).exit_code == 2);
  CHECK_THAT(run_program({"schema"}).out, StartsWith("{") && ContainsSubstring("\"$schema\""));
  CHECK_THAT(run_program({"schema", "--study"}).out, StartsWith("{") && ContainsSubstring("\"fleetsim_study\""));
  CHECK_THAT(run_program({"reference"}).out, StartsWith("# "));
  const fs::path file = scenario.folder.path() / "schema.json";
  CHECK(run_program({"schema", "--output", file}).out.empty());
  CHECK(contents(file) == run_program({"schema"}).out);
}

}  // namespace fleetsim::test
