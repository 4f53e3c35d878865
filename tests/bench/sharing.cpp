/// The max-min solver: the time to bring shares up to date after the demand of one flow changed, where the shared capacity
/// is full, and where it is not, so that no other flow can be affected; beside the bare arithmetic of the same shares,
/// anew from arrays of demands.
///
///   bench_sharing
///
/// The program fails if a change allocates.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "bench/support/count_allocations.hpp"
#include "bench/support/report.hpp"
#include "fleetsim/sim/fluid/max_min_sharing.hpp"
#include "fleetsim/sim/random.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::bench;

constexpr std::int64_t own = 900;  // what each flow's own capacity gives
constexpr double full = 0.7;       // the shared capacity as a share of what all flows want together
constexpr double not_full = 1.5;

std::int64_t shared_capacity(double fill, std::uint32_t flows) { return static_cast<std::int64_t>(fill * 500.5 * flows); }
std::int64_t some_demand(Stream& stream) { return 1 + static_cast<std::int64_t>(stream.below(1000)); }

/// Flows with demands of 1 to 1,000 on one capacity, each also with one of its own. A change of one demand re-solves all
/// where the shared capacity is full.
void solver(benchmark::State& state, double fill, std::uint32_t flows) {
  const std::size_t held = bytes_held();
  Stream stream(1, 0, "bench");
  MaxMinSharing shares;
  shares.add_capacity(shared_capacity(fill, flows));
  for (std::uint32_t f = 0; f < flows; ++f) {
    const MaxMinSharing::Use uses[] = {{0, 1}, {shares.add_capacity(own), 1}};
    shares.set_demand(shares.add_flow(uses), some_demand(stream));
  }
  shares.solve();
  const double bytes = static_cast<double>(bytes_held() - held) / flows;
  std::uint32_t next = 0;
  const auto change = [&] {
    shares.set_demand(next, some_demand(stream));
    shares.solve();
    next = next + 1 == flows ? 0 : next + 1;
  };
  change();
  const std::uint64_t before = allocations;
  for (auto _ : state) change();
  count(state, static_cast<std::uint64_t>(state.iterations()), allocations - before, bytes);
}

/// The level at which the flows that want more than it share what the others leave, found by raising it until it stays;
/// then each flow's rate. Only the sum, where there is room for all.
void bare(benchmark::State& state, double fill, std::uint32_t flows) {
  Stream stream(1, 0, "bench");
  const std::int64_t capacity = shared_capacity(fill, flows);
  std::vector<std::int64_t> wanted(flows), rates(flows);
  for (std::int64_t& demand : wanted) demand = std::min(some_demand(stream), own);
  std::int64_t sum = 0;
  for (const std::int64_t demand : wanted) sum += demand;
  std::uint32_t next = 0;
  for (auto _ : state) {
    const std::int64_t demand = std::min(some_demand(stream), own);
    sum += demand - std::exchange(wanted[next], demand);
    if (sum <= capacity) {
      rates[next] = demand;
    } else {
      std::int64_t level = 0;
      for (std::int64_t raised = capacity / flows; raised != level;) {
        level = raised;
        std::int64_t left = capacity;
        std::int64_t above = 0;
        for (const std::int64_t of_flow : wanted) {
          const bool below = of_flow <= level;
          left -= below ? of_flow : 0;
          above += below ? 0 : 1;
        }
        if (above > 0) raised = left / above;
      }
      for (std::uint32_t f = 0; f < flows; ++f) rates[f] = std::min(wanted[f], level);
    }
    benchmark::DoNotOptimize(rates.data());
    benchmark::ClobberMemory();
    next = next + 1 == flows ? 0 : next + 1;
  }
  count(state, static_cast<std::uint64_t>(state.iterations()), 0, 2 * sizeof(std::int64_t));
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto& [name, fill] : {std::pair{"full", full}, std::pair{"not full", not_full}}) {
    for (const std::uint32_t flows : {10U, 100U, 1'000U, 10'000U}) {
      const std::string heading = fmt::format("{}, {} flows", name, flows);
      benchmark::RegisterBenchmark((heading + "|bare arithmetic").c_str(), bare, fill, flows);
      benchmark::RegisterBenchmark((heading + "|solver").c_str(), solver, fill, flows);
    }
  }
  return run_benchmarks(
      argc, argv,
      {"--benchmark_repetitions=9", "--benchmark_min_time=0.05", "--benchmark_enable_random_interleaving=true"}, false);
}
