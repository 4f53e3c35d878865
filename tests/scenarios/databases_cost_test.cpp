// What managed databases cost: their hours and storage, their backups, and what a plan brings up elsewhere. Each figure by hand.

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "scenarios/run_text.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using test::run_text;
using test::value;
using Catch::Matchers::WithinAbs;

namespace {

/// A database with a price of 2 USD/h for its instance, and one for storage of 0.10 USD for a GiB and month.
const std::string priced = R"(
fleetsim: 1
name: a database with a price
run: {start: 2024-01-01T00:00:00Z, duration: 10d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a, us-east-1b]}
  us-west-2: {zones: [us-west-2a]}
region_links: [{between: [us-east-1, us-west-2], transfer: 0 USD/GB}]
protection:
  prices: {database_gib_month: 0.10 USD, database_backup_gib_month: 0 USD}
  databases: {orders: {size: 360 GiB, data: 100 GiB, zone: us-east-1a, instance_price: 2 USD/h, writes: {rate: 0 B/s}MORE}}
OTHERenvironments:
  production: {region: us-east-1, databases: {orders: {zone: us-east-1a}}}
  copy: {clone_of: production, region: us-west-2}
recovery:
  plan: {protects: production, target: copy, steps: {bring: {kind: KIND, of: [orders], duration: 1h}}}
faults: {loss: {kind: region, regions: [us-east-1], at: [5d30m]}}
)";

double line_of(const RunResult& result, std::string_view resource) {
  double cost = 0;
  for (const ResultLedgerLine& line : result.ledger) cost += line.resource == resource ? line.cost_usd : 0;
  return cost;
}

RunResult run_priced(std::string_view kind, std::string_view of_the_database, std::string_view other = "") {
  std::string text = priced;
  text.replace(text.find("MORE"), 4, of_the_database);
  text.replace(text.find("OTHER"), 5, other);
  text.replace(text.find("KIND"), 4, kind);
  return run_text(text);
}

}  // namespace

TEST_CASE("databases: one with a price is charged for its hours and storage, as are its standby and replica", "[scenarios][analytic]") {
  const RunResult result = run_priced("promote", ", deployment: multi_az, standby_zones: [us-east-1b], read_replicas: [{region: us-west-2, instance_price: 1 USD/h}]");
  const double month = 360 * 0.10 / 3;  // of ten days
  CHECK_THAT(line_of(result, "database orders"), WithinAbs(240 * 2.0, 1e-6));
  CHECK_THAT(line_of(result, "storage of orders"), WithinAbs(month, 1e-6));
  CHECK_THAT(line_of(result, "database orders-standby"), WithinAbs(240 * 2.0, 1e-6));
  CHECK_THAT(line_of(result, "disks of orders-standby"), WithinAbs(month, 1e-6));
  CHECK_THAT(line_of(result, "database orders-replica"), WithinAbs(240 * 1.0, 1e-6));
  CHECK_THAT(line_of(result, "disks of orders-replica"), WithinAbs(month, 1e-6));
  // The replica was charged for before it was promoted, and is after.
  CHECK(value(result, "cost.failover") == 0);
  CHECK_THAT(value(result, "cost.total"), WithinAbs(240 * 5.0 + 3 * month, 1e-6));
}

TEST_CASE("databases: one that is restored elsewhere, or promoted out of a stream, is charged for once it stands", "[scenarios][analytic]") {
  const double hours = 5 * 24 - 0.5;  // from the disaster to the end of the run
  const RunResult restored = run_priced("restore", ", automated_backups: {replicate_to: [{region: us-west-2}]}");
  CHECK_THAT(line_of(restored, "failover of plan: databases"), WithinAbs((hours - 1) * 2, 1e-6));
  CHECK_THAT(line_of(restored, "failover of plan: volumes restored"), WithinAbs(360 * 0.10 * hours / 720, 1e-6));
  CHECK_THAT(value(restored, "cost.failover"), WithinAbs((hours - 1) * 2 + 360 * 0.10 * hours / 720, 1e-6));
  const RunResult promoted = run_priced("promote", "", "  streams: {live: {protects: orders, region: us-west-2}}\n");
  CHECK_THAT(line_of(promoted, "failover of plan: databases"), WithinAbs((hours - 1) * 2, 1e-6));
  CHECK_THAT(value(promoted, "cost.failover"), WithinAbs((hours - 1) * 2, 1e-6));  // its disks are the stream's, and stand all the time
}

TEST_CASE("databases: backups are free up to the size of all databases of a Region together", "[scenarios][analytic]") {
  const auto backups = [&](const char* big_size) {
    return run_text(fmt::format(R"(
fleetsim: 1
name: backups of two databases
run: {{start: 2024-01-01T00:00:00Z, duration: 36d, warm_up: 6d, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a]}}
  us-west-2: {{zones: [us-west-2a]}}
protection:
  databases:
    big: {{size: {}, data: 20 GiB, zone: us-east-1a, writes: {{rate: 0 B/s}}}}
    busy: {{size: 50 GiB, data: 50 GiB, zone: us-east-1a, writes: {{rate: 10 MB/s, working_set: 50 GiB}}}}
    far: {{size: 1000 GiB, data: 10 GiB, zone: us-west-2a, writes: {{rate: 0 B/s}}}}
  policies:
    daily: {{protects: [big, busy], schedule: rate(1 day), snapshot: {{time: 0s}}, retain: {{count: 4}}}}
    daily-far: {{protects: [far], schedule: rate(1 day), snapshot: {{time: 0s}}, retain: {{count: 4}}}}
)", big_size));
  };
  // Four snapshots, a day apart, of what is wholly overwritten each day: 200 GiB are held, 150 beyond its own size.
  const RunResult alone = backups("20 GiB");
  CHECK_THAT(line_of(alone, "snapshots of busy at us-east-1"), WithinAbs(150 * 0.095, 0.15));
  CHECK(line_of(alone, "snapshots of big at us-east-1") == 0);
  // Of 120 GiB the other one uses 20, and leaves 100.
  const RunResult pooled = backups("120 GiB");
  CHECK_THAT(line_of(pooled, "snapshots of busy at us-east-1"), WithinAbs(line_of(alone, "snapshots of busy at us-east-1") - 100 * 0.095, 1e-6));
  CHECK(line_of(backups("500 GiB"), "snapshots of busy at us-east-1") == 0);
}

TEST_CASE("databases: backups up to its size are free where it runs, and charged elsewhere", "[scenarios][analytic]") {
  const RunResult result = run_text(R"(
fleetsim: 1
name: backups of a database
run: {start: 2024-01-01T00:00:00Z, duration: 32d, warm_up: 2d, replications: 1}
regions:
  us-east-1: {zones: [us-east-1a]}
  us-west-2: {zones: [us-west-2a]}
protection:
  databases: {orders: {size: 100 GiB, data: 80 GiB, zone: us-east-1a, writes: {rate: 0 B/s}}}
  policies: {daily: {protects: [orders], schedule: rate(1 day), copies: [{region: us-west-2}]}}
)");
  double here = 0, there = 0;
  for (const ResultLedgerLine& line : result.ledger) {
    if (line.resource == "snapshots of orders at us-east-1") here += line.cost_usd;
    if (line.resource == "snapshots of orders at us-west-2") there += line.cost_usd;
  }
  CHECK(here == 0);
  CHECK_THAT(there, WithinAbs(80 * 0.095, 1e-6));  // GiB for a month of 30 days
}

TEST_CASE("databases: a promoted replica is the primary, and a new one is copied in full after the return", "[scenarios][analytic]") {
  const auto with = [&](const char* replica, const char* losses) {
    return run_text(fmt::format(R"(
fleetsim: 1
name: there and back
run: {{start: 2024-01-01T00:00:00Z, duration: 10d, replications: 1}}
regions:
  us-east-1: {{zones: [us-east-1a]}}
  us-west-2: {{zones: [us-west-2a]}}
region_links: [{{between: [us-east-1, us-west-2], transfer: 0.02 USD/GB}}]
protection:
  databases: {{orders: {{size: 100 GiB, zone: us-east-1a, {}: [{{region: us-west-2, lag: 0s}}], writes: {{rate: 1 MB/s}}}}}}
environments:
  production: {{region: us-east-1, databases: {{orders: {{zone: us-east-1a}}}}}}
  copy: {{clone_of: production, region: us-west-2}}
recovery:
  plan:
    protects: production
    target: copy
    steps: {{bring: {{kind: promote, of: [orders], duration: 1h}}}}
    failback: {{bandwidth: 100 MB/s, switch_duration: 0s}}
faults: {{loss: {{kind: region, regions: [us-east-1], at: [{}], duration: 1d}}}}
)", replica, losses));
  };
  const double all = 100.0 * 1024 * 1024 * 1024;
  // Lost at 5d, served from 1 h later on, the source up at 6d. All goes back, for no old primary takes changes only: at 100 MB/s
  // less the 1 that is written.
  const double back = 86'400 + all / 99e6;
  const double at_home = 10 * 86'400 - back;
  for (const char* replica : {"read_replicas", "global"}) {
    INFO(replica);
    const bool anew = std::string_view(replica) == "read_replicas";
    const std::string name = anew ? "data.orders-replica" : "data.orders-global";
    const RunResult once = with(replica, "5d");
    CHECK_THAT(value(once, "recovery.plan.failback_data") * 1e9, WithinAbs(all, 1));
    CHECK_THAT(value(once, "recovery.plan.ready_again_after"), WithinAbs(back, 1));
    CHECK_THAT(value(once, name + ".primary"), WithinAbs((back - 3600) / 864'000, 1e-6));
    // A new replica takes the whole database once, over its own 125 MB/s; a global database goes on from what it sent.
    const double sent = at_home * 1e6 + (anew ? all : 0);
    CHECK(value(once, name + ".copied_anew") == (anew ? 1 : 0));
    CHECK_THAT(value(once, name + ".sent") * 1e9, WithinAbs(sent, 3e6));
    CHECK_THAT(value(once, name + ".lag_max"), WithinAbs(anew ? all / 124e6 : 0, 1));
    CHECK(value(once, name + ".backlog") == 0);
    const std::string line = anew ? "replication orders-replica from us-east-1 to us-west-2" : "replication orders-global from us-east-1 to us-west-2";
    CHECK_THAT(line_of(once, line), WithinAbs(sent / 1e9 * 0.02, 1e-3));
    // Lost once more half an hour after the source was up: the new replica is not whole yet, and the promoted one held all up to
    // the return.
    const RunResult twice = with(replica, "5d, 6d30m");
    CHECK(value(twice, "recovery.plan.disasters") == 2);
    CHECK_THAT(value(twice, "recovery.plan.rpa.max"), WithinAbs(anew ? 1800 - all / 99e6 : 0, 1));
  }
}
