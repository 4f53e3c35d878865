// Wrong scenarios, each with the exact text that tells its author what to mend: bad/NAME.yaml and bad/NAME.txt, with the
// --set options of bad/NAME.set where there are any. Doubtful ones, with their warnings, lie in doubtful/.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fleetsim/scenario.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;

namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(test::source_dir) / "tests/scenarios/bad";
const fs::path doubtful = fs::path(test::source_dir) / "tests/scenarios/doubtful";

std::vector<fs::path> scenarios_in(const fs::path& below) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(below)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

fs::path beside(fs::path scenario, const char* extension) { return scenario.replace_extension(extension); }

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// The text without `prefix`, wherever it stands: the paths as someone inside the folder sees them.
std::string without(std::string text, const std::string& prefix) {
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

std::string diagnostics_of(const LoadedScenario& loaded, const fs::path& below) {
  std::string text;
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) text += to_text(diagnostic);
  return without(text, below.string() + "/");
}

}  // namespace

// Renew the texts on purpose, and read each of them: FLEETSIM_RENEW_MESSAGES=1 tools/test -R 'bad input'
TEST_CASE("bad input: every wrong scenario is refused with all its errors, in these words", "[scenarios][table]") {
  const std::vector<fs::path> scenarios = scenarios_in(folder);
  REQUIRE_FALSE(scenarios.empty());
  for (const fs::path& scenario : scenarios) {
    INFO(scenario.filename().string());
    const LoadedScenario loaded = load_scenario(scenario.string(), lines_of(beside(scenario, ".set")));
    const std::string found = diagnostics_of(loaded, folder);
    if (std::getenv("FLEETSIM_RENEW_MESSAGES") != nullptr) std::ofstream(beside(scenario, ".txt")) << found;
    CHECK_FALSE(loaded.scenario);
    CHECK(found == text_of(beside(scenario, ".txt")));
  }
}

// doubtful/NAME.yaml can be run, but does not say what its author means; doubtful/NAME.txt holds the warnings.
TEST_CASE("bad input: every doubtful scenario is warned of, in these words, and can be run", "[scenarios][table]") {
  const std::vector<fs::path> scenarios = scenarios_in(doubtful);
  REQUIRE_FALSE(scenarios.empty());
  for (const fs::path& scenario : scenarios) {
    INFO(scenario.filename().string());
    const LoadedScenario loaded = load_scenario(scenario.string());
    const std::string found = diagnostics_of(loaded, doubtful);
    if (std::getenv("FLEETSIM_RENEW_MESSAGES") != nullptr) std::ofstream(beside(scenario, ".txt")) << found;
    CHECK(loaded.scenario);
    CHECK(found == text_of(beside(scenario, ".txt")));
    CHECK(found.find("warning: ") != std::string::npos);
  }
}

TEST_CASE("bad input: every expected text belongs to a scenario", "[scenarios][table]") {
  for (const fs::path& below : {folder, doubtful}) {
    for (const auto& entry : fs::directory_iterator(below)) {
      const fs::path extension = entry.path().extension();
      if (extension != ".txt" && extension != ".set") continue;
      INFO(entry.path().filename().string());
      CHECK(fs::exists(beside(entry.path(), ".yaml")));
    }
  }
}

TEST_CASE("bad input: what the wrong scenarios include is itself sound", "[scenarios][table]") {
  const LoadedScenario loaded = load_scenario((folder / "sound/base.yaml").string());
  CHECK(diagnostics_of(loaded, folder) == "");
  CHECK(loaded.scenario);
}

TEST_CASE("bad input: a file over 16 MiB is refused unread", "[scenarios][table]") {
  const test::TemporaryFolder scratch;
  const std::string text = "fleetsim: 1\n#" + std::string(std::size_t{16} << 20U, '.') + "\n";
  const fs::path large = scratch.write("large.yaml", text);
  CHECK(diagnostics_of(load_scenario(large.string()), scratch.path()) == "large.yaml: error: is larger than 16 MiB\n");
}

TEST_CASE("bad input: a link to a file outside the scenario's folder is refused", "[scenarios][table]") {
  const test::TemporaryFolder scratch;
  scratch.write("secret.yaml", "name: kept apart\n");
  const fs::path scenario = scratch.write("study/scenario.yaml", "include: link.yaml\n");
  fs::create_symlink("../secret.yaml", scratch.path() / "study/link.yaml");
  CHECK(diagnostics_of(load_scenario(scenario.string()), scratch.path() / "study") ==
        "scenario.yaml:1:10: error: include: 'link.yaml' lies outside the scenario's folder\n"
        "  help: files lie in the scenario's folder or below\n");
}

TEST_CASE("bad input: a path without a folder finds its files beside it all the same", "[scenarios][table]") {
  const test::TemporaryFolder scratch;
  scratch.write("base.yaml", "name: beside\n");
  scratch.write("scenario.yaml", "include: bse.yaml\n");
  const fs::path before = fs::current_path();
  fs::current_path(scratch.path());
  const LoadedScenario plain = load_scenario("scenario.yaml"), dotted = load_scenario("./scenario.yaml");
  fs::current_path(before);
  CHECK(diagnostics_of(plain, scratch.path()) ==
        "scenario.yaml:1:10: error: include: there is no file 'bse.yaml'\n"
        "  help: a file with a similar name exists: base.yaml\n");
  CHECK(diagnostics_of(dotted, scratch.path()) == "./" + diagnostics_of(plain, scratch.path()));
}

TEST_CASE("bad input: a scenario that is not there, or is a folder, is refused", "[scenarios][table]") {
  const test::TemporaryFolder scratch;
  const auto found = [&](const char* name) {
    return diagnostics_of(load_scenario((scratch.path() / name).string()), scratch.path());
  };
  fs::create_directory(scratch.path() / "folder");
  CHECK(found("none.yaml") == "none.yaml: error: there is no such file\n");
  CHECK(found("folder") == "folder: error: is a folder, not a file\n");
}
