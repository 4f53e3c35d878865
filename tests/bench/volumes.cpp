/// The volumes of 1,000 instances, eight each, for a day in which every load changes every five minutes. 30 of these are
/// the month for which the target is 20 s on one core.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "fleetsim/models/storage.hpp"
#include "fleetsim/sim/random.hpp"

namespace {

using namespace fleetsim;

struct TraceStepped { static constexpr std::string_view name = "bench.trace_stepped"; };

/// One instance with eight volumes, their loads from a trace of five-minute levels between 0 and 2 x mean.
class TracedInstance : public EventHandler<TracedInstance, TraceStepped> {
 public:
  TracedInstance(Simulation& sim, StorageMachineConfig config, std::uint64_t mean, std::uint64_t number)
      : EventHandler(sim), sim_(sim), machine_(sim, std::move(config)), mean_(mean), stream_(1, number, "bench") {}
  void start() {
    machine_.start();
    on(TraceStepped{});
  }
  void on(const TraceStepped&) {
    for (std::size_t load = 0; load < machine_.config().loads.size(); ++load) {
      machine_.offer(load, RequestRate::of(static_cast<std::int64_t>(stream_.below(2'000'000 * mean_))));
    }
    machine_.update();
    sim_.schedule(*this, 5_min, TraceStepped{});
  }
  StorageMachine& machine() { return machine_; }

 private:
  Simulation& sim_;
  StorageMachine machine_;
  std::uint64_t mean_;
  Stream stream_;
};

StorageMachineConfig eight_volumes(VolumeType type) {
  const Date date = std::chrono::year{2021} / 8 / 15;
  const VolumeRequest request{.type = type, .size_gib = 200};
  StorageMachineConfig config{.name = "m5.2xlarge", .limits = {}, .volumes = {}, .loads = {}, .modifications = {}};
  config.limits.iops = BurstLimit{12'000, 18'750};
  config.limits.throughput = BurstLimit{287'500'000, 593'750'000};
  for (std::size_t v = 0; v < 8; ++v) {
    config.volumes.push_back({"v" + std::to_string(v), limits_of(request, {"m5.2xlarge", true}, date)});
    config.loads.push_back({.name = "l" + std::to_string(v), .volume = v, .queue_depth = {}});
  }
  return config;
}

/// `mean` I/Os for each second and volume: 200 leave the instance room, 1,500 fill it at times.
void day_of_1000_instances(benchmark::State& state, VolumeType type, std::uint64_t mean) {
  Simulation sim({.fingerprint = false});
  std::vector<std::unique_ptr<TracedInstance>> instances;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    instances.push_back(std::make_unique<TracedInstance>(sim, eight_volumes(type), mean, i));
    instances.back()->start();
  }
  for (auto _ : state) sim.run_until(sim.now() + 24_h);
  for (const auto& instance : instances) {
    for (std::size_t load = 0; load < 8; ++load) {
      const StorageMachine& machine = instance->machine();
      if (machine.offered(load) != machine.done(load) + machine.backlog(load)) state.SkipWithError("not conserved");
    }
  }
  state.counters["days in 20 s"] =
      benchmark::Counter(20 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(day_of_1000_instances, gp3_free, VolumeType::gp3, 200)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(day_of_1000_instances, gp3_full, VolumeType::gp3, 1500)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(day_of_1000_instances, gp2_bursting, VolumeType::gp2, 600)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
