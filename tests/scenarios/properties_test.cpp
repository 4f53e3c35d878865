// What holds for every run, whatever the scenario.

#include <cmath>
#include <cstring>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

RunResult run_with(const Scenario& scenario, unsigned jobs, std::uint64_t replications) {
  return run(scenario, {.seed = {}, .replications = replications, .jobs = jobs, .progress = {}, .stop = {}});
}

/// Bit for bit, not-a-number included.
bool same_values(const Metric& a, const Metric& b) {
  return a.values.size() == b.values.size() &&
         std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)) == 0;
}

void check_same(const RunResult& a, const RunResult& b) {
  CHECK(a.fingerprint == b.fingerprint);
  REQUIRE(a.metrics.size() == b.metrics.size());
  for (std::size_t m = 0; m < a.metrics.size(); ++m) {
    INFO(a.metrics[m].name);
    CHECK(a.metrics[m].name == b.metrics[m].name);
    CHECK(same_values(a.metrics[m], b.metrics[m]));
  }
}

const std::vector<std::string> one_week = {"run.duration=7d"};

}  // namespace

TEST_CASE("a run is the same with 1, 2 and 7 threads, and when it is run again", "[scenarios][property]") {
  const Scenario scenario = test::shipped("scenarios/rtb-four-groups.yaml", one_week);
  const RunResult reference = run_with(scenario, 1, 7);
  for (const unsigned jobs : {1U, 2U, 7U}) check_same(reference, run_with(scenario, jobs, 7));
}

TEST_CASE("an unrelated fleet leaves every number of the first fleet as it was", "[scenarios][property]") {
  const RunResult alone = run_with(test::shipped("scenarios/rtb-four-groups.yaml", one_week), 2, 3);
  const RunResult together = run_with(
      test::shipped("scenarios/rtb-four-groups.yaml",
                    {one_week.front(), "demand.web={constant: 1000 requests/s}",
                     "fleets.web={serves: web, instance_types: [m5.xlarge], capacity_per_vcpu: 100 requests/s, "
                     "expected_instances: 4, groups: [{name: spot, purchase: spot, zones: [us-east-1a, us-east-1b], max: 9}]}"}),
      2, 3);
  CHECK(together.find("fleet.web.cost")->mean > 0);
  std::size_t compared = 0;
  for (const Metric& metric : alone.metrics) {
    if (!metric.name.starts_with("fleet.bidder.")) continue;
    const Metric* other = together.find(metric.name);
    INFO(metric.name);
    REQUIRE(other != nullptr);
    CHECK(same_values(metric, *other));
    ++compared;
  }
  CHECK(compared > 40);
}

TEST_CASE("every request is served or dropped, and the ledger's lines sum to the bill", "[scenarios][property]") {
  for (const char* path : {"scenarios/quickstart.yaml", "scenarios/rtb-one-mixed-group.yaml",
                           "scenarios/rtb-mass-interruption.yaml", "scenarios/rtb-spot-only.yaml"}) {
    INFO(path);
    const RunResult result = run_with(test::shipped(path, {"run.duration=3d", "run.warm_up=5h"}), 2, 2);
    for (const GroupSummary& group : result.groups) {
      const std::string fleet = "fleet." + group.fleet + ".";
      for (std::size_t r = 0; r < result.replications; ++r) {
        const double offered = result.find(fleet + "requests_offered")->values[r];
        const double served = result.find(fleet + "requests_served")->values[r];
        const double dropped = result.find(fleet + "requests_dropped")->values[r];
        // Each is an exact integer of 10^-15 requests, rounded once to a double: three half units in the last place.
        CHECK_THAT(served + dropped, WithinAbs(offered, 3 * std::ldexp(offered, -53)));
      }
    }
    double lines = 0;
    for (const ResultLedgerLine& line : result.ledger) lines += line.cost_usd;
    const Metric* total = result.find("cost.total");
    CHECK_THAT(lines, WithinAbs(total->mean, 1e-9 * static_cast<double>(result.ledger.size())));
    double parts = 0;
    for (const Metric& metric : result.metrics) {
      if (metric.name.starts_with("cost.") && metric.name != "cost.total") parts += metric.mean;
    }
    CHECK_THAT(parts, WithinAbs(total->mean, 1e-9 * total->mean));
  }
}

TEST_CASE("common random numbers: what two variants share is equal to the last bit", "[scenarios][property]") {
  const RunResult four = run_with(test::shipped("scenarios/rtb-four-groups.yaml", one_week), 2, 3);
  const RunResult spot = run_with(test::shipped("scenarios/rtb-spot-only.yaml", one_week), 2, 3);
  for (const char* shared : {"fleet.bidder.requests_offered", "spot.pool.us-east-1a/c5.2xlarge.open_fraction",
                             "spot.pool.us-east-1b/c5.2xlarge.price_mean"}) {
    INFO(shared);
    CHECK(same_values(*four.find(shared), *spot.find(shared)));
  }
}
