// Recovery plans in whole scenarios: drills leave production alone, faults reach fleets and break no invariant, and the age
// of the data is what a sweep of disaster instants finds.

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

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

TEST_CASE("recovery: the heat map and what-if instants tell the same ages", "[scenarios][stochastic]") {
  // Four whole weeks, so that each hour of the week weighs the same, but for the times in which the application is away.
  const std::string text = R"(
fleetsim: 1
name: ages by hour and at instants
run: {start: 2024-01-01T00:00:00Z, duration: 35d, warm_up: 7d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a, us-east-1b]}
  us-west-2: {zones: [us-west-2a]}
region_links: [{between: [us-east-1, us-west-2], bandwidth: 20 MB/s}]
protection:
  volumes: {files: {size: 100 GiB, data: 50 GiB, zone: us-east-1a, writes: {rate: 1 MB/s, working_set: 5 GiB}}}
PROTECTED
environments:
  production: {region: us-east-1, volumes: {files: {zone: us-east-1a}}}
  copy: {clone_of: production, region: TARGET}
recovery:
  plan:
    protects: production
    target: copy
    answers: ANSWERS
    heat_map: true
    steps: {restore: {kind: restore, of: [files]}}
    failback: {bandwidth: 100 MB/s, wait: 1d}
faults:
  question: {kind: FAULT, what_if: 4000, duration: 1h}
REAL
)";
  const auto agree = [&](const std::string& protects, const std::string& target, const std::string& fault, const std::string& real, double spread_s) {
    std::string whole = text;
    const auto put = [&](std::string_view name, const std::string& value) { whole.replace(whole.find(name), name.size(), value); };
    put("PROTECTED", protects);
    put("TARGET", target);
    put("FAULT", fault);
    put("REAL", real);
    put("ANSWERS", real.find("  real:") == 0 ? "[question, real]" : "[question]");
    const RunResult result = run_text(whole);
    double sum = 0, oldest = 0, weights = 0;
    int hours = 0;
    for (const Metric& metric : result.metrics) {
      if (metric.name.find("recovery.plan.rpa_by_hour.") != 0 || metric.n == 0) continue;
      // Away from a Thursday to a Tuesday: but for Wednesdays three of four weeks are left.
      const double weight = real.find("  real:") == 0 && metric.name.find(".wed-") == std::string::npos ? 3 : 4;
      sum += metric.mean * weight;
      weights += weight;
      oldest = std::max(oldest, metric.mean);
      ++hours;
    }
    INFO(protects << ", " << fault);
    CHECK(hours == 168);
    CHECK(oldest <= value(result, "recovery.plan.rpa.max") * (1 + 1e-9) + 181);
    CHECK_THAT(sum / weights, Catch::Matchers::WithinAbs(value(result, "recovery.plan.rpa"), 4 * spread_s / std::sqrt(4000.0)));
    return value(result, "recovery.plan.rpa");
  };
  // Ages of copies every 4 hours lie between 15 min and 4 h 15 min.
  const std::string copies = "  policies: {p: {protects: [files], schedule: rate(4 hours), snapshot: {time: 5m}, copies: [{region: us-west-2, time: 10m}]}}";
  CHECK_THAT(agree(copies, "us-west-2", "region, regions: [us-east-1]", "", 4 * 3600 / std::sqrt(12.0)),
             Catch::Matchers::WithinAbs(2.25 * 3600, 4 * 4 * 3600 / std::sqrt(12.0 * 4000)));
  // Away for six days, in which nothing is copied: no disaster finds that. Of the 22 days that are left, 4.25 hours on the
  // return find a copy of six days ago.
  agree(copies, "us-west-2", "region, regions: [us-east-1]", "  real: {kind: region, regions: [us-east-1], at: [10d], duration: 5d}", 146 * 3600 * std::sqrt(4.25 / (22 * 24)) + 4 * 3600 / std::sqrt(12.0));
  // A stream that a link fault cuts for a day: its age grows to a day, and is 31 ms otherwise.
  agree("  streams: {live: {protects: files, region: us-west-2}}", "us-west-2", "region, regions: [us-east-1]",
        "  cut: {kind: link, regions: [us-east-1, us-west-2], at: [10d], duration: 1d}", 10'000);
  // A mirror in the zone that the disaster takes with it is of no use, its snapshots are.
  const double age = agree("  mirrors: {m: {protects: files, zone: us-east-1b}}\n  policies: {p: {protects: [files], schedule: rate(1 hour), snapshot: {time: 5m}}}",
                           "us-east-1", "zone, zones: [us-east-1a, us-east-1b]", "", 3600 / std::sqrt(12.0));
  CHECK_THAT(age, Catch::Matchers::WithinAbs(35 * 60, 4 * 3600 / std::sqrt(12.0 * 4000)));
}
