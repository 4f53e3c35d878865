#include "scenarios/shipped.hpp"

#include <algorithm>
#include <filesystem>

#include "support/catch.hpp"
#include "support/paths.hpp"

namespace fleetsim::test {

namespace fs = std::filesystem;

std::vector<std::string> shipped_scenarios() {
  std::vector<std::string> paths;
  for (const char* folder : {"scenarios", "scenarios/claims"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(source_dir) / folder)) {
      if (entry.path().extension() == ".yaml") paths.push_back(folder + ("/" + entry.path().filename().string()));
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Scenario shipped(const std::string& path, const std::vector<std::string>& sets) {
  const LoadedScenario loaded = load_scenario((fs::path(source_dir) / path).string(), sets);
  std::string problems;
  for (const auto& diagnostic : loaded.diagnostics) problems += to_text(diagnostic);
  INFO(path << "\n" << problems);
  REQUIRE(loaded.scenario);
  return *loaded.scenario;
}

}  // namespace fleetsim::test
