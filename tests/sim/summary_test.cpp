#include "fleetsim/sim/summary.hpp"

#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

TEST_CASE("summary: eleven replications by hand", "[summary][table]") {
  const Summary summary = summarize(std::vector<double>{11, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6});
  CHECK(summary.n == 11);
  CHECK(summary.mean == 6);
  CHECK_THAT(summary.stddev, WithinRel(std::sqrt(11.0), 1e-14));  // 2 (25 + 16 + 9 + 4 + 1) / 10
  CHECK(summary.min == 1);
  CHECK(summary.p05 == 1.5);
  CHECK(summary.p50 == 6);
  CHECK(summary.p95 == 10.5);
  CHECK(summary.max == 11);
  CHECK_THAT(summary.ci95.value().low, WithinAbs(6 - 2.228, 5e-4));  // t(0.975; 10), standard error 1
  CHECK_THAT(summary.ci95.value().high, WithinAbs(6 + 2.228, 5e-4));
}

TEST_CASE("summary: absent values are left out, and do not count", "[summary][table]") {
  const double absent = std::nan("");
  const Summary of_numbers = summarize(std::vector<double>{absent, 2, absent, 4});
  CHECK(of_numbers.n == 2);
  CHECK(of_numbers.mean == 3);
  const Summary of_optionals = summarize(std::vector<std::optional<double>>{std::nullopt, 2, absent, 4});
  CHECK(of_optionals.n == 2);
  CHECK(of_optionals.ci95 == of_numbers.ci95);
}

TEST_CASE("summary: one run is no answer: it has no interval and no spread", "[summary][table]") {
  const Summary one = summarize(std::vector<double>{7});
  CHECK(one.mean == 7);
  CHECK(one.p95 == 7);
  CHECK_FALSE(one.ci95.has_value());
  CHECK(std::isnan(one.stddev));
  const Summary none = summarize(std::vector<double>{});
  CHECK(none.n == 0);
  CHECK(std::isnan(none.mean));
  CHECK(std::isnan(none.p50));
}

TEST_CASE("paired comparison: what both variants share cancels", "[summary][table]") {
  const std::vector<double> baseline = {10, 20, 30, 40};
  const std::vector<double> variant = {12, 21, 32, 41};
  const PairedComparison comparison = compare_paired(baseline, variant);
  CHECK(comparison.difference.n == 4);
  CHECK(comparison.difference.mean == 1.5);
  CHECK_THAT(comparison.difference.stddev, WithinRel(std::sqrt(1.0 / 3), 1e-12));  // of 2, 1, 2, 1
  CHECK(comparison.difference.ci95.value().low > 0);
  // Variances 500 / 3 and 481 / 3 (distances 14.5, 5.5, 5.5, 14.5 from 26.5), against 1 / 3.
  CHECK_THAT(comparison.variance_reduction, WithinRel(500.0 + 481.0, 1e-12));
}

TEST_CASE("paired comparison: a pair with one value absent is left out", "[summary][table]") {
  const double absent = std::nan("");
  const std::vector<double> baseline = {1, absent, 3, 4};
  const std::vector<double> variant = {2, 9, absent, 5};
  const PairedComparison comparison = compare_paired(baseline, variant);
  CHECK(comparison.difference.n == 2);
  CHECK(comparison.difference.mean == 1);
  CHECK(std::isinf(comparison.variance_reduction));
}
