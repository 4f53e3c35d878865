/// Distributions of durations as scenarios write them.

#include <string>
#include <variant>

#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "sim/config_errors.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

std::string errors_of(const std::string& text, DurationDistribution& out) {
  return test::errors_of("boot: " + text + "\n", [&](Section& in) { in.required("boot", out); });
}

/// The text that a distribution is printed as after it was read; errors if it cannot be read.
std::string read_and_print(const std::string& text) {
  DurationDistribution distribution;
  const std::string errors = errors_of(text, distribution);
  return errors.empty() ? config::detail::scalar_to_text(distribution) : errors;
}

}  // namespace

TEST_CASE("config: every form of distribution reads and prints as it is written", "[config][distribution][table]") {
  for (const char* text :
       {"5m", "0s", "{exponential: {mean: 2h}}", "{weibull: {shape: 0.7, scale: 3h}}",
        "{lognormal: {median: 30s, sigma: 0.25}}", "{hyperexponential: {means: [30m, 5h], weights: [0.8, 0.2]}}",
        "{gamma: {shape: 2, scale: 5m}}", "{normal: {mean: 30s, sigma: 5s}}", "{uniform: {low: 10s, high: 20s}}",
        "{triangular: {low: 10s, mode: 12s, high: 20s}}", "{discrete: {values: [10s, 20s], weights: [0.25, 0.75]}}",
        "{empirical: {values: [10s, 12s, 15.5s]}}",
        "{bathtub: {share: 0.5, early: 1h30m, late: 48m, limit: 1d}}"}) {
    CHECK(read_and_print(text) == text);
  }
}

TEST_CASE("config: a distribution's numbers are seconds", "[config][distribution][table]") {
  DurationDistribution boot;
  REQUIRE(errors_of("{lognormal: {median: 2m, sigma: 0.25}}", boot) == "");
  const auto form = std::get<LogNormal>(boot.in_seconds().form());
  CHECK(form.median == 120);
  CHECK(form.sigma == 0.25);
  // A sample need not be sorted; weights need not sum to 1.
  REQUIRE(errors_of("{empirical: {values: [20s, 10s]}}", boot) == "");
  CHECK(std::get<Empirical>(boot.in_seconds().form()).sorted_values == std::vector<double>{10, 20});
  REQUIRE(errors_of("{discrete: {values: [10s, 20s], weights: [1, 3]}}", boot) == "");
  CHECK(boot.mean() == 17500_ms);
}

TEST_CASE("config: a distribution's errors stand at its parameters", "[config][distribution][table]") {
  CHECK(read_and_print("5") ==
        "test.yaml:1:7: error: boot: '5' has no unit\n"
        "  help: write a duration with its unit, such as 5ms, 5s or 5m\n");
  CHECK(read_and_print("-5s") == "test.yaml:1:7: error: boot: -5s must be at least 0s\n");
  CHECK(read_and_print("[5s]") ==
        "test.yaml:1:7: error: boot: a list where a duration or distribution is meant\n"
        "  help: write a duration such as 5m, or a distribution such as {lognormal: {median: 30s, sigma: 0.25}}\n");
  CHECK(read_and_print("{lognorml: {median: 30s, sigma: 1}}") ==
        "test.yaml:1:8: error: unknown key 'lognorml' in boot\n"
        "  help: a key with a similar name exists: lognormal\n");
  CHECK(read_and_print("{exponential: {mean: 0s}, gamma: {shape: x}}") ==
        R"(test.yaml:1:28: error: boot.exponential.mean: 0s must be above 0s
test.yaml:1:33: error: 'gamma' is given beside 'exponential': only one of exponential, weibull, lognormal, hyperexponential, gamma, normal, uniform, triangular, discrete, empirical, bathtub is allowed in boot
test.yaml:1:40: error: key 'scale' is missing in boot.gamma
  help: add it, such as scale: 5m
test.yaml:1:48: error: boot.gamma.shape: cannot read 'x' as a number
  help: write a number such as 0.5 or 20
)");
  CHECK(read_and_print("{uniform: {low: 20s, high: 20s}}") == "test.yaml:1:34: error: boot.uniform.high: is not above low\n");
  CHECK(read_and_print("{triangular: {low: 10s, mode: 9s, high: 20s}}") ==
        "test.yaml:1:37: error: boot.triangular.mode: does not lie between low and high\n");
  CHECK(read_and_print("{discrete: {values: [1s, 2s], weights: [1]}}") ==
        "test.yaml:1:46: error: boot.discrete.weights: 1 given for 2 values\n");
  CHECK(read_and_print("{empirical: {values: []}}") ==
        "test.yaml:1:28: error: boot.empirical.values: has 0 items, must have at least 1\n");
}
