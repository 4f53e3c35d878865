// What a run says of its scenario's objectives.

#include <cmath>

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("objectives: a metric that no model reports is missed, and the nearest that one does is named",
          "[scenarios][objectives][table]") {
  const Scenario scenario = test::shipped(
      "scenarios/quickstart.yaml",
      {"objectives=[{metric: fleet.shop.drop_fractoin, below: 1%}, {ordering: [cost.total, co2.total]}, "
       "{metric: fleet.shop.drop_fraction, relative_to: cost.ttal, above: -1}, {metric: cost.total, above: 0 USD}]",
       "run.duration=1d"});
  const RunResult result = run(scenario, {.seed = 1, .replications = 2, .jobs = 1, .progress = {}, .stop = {}});
  REQUIRE(result.objectives.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_FALSE(result.objectives[i].met);
    CHECK(result.objectives[i].decided);
    CHECK(std::isnan(result.objectives[i].measured));
  }
  CHECK(result.objectives[0].problem ==
        "there is no metric 'fleet.shop.drop_fractoin'; a metric with a similar name exists: fleet.shop.drop_fraction");
  CHECK(result.objectives[1].problem == "there is no metric 'co2.total'; a metric with a similar name exists: cost.total");
  CHECK(result.objectives[2].problem == "there is no metric 'cost.ttal'; a metric with a similar name exists: cost.total");
  CHECK(result.objectives[3].met);
  CHECK(result.objectives[3].problem.empty());
}
