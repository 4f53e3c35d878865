/// How often a pool takes an instance back, in the mean over its process.

#include <memory>

#include "models/spot_market/hazard.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;

double hazard_per_hour(CapacityProcess capacity, std::optional<SpotLife> life = {}) {
  return spot_market::hazard_per_hour(
      {.instance_type = "t", .zone = "a", .capacity = std::move(capacity), .price = {}, .life = std::move(life)});
}

TEST_CASE("spot market: the hazard of an on/off pool is one over its mean time up", "[spot_market][analytic]") {
  CHECK(hazard_per_hour(FixedCapacity{}) == 0);
  const OnOffCapacity four_hours{.up = DurationDistribution(Exponential{.mean = 4 * 3600}),
                                 .down = DurationDistribution(1_h)};
  CHECK_THAT(hazard_per_hour(four_hours), WithinAbs(0.25, 1e-12));
  CHECK_THAT(hazard_per_hour(FixedCapacity{}, SpotLife{.life = DurationDistribution(10_h)}), WithinAbs(0.1, 1e-12));
}

TEST_CASE("spot market: the hazard of a trace counts the shares that its falls take", "[spot_market][analytic]") {
  StepTrace<std::int64_t> trace;
  trace.times = {0_h, 1_h, 2_h, 3_h, 5_h};
  trace.values = {4, 2, 0, 1, 0};
  trace.span = 6_h;
  // Half of the instances at 1 h, all at 2 h and at 5 h, over four open hours.
  const ReplayedCapacity replayed{.trace = std::make_shared<const StepTrace<std::int64_t>>(trace)};
  CHECK_THAT(hazard_per_hour(replayed), WithinAbs(2.5 / 4, 1e-12));
}

}  // namespace
}  // namespace fleetsim
