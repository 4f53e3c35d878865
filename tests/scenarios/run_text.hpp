#pragma once
/// Runs scenarios that a test writes itself.

#include <string>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

/// The result of a scenario's text, with one seed and in one thread. Fails the test if it has an error.
inline RunResult run_text(const std::string& text, std::uint64_t replications = 1, std::size_t activities_max = 0) {
  const TemporaryFolder folder;
  const LoadedScenario loaded = load_scenario(folder.write("scenario.yaml", text).string());
  std::string problems;
  for (const auto& diagnostic : loaded.diagnostics) problems += to_text(diagnostic);
  INFO(problems);
  REQUIRE(loaded.scenario);
  return run(*loaded.scenario, {.seed = 1, .replications = replications, .jobs = 1, .activities_max = activities_max,
                                .progress = {}, .stop = {}});
}

/// The mean of a metric. Fails the test if it is not observed.
inline double value(const RunResult& result, const std::string& name) {
  const Metric* metric = result.find(name);
  INFO(name);
  REQUIRE(metric != nullptr);
  REQUIRE(metric->n > 0);
  return metric->mean;
}

}  // namespace fleetsim::test
