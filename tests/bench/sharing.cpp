/// The time to bring max-min shares up to date after the demand of one flow changed: where the shared capacity is
/// full, and where it is not, so that no other flow can be affected.

#include <benchmark/benchmark.h>

#include <cstdint>

#include "fleetsim/sim/fluid/max_min_sharing.hpp"
#include "fleetsim/sim/random.hpp"

namespace {

using namespace fleetsim;

/// Flows with demands of 1 to 1,000 on one capacity, each also with one of its own; `fill` is the capacity's share of
/// what they want together. A change of one demand re-solves all where the capacity is full.
void one_shared_capacity(benchmark::State& state, double fill) {
  const auto flows = static_cast<std::uint32_t>(state.range(0));
  Stream stream(1, 0, "bench");
  MaxMinSharing shares;
  shares.add_capacity(static_cast<std::int64_t>(fill * 500.5 * flows));
  for (std::uint32_t f = 0; f < flows; ++f) {
    const std::uint32_t own = shares.add_capacity(900);
    const MaxMinSharing::Use uses[] = {{0, 1}, {own, 1}};
    shares.set_demand(shares.add_flow(uses), 1 + static_cast<std::int64_t>(stream.below(1000)));
  }
  shares.solve();
  std::uint32_t next = 0;
  for (auto _ : state) {
    shares.set_demand(next, 1 + static_cast<std::int64_t>(stream.below(1000)));
    shares.solve();
    next = next + 1 == flows ? 0 : next + 1;
  }
  state.counters["flows touched"] = static_cast<double>(shares.touched().size());
}
void full(benchmark::State& state) { one_shared_capacity(state, 0.7); }
void not_full(benchmark::State& state) { one_shared_capacity(state, 1.5); }

BENCHMARK(full)->Arg(10)->Arg(100)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(not_full)->Arg(10)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
