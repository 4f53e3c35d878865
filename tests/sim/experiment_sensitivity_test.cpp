#include "fleetsim/sim/experiment/sensitivity.hpp"

#include <numbers>

#include "fleetsim/sim/experiment/gaussian_process.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::experiment;
using Catch::Matchers::WithinAbs;

TEST_CASE("sensitivity: Morris finds the slopes of a plane, without spread", "[experiment][analytic]") {
  Stream stream(1, 0, "test/morris");
  const std::vector<UnitPoint> points = morris_points(10, 3, stream);
  CHECK(points.size() == 40);
  std::vector<double> outputs;
  for (const UnitPoint& x : points) outputs.push_back(3 * x[0] - 0.5 * x[1] + 7);
  const std::vector<MorrisEffect> effects = morris_effects(points, outputs, 3);
  CHECK_THAT(effects[0].mean, WithinAbs(3, 1e-9));
  CHECK_THAT(effects[1].mean, WithinAbs(-0.5, 1e-9));
  CHECK_THAT(effects[1].mean_absolute, WithinAbs(0.5, 1e-9));
  CHECK_THAT(effects[0].spread, WithinAbs(0, 1e-9));
  CHECK(effects[2].mean_absolute == 0);
}

TEST_CASE("sensitivity: a Morris trajectory changes each input once, within the range", "[experiment][property]") {
  Stream stream(1, 0, "test/morris");
  const std::vector<UnitPoint> points = morris_points(20, 4, stream);
  for (std::size_t k = 0; k < points.size(); ++k) {
    for (const double x : points[k]) CHECK((x >= 0 && x <= 1));
    if (k % 5 == 0) continue;
    int changed = 0;
    for (std::size_t i = 0; i < 4; ++i) changed += points[k][i] != points[k - 1][i];
    CHECK(changed == 1);
  }
}

TEST_CASE("sensitivity: Sobol' indices of the Ishigami function are those of theory", "[experiment][analytic]") {
  // sin x + 7 sin^2 y + 0.1 z^4 sin x on [-pi, pi]^3 (Ishigami and Homma 1990): S = 0.3139, 0.4424, 0; ST = 0.5576,
  // 0.4424, 0.2437.
  Stream stream(1, 0, "test/sobol-indices");
  constexpr std::size_t base = 4096;
  std::vector<double> outputs;
  for (const UnitPoint& u : sobol_index_points(base, 3, stream)) {
    const auto angle = [&](std::size_t i) { return std::numbers::pi * (2 * u[i] - 1); };
    outputs.push_back(std::sin(angle(0)) * (1 + 0.1 * std::pow(angle(2), 4)) + 7 * std::pow(std::sin(angle(1)), 2));
  }
  const std::vector<SobolIndex> indices = sobol_indices(base, 3, outputs, stream);
  const double first[] = {0.3139, 0.4424, 0}, total[] = {0.5576, 0.4424, 0.2437};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_THAT(indices[i].first, WithinAbs(first[i], 0.03));
    CHECK_THAT(indices[i].total, WithinAbs(total[i], 0.03));
    CHECK(indices[i].first_interval.contains(indices[i].first));
    CHECK(indices[i].total_interval.half_width() < 0.05);
  }
}

TEST_CASE("surrogate: it passes through exact values and guesses between them", "[experiment][analytic]") {
  std::vector<Measured> points;
  for (int k = 0; k <= 8; ++k) points.push_back({{k / 8.0}, std::sin(6 * k / 8.0), 0});
  const GaussianProcess process(points);
  for (const Measured& point : points) {
    CHECK_THAT(process.at(point.at).mean, WithinAbs(point.value, 1e-3));
    CHECK(process.at(point.at).deviation < 0.01);
  }
  for (const double x : {0.06, 0.31, 0.56, 0.94}) {
    const Guess guess = process.at({x});
    CHECK_THAT(guess.mean, WithinAbs(std::sin(6 * x), 0.05));
    CHECK(guess.deviation > process.at({0.5}).deviation);
  }
}

TEST_CASE("surrogate: the length of a coordinate without effect is long", "[experiment][property]") {
  Stream stream(1, 0, "test/surrogate");
  std::vector<Measured> points;
  for (const UnitPoint& x : sobol(32, 2, stream)) points.push_back({x, std::cos(5 * x[0]), 1e-6});
  const GaussianProcess process(points);
  CHECK(process.lengths()[1] > 5 * process.lengths()[0]);
}

TEST_CASE("surrogate: noise is averaged, not followed", "[experiment][analytic]") {
  // A constant seen with noise of variance 1: the guess is near the values' mean, with a spread like its standard error.
  Stream stream(1, 0, "test/noise");
  std::vector<Measured> points;
  double sum = 0;
  for (int k = 0; k < 25; ++k) {
    const double value = 10 + std::sqrt(12.0) * (stream.uniform() - 0.5);
    points.push_back({{k / 24.0}, value, 1});
    sum += value;
  }
  const Guess guess = GaussianProcess(points).at({0.5});
  CHECK_THAT(guess.mean, WithinAbs(sum / 25, 0.3));
  CHECK(guess.deviation < 0.5);
}

TEST_CASE("surrogate: expected improvement and the chance to be below", "[experiment][table]") {
  CHECK_THAT(expected_improvement({.mean = 0, .deviation = 1}, 0), WithinAbs(0.39894, 1e-5));  // the density at 0
  CHECK(expected_improvement({.mean = 2, .deviation = 0}, 3) == 1);
  CHECK(expected_improvement({.mean = 4, .deviation = 0}, 3) == 0);
  CHECK_THAT(probability_below({.mean = 0, .deviation = 2}, 3.29), WithinAbs(0.95, 1e-3));
}
