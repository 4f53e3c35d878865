// Ten thousand independent disasters of an application with fifty resources and hourly snapshots for thirty days:
// 20 histories, 500 instants in each. The target is 60 s on two cores.

#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;

namespace {

std::string fifty_resources(int instants) {
  std::string volumes, names, stores, instances, boots;
  for (int i = 0; i < 40; ++i) {
    volumes += fmt::format("    v{}: {{size: 200 GiB, data: 100 GiB, region: us-east-1, writes: {{rate: 500 KB/s, working_set: 10 GiB}}}}\n", i);
    stores += fmt::format("      v{}: {{}}\n", i);
    names += fmt::format("{}v{}", i == 0 ? "" : ", ", i);
  }
  for (int i = 0; i < 10; ++i) {
    instances += fmt::format("      i{}: {{instance_type: m5.large, count: 4, uses: [v{}, v{}, v{}, v{}]}}\n", i, 4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3);
    boots += fmt::format("{}i{}", i == 0 ? "" : ", ", i);
  }
  return fmt::format(R"(
fleetsim: 1
name: fifty resources
run: {{start: 2024-01-01T00:00:00Z, duration: 30d, replications: 20}}
regions:
  us-east-1: {{zones: [us-east-1a]}}
  us-west-2: {{zones: [us-west-2a]}}
protection:
  volumes:
{0}  policies:
    hourly: {{protects: [{1}], schedule: rate(1 hour), retain: {{count: 48}}, copies: [{{region: us-west-2, retain: {{count: 48}}}}]}}
environments:
  production:
    region: us-east-1
    volumes:
{2}    instances:
{3}  standby: {{clone_of: production, region: us-west-2}}
faults:
  region-loss: {{kind: region, regions: [us-east-1], what_if: {4}, duration: 12h}}
recovery:
  failover:
    protects: production
    target: standby
    objectives: {{rpo: 2h, rto: 4h}}
    api_rate: 5 requests/s
    api_burst: 20
    steps:
      detect: {{kind: detect, health_check: {{interval: 30s}}}}
      decide: {{kind: decide, after: [detect], duration: {{lognormal: {{median: 15m, sigma: 0.6}}}}}}
      network: {{kind: provision, after: [decide]}}
      restore: {{kind: restore, of: [{1}], after: [network], parallel: 20, hydration: 130 MB/s, hydration_spread: 0.4}}
      boot: {{kind: boot, of: [{5}], after: [network], after_own: [restore]}}
      warm: {{kind: warm, of: [{5}], after_own: [boot]}}
      redirect: {{kind: redirect, after: [warm], dns: {{ttl: 60s}}}}
)", volumes, names, stores, instances, instants, boots);
}

void disasters(benchmark::State& state) {
  const test::TemporaryFolder folder;
  const auto instants = static_cast<int>(state.range(0));
  const LoadedScenario loaded = load_scenario(folder.write("scenario.yaml", fifty_resources(instants)).string());
  if (!loaded.scenario) return state.SkipWithError(to_text(loaded.diagnostics.front()).c_str());
  double missed = 0;
  for (auto _ : state) {
    const RunResult result = run(*loaded.scenario, {.seed = 1, .replications = 20, .jobs = 2, .progress = {}, .stop = {}});
    missed = result.find("recovery.failover.rto_missed_probability")->mean;
  }
  state.counters["disasters"] = 20.0 * instants;
  state.counters["rto_missed"] = missed;
}

}  // namespace

// The histories alone, and with their disasters.
BENCHMARK(disasters)->Arg(1)->Arg(500)->Unit(benchmark::kSecond)->Iterations(1)->MeasureProcessCPUTime()->UseRealTime();

BENCHMARK_MAIN();
