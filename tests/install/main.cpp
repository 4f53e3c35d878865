// Runs the scenario it is given and says what it costs.
#include <fmt/format.h>

#include <fleetsim/scenario.hpp>
#include <fleetsim/version.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const fleetsim::LoadedScenario loaded = fleetsim::load_scenario(argv[1]);
  if (!loaded.scenario) return 2;
  const fleetsim::RunResult result = fleetsim::run(*loaded.scenario, {.replications = 2});
  const fleetsim::Metric* const cost = result.find("cost.total");
  if (cost == nullptr) return 3;
  fmt::print("fleetsim {}: {} costs {:.2f} {}\n", fleetsim::version, result.scenario, cost->mean, cost->unit);
}
