/// What an event costs: the hold model, churn, an M/M/1 queue and PHOLD through the public API, each beside the best bare
/// event list that does the same work in the same run; and random streams beside a bare generator.
///
///   bench_kernel                                          all of it, in about five minutes
///   bench_kernel --benchmark_filter='hold, 1000 pending'
///
/// The program fails if an event allocates.

#include <Random123/philox.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bench/support/count_allocations.hpp"
#include "bench/support/hold_worlds.hpp"
#include "bench/support/network_worlds.hpp"
#include "bench/support/report.hpp"
#include "fleetsim/sim/random.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::bench;

using MakeWorld = std::function<std::unique_ptr<World>(std::size_t pending)>;

/// The worlds, each made when it is first measured, and kept: rows take turns.
struct Kept {
  std::unique_ptr<World> world;
  double bytes = 0;
};
std::map<std::string, Kept> worlds;

constexpr std::uint64_t batch = 20'000;  // events
constexpr int repetitions = 9;

benchmark::internal::Benchmark* add_row(const std::string& heading, const std::string& row, std::size_t pending,
                                        const MakeWorld& make) {
  const std::string name = heading + "|" + row;
  return benchmark::RegisterBenchmark(name.c_str(), [name, pending, make](benchmark::State& state) {
    Kept& kept = worlds[name];
    if (kept.world == nullptr) {
      const std::size_t before = bytes_held();
      kept.world = make(pending);
      kept.world->run(5 * pending + 500'000);  // to the steady state
      kept.bytes = static_cast<double>(bytes_held() - before) / static_cast<double>(pending);
    }
    const std::uint64_t before = allocations;
    std::uint64_t events = 0;
    for (auto _ : state) events += kept.world->run(batch);
    count(state, events, allocations - before, pending >= 1'000 ? kept.bytes : 0);
  });
}

template <class W>
MakeWorld making() {
  return [](std::size_t pending) { return std::make_unique<W>(pending); };
}
template <template <class> class W>
MakeWorld making_on_heap() {
  return [](std::size_t pending) { return std::make_unique<W<BareHeap>>(pending, pending + 16); };
}

void add_hold(std::size_t pending) {
  const std::string heading = fmt::format("hold, {} pending", pending);
  add_row(heading, "bare wheel", pending, making<BareWorld<BareWheel>>());
  add_row(heading, "entities, one kind", pending, making<CellWorld<0>>());
  if (pending > 1'000'000) return;  // each row keeps its memory
  add_row(heading, "bare 4-ary heap", pending, making_on_heap<BareWorld>());
  add_row(heading, "entities, eight kinds", pending, making<CellWorld<0, 1, 2, 3, 4, 5, 6, 7>>());
  add_row(heading, "one entity with a table", pending, making<TableWorld>());
}

/// So many customers in all repetitions together, an arrival and a departure each.
void add_queue(const std::string& row, const MakeWorld& make) {
  constexpr std::uint64_t customers = 10'000'000;
  constexpr std::uint64_t a_repetition = 2 * customers / repetitions;
  add_row("single queue, 10 M customers", row, 1, make)->Iterations((a_repetition + batch - 1) / batch);
}

/// Each event schedules two and takes one back.
void add_churn(std::size_t pending) {
  const std::string heading = fmt::format("churn, {} pending", pending);
  add_row(heading, "bare wheel", pending, making<BareChurn<BareWheel>>());
  add_row(heading, "bare 4-ary heap", pending, [](std::size_t count) -> std::unique_ptr<World> {
    return std::make_unique<BareChurn<BareHeap>>(count, 4 * count + 64);
  });
  add_row(heading, "one entity with a table", pending, making<ChurnWorld>());
}

template <class Draw>
void add_draws(const std::string& row, Draw draw) {
  benchmark::RegisterBenchmark(("random numbers|" + row).c_str(), [draw](benchmark::State& state) {
    Stream stream(1, 0, "bench");
    constexpr int draws = 1'000;
    const std::uint64_t before = allocations;
    for (auto _ : state) {
      for (int i = 0; i < draws; ++i) benchmark::DoNotOptimize(draw(stream));
    }
    count(state, static_cast<std::uint64_t>(state.iterations()) * draws, allocations - before);
  });
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::size_t pending : {10UL, 100UL, 1'000UL, 10'000UL, 100'000UL, 1'000'000UL, 10'000'000UL})
    add_hold(pending);
  for (const std::size_t pending : {100UL, 10'000UL, 1'000'000UL}) add_churn(pending);
  add_queue("bare wheel", making<BareQueue<BareWheel>>());
  add_queue("bare 4-ary heap", making_on_heap<BareQueue>());
  add_queue("one entity", making<QueueWorld>());
  add_row("PHOLD, 1,000 entities", "bare wheel", 1'000, making<BarePhold<BareWheel>>());
  add_row("PHOLD, 1,000 entities", "bare 4-ary heap", 1'000, making_on_heap<BarePhold>());
  add_row("PHOLD, 1,000 entities", "entities", 1'000, making<PholdWorld>());

  // Four draws a call, so a quarter of its time each: what Stream::bits is made of.
  benchmark::RegisterBenchmark("random numbers|bare Philox 4x64-10", [](benchmark::State& state) {
    r123::Philox4x64::ctr_type counter = {{0, 0, 0, 0}};
    const r123::Philox4x64::key_type key = {{1, 2}};
    constexpr int draws = 1'000;
    for (auto _ : state) {
      for (int i = 0; i < draws; i += 4) {
        ++counter[0];
        benchmark::DoNotOptimize(r123::Philox4x64{}(counter, key));
      }
    }
    count(state, static_cast<std::uint64_t>(state.iterations()) * draws, 0);
  });
  add_draws("bits", [](Stream& stream) { return stream.bits(); });
  add_draws("uniform", [](Stream& stream) { return stream.uniform(); });
  add_draws("below 1,000", [](Stream& stream) { return stream.below(1'000); });
  add_draws("a stream made", [](Stream&) { return Stream(1, 0, "spot_market/us-east-1a/c5.2xlarge/lifetime"); });

  return run_benchmarks(
      argc, argv,
      {fmt::format("--benchmark_repetitions={}", repetitions), "--benchmark_min_time=0.05", "--benchmark_enable_random_interleaving=true"}, false);
}
