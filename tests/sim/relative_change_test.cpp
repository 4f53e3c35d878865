#include "fleetsim/sim/relative_change.hpp"

#include <cmath>
#include <vector>

#include "fleetsim/sim/random.hpp"
#include "fleetsim/sim/summary.hpp"
#include "sim/special_functions.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

struct Pairs {
  std::vector<double> baseline, variant;
};

/// Jointly normal with the correlation 0.8: a baseline of mean 10 and deviation 4, a variant of mean `mean` and deviation 3.
Pairs normal_pairs(std::uint64_t experiment, std::size_t count, double mean) {
  Stream stream(11, experiment, "test/relative-change");
  Pairs pairs;
  for (std::size_t k = 0; k < count; ++k) {
    const double shared = special::normal_quantile(stream.uniform()), own = special::normal_quantile(stream.uniform());
    pairs.baseline.push_back(10 + 4 * shared);
    pairs.variant.push_back(mean + 3 * (0.8 * shared + 0.6 * own));
  }
  return pairs;
}

}  // namespace

TEST_CASE("relative change: its interval covers it as often as stated, the baseline's own error included", "[summary][coverage]") {
  constexpr std::uint64_t experiments = 2000;
  for (const double coverage : {0.9, 0.95, 0.99}) {
    std::uint64_t covered = 0;
    for (std::uint64_t k = 0; k < experiments; ++k) {
      const Pairs pairs = normal_pairs(k, 12, 7);
      covered += relative_change(pairs.baseline, pairs.variant, coverage).interval.value().contains(-0.3);
    }
    // Exact for normal pairs, so the share covered has a binomial distribution.
    const double error = std::sqrt(coverage * (1 - coverage) / experiments);
    CHECK_THAT(static_cast<double>(covered) / experiments, WithinAbs(coverage, 4 * error));
  }
}

TEST_CASE("relative change: it is decided just where the difference is", "[summary][property]") {
  int decided = 0;
  for (std::uint64_t k = 0; k < 1000; ++k) {
    const Pairs pairs = normal_pairs(k, 12, 9);
    const PairedComparison comparison = compare_paired(pairs.baseline, pairs.variant);
    CHECK(comparison.relative.interval->contains(0) == comparison.interval->contains(0));
    decided += !comparison.interval->contains(0);
  }
  CHECK((decided > 100 && decided < 900));
}

TEST_CASE("relative change: what cannot be negative falls by no more than all of it", "[summary][table]") {
  // By Student's test alone the variant's mean, 0.25, may be below zero.
  const std::vector<double> baseline{10, 10, 10, 10}, rare{0, 0, 0, 1};
  const RelativeChange change = relative_change(baseline, rare);
  CHECK(change.interval->low == -1);
  CHECK(change.interval->high > -0.975);
  const std::vector<double> saved{0, 0, 0, -1};
  CHECK(relative_change(baseline, saved).interval->low < -1);
}

TEST_CASE("relative change: a variant in proportion to its baseline is so without error", "[summary][analytic]") {
  const RelativeChange change = relative_change(std::vector<double>{100, 200, 300, 500}, std::vector<double>{75, 150, 225, 375});
  CHECK(change.mean == -0.25);
  CHECK(change.interval == Interval{-0.25, -0.25});
}

TEST_CASE("relative change: beside a baseline without error it is the difference's interval in shares", "[summary][analytic]") {
  const std::vector<double> baseline(4, 250), variant{299, 299, 301, 301};
  const PairedComparison comparison = compare_paired(baseline, variant);
  CHECK_THAT(comparison.relative.mean, WithinRel(0.2, 1e-14));
  CHECK_THAT(comparison.relative.interval.value().low, WithinRel(comparison.interval->low / 250, 1e-14));
  CHECK_THAT(comparison.relative.interval.value().high, WithinRel(comparison.interval->high / 250, 1e-14));
}

TEST_CASE("relative change: the same amount more is another share of each baseline", "[summary][table]") {
  // 10 more than 30, 40 and 50: 0.25 in the mean. The residuals 2.5, 0, -2.5 have the variance 6.25 and with the baseline
  // the covariance -25, the baseline's variance is 100; a third of each is the means'. t(0.975; 2) = 4.3027, its square
  // 18.513: (e 40)^2 = 18.513 (6.25 + 50 e + 100 e^2) / 3 at e = -0.0958 and 0.4097.
  const RelativeChange change = relative_change(std::vector<double>{30, 40, 50}, std::vector<double>{40, 50, 60});
  CHECK(change.mean == 0.25);
  CHECK_THAT(change.interval.value().low, WithinAbs(0.25 - 0.0958, 1e-4));
  CHECK_THAT(change.interval.value().high, WithinAbs(0.25 + 0.4097, 1e-4));
}

TEST_CASE("relative change: where the baseline may be zero, or pairs are too few, there is no interval", "[summary][table]") {
  const double absent = std::nan("");
  CHECK_FALSE(relative_change(std::vector<double>{-1, 2, 0}, std::vector<double>{5, 6, 7}).interval);
  CHECK_FALSE(relative_change(std::vector<double>{1, absent, 3}, std::vector<double>{2, 5, absent}).interval);
  CHECK(relative_change(std::vector<double>{2, absent, 3}, std::vector<double>{3, 5, absent}).mean == 0.5);
  CHECK(std::isnan(relative_change(std::vector<double>{}, std::vector<double>{}).mean));
}
