// What a run says of its scenario's objectives.

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("objectives: a bare number as bound of a share is told as a percentage too", "[scenarios][objectives]") {
  const RunResult result = run(test::shipped(
      "scenarios/quickstart.yaml",
      {"objectives=[{metric: fleet.shop.drop_fraction, below: 0.5}, {metric: fleet.shop.drop_fraction, below: 50%}, "
       "{metric: fleet.shop.drop_fraction, relative_to: fleet.shop.utilization, below: 0.5}]",
       "run.replications=1"}));
  CHECK(result.objectives[0].name == "fleet.shop.drop_fraction below 0.5 (50%)");
  CHECK(result.objectives[1].name == "fleet.shop.drop_fraction below 50%");
  CHECK(result.objectives[2].bound == "below 0.5");
}

TEST_CASE("objectives: an ordering of metrics that no replication observed does not hold", "[scenarios][objectives]") {
  // Within the first minute nothing has come back to its minimum.
  const std::string metric = "fleet.shop.group.spot.back_to_min";
  const RunResult result = run(test::shipped(
      "scenarios/quickstart.yaml", {"objectives=[{metric: " + metric + ", below: 5m}, {ordering: [" + metric +
                                        ", fleet.shop.group.spot.first_scale_out]}]",
                                    "run.duration=1m", "run.warm_up=0s", "run.replications=2"}));
  for (const ObjectiveResult& objective : result.objectives) {
    CHECK(objective.n == 0);
    CHECK_FALSE(objective.met);
    CHECK_FALSE(objective.decided);
  }
  CHECK(result.objectives[1].ordering.size() == 2);
}

TEST_CASE("run: no interval of a share reaches below 0 or above 1", "[scenarios][property]") {
  const RunResult result = run(test::shipped("scenarios/quickstart.yaml", {"run.replications=2", "run.duration=1d"}));
  for (const Metric& metric : result.metrics) {
    if (!is_share(metric.name, metric.unit) || !metric.ci95_low) continue;
    INFO(metric.name);
    CHECK(*metric.ci95_low >= 0);
    CHECK(*metric.ci95_high <= 1);
  }
}

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
