/// Draws from named streams: distributions and arrivals against their theory, intervals against their promise.
/// Tolerances are multiples of standard errors, chosen so that a right program fails about once in 10^5 seeds.
/// Seeds are fixed.

#include <functional>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/piecewise_poisson.hpp"
#include "fleetsim/sim/summary.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr double errors_allowed = 4.5;

struct Named {
  const char* name;
  Distribution distribution;
};

std::vector<Named> forms() {
  return {{"exponential", Exponential{5}},
          {"Weibull", Weibull{.shape = 0.7, .scale = 3}},
          {"log-normal", LogNormal{.median = 3, .sigma = 0.8}},
          {"hyper-exponential", HyperExponential{{0.9, 0.1}, {1, 10}}},
          {"gamma", Gamma{.shape = 2.5, .scale = 2}},
          {"normal", Normal{.mean = -3, .sigma = 2}},
          {"uniform", Uniform{.low = -1, .high = 4}},
          {"triangular", Triangular{.low = 1, .mode = 2, .high = 6}},
          {"discrete", Discrete{{1, 2, 5}, {-1, 0, 3}}},
          {"empirical", Empirical{{1, 2, 2.5, 7, 11}}},
          {"bathtub", Bathtub{.share = 0.375, .early = 2, .late = 1.2, .limit = 24}}};
}

}  // namespace

TEST_CASE("distribution: draws have the mean and the variance of their form", "[distribution][stochastic]") {
  for (const auto& [name, distribution] : forms()) {
    INFO(name);
    Stream stream(1, 0, name);
    Tally draws;
    Tally squares;  // of the distances from the true mean
    for (int k = 0; k < 100'000; ++k) {
      const double x = distribution.sample(stream);
      draws.add(x);
      squares.add(std::pow(x - distribution.mean(), 2));
    }
    CHECK_THAT(draws.mean(), WithinAbs(distribution.mean(), errors_allowed * draws.standard_error()));
    CHECK_THAT(squares.mean(), WithinAbs(distribution.variance(), errors_allowed * squares.standard_error()));
  }
}

TEST_CASE("distribution: draws follow their distribution function", "[distribution][stochastic]") {
  const int n = 20'000;
  for (const auto& [name, distribution] : forms()) {
    INFO(name);
    Stream stream(2, 0, name);
    std::vector<double> draws;
    for (int k = 0; k < n; ++k) draws.push_back(distribution.sample(stream));
    std::sort(draws.begin(), draws.end());
    double farthest = 0;
    for (int k = 0; k < n; ++k) {
      const auto place = static_cast<std::size_t>(k);
      if (k + 1 < n && draws[place] == draws[place + 1]) continue;  // at a step, the share up to and with it
      farthest = std::max(farthest, std::abs((k + 1.0) / n - distribution.cdf(draws[place])));
    }
    // Kolmogorov: P(distance > d / sqrt(n)) is about 2 exp(-2 d^2), and less where F has steps.
    CHECK(farthest < 2.5 / std::sqrt(n) + 1.0 / n);
  }
}

TEST_CASE("distribution: common random numbers pair two variants draw by draw", "[distribution][analytic]") {
  const Distribution baseline = Exponential{1.0};
  const Distribution variant = Exponential{1.1};
  std::vector<double> a, b;
  for (std::uint64_t replication = 0; replication < 50; ++replication) {
    Stream for_baseline(7, replication, "lifetime");
    Stream for_variant(7, replication, "lifetime");
    a.push_back(baseline.sample(for_baseline));
    b.push_back(variant.sample(for_variant));
  }
  // b = 1.1 a in every replication, so variances are as 1.21 and 1 to 0.01.
  CHECK_THAT(compare_paired(a, b).variance_reduction, WithinRel(221.0, 1e-9));
  CHECK(compare_paired(a, b).difference.min > 0);
}

TEST_CASE("confidence: a t-interval covers a normal mean in 95 of 100 experiments", "[confidence][stochastic]") {
  const Distribution normal = Normal{.mean = 3, .sigma = 2};
  const int experiments = 2000;
  int covered = 0;
  for (int experiment = 0; experiment < experiments; ++experiment) {
    Stream stream(3, static_cast<std::uint64_t>(experiment), "normal");
    Tally values;
    for (int k = 0; k < 5; ++k) values.add(normal.sample(stream));
    covered += mean_interval(values).value().contains(3) ? 1 : 0;
  }
  // The count is binomial.
  CHECK_THAT(covered / double(experiments), WithinAbs(0.95, errors_allowed * std::sqrt(0.95 * 0.05 / experiments)));
}

TEST_CASE("confidence: a median's interval covers as often as its ranks say", "[confidence][stochastic]") {
  // For 15 values the interval is from rank 4 to rank 12: P(4 <= B <= 11) = 1 - 2 (1 + 15 + 105 + 455) / 2^15.
  const double coverage = 1 - 2 * 576.0 / 32768;
  const Distribution skewed = Exponential{1};
  const int experiments = 2000;
  int covered = 0;
  for (int experiment = 0; experiment < experiments; ++experiment) {
    Stream stream(4, static_cast<std::uint64_t>(experiment), "exponential");
    std::vector<double> values;
    for (int k = 0; k < 15; ++k) values.push_back(skewed.sample(stream));
    std::sort(values.begin(), values.end());
    covered += quantile_interval(values, 0.5).value().contains(std::log(2)) ? 1 : 0;
  }
  const double error = std::sqrt(coverage * (1 - coverage) / experiments);
  CHECK_THAT(covered / double(experiments), WithinAbs(coverage, errors_allowed * error));
}

TEST_CASE("confidence: Wilson intervals cover in 95 of 100 experiments on average", "[confidence][analytic]") {
  // Exactly, by the binomial probabilities of every outcome, averaged over the true probabilities 0.5 % .. 49.5 %.
  for (const int trials : {10, 40, 200}) {
    Tally coverage;
    for (int percent = 0; percent < 50; ++percent) {
      const double p = (percent + 0.5) / 100;
      double covered = 0;
      double probability = std::pow(1 - p, trials);  // of k successes
      for (int k = 0; k <= trials; ++k) {
        if (wilson_interval(static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(trials)).contains(p))
          covered += probability;
        probability *= (trials - k) / (k + 1.0) * p / (1 - p);
      }
      coverage.add(covered);
    }
    INFO(trials << " trials");
    CHECK_THAT(coverage.mean(), WithinAbs(0.95, 0.01));
    CHECK(coverage.min() > 0.83);
  }
}

TEST_CASE("piecewise Poisson: counts in each step have the integrated rate as mean and as variance",
          "[piecewise_poisson][stochastic]") {
  const std::vector<Time> starts = {Time{}, Time{} + 6_h, Time{} + 9_h, Time{} + 20_h};
  const PiecewisePoisson arrivals{{.starts = starts, .per_second = {0.001, 0.004, 0, 0.0005}, .period = 24_h}};
  const int days = 4000;
  std::vector<Tally> counts(starts.size());
  Stream stream(5, 0, "arrivals");
  Time next = arrivals.next(Time{}, stream).value();
  for (int day = 0; day < days; ++day) {
    std::vector<int> today(starts.size());
    for (; next < Time{} + 24_h * (day + 1); next = arrivals.next(next, stream).value()) {
      const Duration of_day = next - (Time{} + 24_h * day);
      std::size_t step = starts.size() - 1;
      while (of_day < starts[step].since_start()) --step;
      ++today[step];
    }
    for (std::size_t step = 0; step < starts.size(); ++step) counts[step].add(today[step]);
  }
  for (std::size_t step = 0; step < starts.size(); ++step) {
    INFO("step " << step);
    const Time end = step + 1 < starts.size() ? starts[step + 1] : Time{} + 24_h;
    const double expected = arrivals.expected_arrivals(starts[step], end);
    CHECK_THAT(counts[step].mean(), WithinAbs(expected, errors_allowed * std::sqrt(expected / days)));
    // The variance of a sample variance of Poisson counts is (2 m^2 + m) / n.
    const double error = std::sqrt((2 * expected * expected + expected) / days);
    CHECK_THAT(counts[step].variance(), WithinAbs(expected, errors_allowed * error));
  }
}
