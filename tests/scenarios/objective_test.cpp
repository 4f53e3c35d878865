// What a run says of its scenario's objectives.

#include <cmath>
#include <utility>

#include <fmt/format.h>

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

TEST_CASE("objectives: a bound in another unit than the metric's is missed, not compared", "[scenarios][objectives]") {
  for (const auto& [metric, bound] : {std::pair{"fleet.shop.cost", "45m"}, std::pair{"fleet.shop.cost", "75%"},
                                      std::pair{"fleet.shop.instance_hours", "10 USD"}}) {
    const std::string objective = fmt::format("objectives=[{{metric: {}, below: {}}}]", metric, bound);
    const RunResult result = run(test::shipped("scenarios/quickstart.yaml", {objective, "run.replications=2"}));
    INFO(objective);
    CHECK_FALSE(result.objectives.front().met);
    CHECK_FALSE(result.objectives.front().problem.empty());
  }
  // A percentage suits a share and a metric in percent: the mean of the metric lies between 1 % and 100 %.
  const RunResult result = run(test::shipped(
      "scenarios/quickstart.yaml",
      {"objectives=[{metric: fleet.shop.group.spot.metric_mean, between: [1%, 100%]}, "
       "{metric: fleet.shop.utilization, between: [1%, 100%]}, {metric: fleet.shop.group.spot.metric_mean, below: 1%}]",
       "run.replications=2"}));
  CHECK(result.objectives[0].met);
  CHECK(result.objectives[1].met);
  CHECK_FALSE(result.objectives[2].met);
}
