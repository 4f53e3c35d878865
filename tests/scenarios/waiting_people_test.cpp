// What the course of a disaster says while a plan waits for people, by hand.

#include <string>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"

using namespace fleetsim;
using test::run_text;

namespace {

/// Of a disaster at an instant since Monday, 2024-03-04 00:00 UTC: who is waited for.
std::string waits(const std::string& at, const std::string& team) {
  const RunResult result = run_text(fmt::format(R"(fleetsim: 1
name: waiting for people
run: {{start: 2024-03-04T00:00:00Z, duration: 20d, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a]}}
  us-west-2: {{zones: [us-west-2a]}}
environments:
  production: {{region: us-east-1, instances: {{app: {{instance_type: m5.large}}}}}}
  standby: {{clone_of: production, region: us-west-2, standing: {{app: {{count: 1}}}}}}
people: {{leads: {{{}}}}}
faults: {{loss: {{kind: region, regions: [us-east-1], at: [{}], duration: 5d}}}}
recovery:
  plan:
    protects: production
    target: standby
    steps: {{decide: {{kind: decide, people: leads, duration: 5m}}}}
)",
                                                team, at));
  REQUIRE(result.courses.size() == 1);
  std::string text;
  for (const auto& entry : result.courses[0].entries) {
    if (entry.step == "decide") text += fmt::format("{:.0f} {}; ", entry.at_s, entry.what);
  }
  return text;
}

}  // namespace

TEST_CASE("course: whoever is waited for at a weekend is named, with when they are on call again", "[scenarios][table]") {
  // Friday 23:00: 57 hours until Monday 08:00.
  CHECK(waits("4d23h", "hours: [mon-fri 08:00-20:00], reached_after: 10m") ==
        "0 waits for leads, on call again at 2024-03-11 08:00:00 UTC; 205800 begins; 206100 done; ");
  CHECK(waits("4d12h", "hours: [mon-fri 08:00-20:00], reached_after: 10m") == "0 waits for leads; 600 begins; 900 done; ");
  CHECK(waits("4d23h", "hours: [mon-fri 08:00-20:00], reached_off_hours: 45m") ==
        "0 waits for leads, called outside of their hours; 2700 begins; 3000 done; ");
  CHECK(waits("4d12h", "reached_after: 0s") == "0 begins; 300 done; ");
}
