// Runs scenarios on paired random numbers and writes what one fleet costs and drops in each as a Markdown table.
//
//   fleetsim_spot_world_table <scenario>... > docs/spot-worlds.md
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

std::string figure(const RunResult& result, const char* name, double scale, int decimals) {
  const Metric& metric = *result.find(name);
  const double half = (*metric.ci95_high - *metric.ci95_low) / 2;
  return fmt::format("{:.{}f} ± {:.{}f}", metric.mean * scale, decimals, half * scale, decimals);
}

}  // namespace

int main(int argc, char** argv) {
  std::string rows;
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path file = argv[i];
    fmt::print(stderr, "{}\n", file.filename().string());
    const LoadedScenario loaded = load_scenario(file.string());
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}", to_text(diagnostic));
    if (!loaded.scenario) return 2;
    const RunResult result = run(*loaded.scenario);
    rows += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", file.stem().string(), loaded.scenario->name(),
                        figure(result, "cost.total", 1, 0), figure(result, "spot.interruptions", 1, 0),
                        figure(result, "fleet.workers.drop_fraction", 100, 3),
                        figure(result, "fleet.workers.group.spot.share_of_work", 100, 1));
  }
  fmt::print(
      "# One fleet in many Spot worlds\n\n"
      "Each `scenarios/spot-world-*.yaml` puts the same fleet (`scenarios/spot-worlds/fleet.yaml`: 67 instances at work, Spot in\n"
      "two zones, on demand in a third when Spot falls short) into another model of what Spot gives and takes\n"
      "(`scenarios/spot-worlds/<world>.yaml`). To see a fleet of your own in one of them, change the line that includes the\n"
      "world. A decision that flips from row to row rests on the world, not on the fleet.\n\n"
      "Means over 40 replications of 14 days (13.5 after the warm-up) and half of their 95 % intervals; `tools/spot-worlds`\n"
      "writes this page.\n\n"
      "| scenario | world | cost, USD | interruptions | drops, % | work done on Spot, % |\n|---|---|---|---|---|---|\n{}\n"
      "How often Spot is gone decides the cost, whether it goes all at once decides the drops: lives that end one by one\n"
      "interrupt more than recorded outages do and drop nothing. Zones that close independently look cheaper than the same\n"
      "zones as they were recorded. In the years of bids Spot cost far less and was lost by price; two auctions drawn on their own\n"
      "cost as much as the recorded pair, with more interruptions, and the fleet pays at most on demand either way.\n",
      rows);
  return 0;
}
