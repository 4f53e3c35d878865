/// How often a pool takes an instance back, in the mean over its process.

#include <memory>

#include "harness.hpp"
#include "models/spot_market/hazard.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using test::replay;

double hazard_per_hour(CapacityProcess capacity, std::optional<SpotLife> life = {}, Ratio reclaim_whole = Ratio{1}) {
  return spot_market::hazard_per_hour({.instance_type = "t", .zone = "a", .capacity = std::move(capacity), .price = {},
                                       .life = std::move(life)},
                                      reclaim_whole);
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
  const auto recorded = std::make_shared<const StepTrace<std::int64_t>>(trace);
  // Four open hours. Ten units for each: half of the instances go at 1 h, all at 2 h and at 5 h.
  CHECK_THAT(hazard_per_hour(ReplayedCapacity{.trace = recorded, .units_for_each = 10}), WithinAbs(2.5 / 4, 1e-12));
  // Where any count opens the pool without a bound, nothing goes at 1 h; where 20 units are the most, neither.
  CHECK_THAT(hazard_per_hour(ReplayedCapacity{.trace = recorded}), WithinAbs(2.0 / 4, 1e-12));
  CHECK_THAT(hazard_per_hour(ReplayedCapacity{.trace = recorded, .units_for_each = 10, .units = 20}),
             WithinAbs(2.0 / 4, 1e-12));
}

TEST_CASE("spot market: a closing that takes a share of the instances counts as that share", "[spot_market][analytic]") {
  const OnOffCapacity hourly{.up = DurationDistribution(1_h), .down = DurationDistribution(1_h)};
  // 60 % of the closings take all, the others half in the mean.
  CHECK_THAT(hazard_per_hour(hourly, {}, Ratio{0.6}), WithinAbs(0.8, 1e-12));
  CHECK_THAT(hazard_per_hour(replay({{0_s, 3}, {2_h, 0}}, 4_h), {}, Ratio{0}), WithinAbs(0.25, 1e-12));
}

}  // namespace
}  // namespace fleetsim
