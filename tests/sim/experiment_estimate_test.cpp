/// Estimates against models whose truth is known. Intervals are repeated 2,000 times: their coverage then has a standard
/// error of 0.5 points, and 95 -+ 2 % lies four of these away.

#include "fleetsim/sim/experiment/estimate.hpp"

#include <limits>

#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/random.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "fleetsim/sim/summary.hpp"
#include "sim/special_functions.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::experiment;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr std::uint64_t experiments = 2000;
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The share of experiments whose interval holds the truth.
template <class IntervalOf>
double coverage(double truth, const IntervalOf& interval_of) {
  std::uint64_t covered = 0;
  for (std::uint64_t k = 0; k < experiments; ++k) covered += interval_of(k).contains(truth);
  return static_cast<double>(covered) / static_cast<double>(experiments);
}

std::vector<double> normal_values(std::uint64_t experiment, std::size_t count, double mean, double deviation) {
  Stream stream(11, experiment, "test/normal");
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(mean + deviation * special::normal_quantile(stream.uniform()));
  return values;
}

double exponential(double u) { return -std::log(1 - u); }

/// Pairs of exponential values of mean 1: from u and from 1 - u.
std::vector<double> antithetic_values(std::uint64_t experiment, std::size_t pairs) {
  Stream plain(11, experiment, "test/antithetic"), mirrored(11, experiment, "test/antithetic", true);
  std::vector<double> values;
  for (std::size_t i = 0; i < pairs; ++i) {
    values.push_back(exponential(plain.uniform()));
    values.push_back(exponential(mirrored.uniform()));
  }
  return values;
}

}  // namespace

TEST_CASE("estimate: the interval of a mean covers it as often as stated", "[experiment][coverage]") {
  const double covered = coverage(5, [](std::uint64_t k) { return *estimate_mean(normal_values(k, 20, 5, 2)).interval; });
  CHECK_THAT(covered, WithinAbs(0.95, 0.02));
}

TEST_CASE("estimate: a sequential procedure's interval covers as often as stated", "[experiment][coverage]") {
  const std::vector<Precision> wanted{{.half_width = 0.05, .relative = true}};
  std::uint64_t replications = 0;
  const double covered = coverage(10, [&](std::uint64_t k) {
    const std::vector<double> all = normal_values(k, 400, 10, 3);
    std::uint64_t n = 20;
    const auto values = [&](std::size_t) { return std::span<const double>(all).subspan(0, n); };
    for (std::uint64_t next = 0; (next = next_replications(wanted, values, {}, n, 400)) > n;) n = next;
    CHECK(attained(wanted.front(), values(0)).reached);
    replications += n;
    return *estimate_mean(values(0)).interval;
  });
  CHECK_THAT(covered, WithinAbs(0.95, 0.02));
  // (1.96 x 3 / 0.5)^2 = 138 are needed.
  CHECK_THAT(static_cast<double>(replications) / experiments, WithinRel(138, 0.1));
}

TEST_CASE("estimate: the interval of a quantile covers it as often as stated", "[experiment][coverage]") {
  const double truth = exponential(0.95);
  const double covered = coverage(truth, [](std::uint64_t k) {
    Stream stream(11, k, "test/quantile");
    std::vector<double> values;
    for (int i = 0; i < 2000; ++i) values.push_back(exponential(stream.uniform()));
    std::sort(values.begin(), values.end());
    return *quantile_interval(values, 0.95);
  });
  CHECK_THAT(covered, WithinAbs(0.95, 0.02));
}

TEST_CASE("estimate: antithetic pairs keep the coverage and gain what theory says", "[experiment][coverage]") {
  Tally gain;
  const double covered = coverage(1, [&](std::uint64_t k) {
    const Estimate estimate = estimate_mean(antithetic_values(k, 200), {.antithetic_pairs = true});
    gain.add(std::log(estimate.gain));
    CHECK(estimate.n == 400);
    return *estimate.interval;
  });
  CHECK_THAT(covered, WithinAbs(0.95, 0.02));
  // The correlation of -ln U and -ln(1 - U) is 1 - pi^2 / 6, so the gain is 1 / (2 - pi^2 / 6) = 2.82.
  const double theory = 1 / (2 - std::acos(-1.0) * std::acos(-1.0) / 6);
  CHECK_THAT(gain.mean(), WithinAbs(std::log(theory), 0.05));
}

TEST_CASE("estimate: a control variate keeps the coverage and gains what theory says", "[experiment][coverage]") {
  Tally gain;
  // Y = 3 + C + noise, C and noise normal of variance 4 and 1: the correlation's square is 0.8, and the gain 5.
  const double covered = coverage(3, [&](std::uint64_t k) {
    Stream stream(11, k, "test/control");
    std::vector<double> values, control;
    for (int i = 0; i < 60; ++i) {
      control.push_back(7 + 2 * special::normal_quantile(stream.uniform()));
      values.push_back(3 + (control.back() - 7) + special::normal_quantile(stream.uniform()));
    }
    const Estimate estimate = estimate_mean(values, {.controls = {{control, 7}}});
    gain.add(std::log(estimate.gain));
    return *estimate.interval;
  });
  CHECK_THAT(covered, WithinAbs(0.95, 0.02));
  CHECK_THAT(gain.mean(), WithinAbs(std::log(5), 0.05));
}

TEST_CASE("estimate: common random numbers reduce the variance of a difference by the factor of theory",
          "[experiment][analytic]") {
  // Two exponentials of means 1 and 1.25 from the same uniform numbers differ by 0.25 -ln U: the variance falls from
  // 1 + 1.25^2 to 0.25^2, by a factor of 41.
  std::vector<double> base, variant;
  Stream first(5, 0, "test/service"), second(5, 0, "test/service");
  for (int i = 0; i < 20'000; ++i) {
    base.push_back(exponential(first.uniform()));
    variant.push_back(1.25 * exponential(second.uniform()));
  }
  CHECK_THAT(compare_paired(base, variant).variance_reduction, WithinRel(41, 1e-9));
}

TEST_CASE("estimate: a mirrored stream draws 1 - u", "[experiment][property]") {
  Stream plain(5, 7, "test/mirror"), mirrored(5, 7, "test/mirror", true);
  for (int i = 0; i < 1000; ++i) CHECK(plain.uniform() + mirrored.uniform() == 1);
}

TEST_CASE("estimate: absent values are left out, with the other of their pair", "[experiment][table]") {
  CHECK(estimate_mean(std::vector<double>{1, not_a_number, 3}).mean == 2);
  const Estimate pairs = estimate_mean(std::vector<double>{1, 3, not_a_number, 100, 5, 7}, {.antithetic_pairs = true});
  CHECK(pairs.mean == 4);
  CHECK(pairs.n == 4);
  CHECK(std::isnan(estimate_mean(std::vector<double>{}).mean));
}

TEST_CASE("estimate: a control that does not vary leaves the plain mean", "[experiment][table]") {
  const std::vector<double> values{1, 2, 3, 4, 5}, constant(5, 8.0);
  const Estimate estimate = estimate_mean(values, {.controls = {{constant, 7}}});
  CHECK(estimate.mean == 3);
  CHECK(estimate.gain == 1);
}

TEST_CASE("estimate: a metric that was zero so far is not taken for precise", "[experiment][table]") {
  const std::vector<double> zeros(20, 0.0);
  const Precision relative{.half_width = 0.01, .relative = true}, absolute{.half_width = 0.01};
  CHECK_FALSE(attained(relative, zeros).reached);
  CHECK(attained(absolute, zeros).reached);
  CHECK(attained(relative, std::vector<double>(20, 7.0)).reached);
  const auto values = [&](std::size_t) { return std::span<const double>(zeros); };
  CHECK(next_replications(std::vector<Precision>{relative}, values, {}, 20, 1000) > 20);
}

TEST_CASE("estimate: an unreached cap is told", "[experiment][table]") {
  const std::vector<double> values{1, 2, 3, 4};
  const std::vector<Precision> wanted{{.half_width = 0.001}};
  CHECK_FALSE(attained(wanted.front(), values).reached);
  CHECK(next_replications(wanted, [&](std::size_t) { return std::span<const double>(values); }, {}, 4, 4) == 4);
  // t(3) = 3.182, s = 1.291, so the half-width is 2.054 and (2.054 / 0.001)^2 x 4 replications are needed.
  CHECK_THAT(static_cast<double>(*replications_for(wanted.front(), values)), WithinRel(4 * 2.054 * 2.054 * 1e6, 1e-3));
}
