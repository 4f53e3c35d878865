/// What an event costs: the hold model through the public API beside the best bare event list in the same run.
///
///   bench_kernel                                  all of it, in about two minutes
///   bench_kernel --benchmark_filter='/1000$'
///
/// Repetitions of different rows take turns, and the times are those of the thread's processor time, so that what else
/// the machine does falls on all rows alike. What is printed are medians, and their ratio to the best bare list's. The
/// program fails if an event allocates.

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/support/count_allocations.hpp"
#include "bench/support/hold_worlds.hpp"
#include "fleetsim/sim/random.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::bench;

constexpr std::int64_t populations[] = {10, 1'000, 100'000, 1'000'000};

using MakeWorld = std::function<std::unique_ptr<World>(std::size_t pending)>;

/// The worlds, each made when it is first measured, and kept: rows take turns.
std::map<std::string, std::unique_ptr<World>> worlds;

void run_world(benchmark::State& state, const std::string& row, const MakeWorld& make) {
  const auto pending = static_cast<std::uint64_t>(state.range(0));
  std::unique_ptr<World>& world = worlds[row + "/" + std::to_string(pending)];
  if (world == nullptr) {
    world = make(pending);
    world->run(5 * pending + 500'000);  // to the steady state
  }
  constexpr std::uint64_t batch = 20'000;
  const std::uint64_t before = allocations;
  std::uint64_t events = 0;
  for (auto _ : state) events += world->run(batch);
  const std::uint64_t allocated = allocations - before;
  state.counters["event"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["allocations"] = static_cast<double>(allocated);
}

void add_row(const std::string& row, const MakeWorld& make) {
  auto* const registered = benchmark::RegisterBenchmark(
      row.c_str(), [row, make](benchmark::State& state) { run_world(state, row, make); });
  for (const std::int64_t pending : populations) registered->Arg(pending);
}

template <class W>
MakeWorld making() {
  return [](std::size_t pending) { return std::make_unique<W>(pending); };
}

void stream_bits(benchmark::State& state) {
  Stream stream(1, 0, "bench");
  for (auto _ : state) benchmark::DoNotOptimize(stream.bits());
}
void stream_uniform(benchmark::State& state) {
  Stream stream(1, 0, "bench");
  for (auto _ : state) benchmark::DoNotOptimize(stream.uniform());
}
void stream_below(benchmark::State& state) {
  Stream stream(1, 0, "bench");
  for (auto _ : state) benchmark::DoNotOptimize(stream.below(1'000));
}
void stream_made(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Stream(1, 0, "spot_market/us-east-1a/c5.2xlarge/lifetime"));
}

/// Keeps every repetition and prints the medians at the end.
class Reporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override {
    PrintBasicContext(&GetErrorStream(), context);
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const std::string& name = run.run_name.function_name;
      if (!run.counters.contains("event")) {
        others_[name].push_back(run.GetAdjustedCPUTime());
        continue;
      }
      events_[std::stoll(run.run_name.args)][name].push_back(1e9 * run.counters.at("event").value);
      allocated_ += run.counters.at("allocations").value;
    }
  }

  /// False if an event allocated.
  bool print() const {
    for (const auto& [pending, rows] : events_) {
      double bare = std::numeric_limits<double>::infinity();
      for (const auto& [row, times] : rows) {
        if (row.starts_with("bare")) bare = std::min(bare, median(times));
      }
      fmt::print("\n{:<32}{:>12}{:>8}\n", fmt::format("{} pending", pending), "ns / event", "ratio");
      for (const auto& [row, times] : rows) {
        fmt::print("  {:<30}{:>12.1f}{:>8.2f}\n", row, median(times), median(times) / bare);
      }
    }
    fmt::print("\n{:<32}{:>12}\n", "", "ns");
    for (const auto& [row, times] : others_) fmt::print("  {:<30}{:>12.1f}\n", row, median(times));
    fmt::print("\nallocations in the steady state: {:.0f}\n", allocated_);
    return allocated_ == 0;
  }

 private:
  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  std::map<std::int64_t, std::map<std::string, std::vector<double>>> events_;
  std::map<std::string, std::vector<double>> others_;
  double allocated_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  add_row("bare wheel", making<BareWorld<BareWheel>>());
  add_row("bare 4-ary heap",
          [](std::size_t pending) { return std::make_unique<BareWorld<BareHeap>>(pending, pending); });
  add_row("entities, one kind", making<CellWorld<0>>());
  add_row("entities, eight kinds", making<CellWorld<0, 1, 2, 3, 4, 5, 6, 7>>());
  add_row("one entity with a table", making<TableWorld>());
  add_row("with cancellations", making<ChurnWorld>());
  benchmark::RegisterBenchmark("stream/bits", stream_bits);
  benchmark::RegisterBenchmark("stream/uniform", stream_uniform);
  benchmark::RegisterBenchmark("stream/below", stream_below);
  benchmark::RegisterBenchmark("stream/made", stream_made);

  // Defaults, before the caller's own arguments so that those win.
  std::vector<std::string> arguments = {argv[0], "--benchmark_repetitions=9", "--benchmark_min_time=0.1",
                                        "--benchmark_enable_random_interleaving=true"};
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  auto count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return reporter.print() ? 0 : 1;
}
