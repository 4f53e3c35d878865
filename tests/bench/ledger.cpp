/// The ledger: what a life costs from running to billed, with the clock and a price moving every few lives, beside a bare
/// sum of price times time.
///
///   bench_ledger

#include <cstdint>
#include <vector>

#include "bench/support/count_allocations.hpp"
#include "bench/support/report.hpp"
#include "fleetsim/models/billing.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::bench;

constexpr std::size_t instances = 1'000;  // at once, of ten tariffs
constexpr int batch = 10'000;
constexpr std::size_t at_once = 16;  // lives that end at one instant

void ledger(benchmark::State& state) {
  Simulation sim;
  Billing billing(sim, {});
  std::vector<TariffId> tariffs;
  for (int i = 0; i < 10; ++i) tariffs.push_back(billing.add_tariff(0.1_usd_per_h));
  const AccountId account =
      billing.add_account({.region = {}, .zone = {}, .fleet = {}, .group = {},
                           .resource = "instance c5.2xlarge", .purchase = Purchase::spot, .unit = "h"});
  std::vector<InstanceMeter> meters;
  for (std::size_t i = 0; i < instances; ++i) meters.push_back(billing.start(tariffs[i % 10], account));
  std::size_t next = 0;
  Time now;
  const auto life = [&] {
    if (next % at_once == 0) {
      now += 320_s;
      sim.run_until(now);
      billing.set_price(tariffs[next % 10], usd_per_hour(0.1 + 1e-4 * static_cast<double>(next % 97)));
    }
    billing.stop(meters[next], EndedBy::interruption);
    meters[next] = billing.start(tariffs[next % 10], account);
    next = next + 1 == instances ? 0 : next + 1;
  };
  for (std::size_t i = 0; i < 4 * instances; ++i) life();
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    for (int i = 0; i < batch; ++i) life();
  }
  benchmark::DoNotOptimize(billing.total());
  count(state, static_cast<std::uint64_t>(state.iterations()) * batch, allocations - before, sizeof(InstanceMeter));
}

/// Price times time in 128 bits, divided once to nano-dollars: what cannot be left out.
void bare(benchmark::State& state) {
  struct Meter {
    std::int64_t since;
    std::uint32_t tariff;
  };
  std::vector<Meter> meters(instances);
  std::vector<std::int64_t> prices(10, 100'000'000);
  Int128 total = 0;
  std::int64_t now = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    for (int i = 0; i < batch; ++i) {
      if (next % at_once == 0) now += 320'000'000'000;
      Meter& meter = meters[next];
      total += divide_rounded(static_cast<Int128>(prices[meter.tariff]) * (now - meter.since), nanoseconds_per_hour);
      meter = {now, static_cast<std::uint32_t>(next % 10)};
      next = next + 1 == instances ? 0 : next + 1;
    }
    benchmark::DoNotOptimize(total);
  }
  count(state, static_cast<std::uint64_t>(state.iterations()) * batch, 0, sizeof(Meter));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("ledger, a life of an instance|bare price x time", bare);
  benchmark::RegisterBenchmark("ledger, a life of an instance|billing", ledger);
  return run_benchmarks(
      argc, argv,
      {"--benchmark_repetitions=9", "--benchmark_min_time=0.1", "--benchmark_enable_random_interleaving=true"}, true);
}
