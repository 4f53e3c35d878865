/// The choices of a group, one by one.

#include <cmath>

#include "models/auto_scaling/choices.hpp"
#include "models/auto_scaling/policies/policies.hpp"
#include "support/catch.hpp"
#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim::auto_scaling {
namespace {

using Catch::Matchers::WithinAbs;

TEST_CASE("auto scaling: steps apply from their lower bound, included, to the next one, excluded",
          "[auto_scaling][table]") {
  // Above 75: 5 in [0, 5), 15 in [5, 15), 35 in [15, infinity).
  const CompositePolicyConfig policy = *test::simple_group().composite;
  CHECK(scale_out_count(policy, 0) == 0);
  CHECK(scale_out_count(policy, 75) == 0);  // on the threshold nothing breaches
  CHECK(scale_out_count(policy, 75.001) == 5);
  CHECK(scale_out_count(policy, 79.999) == 5);
  CHECK(scale_out_count(policy, 80) == 15);
  CHECK(scale_out_count(policy, 89.999) == 15);
  CHECK(scale_out_count(policy, 90) == 35);
  CHECK(scale_out_count(policy, 400) == 35);
}

TEST_CASE("auto scaling: a step begins where it says, whatever the last digits of a mean", "[auto_scaling][table]") {
  CompositePolicyConfig policy = *test::simple_group().composite;
  // 55.1 + 5 is not 60.1 in binary; the second step begins there all the same.
  policy.scale_out_above = 55.1;
  CHECK(scale_out_count(policy, 60.1) == 15);
  CHECK(scale_out_count(policy, 60.1 - 1e-12) == 15);
  CHECK(scale_out_count(policy, 60.1 - 1e-6) == 5);
}

TEST_CASE("auto scaling: steps begin at the threshold and rise", "[auto_scaling][table]") {
  CHECK(steps_are_ordered({{0, 5}, {5, 15}}));
  CHECK_FALSE(steps_are_ordered({}));
  CHECK_FALSE(steps_are_ordered({{1, 5}}));
  CHECK_FALSE(steps_are_ordered({{0, 5}, {0, 15}}));
  CHECK_FALSE(steps_are_ordered({{0, 5}, {15, 35}, {5, 15}}));
}

TEST_CASE("auto scaling: a mixed group buys its base on demand and of the rest a share, rounded up",
          "[auto_scaling][table]") {
  // Vectors of the user guide's page on mixed instances groups: base 10 and 50 %; base 0 and 0 %; base 0 and 60 %.
  const PurchaseMix base_and_half{10, Ratio{0.5}};
  CHECK(on_demand_count(base_and_half, 10) == 10);
  CHECK(on_demand_count(base_and_half, 20) == 15);
  CHECK(on_demand_count(base_and_half, 30) == 20);
  CHECK(on_demand_count(base_and_half, 40) == 25);
  CHECK(on_demand_count({0, Ratio{0}}, 40) == 0);
  CHECK(on_demand_count({0, Ratio{0.6}}, 10) == 6);
  CHECK(on_demand_count(base_and_half, 11) == 11);  // half an instance is one
  CHECK(on_demand_count(base_and_half, 4) == 4);    // fewer than the base
  CHECK(on_demand_count({0, Ratio{0.07}}, 100) == 7);  // 0.07 x 100 is a little above 7 in binary
}

TEST_CASE("auto scaling: waits double from 15 s to 600 s", "[auto_scaling][table]") {
  LaunchRetryConfig retry;
  retry.jitter = Ratio{0};
  Stream stream(1, 0, "test");
  const Duration expected[] = {15_s, 30_s, 60_s, 120_s, 240_s, 480_s, 600_s, 600_s};
  for (int failures = 0; failures < 8; ++failures) CHECK(retry_wait(retry, failures, stream) == expected[failures]);
  CHECK(retry_wait(retry, 100'000, stream) == 600_s);  // where 2^k is infinite
}

TEST_CASE("auto scaling: jitter draws a wait evenly within its share of it", "[auto_scaling][stochastic]") {
  const LaunchRetryConfig retry;  // 20 %
  Stream stream(1, 0, "test");
  constexpr int draws = 10'000;
  double sum = 0;
  for (int i = 0; i < draws; ++i) {
    const double wait = to_seconds(retry_wait(retry, 2, stream));  // around 60 s
    CHECK(wait >= 48);
    CHECK(wait <= 72);
    sum += wait;
  }
  // Uniform over 24 s: standard deviation 24 / sqrt(12).
  CHECK_THAT(sum / draws, WithinAbs(60, 4 * 24 / std::sqrt(12.0 * draws)));
}

TEST_CASE("auto scaling: a wait takes time even if jitter takes all of it", "[auto_scaling][property]") {
  LaunchRetryConfig retry;
  retry.initial = 1_ns;
  retry.jitter = Ratio{1};
  Stream stream(1, 0, "test");
  for (int i = 0; i < 1000; ++i) CHECK(retry_wait(retry, 0, stream) >= 1_ns);
}

}  // namespace
}  // namespace fleetsim::auto_scaling
