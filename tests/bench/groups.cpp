/// A thousand Auto Scaling groups of a hundred instances, each tracking a target with alarms of one minute: a run of 30
/// days takes at most a minute of processor time on one core.

#include <benchmark/benchmark.h>

#include <string>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "support/temporary_folder.hpp"

namespace {

using namespace fleetsim;

/// Each group serves a day of its own height around 100 instances at 50 % CPU.
std::string scenario_of(int groups) {
  std::string text =
      "fleetsim: 1\nname: many groups\nrun: {start: 2026-01-05T00:00:00Z, duration: 30d, replications: 1}\n"
      "regions: {us-east-1: {zones: [us-east-1a, us-east-1b, us-east-1c]}}\ndemand:\n";
  for (int g = 0; g < groups; ++g) {
    text += fmt::format("  d{}: {{daily: {{hourly: [5, 4, 3, 3, 3, 4, 6, 8, 10, 11, 12, 12, 12, 12, 12, 12, 12, 13, 14, 14, "
                        "13, 11, 9, 7]}}, scale: {{mean: {} requests/s}}}}\n",
                        g, 14'000 + g);
  }
  text += "fleets:\n";
  for (int g = 0; g < groups; ++g) {
    text += fmt::format("  f{}:\n    serves: d{}\n    instance_types: [m5.large]\n    capacity_per_vcpu: 140 requests/s\n"
                        "    groups:\n      - {{name: g, purchase: on_demand, zones: [us-east-1a, us-east-1b, us-east-1c], "
                        "min: 10, max: 300, initial: 100, instance_warmup: 60s, policies: [{{target_tracking: {{cpu: 50%}}}}]}}\n",
                        g, g);
  }
  return text;
}

void month_of_groups(benchmark::State& state) {
  const test::TemporaryFolder folder;
  const auto groups = static_cast<int>(state.range(0));
  const LoadedScenario loaded = load_scenario(folder.write("groups.yaml", scenario_of(groups)).string());
  if (!loaded.scenario) {
    state.SkipWithError("the scenario is wrong");
    return;
  }
  RunOptions options;
  options.replications = 1;
  options.jobs = 1;
  double hours = 0;
  for (auto _ : state) hours = run(*loaded.scenario, options).find("fleet.f0.instance_hours")->mean;
  state.counters["instances"] = hours / (30 * 24);
  state.counters["group-minutes"] =
      benchmark::Counter(30.0 * 24 * 60 * groups * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK(month_of_groups)->Arg(10)->Arg(1000)->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
