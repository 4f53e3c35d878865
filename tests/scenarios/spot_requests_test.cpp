// A group of Spot requests in a whole scenario: what it runs and what is billed when EC2 stops or hibernates it.

#include <string>

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

/// One request in a pool that an outage closes from 12 h to 15 h of a day, notices at its beginning.
RunResult run_one(const std::string& interruption) {
  return run(test::shipped("scenarios/spot-stop-or-hibernate.yaml",
                           {"fleets.workers.groups.0.spot_requests.count=1",
                            "fleets.workers.groups.0.spot_requests.interruption=" + interruption,
                            "fleets.workers.pending_time=0s", "fleets.workers.spot_fulfilment_time=0s",
                            "spot_market.default.availability={always: true}", "spot_market.reclaim_spread=0s",
                            "spot_market.outages=[{at: 12h, duration: 3h, zones: [us-east-1a]}]",
                            "run={start: 2026-01-05T00:00:00Z, duration: 1d, warm_up: 0s, replications: 1}"}));
}

double value(const RunResult& result, const std::string& name) { return result.find(name)->mean; }

}  // namespace

TEST_CASE("spot requests: a stopped instance is billed to the end of its notice, and from its resumption on",
          "[scenarios][requests]") {
  const RunResult result = run_one("stop");
  const double hours = 12 + 120.0 / 3600 + 9;
  CHECK_THAT(value(result, "fleet.workers.instance_hours"), WithinAbs(hours, 1e-9));
  // 35 % of 0.096 USD/h.
  CHECK_THAT(value(result, "fleet.workers.cost"), WithinAbs(hours * 0.0336, 1e-8));
  CHECK(value(result, "fleet.workers.group.requests.stops") == 1);
  CHECK(value(result, "fleet.workers.group.requests.resumes") == 1);
  CHECK(value(result, "fleet.workers.group.requests.requests_fulfilled") == 2);
}

TEST_CASE("spot requests: hibernation begins with the notice and is billed", "[scenarios][requests]") {
  const RunResult result = run_one("hibernate");
  CHECK_THAT(value(result, "fleet.workers.instance_hours"), WithinAbs(12 + 60.0 / 3600 + 9, 1e-9));
}

TEST_CASE("spot requests: a persistent request gets a new instance for one that ended", "[scenarios][requests]") {
  const RunResult result = run_one("terminate");
  CHECK_THAT(value(result, "fleet.workers.instance_hours"), WithinAbs(12 + 120.0 / 3600 + 9, 1e-9));
  CHECK(value(result, "fleet.workers.group.requests.resumes") == 0);
  CHECK(value(result, "fleet.workers.group.requests.requests_fulfilled") == 2);
}
