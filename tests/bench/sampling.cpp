/// The time of one draw of each form, the uniform number included, and of one value added to a statistic. None of them
/// allocates, but for a sketch whose range of values still grows: the counter shows allocations per draw.

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/piecewise_poisson.hpp"
#include "fleetsim/sim/quantile_sketch.hpp"
#include "fleetsim/sim/statistics.hpp"

namespace {
std::atomic<long> allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using namespace fleetsim;

/// Times `work(stream)`.
template <class Work>
void repeat(benchmark::State& state, Work&& work) {
  Stream stream(1, 0, "bench");
  for (int k = 0; k < 10'000; ++k) work(stream);  // to the steady state
  const long before = allocations;
  for (auto _ : state) benchmark::DoNotOptimize(work(stream));
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations - before), benchmark::Counter::kAvgIterations);
}

void draw(benchmark::State& state, const Distribution& distribution) {
  repeat(state, [&](Stream& stream) { return distribution.sample(stream); });
}

void uniform_number(benchmark::State& state) {
  repeat(state, [](Stream& stream) { return stream.uniform(); });
}

void piecewise_poisson(benchmark::State& state) {
  PiecewiseRate rate{.starts = {}, .per_second = {}, .period = 24_h};
  for (int hour = 0; hour < 24; ++hour) {
    rate.starts.push_back(Time{} + 1_h * hour);
    rate.per_second.push_back(0.01 * (1 + hour % 12));
  }
  const PiecewisePoisson arrivals{rate};
  Time now;
  repeat(state, [&](Stream& stream) { return now = now < Time{} + 365_d ? *arrivals.next(now, stream) : Time{}; });
}

void tally(benchmark::State& state) {
  Tally values;
  repeat(state, [&](Stream& stream) { return values.add(stream.uniform()), values.count(); });
}

void time_weighted(benchmark::State& state) {
  TimeWeighted level;
  Time now;
  repeat(state, [&](Stream& stream) { return level.set(stream.uniform(), now += 1_s), level.level(); });
}

void quantile_sketch(benchmark::State& state) {
  QuantileSketch sketch;
  repeat(state, [&](Stream& stream) { return sketch.add(stream.uniform()), sketch.count(); });
}

BENCHMARK(uniform_number);
BENCHMARK_CAPTURE(draw, exponential, Exponential{5});
BENCHMARK_CAPTURE(draw, weibull, Weibull{0.7, 3});
BENCHMARK_CAPTURE(draw, log_normal, LogNormal{3, 1});
BENCHMARK_CAPTURE(draw, hyper_exponential, HyperExponential{{0.9, 0.1}, {1, 10}});
BENCHMARK_CAPTURE(draw, gamma, Gamma{2.5, 1});
BENCHMARK_CAPTURE(draw, normal, Normal{0, 1});
BENCHMARK_CAPTURE(draw, uniform, Uniform{0, 1});
BENCHMARK_CAPTURE(draw, triangular, Triangular{0, 1, 3});
BENCHMARK_CAPTURE(draw, discrete, Discrete{{1, 2, 3}, {1, 2, 3}});
BENCHMARK_CAPTURE(draw, empirical, Empirical{{1, 2, 3, 4, 5}});
BENCHMARK(piecewise_poisson);
BENCHMARK(tally);
BENCHMARK(time_weighted);
BENCHMARK(quantile_sketch);

}  // namespace

BENCHMARK_MAIN();
