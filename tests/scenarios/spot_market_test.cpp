// The Spot market in whole runs: hooks and reclaims, who is charged for a stop, zones that fail beside others.

#include <string>
#include <vector>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

/// A fleet of m5.large, 35 % of 0.096 USD/h each, on the scenario of the bad inputs' base, for four hours.
RunResult run_with(const std::string& group, const std::string& market, std::vector<std::string> more = {}) {
  std::vector<std::string> sets = {"run={start: 2026-01-05T00:00:00Z, duration: 4h, warm_up: 0s, replications: 1}",
                                   "demand.web={constant: 10 requests/s}", "fleets.shop.pending_time=0s",
                                   "fleets.shop.spot_fulfilment_time=0s", "spot_market=" + market,
                                   "fleets.shop.groups=[{name: g, purchase: spot, max: 60, " + group + "}]"};
  sets.insert(sets.end(), more.begin(), more.end());
  return run(test::shipped("tests/scenarios/bad/sound/base.yaml", sets),
             {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
}

double value(const RunResult& result, const std::string& name) {
  const Metric* found = result.find(name);
  INFO(name);
  REQUIRE(found != nullptr);
  return found->mean;
}

const std::string hook = "lifecycle_hooks: [{transition: terminating, duration: 30m}]";

}  // namespace

TEST_CASE("spot market: a terminating hook of half an hour does not hold what EC2 takes back beyond its two minutes",
          "[scenarios][spot_market]") {
  // Four instances until 2 h and their notice; nothing can be launched after that.
  const RunResult result = run_with("zones: [us-east-1a], min: 4, " + hook,
                                    "{reclaim_spread: 0s, outages: [{at: 2h, duration: 2h, zones: [us-east-1a]}]}");
  CHECK(value(result, "spot.interruptions") == 4);
  CHECK_THAT(value(result, "fleet.shop.instance_hours"), WithinAbs(4 * (2 + 120.0 / 3600), 1e-9));
  CHECK_THAT(value(result, "fleet.shop.cost"), WithinAbs(4 * (2 + 120.0 / 3600) * 0.0336, 1e-8));
}

TEST_CASE("spot market: an instance that a hook holds after a scale-in ends with EC2's notice all the same",
          "[scenarios][spot_market]") {
  // One of two is scaled in at 1 h and held until 1 h 30 min; both have their notice at 1 h 10 min.
  const auto hours = [](const std::string& market) {
    return value(run_with("zones: [us-east-1a], min: 1, initial: 2, scale_in_below: 0.1%, scheduled_actions: [{start_time: "
                          "2026-01-05T01:00:00Z, desired: 1}], " + hook, market), "fleet.shop.instance_hours");
  };
  CHECK_THAT(hours("{reclaim_spread: 0s, outages: [{at: 70m, duration: 3h, zones: [us-east-1a]}]}"),
             WithinAbs(2 * 72.0 / 60, 1e-9));
  // Without the outage the hook takes its time, and connections may drain beside it.
  CHECK(hours("{}") >= 1.5 + 4);
}

TEST_CASE("spot market: an instance that stops by itself in its first hour is paid, as EC2 did not take it",
          "[scenarios][spot_market]") {
  // Each serves for half an hour and stops; the group replaces it, and every second that one ran is charged.
  const RunResult result = run_with("zones: [us-east-1a], min: 1, instance_failures: [{kind: stopped, after: 30m}]", "{}");
  CHECK(value(result, "spot.launches") >= 6);
  CHECK_THAT(value(result, "fleet.shop.cost"), WithinAbs(value(result, "fleet.shop.instance_hours") * 0.0336, 1e-7));
}

TEST_CASE("spot market: while a zone has failed, launches in the others of its Region meet who comes from there",
          "[scenarios][spot_market]") {
  // The zone is lost for an hour; what it ran goes to the other one, if that lets a launch through.
  const auto launches = [](const std::string& let) {
    return value(run_with("zones: [us-east-1a, us-east-1b], min: 4", "{launches_elsewhere: " + let + "}",
                          {"faults={zone-a: {kind: zone, zones: [us-east-1a], at: [1h], duration: 3h}}"}),
                 "spot.launches");
  };
  CHECK(launches("100%") == 6);
  CHECK(launches("0%") == 4);
}

TEST_CASE("spot market: a group that rebalances gets recommendations though the scenario says nothing of them",
          "[scenarios][spot_market]") {
  // Each of four is told of the outage, early or with its notice; nobody is told where nobody listens.
  const auto told = [](const std::string& group, const std::string& market) {
    return value(run_with("zones: [us-east-1a], min: 4" + group,
                          "{" + market + "outages: [{at: 2h, duration: 2h, zones: [us-east-1a]}]}"),
                 "spot.rebalance_recommendations");
  };
  CHECK(told(", capacity_rebalance: true", "") >= 4);
  CHECK(told(", capacity_rebalance: true", "rebalance: {sent: 0%}, ") == 0);
  CHECK(told("", "") == 0);
}
