// What the README says of the real-time-bidding scenarios, where it can be said without figures of one run.

#include <string>

#include "fleetsim/scenario.hpp"
#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

double share_of_work(const RunResult& result, const std::string& group) {
  return result.find("fleet.bidder.group." + group + ".share_of_work")->mean;
}

/// The shares of the work between two times of the run.
RunResult between(const std::string& path, const std::string& from, const std::string& to) {
  return run(test::shipped(path, {"run.warm_up=" + from, "run.duration=" + to, "run.replications=3"}));
}

}  // namespace

TEST_CASE("four groups: while the home zone has Spot the first does the work and the others rest at two",
          "[scenarios][property]") {
  const RunResult result = run(test::shipped(
      "scenarios/rtb-four-groups.yaml",
      {"spot_market.zones.us-east-1a=null", "spot_market.default.availability.always=true", "run.replications=5"}));
  // Three groups of two beside about 200 instances: 3 % of the work is the least that they can do.
  CHECK(share_of_work(result, "spot-home") > 0.96);
  for (const std::string group : {"spot-away", "on-demand-home", "on-demand-away"}) {
    CHECK(result.find("fleet.bidder.group." + group + ".instances_mean")->mean < 2.1);
  }
}

TEST_CASE("mass interruption: the work moves to the second group, then to the third, then to the fourth",
          "[scenarios][property]") {
  const std::string path = "scenarios/rtb-mass-interruption.yaml";
  CHECK(share_of_work(between(path, "6h", "12h"), "spot-home") > 0.9);
  CHECK(share_of_work(between(path, "13h", "14h"), "spot-away") > 0.8);
  // No Spot anywhere, and the third group may have 120 instances, too few for the work.
  const RunResult without_spot = between(path, "16h", "20h");
  CHECK(share_of_work(without_spot, "spot-home") + share_of_work(without_spot, "spot-away") == 0);
  CHECK(without_spot.find("fleet.bidder.group.on-demand-home.instances_min")->mean == 120);
  CHECK(share_of_work(without_spot, "on-demand-away") > 0.1);
  CHECK(share_of_work(between(path, "30h", "48h"), "spot-home") > 0.9);
}
