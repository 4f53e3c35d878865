#include "cli/sample_result.hpp"

#include <algorithm>

namespace fleetsim::test {

Metric metric(std::string name, std::string unit, double mean, double half_width, std::uint64_t n) {
  Metric m;
  m.name = std::move(name);
  m.unit = std::move(unit);
  m.mean = m.p50 = mean;
  if (n >= 2) {
    m.ci95_low = mean - half_width;
    m.ci95_high = mean + half_width;
  }
  m.stddev = half_width;
  m.min = m.p05 = mean - 2 * half_width;
  m.max = m.p95 = mean + 2 * half_width;
  m.n = n;
  return m;
}

RunResult sample_result() {
  RunResult result;
  result.scenario = "two groups";
  result.version = "1.2.3";
  result.seed = 7;
  result.replications = result.replications_wanted = 10;
  result.duration = 24_h * 30;
  result.warm_up = 12_h;
  result.groups = {{"web", "spot-home", "spot", "us-east-1a"}, {"web", "od-home", "on_demand", "us-east-1a"}};
  result.metrics = {
      metric("cost.on_demand", "USD", 250, 0),
      metric("cost.spot", "USD", 1024, 32),
      metric("cost.total", "USD", 1274, 32),
      metric("fleet.web.cost", "USD", 1274, 32),
      metric("fleet.web.cost_per_million_requests", "USD", 0.5, 0.0625),
      metric("fleet.web.drop_fraction", "1", 0.0625, 0.0078125),
      metric("fleet.web.group.od-home.cost", "USD", 250, 0),
      metric("fleet.web.group.od-home.instance_hours", "h", 1440, 0),
      metric("fleet.web.group.od-home.interruptions", "1", 0, 0),
      metric("fleet.web.group.od-home.launch_failures", "1", 0, 0),
      metric("fleet.web.group.od-home.share_of_work", "1", 0.125, 0.015625),
      metric("fleet.web.group.spot-home.cost", "USD", 1024, 32),
      metric("fleet.web.group.spot-home.instance_hours", "h", 12800, 64),
      metric("fleet.web.group.spot-home.interruptions", "1", 96, 8),
      metric("fleet.web.group.spot-home.launch_failures", "1", 12, 4),
      metric("fleet.web.group.spot-home.share_of_work", "1", 0.875, 0.015625),
      metric("fleet.web.requests_offered", "requests", 2548e6, 0),
      metric("fleet.web.utilization", "1", 0.75, 0.0078125),
      metric("recovery.pilot.rta", "s", 1024, 64, 4),
      metric("spot.interruptions", "1", 96, 8),
  };
  result.objectives = {
      {.name = "fleet.web.drop_fraction below 10% with probability 95%",
       .met = true,
       .decided = true,
       .n = 10,
       .probability = 1,
       .target = 0.95,
       .measured = 0.0625,
       .unit = "1",
       .bound = "below 10%", .ordering = {}},
      {.name = "cost.total below 1,000 USD",
       .met = false,
       .decided = true,
       .n = 10,
       .probability = 0,
       .target = 0,
       .measured = 1274,
       .unit = "USD",
       .bound = "below 1,000 USD", .ordering = {}},
  };
  result.ledger = {{.region = "us-east-1",
                    .zone = "us-east-1a",
                    .fleet = "web",
                    .group = "spot-home",
                    .resource = "m5.large",
                    .purchase = "spot",
                    .unit = "h",
                    .quantity = 12800,
                    .cost_usd = 1024}};
  result.series = {{.name = "fleet.web.instances",
                    .unit = "1",
                    .bucket_width = 1_h,
                    .buckets = {{.min = 2, .max = 4, .last = 3}, {.min = 3, .max = 3, .last = 3}}}};
  result.warnings = {"od-home costs less than spot-home, but starts after it"};
  result.fingerprint = 0xabcdef;
  return result;
}

}  // namespace fleetsim::test
