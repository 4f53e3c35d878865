/// Wrong scenarios through the program: each is told on stderr, nothing else is written, and the exit code is 2. What is
/// said of each is in tests/scenarios/bad_input_test.cpp.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

namespace {

namespace fs = std::filesystem;

struct BadScenario {
  fs::path path;
  std::vector<std::string> options;  // the --set that belong to it
};

std::vector<BadScenario> bad_scenarios() {
  std::vector<BadScenario> scenarios;
  for (const auto& entry : fs::directory_iterator(fs::path(source_dir) / "tests/scenarios/bad")) {
    if (entry.path().extension() != ".yaml") continue;
    BadScenario scenario{entry.path(), {}};
    std::ifstream sets(fs::path(entry.path()).replace_extension(".set"));
    for (std::string line; std::getline(sets, line);) {
      scenario.options.push_back("--set");
      scenario.options.push_back(line);
    }
    scenarios.push_back(std::move(scenario));
  }
  std::sort(scenarios.begin(), scenarios.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return scenarios;
}

}  // namespace

TEST_CASE("bad input: run exits with 2 and writes nothing but errors", "[cli][scenarios]") {
  const TemporaryFolder folder;
  const std::vector<BadScenario> scenarios = bad_scenarios();
  REQUIRE_FALSE(scenarios.empty());
  for (const BadScenario& scenario : scenarios) {
    INFO(scenario.path.filename().string());
    const fs::path output = folder.path() / "result.json";
    std::vector<std::string> arguments{"run", scenario.path.string(), "--output", output.string()};
    arguments.insert(arguments.end(), scenario.options.begin(), scenario.options.end());
    const ProgramRun run = run_program(arguments);
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Catch::Matchers::ContainsSubstring(": error: "));
    CHECK(fs::is_empty(folder.path()));
  }
}

TEST_CASE("bad input: without --output nothing goes to stdout either", "[cli][scenarios]") {
  const std::string verb = GENERATE("run", "explain");
  const ProgramRun run = run_program({verb, (fs::path(source_dir) / "tests/scenarios/bad/several-sections.yaml").string()});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, Catch::Matchers::ContainsSubstring("several-sections.yaml:3:26: error: unknown key 'belwo'"));
}

}  // namespace fleetsim::test
