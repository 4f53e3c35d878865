#include "fleetsim/sim/confidence.hpp"

#include <numeric>

#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

Tally tally_of(const std::vector<double>& values) {
  Tally tally;
  for (const double value : values) tally.add(value);
  return tally;
}

/// n values of mean zero and standard error one, n even: half of them a, half -a, with a^2 n / (n - 1) = n.
Tally unit_standard_error(int n) {
  Tally tally;
  for (int k = 0; k < n; ++k) tally.add((k % 2 == 0 ? 1 : -1) * std::sqrt(n - 1));
  return tally;
}

std::vector<double> one_to(int n) {
  std::vector<double> ranks(static_cast<std::size_t>(n));
  std::iota(ranks.begin(), ranks.end(), 1);
  return ranks;
}

}  // namespace

TEST_CASE("confidence: with a standard error of one, a mean's interval is Student's t", "[confidence][table]") {
  struct Row {
    int n;
    double coverage, t;
  };
  // From printed tables, by degrees of freedom n - 1.
  for (const auto& [n, coverage, t] :
       {Row{2, 0.95, 12.706}, Row{6, 0.95, 2.571}, Row{10, 0.95, 2.262}, Row{10, 0.99, 3.250}, Row{20, 0.90, 1.729},
        Row{30, 0.95, 2.045}, Row{120, 0.95, 1.980}}) {
    const auto interval = mean_interval(unit_standard_error(n), coverage).value();
    CAPTURE(n, coverage);
    CHECK_THAT(interval.high, WithinAbs(t, 6e-4));
    CHECK_THAT(interval.low, WithinAbs(-t, 6e-4));
    CHECK_THAT(interval.half_width(), WithinAbs(t, 6e-4));
  }
}

TEST_CASE("confidence: one value has no interval", "[confidence][table]") {
  CHECK_FALSE(mean_interval(Tally{}).has_value());
  CHECK_FALSE(mean_interval(tally_of({4})).has_value());
  CHECK(mean_interval(tally_of({4, 4})).value() == Interval{4, 4});
}

TEST_CASE("confidence: Wilson intervals of Newcombe's four examples", "[confidence][table]") {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I,
  // score method without continuity correction.
  struct Row {
    std::uint64_t successes, trials;
    double low, high;
  };
  for (const auto& [successes, trials, low, high] : {Row{81, 263, 0.2553, 0.3662}, Row{15, 148, 0.0624, 0.1605},
                                                     Row{0, 20, 0, 0.1611}, Row{1, 29, 0.0061, 0.1718}}) {
    const Interval interval = wilson_interval(successes, trials);
    CAPTURE(successes, trials);
    CHECK_THAT(interval.low, WithinAbs(low, 5e-5));
    CHECK_THAT(interval.high, WithinAbs(high, 5e-5));
    // Successes and failures are treated alike.
    const Interval mirrored = wilson_interval(trials - successes, trials);
    CHECK_THAT(mirrored.low, WithinAbs(1 - interval.high, 1e-15));
  }
  CHECK(wilson_interval(0, 20).low == 0);
  CHECK(wilson_interval(20, 20).high == 1);
  CHECK(wilson_interval(0, 0) == Interval{0, 1});
}

TEST_CASE("confidence: a median's interval lies between the ranks of the binomial table", "[confidence][table]") {
  struct Row {
    int n, low_rank, high_rank;
  };
  for (const auto& [n, low_rank, high_rank] :
       {Row{6, 1, 6}, Row{9, 2, 8}, Row{10, 2, 9}, Row{20, 6, 15}, Row{100, 40, 61}}) {
    CAPTURE(n);
    CHECK(quantile_interval(one_to(n), 0.5).value() == Interval{double(low_rank), double(high_rank)});
  }
  CHECK_FALSE(quantile_interval(one_to(5), 0.5).has_value());
  CHECK_FALSE(quantile_interval({}, 0.5).has_value());
}

TEST_CASE("confidence: a 95th percentile needs 72 values before it has an upper end", "[confidence][analytic]") {
  // The greatest of n lies below it with probability 0.95^n, which is at most 2.5 % from n = 72 on.
  CHECK_FALSE(quantile_interval(one_to(71), 0.95).has_value());
  CHECK(quantile_interval(one_to(72), 0.95).value().high == 72);
}

TEST_CASE("confidence: the ends of a quantile's interval mirror those of the opposite quantile",
          "[confidence][property]") {
  for (const int n : {100, 333, 1000})
    for (const double p : {0.1, 0.25, 0.4}) {
      const auto low = quantile_interval(one_to(n), p).value();
      const auto high = quantile_interval(one_to(n), 1 - p).value();
      CAPTURE(n, p);
      CHECK(low.low == n + 1 - high.high);
      CHECK(low.high == n + 1 - high.low);
    }
}
