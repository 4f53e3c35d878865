/// One draw of each form, the uniform number included, and one value added to a statistic. Beside the forms that have a
/// formula stands the formula on the cheapest generator; beside a statistic the additions that it cannot leave out. A form
/// of ours turns one uniform number into one value; a bare one takes as many as are quickest.
///
///   bench_sampling

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>

#include "bench/support/count_allocations.hpp"
#include "bench/support/report.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/piecewise_poisson.hpp"
#include "fleetsim/sim/quantile_sketch.hpp"
#include "fleetsim/sim/statistics.hpp"

namespace {

using namespace fleetsim;
using namespace fleetsim::bench;

/// A uniform number by a linear congruence: what a bare formula draws from.
class CheapUniform {
 public:
  double operator()() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (static_cast<double>(state_ >> 11U) + 0.5) * 0x1p-53;
  }

 private:
  std::uint64_t state_ = 88172645463325252U;
};

/// Times `work(source)`, whose values are summed so that none is left out.
template <class Source, class Work>
void add(const std::string& name, const Source& from, Work work) {
  benchmark::RegisterBenchmark(name.c_str(), [from, work](benchmark::State& state) mutable {
    Source source = from;
    constexpr int batch = 1'000;
    const auto run = [&] {
      double sum = 0;
      for (int i = 0; i < batch; ++i) sum += work(source);
      benchmark::DoNotOptimize(sum);
    };
    for (int i = 0; i < 10; ++i) run();  // to the steady state
    const std::uint64_t before = allocations;
    for (auto _ : state) run();
    count(state, static_cast<std::uint64_t>(state.iterations()) * batch, allocations - before);
  });
}

template <class Work>
void add_fleetsim(const std::string& heading, Work work) {
  add(heading + "|fleetsim", Stream(1, 0, "bench"), std::move(work));
}
template <class Work>
void add_bare(const std::string& heading, Work work) {
  add(heading + "|bare", CheapUniform(), std::move(work));
}
void add_draw(const std::string& form, const Distribution& distribution) {
  add_fleetsim(form, [distribution](Stream& stream) { return distribution.sample(stream); });
}

/// Both normal numbers that a pair of uniform ones gives are used (Box and Muller).
class BareNormal {
 public:
  double operator()(CheapUniform& uniform) {
    has_second_ = !has_second_;
    if (!has_second_) return second_;
    const double radius = std::sqrt(-2 * std::log(uniform()));
    const double angle = 2 * std::numbers::pi * uniform();
    second_ = radius * std::sin(angle);
    return radius * std::cos(angle);
  }

 private:
  bool has_second_ = false;
  double second_ = 0;
};

void add_forms() {
  add_fleetsim("uniform number", [](Stream& stream) { return stream.uniform(); });
  add_bare("uniform number", [](CheapUniform& uniform) { return uniform(); });
  add_draw("exponential", Exponential{5});
  add_bare("exponential", [](CheapUniform& uniform) { return -5 * std::log(uniform()); });
  add_draw("Weibull", Weibull{0.7, 3});
  add_bare("Weibull", [](CheapUniform& uniform) { return 3 * std::pow(-std::log(uniform()), 1 / 0.7); });
  add_draw("normal", Normal{0, 1});
  add_bare("normal", BareNormal());
  add_draw("log-normal", LogNormal{3, 1});
  add_bare("log-normal", [normal = BareNormal()](CheapUniform& uniform) mutable { return 3 * std::exp(normal(uniform)); });
  add_draw("uniform", Uniform{0, 1});
  add_bare("uniform", [](CheapUniform& uniform) { return uniform(); });
  add_draw("hyper-exponential", HyperExponential{{0.9, 0.1}, {1, 10}});
  add_bare("hyper-exponential", [](CheapUniform& uniform) {
    const double mean = uniform() < 0.9 ? 1 : 10;
    return -mean * std::log(uniform());
  });
  add_draw("gamma", Gamma{2.5, 1});
  add_draw("triangular", Triangular{0, 1, 3});
  add_draw("discrete", Discrete{{1, 2, 3}, {1, 2, 3}});
  add_draw("empirical", Empirical{{1, 2, 3, 4, 5}});
}

void add_arrivals() {
  PiecewiseRate rate{.starts = {}, .per_second = {}, .period = 24_h};
  for (int hour = 0; hour < 24; ++hour) {
    rate.starts.push_back(Time{} + 1_h * hour);
    rate.per_second.push_back(0.01 * (1 + hour % 12));
  }
  add_fleetsim("arrivals of a rate by the hour", [arrivals = PiecewisePoisson(rate), now = Time()](Stream& stream) mutable {
    now = now < Time{} + 365_d ? *arrivals.next(now, stream) : Time{};
    return static_cast<double>((now - Time{}).count());
  });
}

void add_statistics() {
  add_fleetsim("tally", [values = Tally()](Stream& stream) mutable {
    values.add(stream.uniform());
    return static_cast<double>(values.count());
  });
  add_bare("tally", [n = 0.0, sum = 0.0, squares = 0.0](CheapUniform& uniform) mutable {
    const double value = uniform();
    n += 1;
    sum += value;
    squares += value * value;
    return n + sum + squares;
  });
  add_fleetsim("level over time", [level = TimeWeighted(), now = Time()](Stream& stream) mutable {
    level.set(stream.uniform(), now += 1_s);
    return level.level();
  });
  add_bare("level over time", [level = 0.0, area = 0.0](CheapUniform& uniform) mutable {
    area += level;
    level = uniform();
    return area;
  });
  add_fleetsim("quantile sketch", [sketch = QuantileSketch()](Stream& stream) mutable {
    sketch.add(stream.uniform());
    return static_cast<double>(sketch.count());
  });
}

}  // namespace

int main(int argc, char** argv) {
  add_forms();
  add_arrivals();
  add_statistics();
  // A sketch allocates while the range of its values still grows.
  return run_benchmarks(
      argc, argv,
      {"--benchmark_repetitions=9", "--benchmark_min_time=0.02", "--benchmark_enable_random_interleaving=true"}, true);
}
