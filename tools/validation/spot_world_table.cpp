// Runs scenarios on paired random numbers and writes what one fleet costs and drops in each, as rows of the table of
// docs/spot-worlds.md.
//
//   fleetsim_spot_world_table <scenario>...
//
// Exit code: 0 written, 2 a scenario cannot be read.

#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"

namespace {

using namespace fleetsim;

double half_interval(const Metric& metric) { return (*metric.ci95_high - *metric.ci95_low) / 2; }

std::string figure(const RunResult& result, const char* name, double scale, int decimals) {
  const Metric& metric = *result.find(name);
  const double half = half_interval(metric);
  return fmt::format("{:.{}f} ± {:.{}f}", metric.mean * scale, decimals, half * scale, decimals);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path file = argv[i];
    fmt::print(stderr, "{}\n", file.filename().string());
    const LoadedScenario loaded = load_scenario(file.string());
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}", to_text(diagnostic));
    if (!loaded.scenario) return 2;
    const RunResult result = run(*loaded.scenario);
    const Metric& interruptions = *result.find("spot.interruptions");
    const bool few = interruptions.mean > 0 && half_interval(interruptions) < 1;
    fmt::print("| `{}` | {} | {} | {} | {} | {} |\n", file.stem().string(), loaded.scenario->name(),
               figure(result, "cost.total", 1, 0), figure(result, "spot.interruptions", 1, few ? 1 : 0),
               figure(result, "fleet.workers.drop_fraction", 100, 3),
               figure(result, "fleet.workers.group.spot.share_of_work", 100, 1));
  }
  return 0;
}
