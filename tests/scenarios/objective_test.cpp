// What a run says of its scenario's objectives.

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("objectives: a percentage suits a share and a metric in percent", "[scenarios][objectives]") {
  // The mean of the metric lies between 1 % and 100 %.
  const RunResult result = run(test::shipped(
      "scenarios/quickstart.yaml",
      {"objectives=[{metric: fleet.shop.group.spot.metric_mean, between: [1%, 100%]}, "
       "{metric: fleet.shop.utilization, between: [1%, 100%]}, {metric: fleet.shop.group.spot.metric_mean, below: 1%}]",
       "run.replications=2"}));
  CHECK(result.objectives[0].met);
  CHECK(result.objectives[1].met);
  CHECK_FALSE(result.objectives[2].met);
}
