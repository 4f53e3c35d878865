// Runs every claim in a folder and writes them as a table: what is claimed, what was expected, what was measured.
//
//   fleetsim_claims <folder of claims> > docs/claims.md
//
// The folder's not-simulated.md, which says of other claims why no run can tell, ends the page.
//
// Exit code: 0 every claim holds, 1 one does not, 2 a claim cannot be read.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"

namespace {

using namespace fleetsim;

/// The value of an objective, or of each metric of an ordering.
std::string measured(const ObjectiveResult& objective, const RunResult& result) {
  const std::string unit = objective.unit.empty() || objective.unit == "1" ? "" : " " + objective.unit;
  std::string text;
  for (const std::string& name : objective.ordering) {
    text += fmt::format("{}{:.10g}", text.empty() ? "" : ", ", result.find(name)->mean);
  }
  text = objective.ordering.empty() ? fmt::format("{:.10g}{}", objective.measured, unit) : text + unit;
  if (objective.target > 0) text += fmt::format("; in {:g} % of the replications", objective.probability * 100);
  return text;
}

std::string verdict(const ObjectiveResult& objective) {
  if (!objective.decided) return objective.met ? "holds, not decided" : "does not hold, not decided";
  return objective.met ? "holds" : "**contradicted**";
}

/// Rows of the claim; sets `all_hold` to false if an objective is missed.
std::string rows_of(const std::string& id, const Scenario& claim, bool& all_hold) {
  const RunResult result = run(claim);
  std::string rows;
  bool first = true;
  for (const ObjectiveResult& objective : result.objectives) {
    all_hold = all_hold && objective.met;
    rows += fmt::format("| {} | {} | {} | {} | {} |\n", first ? id : "", first ? claim.description() : "",
                        objective.name, measured(objective, result), verdict(objective));
    first = false;
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: fleetsim_claims <folder of claims>\n");
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.stem() < b.stem(); });

  std::string rows;
  bool all_hold = true;
  for (const std::filesystem::path& file : files) {
    fmt::print(stderr, "{}\n", file.filename().string());
    const LoadedScenario loaded = load_scenario(file.string());
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}", to_text(diagnostic));
    if (!loaded.scenario) return 2;
    rows += rows_of(file.stem().string(), *loaded.scenario, all_hold);
  }
  fmt::print(
      "# Claims, simulated\n\n"
      "Statements about real fleets, each written as a scenario under `scenarios/claims/` whose objectives hold exactly\n"
      "when the statement does. `tools/claims` runs them all and writes this page. A claim that the simulation\n"
      "contradicts stays here with its figures: no model is bent to a claim.\n\n"
      "| id | claim | expected | measured | verdict |\n|---|---|---|---|---|\n{}", rows);
  if (std::ifstream others(std::filesystem::path(argv[1]) / "not-simulated.md", std::ios::binary); others) {
    fmt::print("\n{}", std::string(std::istreambuf_iterator<char>(others), {}));
  }
  return all_hold ? 0 : 1;
}
