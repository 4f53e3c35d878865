/// The composite metric of one instance.

#include "models/fleet/metric.hpp"

#include "support/catch.hpp"

namespace fleetsim::fleet {
namespace {

using Catch::Matchers::WithinRel;

FleetConfig with(FleetMetric kind) {
  FleetConfig config;
  config.metric = kind;
  return config;
}

TEST_CASE("metric: demanded utilization is utilization while nothing drops and passes 100 when it does",
          "[fleet][table]") {
  const FleetConfig config = with(FleetMetric::demanded_utilization);
  CHECK(metric_percent(config, 0, 0, 100) == 0);
  CHECK(metric_percent(config, 75, 75, 100) == 75);
  // Offered 190, admitted 95: u = 0.95, d = 0.5, 100 u / (1 - d) = 190.
  CHECK(metric_percent(config, 190, 95, 100) == 190);
  CHECK(metric_percent(config, 1000, 95, 100) == 400);  // the cap
  CHECK(metric_percent(config, 120, 0, 100) == 120);    // all dropped: 0/0 in the formula, its limit here
}

TEST_CASE("metric: utilization or drops is the larger of both, drops against their reference", "[fleet][table]") {
  FleetConfig config = with(FleetMetric::utilization_or_drops);
  config.metric_drop_reference = 1_percent;
  CHECK(metric_percent(config, 0, 0, 100) == 0);
  CHECK(metric_percent(config, 80, 80, 100) == 80);
  // Offered 100, admitted 99: u = 0.99 and d = 0.01, exactly the reference.
  CHECK_THAT(metric_percent(config, 100, 99, 100), WithinRel(100.0, 1e-12));
  CHECK_THAT(metric_percent(config, 200, 195, 400), WithinRel(250.0, 1e-12));  // d = 0.025
  CHECK(metric_percent(config, 100, 90, 100) == 400);                          // d = 0.1 gives 1000
}

TEST_CASE("metric: utilization and drops is their weighted mean", "[fleet][table]") {
  FleetConfig config = with(FleetMetric::utilization_and_drops);
  config.metric_utilization_weight = Ratio{0.75};
  CHECK(metric_percent(config, 0, 0, 100) == 0);
  CHECK_THAT(metric_percent(config, 80, 80, 100), WithinRel(60.0, 1e-12));
  // u = 0.8, d = 0.2: 60 + 5.
  CHECK_THAT(metric_percent(config, 100, 80, 100), WithinRel(65.0, 1e-12));
}

}  // namespace
}  // namespace fleetsim::fleet
