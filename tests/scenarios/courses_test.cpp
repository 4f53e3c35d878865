// The expected courses of the four-group policy (docs/models/auto_scaling.md, "Expected courses"): an independent fluid
// model in ticks of one minute, and the event-driven simulation of the same fleet beside it.
//
// The two differ by what a continuous time explains, and by nothing else:
// 1. A tick reads the metric at its instant, an alarm reads the mean over a closed minute. A loss at minute 60 is seen
//    by the ticks 60 and 61, but by the periods that close at 61 and 62, so whatever answers a sudden change happens one
//    minute later, and what is dropped until then lasts four minutes instead of three.
// 2. A group without any instance has no metric of its own, so its alarm is silent; it begins again with its minimum of
//    two, at the end of a back-off of at most 600 s x 1.2, and grows from there.
// 3. A scale-in waits for 15 (10, 5) low values in a row, so a course that is one minute late can stand one removal
//    behind the tick model for up to that many minutes.
// Counts here include instances from their launch on; the tick model counts them two minutes later, when they serve.

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

using Counts = std::array<double, 4>;

/// Runs the base fleet of the claims with overrides, for 720 minutes: a bucket of the series is then one minute.
class Course {
 public:
  explicit Course(std::vector<std::string> sets) {
    sets.push_back("run.duration=12h");
    sets.push_back("run.replications=1");
    const LoadedScenario loaded =
        load_scenario(std::string(test::source_dir) + "/scenarios/claims/base/four-groups.yaml", sets);
    for (const auto& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_text(diagnostic));
    REQUIRE(loaded.scenario);
    result_ = run(*loaded.scenario);
  }
  /// Instances of the four groups at the end of the minute.
  Counts at(int minute) const {
    Counts counts{};
    for (std::size_t g = 0; g < 4; ++g) {
      REQUIRE(result_.series[g].bucket_width == 1_min);
      counts[g] = result_.series[g].buckets[static_cast<std::size_t>(minute)].last;
    }
    return counts;
  }
  bool passes_through(const Counts& counts, int first_minute, int last_minute) const {
    for (int minute = first_minute; minute <= last_minute; ++minute) {
      if (at(minute) == counts) return true;
    }
    return false;
  }
  double dropped_instance_minutes() const { return result_.find("fleet.bidder.requests_dropped")->mean / 60; }

 private:
  RunResult result_;
};

}  // namespace

TEST_CASE("four groups: at rest nothing happens", "[four_groups][table]") {
  const Course course({});
  for (const int minute : {1, 60, 300, 719}) CHECK(course.at(minute) == Counts{104, 2, 2, 2});
  CHECK(course.dropped_instance_minutes() == 0);
}

TEST_CASE("four groups: on a slow ramp only the first group acts", "[four_groups][table]") {
  std::string steps;
  for (int minute = 0; minute <= 160; ++minute) {
    steps += fmt::format("{}{{at: {}m, rate: {} requests/s}}", minute == 0 ? "" : ", ", minute, 80 + 0.5 * minute);
  }
  const Course course({"demand.auctions.constant=null", "demand.auctions.steps=[" + steps + "]"});
  CHECK(course.at(300) == Counts{209, 2, 2, 2});
  for (int minute = 0; minute < 720; ++minute) {
    const Counts counts = course.at(minute);
    CHECK((counts[1] == 2 && counts[2] == 2 && counts[3] == 2));
  }
  CHECK(course.dropped_instance_minutes() == 0);
}

TEST_CASE("four groups: after a loss of 11 of 104 the second group helps until the first is back",
          "[four_groups][table]") {
  const Course course({"spot_market.outages=[{at: 60m, duration: 60m, zones: [us-east-1a], share: 10.577%}]"});
  CHECK(course.at(61) == Counts{93, 2, 2, 2});   // M = 80 / 99 = 80.8 %: above 80 %, below 85 %
  CHECK(course.at(64) == Counts{93, 7, 2, 2});   // M = 80 / 104 = 76.9 %
  CHECK(course.at(119) == Counts{93, 7, 2, 2});
  CHECK(course.at(150) == Counts{103, 2, 2, 2});
  CHECK(course.dropped_instance_minutes() == 0);
}

TEST_CASE("four groups: after a loss of 42 of 104 all groups start and the dearer ones leave first",
          "[four_groups][table]") {
  const Course course({"spot_market.outages=[{at: 60m, duration: 60m, zones: [us-east-1a], share: 40.385%}]"});
  CHECK(course.at(62) == Counts{62, 2 + 35, 2 + 35, 2 + 35});  // launched at 62, in service at 64
  CHECK(course.at(81) == Counts{62, 32, 7, 2});
  CHECK(course.at(119) == Counts{62, 32, 7, 2});               // M = 80 / 103 = 77.7 %: at rest until Spot is back
  CHECK(course.passes_through({97, 2, 2, 2}, 239, 239 + 16));  // one low alarm of 15 periods and one minute
  // 80 requests/s on 68 instances of 0.95: 15.4 dropped a second for four minutes, three in ticks (46).
  CHECK_THAT(course.dropped_instance_minutes(), WithinAbs(4 * (80 - 0.95 * 68), 1e-6));
}

TEST_CASE("four groups: without home Spot and with 30 units elsewhere, on-demand carries the rest",
          "[four_groups][table]") {
  const Course course({"spot_market.outages=[{at: 60m, duration: 180m, zones: [us-east-1a]}]",
                       "spot_market.zones={us-east-1b: {units: 15}, us-east-1c: {units: 15}}"});
  CHECK(course.at(64) == Counts{0, 30, 37, 37});   // M = 80 / 104 = 76.9 %: nobody is trimmed
  CHECK(course.at(239) == Counts{0, 30, 37, 37});
  // Back-off: the first group has its two again at most 600 s x 1.2 after Spot is back, then grows by five in two or
  // three minutes while the others are trimmed in the order of their cost.
  CHECK(course.at(240 + 12)[0] >= 2);
  CHECK(course.at(420)[3] == 2);
  CHECK(course.at(420)[2] == 2);
  CHECK(course.at(420)[1] > 2);
  const Counts end = course.at(650);
  CHECK((end[1] == 2 && end[2] == 2 && end[3] == 2));
  // At rest the metric lies in (70 %, 75 %]: between 101 and 108 of the first group beside six others.
  CHECK((end[0] >= 101 && end[0] <= 108));
  CHECK_THAT(course.dropped_instance_minutes(), WithinAbs(4 * (80 - 0.95 * 6), 1e-6));  // 297; in ticks 3 x 74.3 = 223
}

TEST_CASE("four groups: after a step to twice the load all start, and the first group ends up with the work",
          "[four_groups][table]") {
  const Course course({"demand.auctions.constant=null",
                       "demand.auctions.steps=[{at: 0s, rate: 80 requests/s}, {at: 60m, rate: 160 requests/s}]"});
  CHECK(course.at(62) == Counts{139, 37, 37, 37});
  CHECK(course.at(201)[3] == 2);
  CHECK(course.at(201)[2] == 2);
  CHECK(course.at(301) == Counts{209, 2, 2, 2});  // M = 160 / 215 = 74.4 %
  CHECK_THAT(course.dropped_instance_minutes(), WithinAbs(4 * (160 - 0.95 * 110), 1e-6));  // 222; in ticks 167
}
