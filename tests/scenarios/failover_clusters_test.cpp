// Failover clusters under faults of a run: who keeps quorum, who runs the application, and how long users wait.
//
// Of the cluster below each time is fixed: 20 heartbeats of a second, 3 s to regroup and 19 s to start make 42 s from the
// loss of the node that runs the application. Forcing quorum takes 3 min to detect the loss and 10 min to force it, and
// then the start alone.

#include <string>
#include <vector>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;
using Catch::Matchers::WithinAbs;

namespace {

constexpr double taken_over = 20 + 3 + 19, forced = 180 + 600 + 19;

struct Setup {
  std::string nodes = "production/sql-1, production/sql-2, west/sql-1";
  std::string witness = "{region: us-east-2}";
  std::string low_priority = {};
  std::string faults = {};
  std::string answers = {};
  std::string steps = "failover: {kind: cluster_failover, cluster: sql}";
  std::string more = {};  ///< keys of the plan
};

const std::string forcing =
    "detect: {kind: detect, duration: 3m, needed_for: nothing}, "
    "force: {kind: force_quorum, cluster: sql, after: [detect], duration: 10m}, "
    "failover: {kind: cluster_failover, cluster: sql}";

std::string text(const Setup& setup) {
  return fmt::format(R"(fleetsim: 1
name: a failover cluster
run: {{start: 2024-01-01T00:00:00Z, duration: 30d, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a, us-east-1b]}}
  us-west-2: {{zones: [us-west-2a]}}
  us-east-2: {{zones: [us-east-2a]}}
environments:
  production:
    region: us-east-1
    vpcs: {{main: {{subnets: {{first: us-east-1a, second: us-east-1b}}}}}}
    instances:
      sql-1: {{instance_type: r5.xlarge, subnet: first}}
      sql-2: {{instance_type: r5.xlarge, subnet: second}}
  west: {{clone_of: production, region: us-west-2, built: true, takes: [sql-1], standing: {{sql-1: {{count: 1}}}}}}
failover_clusters:
  sql: {{nodes: [{}], {}{}regroup: 3s, bring_online: 19s}}
faults: {{{}}}
recovery:
  plan: {{protects: production, target: west, answers: [{}], {}steps: {{{}}}}}
)",
                     setup.nodes, setup.witness.empty() ? "" : "witness: " + setup.witness + ", ",
                     setup.low_priority.empty() ? "" : "low_priority: " + setup.low_priority + ", ", setup.faults, setup.answers,
                     setup.more, setup.steps);
}

RunResult run_with(const Setup& setup, std::uint64_t replications = 1) { return run_text(text(setup), replications); }
double rta(const RunResult& result) { return value(result, "recovery.plan.rta"); }
double quorum_lost(const RunResult& result) { return value(result, "recovery.plan.quorum_lost_probability"); }
double failed(const RunResult& result) { return value(result, "recovery.plan.failed_probability"); }

const std::string region_lost = "region-lost: {kind: region, regions: [us-east-1], at: [10d], duration: 12h}";

std::string zone_then_region(const std::string& between) {
  return "zone-lost: {kind: zone, zones: [us-east-1b], at: [10d], duration: 12h, brings: [{fault: rest-lost, after: " + between +
         "}]}, rest-lost: {kind: region, regions: [us-east-1], duration: 11h}";
}

}  // namespace

TEST_CASE("failover clusters: a Region with two of three nodes and the witness takes quorum, and somebody forces it",
          "[scenarios][cluster]") {
  for (const char* witness : {"{zone: us-east-1a}", "{region: us-east-1}", "{region: us-east-2}", "{kind: cloud}"}) {
    // At once it is no matter where the witness lies: with three nodes it has no vote.
    const RunResult result = run_with({.witness = witness, .faults = region_lost, .answers = "region-lost", .steps = forcing});
    CHECK(rta(result) == forced);
    CHECK(quorum_lost(result) == 1);
    CHECK(failed(result) == 0);
    CHECK(value(result, "failover_cluster.sql.quorum_losses") == 1);
    CHECK(value(result, "failover_cluster.sql.without_quorum") == 12 * 3600);
  }
}

TEST_CASE("failover clusters: unforced, they stop until the Region returns, or for good", "[scenarios][cluster]") {
  const RunResult returns = run_with({.faults = region_lost, .answers = "region-lost"});
  CHECK(rta(returns) == 12 * 3600 + 19);
  const RunResult never = run_with({.faults = "region-lost: {kind: region, regions: [us-east-1], at: [10d]}", .answers = "region-lost",
                                    .more = "gives_up_after: 2d, "});
  CHECK(failed(never) == 1);
  const RunResult too_late = run_with({.faults = region_lost, .answers = "region-lost", .more = "gives_up_after: 11h, "});
  CHECK(failed(too_late) == 1);
}

TEST_CASE("failover clusters: lost one after the other they survive with a witness elsewhere", "[scenarios][cluster]") {
  const auto result = [](const char* witness, const char* between) {
    return run_with({.witness = witness, .faults = zone_then_region(between), .answers = "rest-lost", .steps = forcing});
  };
  const RunResult survives = result("{region: us-east-2}", "5m");
  CHECK(quorum_lost(survives) == 0);
  CHECK(rta(survives) == taken_over);
  CHECK(value(survives, "failover_cluster.sql.quorum_losses") == 0);
  CHECK(value(survives, "failover_cluster.sql.owner_changes") == 1);
  // The witness gone with the last node of the Region: 1 of 3.
  const RunResult with_witness = result("{region: us-east-1}", "5m");
  CHECK(quorum_lost(with_witness) == 1);
  CHECK(rta(with_witness) == forced);
  // Before votes are given anew, two losses are one.
  CHECK(quorum_lost(result("{region: us-east-2}", "9s")) == 1);
  CHECK(quorum_lost(result("{region: us-east-2}", "11s")) == 0);
}

TEST_CASE("failover clusters: the loss of a node that runs nothing costs nothing, that of the other a takeover", "[scenarios][cluster]") {
  const auto zone_lost = [](const char* zone) {
    return run_with({.faults = fmt::format("zone-lost: {{kind: zone, zones: [{}], at: [10d], duration: 1h}}", zone), .answers = "zone-lost"});
  };
  const RunResult passive = zone_lost("us-east-1b"), owner = zone_lost("us-east-1a");
  CHECK(rta(passive) == 0);
  CHECK(value(passive, "recovery.plan.cluster_went_on_probability") == 1);
  CHECK(value(passive, "recovery.plan.double_serving_probability") == 0);
  CHECK(rta(owner) == taken_over);
  CHECK(value(owner, "recovery.plan.cluster_went_on_probability") == 0);
}

TEST_CASE("failover clusters: the application stays where it went, so the same zone's second loss costs nothing", "[scenarios][cluster]") {
  const RunResult twice = run_with({.faults = "zone-lost: {kind: zone, zones: [us-east-1a], at: [10d, 12d], duration: 1h}", .answers = "zone-lost",
                                    .more = "failback: {bandwidth: 1 MB/s, switch_duration: 0s}, "});
  CHECK(value(twice, "recovery.plan.disasters") == 2);
  CHECK(rta(twice) == taken_over / 2);
  CHECK(value(twice, "recovery.plan.cluster_went_on_probability") == 0.5);
}

TEST_CASE("failover clusters: the way back brings the application home, so the Region's second loss costs a takeover as well",
          "[scenarios][cluster]") {
  // Zone by zone each time, so that the last node keeps quorum.
  const RunResult twice = run_with({.faults = "zone-lost: {kind: zone, zones: [us-east-1b], at: [10d, 20d], duration: 2h, brings: [{fault: "
                                              "rest-lost, after: 5m}]}, rest-lost: {kind: region, regions: [us-east-1], duration: 1h}",
                                    .answers = "rest-lost", .more = "failback: {bandwidth: 1 MB/s, switch_duration: 0s}, "});
  CHECK(value(twice, "recovery.plan.disasters") == 2);
  CHECK(rta(twice) == taken_over);
  CHECK(value(twice, "recovery.plan.cluster_went_on_probability") == 0);
  CHECK(value(twice, "failover_cluster.sql.owner_changes") == 2);  // what people move is not counted
}

TEST_CASE("failover clusters: where a link is cut the side with most votes goes on", "[scenarios][cluster]") {
  const auto cut = [](const char* nodes, const char* witness, const char* share) {
    return run_with({.nodes = nodes, .witness = witness,
                     .faults = fmt::format("cut: {{kind: link, regions: [us-east-1, us-west-2], at: [10d], duration: 2h, share: {}}}", share),
                     .answers = "cut"});
  };
  const RunResult majority = cut("production/sql-1, production/sql-2, west/sql-1", "{region: us-west-2}", "0%");
  CHECK(rta(majority) == 0);
  CHECK(value(majority, "failover_cluster.sql.owner_changes") == 0);
  // Nothing was lost and nothing moved: the plan serves nobody elsewhere.
  CHECK(value(majority, "recovery.plan.cluster_went_on_probability") == 1);
  CHECK(value(majority, "recovery.plan.double_serving_probability") == 0);
  // One node each, the witness on the far side: the near one stops, the far one takes over.
  const RunResult far = cut("production/sql-1, west/sql-1", "{region: us-west-2}", "0%");
  CHECK(rta(far) == taken_over);
  CHECK(value(far, "failover_cluster.sql.owner_changes") == 1);
  CHECK(rta(cut("production/sql-1, west/sql-1", "{region: us-east-1}", "0%")) == 0);
  CHECK(rta(cut("production/sql-1, west/sql-1", "{region: us-east-2}", "0%")) == 0);
  CHECK(rta(cut("production/sql-1, west/sql-1", "{region: us-west-2}", "10%")) == 0);  // slow is not cut
}

TEST_CASE("failover clusters: of two nodes without a witness the one with the vote decides", "[scenarios][cluster]") {
  const RunResult result = run_with({.nodes = "production/sql-1, west/sql-1", .witness = "", .faults = region_lost, .answers = "region-lost",
                                     .steps = forcing},
                                    64);
  // Whose vote goes is drawn once for each of 64 replications; 4 standard errors of a share of one half.
  CHECK_THAT(quorum_lost(result), WithinAbs(0.5, 4 * 0.5 / 8));
  // Named, it is the same one each time.
  for (const auto& [low_priority, lost] : {std::pair("production/sql-1", 0), std::pair("west/sql-1", 1)}) {
    const RunResult named = run_with({.nodes = "production/sql-1, west/sql-1", .witness = "", .low_priority = low_priority,
                                      .faults = region_lost, .answers = "region-lost", .steps = forcing});
    CHECK(quorum_lost(named) == lost);
    CHECK(rta(named) == (lost == 1 ? forced : taken_over));
  }
}

TEST_CASE("failover clusters: a node that takes over and is lost as well is replaced anew", "[scenarios][cluster]") {
  // 20 s after the first zone the second: votes had been given anew, so the last node and the witness are 2 of 3.
  const RunResult result = run_with({.faults = "zone-lost: {kind: zone, zones: [us-east-1a], at: [10d], duration: 12h, brings: [{fault: "
                                               "other-lost, after: 20s}]}, other-lost: {kind: zone, zones: [us-east-1b], duration: 12h}",
                                     .answers = "zone-lost"});
  CHECK(rta(result) == 20 + taken_over);
  CHECK(value(result, "recovery.plan.second_strikes") == 1);
  CHECK(quorum_lost(result) == 0);
}

TEST_CASE("failover clusters: a forced quorum is lost with its node, and forced again when that returns", "[scenarios][cluster]") {
  // Forced at 13 min on the last node, which is lost at 14 and back at 44; the redirect of an hour would have ended later.
  const RunResult result = run_with({.faults = "region-lost: {kind: region, regions: [us-east-1], at: [10d], duration: 12h, brings: [{fault: "
                                               "west-lost, after: 14m}]}, west-lost: {kind: zone, zones: [us-west-2a], duration: 30m}",
                                     .answers = "region-lost",
                                     .steps = forcing + ", redirect: {kind: redirect, after: [failover], duration: 1h}"});
  // The force is tried each minute from 14 min on, and found possible at 44 min; it takes 10 min, the start 19 s.
  CHECK(rta(result) == 44 * 60 + 600 + 19 + 3600);
  CHECK(value(result, "recovery.plan.second_strikes") == 1);
}

TEST_CASE("failover clusters: a what-if instant finds what a fault of the run at that instant would", "[scenarios][cluster]") {
  for (const char* when : {"at: [10d]", "what_if: 5"}) {
    const RunResult result = run_with({.faults = fmt::format("region-lost: {{kind: region, regions: [us-east-1], {}, duration: 12h}}", when),
                                       .answers = "region-lost", .steps = forcing});
    CHECK(rta(result) == forced);
    CHECK(quorum_lost(result) == 1);
  }
}

TEST_CASE("failover clusters: a drill practises what forces quorum", "[scenarios][cluster]") {
  const RunResult result = run_with({.faults = region_lost, .answers = "region-lost", .steps = forcing, .more = "drills: {schedule: rate(7 days)}, "});
  CHECK(value(result, "recovery.plan.drill.rta") == forced);
  CHECK(value(result, "failover_cluster.sql.quorum_losses") == 1);  // that of the disaster
}

TEST_CASE("failover clusters: the course says what votes are missing, and who takes over", "[scenarios][cluster]") {
  const RunResult result = run_with({.faults = region_lost, .answers = "region-lost", .steps = forcing});
  REQUIRE(result.courses.size() == 1);
  std::string course;
  for (const auto& entry : result.courses[0].entries) course += fmt::format("{:.0f} {}: {}\n", entry.at_s, entry.step, entry.what);
  CHECK(course == "0 : fault region-lost strikes\n"
                  "0 detect: begins\n"
                  "0 failover: waits for quorum: cluster sql has 1 of 3 votes, and needs more than half\n"
                  "180 detect: done\n"
                  "180 force: begins, on west/sql-1\n"
                  "780 force: done\n"
                  "780 failover: begins, on west/sql-1\n"
                  "799 failover: done\n"
                  "799 : users are served\n"
                  "799 : full speed\n");
}
