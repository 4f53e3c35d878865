#include "fleetsim/sim/quantile_sketch.hpp"

#include <cstdint>

#include "fleetsim/sim/invariant.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

/// Values spread evenly over the magnitudes 10^low .. 10^high, a third of them negative, each seventeenth zero.
std::vector<double> spread_values(int count, double low, double high) {
  std::vector<double> values;
  for (int k = 0; k < count; ++k) {
    double whole = 0;
    const double share = std::modf(k * 0.6180339887498949, &whole);
    const double magnitude = std::pow(10, low + (high - low) * share);
    values.push_back(k % 17 == 0 ? 0 : k % 3 == 0 ? -magnitude : magnitude);
  }
  return values;
}

QuantileSketch sketch_of(const std::vector<double>& values, double error = 0.01) {
  QuantileSketch sketch(error);
  for (const double value : values) sketch.add(value);
  return sketch;
}

}  // namespace

TEST_CASE("quantile sketch: every quantile is within the relative error of the order statistic",
          "[quantile_sketch][property]") {
  for (const double error : {0.001, 0.01, 0.2})
    for (const auto& [low, high] : {std::pair{-8.9, 17.9}, std::pair{0.0, 1.0}, std::pair{5.0, 5.001}}) {
      auto values = spread_values(5000, low, high);
      const QuantileSketch sketch = sketch_of(values, error);
      std::sort(values.begin(), values.end());
      for (std::size_t rank = 0; rank < values.size(); ++rank) {
        // The middle between two ranks, so that rounding does not choose.
        const double p = std::min(1.0, (static_cast<double>(rank) + 0.5) / static_cast<double>(values.size() - 1));
        CAPTURE(error, low, high, rank);
        REQUIRE_THAT(sketch.quantile(p), WithinAbs(values[rank], error * std::abs(values[rank])));
      }
      CHECK(sketch.quantile(0) == values.front());
      CHECK(sketch.quantile(1) == values.back());
    }
}

TEST_CASE("quantile sketch: powers of ten, and the bounds of buckets, keep the promise",
          "[quantile_sketch][property]") {
  const double growth = 1.01 / 0.99;
  for (int k = -1000; k <= 2000; ++k) {
    const double bound = std::pow(growth, k);
    for (const double x : {bound, std::nextafter(bound, 0), std::nextafter(bound, 1e300)}) {
      QuantileSketch sketch;
      sketch.add(0);
      sketch.add(x);
      sketch.add(1e18);
      REQUIRE_THAT(sketch.quantile(0.5), WithinAbs(x, 0.01 * x));
    }
  }
}

TEST_CASE("quantile sketch: merged sketches are equal to the bit whatever the order", "[quantile_sketch][property]") {
  const auto values = spread_values(3000, -6, 9);
  const QuantileSketch whole = sketch_of(values);
  std::vector<QuantileSketch> parts(8);
  for (std::size_t k = 0; k < values.size(); ++k) parts[k * k % 7].add(values[k]);

  QuantileSketch forward;
  for (const auto& part : parts) forward.merge(part);
  QuantileSketch backward;
  for (std::size_t k = parts.size(); k-- > 0;) backward.merge(parts[k]);
  QuantileSketch tree_left = parts[3], tree_right = parts[6];
  for (const std::size_t k : {0U, 5U}) tree_left.merge(parts[k]);
  for (const std::size_t k : {2U, 7U, 1U, 4U}) tree_right.merge(parts[k]);
  tree_left.merge(tree_right);

  CHECK(forward == whole);
  CHECK(backward == whole);
  CHECK(tree_left == whole);
}

TEST_CASE("quantile sketch: below 1e-9 counts as zero, above 1e18 as that", "[quantile_sketch][table]") {
  const QuantileSketch sketch = sketch_of({-1e-12, 1e-300, 1e-10, 1e30, 1e40});
  CHECK(sketch.quantile(0.25) == 0);
  CHECK(sketch.quantile(0.5) == 0);
  CHECK_THAT(sketch.quantile(0.75), WithinAbs(1e18, 1e16));
  CHECK(sketch.min() == -1e-12);
  CHECK(sketch.max() == 1e40);
}

TEST_CASE("quantile sketch: a value may count many times", "[quantile_sketch][table]") {
  QuantileSketch sketch;
  sketch.add(5, 1'000'000'000'000);
  sketch.add(80);
  sketch.add(90, 0);
  CHECK(sketch.count() == 1'000'000'000'001);
  CHECK_THAT(sketch.quantile(0.999999), WithinAbs(5, 0.05));
  CHECK(sketch.quantile(1) == 80);
}

TEST_CASE("quantile sketch: misuse is a broken invariant", "[quantile_sketch][table]") {
  QuantileSketch sketch;
  CHECK_THROWS_AS(sketch.quantile(0.5), InvariantViolation);
  CHECK_THROWS_AS(sketch.add(INFINITY), InvariantViolation);
  CHECK_THROWS_AS(sketch.merge(QuantileSketch(0.02)), InvariantViolation);
  CHECK_THROWS_AS(QuantileSketch(0), InvariantViolation);
}
