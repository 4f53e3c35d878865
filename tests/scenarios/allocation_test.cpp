// Groups that choose their types by a strategy, in a whole run on the scenario of the bad inputs' base.

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

/// Mean number of instances of each type. The load is light, so the group stays at its minimum.
std::map<std::string, double> instances(const std::string& types, const std::string& more) {
  const Scenario scenario = test::shipped(
      "tests/scenarios/bad/sound/base.yaml",
      {"fleets.shop.instance_types=" + types, "demand.web={constant: 10 requests/s}", "run.warm_up=0s",
       "fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a, us-east-1b], min: 12, max: 60, " + more + "}]"});
  const RunResult result = run(scenario, {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
  std::map<std::string, double> by_type;
  for (const auto& line : result.ledger) {
    if (line.unit == "instance-hours") by_type[line.resource] += line.quantity / 48;
  }
  return by_type;
}

}  // namespace

TEST_CASE("a group of three types follows its strategy in each zone", "[scenarios][allocation]") {
  const std::string types = "[m5.large, c5.large, r5.large]";
  // Discounts are equal, so the order of the prices is that on demand: c5, m5, r5.
  auto by_type = instances(types, "allocation_strategy: lowest_price");
  CHECK_THAT(by_type["instance c5.large"], WithinAbs(12, 1e-9));
  by_type = instances(types, "allocation_strategy: lowest_price, pools_to_use: 2");
  CHECK_THAT(by_type["instance c5.large"], WithinAbs(6, 1e-9));
  CHECK_THAT(by_type["instance m5.large"], WithinAbs(6, 1e-9));
  by_type = instances(types, "allocation_strategy: diversified");
  for (const char* type : {"instance c5.large", "instance m5.large", "instance r5.large"}) {
    CHECK_THAT(by_type[type], WithinAbs(4, 1e-9));
  }
  // All pools are unlimited, so all are as deep as the deepest.
  by_type = instances(types, "allocation_strategy: price_capacity_optimized");
  CHECK_THAT(by_type["instance c5.large"], WithinAbs(12, 1e-9));
  by_type = instances(types, "allocation_strategy: capacity_optimized_prioritized");
  CHECK_THAT(by_type["instance m5.large"], WithinAbs(12, 1e-9));
  by_type = instances(types, "allocation_strategy: capacity_optimized_prioritized, priorities: {r5.large: 0}");
  CHECK_THAT(by_type["instance r5.large"], WithinAbs(12, 1e-9));
}

TEST_CASE("lowest price over two pools is over two in each zone: of four types in four zones, eight of sixteen pools",
          "[scenarios][allocation]") {
  const RunResult result = run(
      test::shipped("tests/scenarios/bad/sound/base.yaml",
                    {"regions={us-east-1: {zones: [us-east-1a, us-east-1b, us-east-1c, us-east-1d]}}",
                     "demand.web={constant: 10 requests/s}", "run.warm_up=0s",
                     "fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a, us-east-1b, us-east-1c, us-east-1d], "
                     "instance_types: [m5.large, c5.large, r5.large, c5a.large], min: 16, max: 60, "
                     "allocation_strategy: lowest_price, pools_to_use: 2}]"}),
      {.seed = {}, .replications = 1, .jobs = 1, .progress = {}, .stop = {}});
  std::map<std::string, int> pools_of_zone;
  for (const auto& line : result.ledger) {
    if (line.unit != "instance-hours") continue;
    ++pools_of_zone[line.zone];
    CHECK_THAT(line.quantity, WithinAbs(2 * 48, 1e-9));
  }
  CHECK(pools_of_zone == std::map<std::string, int>{{"us-east-1a", 2}, {"us-east-1b", 2}, {"us-east-1c", 2}, {"us-east-1d", 2}});
}

TEST_CASE("a weighted group holds as many units as it wants", "[scenarios][allocation]") {
  auto by_type = instances("[c5.large, c5.xlarge]", "weights: {c5.large: 2, c5.xlarge: 4}, priorities: {c5.xlarge: 0}, "
                                                    "allocation_strategy: capacity_optimized_prioritized");
  CHECK_THAT(by_type["instance c5.xlarge"], WithinAbs(3, 1e-9));  // of four units each
}

TEST_CASE("types of unequal size without weights are worth a warning", "[scenarios][allocation]") {
  const auto warnings = [](const std::string& more) {
    const LoadedScenario loaded = load_scenario(
        std::string(test::source_dir) + "/tests/scenarios/bad/sound/base.yaml",
        {"fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a], max: 60, " + more + "}]"});
    REQUIRE(loaded.scenario);
    return loaded.diagnostics;
  };
  const auto found = warnings("instance_types: [c5.large, c5.4xlarge, c5.xlarge]");
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "group g counts one c5.large (2 vCPUs) as much as one c5.4xlarge (16 vCPUs)");
  CHECK(warnings("instance_types: [c5.large, m5.large]").empty());
  CHECK(warnings("instance_types: [c5.large, c5.4xlarge], weights: {c5.large: 2, c5.4xlarge: 16}").empty());
}

TEST_CASE("explain: the placement score of a group follows from the pools at the beginning", "[scenarios][allocation]") {
  const auto explained = [](const std::string& types, const std::string& units) {
    return explain(test::shipped(
        "tests/scenarios/bad/sound/base.yaml",
        {"fleets.shop.instance_types=" + types, "spot_market={default: {units: " + units + "}}",
         "fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a, us-east-1b], min: 12, max: 60}]"}));
  };
  using Catch::Matchers::ContainsSubstring;
  // Six pools of two units hold 12, a zone's three hold six.
  const std::string two = explained("[m5.large, c5.large, r5.large]", "2");
  CHECK_THAT(two, ContainsSubstring("in all its zones: 10 for 12 units, with a probability of 100 %"));
  CHECK_THAT(two, ContainsSubstring("in us-east-1b: 1 for 12 units, with a probability of 0 %"));
  // Who does not pay the price finds nothing.
  CHECK_THAT(explain(test::shipped("tests/scenarios/bad/sound/base.yaml",
                                   {"fleets.shop.instance_types=[m5.large, c5.large, r5.large]",
                                    "fleets.shop.groups=[{name: g, purchase: spot, zones: [us-east-1a], min: 12, max: 60, "
                                    "max_price: 0.002 USD/h}]"})),
             ContainsSubstring("in all its zones: 1 for 12 units, with a probability of 0 %"));
  // Two types score at most 3, though they have enough.
  CHECK_THAT(explained("[m5.large, c5.large]", "100"), ContainsSubstring(": 3 for 12 units, with a probability of 100 %"));
}

TEST_CASE("explain: placement scores are of instances, vCPUs or memory, the ten best Regions or zones first",
          "[scenarios][allocation]") {
  // A pool of each type in a zone has two instances: of all three types 6 instances, 12 vCPUs and 56 GiB. No fleet is in
  // us-west-2, which has one zone more.
  const auto lines = [](const std::string& question) {
    const std::string text = explain(test::shipped(
        "tests/scenarios/bad/sound/base.yaml",
        {"regions={us-east-1: {zones: [us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e]}, "
         "us-west-2: {zones: [us-west-2a, us-west-2b, us-west-2c, us-west-2d, us-west-2e, us-west-2f]}}",
         "spot_market={default: {units: 2}, zones: {us-east-1a: {units: 1}}, placement_scores: [{" + question + "}]}"}));
    std::vector<std::string> found;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (line.find("m5.large, c5.large") == 2) found.push_back(line.substr(2, line.find(", with") - 2));
    }
    return found;
  };
  using Lines = std::vector<std::string>;
  const std::string types = "instance_types: [m5.large, c5.large, r5.large]";
  const std::string in = "m5.large, c5.large, r5.large in ";
  // us-east-1 has 27 instances, 54 vCPUs, 252 GiB; us-west-2 36, 72 and 336.
  CHECK(lines("instances: 27, " + types) == Lines{in + "us-east-1: 10 for 27 instances",
                                                  in + "us-west-2: 10 for 27 instances"});
  CHECK(lines("instances: 28, " + types) == Lines{in + "us-west-2: 10 for 28 instances",
                                                  in + "us-east-1: 1 for 28 instances"});
  CHECK(lines("vcpus: 54, " + types).at(0) == in + "us-east-1: 10 for 54 vCPUs");
  CHECK(lines("vcpus: 55, " + types).at(1) == in + "us-east-1: 1 for 55 vCPUs");
  CHECK(lines("memory: 252 GiB, " + types).at(0) == in + "us-east-1: 10 for 252 GiB of memory");
  CHECK(lines("memory: 253 GiB, " + types).at(1) == in + "us-east-1: 1 for 253 GiB of memory");
  CHECK(lines("vcpus: 1, regions: [us-west-2], " + types).size() == 1);
  // Of eleven zones the one with half as much comes last, and is not among the ten.
  const Lines zones = lines("vcpus: 12, single_availability_zone: true, " + types);
  REQUIRE(zones.size() == 10);
  for (const std::string& line : zones) CHECK(line.find(": 10 for 12 vCPUs") != std::string::npos);
  CHECK(zones.at(0).find("us-east-1b") != std::string::npos);
  // Two types score at most 3.
  CHECK(lines("vcpus: 1, instance_types: [m5.large, c5.large]").at(0) ==
        "m5.large, c5.large in us-east-1: 3 for 1 vCPU");
}
