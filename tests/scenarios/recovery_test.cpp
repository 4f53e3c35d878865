// Recovery plans in whole scenarios: drills leave production alone, faults reach fleets and break no invariant, and the age
// of the data is what a sweep of disaster instants finds.

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;

namespace {

const std::string small_fleet = R"(
fleetsim: 1
name: a small fleet in two zones
run: {start: 2024-01-01T00:00:00Z, duration: 3h, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a, us-east-1b]}
demand:
  orders: {constant: 1500 requests/s}
fleets:
  shop:
    serves: orders
    capacity_per_vcpu: 250 requests/s
    expected_instances: 4
    groups:
      - {name: spot, purchase: spot, zones: [us-east-1a, us-east-1b], instance_types: [m5.large], min: 2, max: 8, scale_out_above: 70%}
      - {name: base, purchase: on_demand, zones: [us-east-1a, us-east-1b], instance_types: [m5.large], min: 2, max: 8, scale_out_above: 80%}
spot_market:
  default: {availability: {always: true}, price: {discount: 60%}}
)";

}  // namespace

TEST_CASE("drills: production does exactly what it does without them", "[scenarios][property]") {
  const std::string path = "scenarios/claims/DR-08.yaml";
  const RunResult with = run(test::shipped(path), {.seed = 1, .replications = 2, .jobs = 1, .progress = {}, .stop = {}});
  const RunResult without = run(test::shipped(path, {"recovery=null", "environments=null", "objectives=null"}),
                                {.seed = 1, .replications = 2, .jobs = 1, .progress = {}, .stop = {}});
  std::size_t compared = 0;
  for (const Metric& metric : without.metrics) {
    if (!metric.name.starts_with("fleet.")) continue;
    INFO(metric.name);
    const Metric* other = with.find(metric.name);
    REQUIRE(other != nullptr);
    CHECK(other->n == metric.n);
    if (metric.n > 0) CHECK(other->mean == metric.mean);
    ++compared;
  }
  CHECK(compared > 20);
}

TEST_CASE("faults: one at each of many instants and in each place breaks no invariant of a fleet", "[scenarios][property]") {
  for (int minute = 0; minute < 180; minute += 9) {
    for (const char* what : {"kind: zone, zones: [us-east-1a]", "kind: zone, zones: [us-east-1b]", "kind: region, regions: [us-east-1]",
                             "kind: control_plane, regions: [us-east-1]", "kind: spot_drought, zones: [us-east-1a], share: 50%",
                             "kind: capacity_shortage, regions: [us-east-1]"}) {
      INFO(what << " at minute " << minute);
      const RunResult result = run_text(small_fleet + fmt::format("faults: {{f: {{{}, at: [{}m], duration: 40m}}}}\n", what, minute));
      const double offered = value(result, "fleet.shop.requests_offered");
      CHECK_THAT(value(result, "fleet.shop.requests_served") + value(result, "fleet.shop.requests_dropped"),
                 Catch::Matchers::WithinAbs(offered, 1e-6 * offered));
    }
  }
}

TEST_CASE("faults: a zone that is lost has no instances until it is back", "[scenarios][table]") {
  const std::string lost = "faults: {f: {kind: region, regions: [us-east-1], at: [1h], duration: 1h}}\n";
  // Nothing serves for an hour of three, and nothing is launched in it.
  const RunResult result = run_text(small_fleet + lost);
  CHECK(value(result, "fleet.shop.drop_fraction") > 1.0 / 3);
  CHECK(value(result, "fleet.shop.drop_fraction") < 1.0 / 3 + 0.05);
  const RunResult calm = run_text(small_fleet);
  CHECK(value(result, "fleet.shop.instance_hours") < value(calm, "fleet.shop.instance_hours") * 2 / 3 + 0.5);
}

TEST_CASE("recovery: the age of the data at what-if instants is what a sweep finds", "[scenarios][property]") {
  const std::string text = R"(
fleetsim: 1
name: ages of hourly copies
run: {start: 2024-01-01T00:00:00Z, duration: 20d, warm_up: 2d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, region: us-east-1, writes: {rate: 1 MB/s, working_set: 5 GiB}}}
  policies:
    hourly: {protects: [files], schedule: rate(1 hour), snapshot: {time: 5m}, copies: [{region: us-west-2, time: 10m}]}
environments:
  production: {region: us-east-1, volumes: {files: {}}}
  copy: {clone_of: production, region: us-west-2}
recovery:
  plan:
    protects: production
    target: copy
    heat_map: true
    steps: {restore: {kind: restore, of: [files]}}
)";
  // Snapshot and copy take 15 minutes of an hour: ages lie evenly between 15 and 75 minutes.
  const RunResult result = run_text(text + "faults: {loss: {kind: region, regions: [us-east-1], what_if: 4000, duration: 1h}}\n");
  const double sd = 3600 / std::sqrt(12.0);
  CHECK_THAT(value(result, "recovery.plan.rpa"), Catch::Matchers::WithinAbs(45 * 60, 4 * sd / std::sqrt(4000.0)));
  CHECK(value(result, "recovery.plan.rpa.max") < 75 * 60);
  CHECK(value(result, "recovery.plan.rpa.max") > 75 * 60 - 20);
  CHECK_THAT(value(result, "recovery.plan.rpa_by_hour.wed-13"), Catch::Matchers::WithinAbs(45 * 60, 1e-6));
  // One instant after another, each as a fault of the run itself.
  for (int minute = 2; minute < 60; minute += 8) {
    const RunResult one = run_text(text + fmt::format("faults: {{loss: {{kind: region, regions: [us-east-1], at: [5d{}m], duration: 1h}}}}\n", minute + 1));
    const int since = minute + 1 >= 15 ? minute + 1 : minute + 61;
    CHECK(value(one, "recovery.plan.rpa") == since * 60);
  }
}
