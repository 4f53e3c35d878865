/// Protected data: months of hourly snapshots with copies in another Region, and questions about disasters afterwards.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/sim/simulation.hpp"

using namespace fleetsim;

namespace {

constexpr SiteId home{0}, away{1};

/// Volumes of 200 GiB that are written to anywhere, with a snapshot each hour of 30 days, kept for 48, and as many copies.
DataReplicationConfig hourly(std::uint32_t volumes, bool copied) {
  DataReplicationConfig config;
  config.run_start = config::parse_utc_time("2024-01-01T00:00:00Z").value();
  config.run_length = 30_d;
  config.site_region = {RegionId{0}, RegionId{1}};
  config.site_account = {0, 0};
  config.site_names = {"us-east-1", "us-west-2"};
  config.links = {{RegionId{0}, RegionId{1}, {}}, {RegionId{1}, RegionId{0}, {}}};
  config.copies_max = volumes;
  PolicyConfig policy;
  policy.name = "hourly";
  (void)config::parse_scalar("rate(1 hour)", false, policy.schedule);
  policy.retention.count = 48;
  for (std::uint32_t v = 0; v < volumes; ++v) {
    StoreConfig store;
    store.name = "v" + std::to_string(v);
    store.blocks.size = store.blocks.data = store.blocks.working_set = 200_GiB;
    store.blocks.hot_writes = Ratio{0.9};
    store.blocks.hot_set = Ratio{0.1};
    store.write_rate = BytesPerSecond::of((1_MiB).count());
    store.home = home;
    config.data.push_back({store.name, {v}});
    config.stores.push_back(store);
    policy.protects.push_back({v});
  }
  if (copied) {
    CopyConfig copy;
    copy.site = away;
    copy.retention.count = 48;
    policy.copies.push_back(copy);
  }
  config.policies.push_back(policy);
  return config;
}

void hourly_snapshots(benchmark::State& state) {
  const auto volumes = static_cast<std::uint32_t>(state.range(0));
  const DataReplicationConfig config = hourly(volumes, state.range(1) != 0);
  for (auto _ : state) {
    Simulation sim({.seed = 1, .replication = 0, .fingerprint = true});
    DataReplication model(sim, config);
    model.start();
    sim.run_until(Time::at(config.run_length));
    benchmark::DoNotOptimize(model.statistics(0).snapshots);
  }
  state.counters["volume-months/s"] = benchmark::Counter(static_cast<double>(volumes), benchmark::Counter::kIsIterationInvariantRate);
}

/// The newest point of each of 50 volumes in the other Region, at instants spread over the run.
void newest_points(benchmark::State& state) {
  const DataReplicationConfig config = hourly(50, true);
  Simulation sim;
  DataReplication model(sim, config);
  model.start();
  sim.run_until(Time::at(config.run_length));
  std::int64_t disaster = 0;
  for (auto _ : state) {
    disaster = (disaster + 7919) % 2'592'000;
    for (std::uint32_t v = 0; v < 50; ++v) benchmark::DoNotOptimize(model.newest(DataId{v}, away, Time::at(1_s * disaster)));
  }
  state.counters["disasters/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

BENCHMARK(hourly_snapshots)->ArgNames({"volumes", "copied"})->Args({50, 0})->Args({50, 1})->Args({10'000, 1})->Unit(benchmark::kMillisecond);
BENCHMARK(newest_points)->Unit(benchmark::kMicrosecond);

BENCHMARK_MAIN();
