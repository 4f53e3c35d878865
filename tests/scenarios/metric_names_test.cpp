// A metric has a name of its own, whatever names a scenario gives. Names that would break this are refused:
// bad/metric-names.yaml, bad/names-of-places.yaml.

#include <set>
#include <string>
#include <vector>

#include "fleetsim/scenario.hpp"
#include "scenarios/run_text.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

/// Names that come more than once.
std::set<std::string> repeated(const std::vector<std::string>& names) {
  std::set<std::string> seen, again;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) again.insert(name);
  }
  return again;
}

std::vector<std::string> names_of(const RunResult& result) {
  std::vector<std::string> names;
  for (const Metric& metric : result.metrics) names.push_back(metric.name);
  return names;
}

}  // namespace

TEST_CASE("metric names: each metric of every shipped scenario has its own", "[scenarios]") {
  for (const std::string& path : test::shipped_scenarios()) {
    INFO(path);
    CHECK(repeated(metric_names(test::shipped(path))).empty());
  }
}

TEST_CASE("metric names: dots in names are allowed where no two metrics come to one name", "[scenarios]") {
  const RunResult result = test::run_text(R"(
fleetsim: 1
name: fleets whose names begin alike
run: {start: 2026-01-05T00:00:00Z, duration: 1d}
regions:
  us-east-1: {zones: [us-east-1a]}
demand:
  web: {constant: 300 requests/s}
fleets:
  a: &fleet
    serves: web
    instance_types: [m5.large]
    capacity_per_vcpu: 300 requests/s
    expected_instances: 2
    groups:
      - {name: b, purchase: on_demand, zones: [us-east-1a], max: 2}
      - {name: b.group.c, purchase: on_demand, zones: [us-east-1a], max: 2}
  a.b: *fleet
  a.groups: *fleet
)");
  CHECK(repeated(names_of(result)).empty());
}

TEST_CASE("metric names: a site where a policy keeps several copies is reported once", "[scenarios]") {
  const RunResult result = test::run_text(R"(
fleetsim: 1
name: copies under keys of their own
run: {start: 2026-01-05T00:00:00Z, duration: 2d}
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
protection:
  volumes:
    tables: {size: 100 GiB, writes: {rate: 1 MB/s}, encryption: customer_managed_key}
  policies:
    hourly:
      protects: [tables]
      schedule: rate(1 hour)
      copies: [{region: us-east-1, other_key: true}, {region: us-west-2}, {region: us-west-2, other_key: true}]
)");
  CHECK(repeated(names_of(result)).empty());
  CHECK(result.find("data.hourly.us-east-1.rpa_mean") != nullptr);
  CHECK(result.find("data.hourly.us-west-2.rpa_mean") != nullptr);
}
