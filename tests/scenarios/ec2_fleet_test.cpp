// EC2 Fleets in whole runs, on the scenario of the bad inputs' base.

#include <string>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;

namespace {

RunResult run_with(const std::string& fleet, const std::string& market) {
  const Scenario scenario = test::shipped(
      "tests/scenarios/bad/sound/base.yaml",
      {"demand.web={constant: 10 requests/s}", "run.warm_up=0s", "spot_market=" + market,
       "fleets.shop.groups=[{name: od, purchase: on_demand, zones: [us-east-1b], max: 60}, "
       "{name: g, purchase: spot, zones: [us-east-1a, us-east-1b], instance_types: [m5.large, c5.large], "
       "allocation_strategy: price_capacity_optimized, ec2_fleet: " + fleet + "}]"});
  return run(scenario, {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
}

double value(const RunResult& result, const std::string& metric) {
  const Metric* found = result.find("fleet.shop.group.g." + metric);
  REQUIRE(found != nullptr);
  return found->values.at(0);
}

const std::string outage = "{outages: [{at: 10h, duration: 2h, zones: [us-east-1a, us-east-1b], share: 100%}]}";

}  // namespace

TEST_CASE("an outage of every pool: a maintain fleet comes back, an instant one does not", "[scenarios][ec2_fleet]") {
  const RunResult maintain = run_with("{target: 40}", outage);
  CHECK(value(maintain, "instances_end") == 40);
  CHECK(value(maintain, "launches") == 80);
  // From the first reclaim, at most 300 s after 10 h, until a retry at most 600 s after 12 h.
  CHECK(value(maintain, "shortfall_time") >= 6900);
  CHECK(value(maintain, "shortfall_time") <= 7200 + 600);
  CHECK(value(maintain, "attempts_short_of_capacity") > 0);
  const RunResult instant = run_with("{target: 40, type: instant}", outage);
  CHECK(value(instant, "instances_end") == 0);
  CHECK(value(instant, "launches") == 40);
}

TEST_CASE("pools with few units: an instant fleet takes all there are", "[scenarios][ec2_fleet]") {
  const RunResult result = run_with("{target: 40, type: instant}", "{default: {units: 7}}");
  CHECK(value(result, "instances_end") == 28);
  CHECK(value(result, "shortfall_time") == 48 * 3600);
}

TEST_CASE("a fleet that is too dear launches nothing and says why", "[scenarios][ec2_fleet]") {
  const RunResult result = run_with("{target: 40, type: request, unit_price_max: 0.002 USD/h}", "{}");
  CHECK(value(result, "launches") == 0);
  CHECK(value(result, "attempts_short_of_price") == 1);
}

TEST_CASE("the other groups of a fleet scale as they did", "[scenarios][ec2_fleet]") {
  const RunResult result = run_with("{target: 5}", "{}");
  CHECK(result.find("fleet.shop.group.od.instances_end")->mean == 2);
  CHECK(value(result, "instances_mean") == 5);
  CHECK(result.find("fleet.shop.group.g.scale_outs") == nullptr);
}

TEST_CASE("rebalancing at the lowest price is worth a warning", "[scenarios][ec2_fleet]") {
  const auto warnings = [](const std::string& strategy) {
    const LoadedScenario loaded = load_scenario(
        std::string(test::source_dir) + "/tests/scenarios/bad/sound/base.yaml",
        {"fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a], allocation_strategy: " + strategy +
         ", ec2_fleet: {target: 5, capacity_rebalance: launch}}]"});
    REQUIRE(loaded.scenario);
    return loaded.diagnostics.size();
  };
  CHECK(warnings("lowest_price") == 1);
  CHECK(warnings("capacity_optimized") == 0);
}

TEST_CASE("a fleet's maximum for a unit also ends its instances when the price rises above it", "[scenarios][ec2_fleet]") {
  // On demand a unit costs 0.085 to 0.096 USD/h; the price swings about half of that.
  const std::string market = "{default: {price: {generated: {ratio: 50%, sd: 0.5, half_life: 2h, sampled_every: 1h}}}}";
  const auto by_price = [&](const std::string& fleet) {
    return run_with(fleet, market).find("spot.interruptions.by_price")->mean;
  };
  CHECK(by_price("{target: 40}") == 0);  // never above on demand
  CHECK(by_price("{target: 40, unit_price_max: 0.05 USD/h}") > 0);
}

TEST_CASE("a fleet whose instances EC2 stops or hibernates is charged as its requests would be",
          "[scenarios][ec2_fleet]") {
  // One m5.large at 35 % of 0.096 USD/h. Its pool is closed from 12 h to 15 h of two days; the fleet tries every minute.
  const auto run_one = [](const std::string& interruption) {
    return run(test::shipped("tests/scenarios/bad/sound/base.yaml",
                             {"demand.web={constant: 10 requests/s}", "run.warm_up=0s", "fleets.shop.pending_time=0s",
                              "fleets.shop.spot_fulfilment_time=0s",
                              "spot_market={reclaim_spread: 0s, outages: [{at: 12h, duration: 3h, zones: [us-east-1a]}]}",
                              "fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a], ec2_fleet: {target: 1, "
                              "retry: {initial: 60s, max: 60s}, interruption: " + interruption + "}}]"}),
               {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
  };
  struct Row { std::string interruption; double until; double resumes; };
  // Stopped two minutes after the notice; hibernation begins with the notice and takes a minute.
  for (const Row& row : {Row{"stop", 12 + 120.0 / 3600, 1}, Row{"hibernate", 12 + 60.0 / 3600, 1},
                         Row{"terminate", 12 + 120.0 / 3600, 0}}) {
    INFO(row.interruption);
    const RunResult result = run_one(row.interruption);
    const double hours = result.find("fleet.shop.instance_hours")->mean;
    CHECK(hours <= row.until + 33);
    CHECK(hours >= row.until + 33 - 60.0 / 3600);
    CHECK_THAT(result.find("fleet.shop.cost")->mean, Catch::Matchers::WithinAbs(hours * 0.0336, 1e-7));
    CHECK(value(result, "instances_end") == 1);
    if (row.resumes > 0) CHECK(value(result, "resumes") == row.resumes);
    if (row.resumes > 0) CHECK(value(result, "stops") == 1);
  }
}
