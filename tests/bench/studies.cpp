// What the machinery of studies costs beside the simulated work, and how long a large store takes to read.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <string>

#include "fleetsim/sim/experiment/runner.hpp"
#include "fleetsim/sim/experiment/store.hpp"
#include "fleetsim/sim/random.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::experiment;

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = fs::temp_directory_path() / "fleetsim-bench-XXXXXX";
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

StudyIdentity identity() {
  return {.name = "bench", .seed = 1, .metrics = {{"cost", "cost.total", "USD"}, {"drops", "drops", "1"}, {"rta", "rta", "s"}}};
}
const Session session{.program = "bench", .version = "1", .host = "here", .process = 1, .started = "2026-01-01T00:00:00Z"};

std::vector<Design> designs(std::size_t count) {
  std::vector<Design> result;
  for (std::size_t d = 0; d < count; ++d) result.push_back({"x " + std::to_string(d), {{"x", std::to_string(d)}}});
  return result;
}

std::vector<double> measured(std::size_t design, std::uint64_t replication) {
  Stream stream(design, replication, "bench");
  return {stream.uniform(), stream.uniform(), stream.uniform()};
}

/// Processor time of this thread, which other work on the machine does not lengthen.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Replications of one millisecond each, in one thread: the share of its processor time that is not theirs.
void study_overhead(benchmark::State& state) {
  constexpr std::uint64_t replications = 1000;
  double work = 0, all = 0;
  for (auto _ : state) {
    const Folder folder;
    const double start = thread_seconds();
    StudyStore store = StudyStore::open(folder.file("study.db"), identity(), {}, session);
    store.find_or_add(designs(10));
    Runner runner(store, [&](std::size_t d, std::uint64_t k) {
      const double begin = thread_seconds();
      while (thread_seconds() - begin < 1e-3) benchmark::ClobberMemory();
      work += thread_seconds() - begin;
      return measured(d, k);
    }, {.jobs = 1});
    runner.bring_to(std::vector<std::uint64_t>(10, replications / 10));
    all += thread_seconds() - start;
  }
  state.counters["overhead_%"] = 100 * (all - work) / work;
}
BENCHMARK(study_overhead)->Unit(benchmark::kMillisecond);

/// 10^6 replications of three metrics in 1,000 designs: read from the store, and all their statistics taken.
void study_summary(benchmark::State& state) {
  constexpr std::size_t count = 1000;
  constexpr std::uint64_t each = 1000;
  const Folder folder;
  {
    StudyStore store = StudyStore::open(folder.file("study.db"), identity(), {}, session);
    store.find_or_add(designs(count));
    Batch batch;
    for (std::uint32_t d = 0; d < count; ++d)
      for (std::uint64_t k = 0; k < each; ++k) batch.add(d, k, measured(d, k));
    store.commit(batch, {});
  }
  for (auto _ : state) {
    const StudyStore store = StudyStore::read(folder.file("study.db"));
    std::vector<std::vector<double>> values(count * 3);
    store.each_replication([&](std::size_t design, std::uint64_t, std::span<const double> row) {
      for (std::size_t m = 0; m < 3; ++m) values[design * 3 + m].push_back(row[m]);
    });
    double sum = 0;
    for (const auto& of_metric : values) sum += statistics_of(of_metric, false).p95;
    benchmark::DoNotOptimize(sum);
  }
}
BENCHMARK(study_summary)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
