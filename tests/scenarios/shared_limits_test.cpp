// What protects data draws on the limits of the machine that the data lie on.

#include <cmath>

#include "scenarios/shipped.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinRel;

namespace {

double mean(const RunResult& result, const std::string& metric) {
  const Metric* found = result.find(metric);
  INFO(metric);
  REQUIRE(found != nullptr);
  return found->mean;
}

}  // namespace

TEST_CASE("a snapshot by a policy takes the burst of its machine, by hand", "[scenarios][storage][analytic]") {
  const RunResult result = run(test::shipped("scenarios/snapshot-of-a-database-at-two.yaml", {}));
  // In bytes and bytes/s: an m5.large has 81.25 MB/s, 593.75 for half an hour.
  const double base = 81.25e6, bucket = (593.75e6 - base) * 1800;
  const double database = 3000 * 16'384.0, snapshot = 400 * 1'048'576.0, data = 1000 * std::pow(2.0, 30);
  const double burst = bucket / (database + snapshot - base);
  CHECK_THAT(mean(result, "storage.db.instance.burst_emptied_first"), WithinRel(7200 + burst, 1e-9));
  // Then both have the same: less than the database needs.
  const double shared = (data - burst * snapshot) / (base / 2);
  CHECK_THAT(mean(result, "storage.db.load.snapshots-of-data.work_time_max"), WithinRel(burst + shared, 1e-6));
  // What waited is worked off at what the base leaves.
  const double worked_off = shared * (database - base / 2) / (base - database);
  CHECK_THAT(mean(result, "storage.db.load.oltp.wait_fraction"), WithinRel((shared + worked_off) / 86'400, 1e-6));
  CHECK_THAT(mean(result, "storage.db.load.oltp.demand_cut_by.instance_burst_empty"),
             WithinRel(shared * (database - base / 2) / database / 86'400, 1e-6));
  CHECK(mean(result, "data.nightly.snapshots") == 1);

  // Read between the volume and S3 alone it is in time, and nobody waits.
  const RunResult beside = run(test::shipped("scenarios/snapshot-of-a-database-at-two.yaml",
                                             {"protection.volumes.data.attached_to.through_instance=false"}));
  CHECK_THAT(mean(beside, "storage.db.load.snapshots-of-data.work_time_max"), WithinRel(data / snapshot, 1e-6));
  CHECK(mean(beside, "storage.db.load.oltp.wait_fraction") == 0);
}

TEST_CASE("a snapshot of a gp2 volume takes its I/O credits, by hand", "[scenarios][storage][analytic]") {
  // 300 GiB: 900 IOPS, 3,000 while 5.4 million credits last. The database does 800; a block of 512 KiB counts as two.
  const RunResult result = run(test::shipped(
      "scenarios/snapshot-of-a-database-at-two.yaml",
      {"demand.oltp.constant=800 requests/s", "storage.machines.db.volumes.data={type: gp2, size: 300 GiB}",
       "protection.volumes.data.size=300 GiB", "protection.policies.nightly.snapshot.rate=100 MiB/s"}));
  // 200 blocks a second are 400 credits: 300 a second more than come in, for 3,072 s: 921,600 of the 5.4 million, which
  // the 100 a second that the database leaves bring back.
  CHECK_THAT(mean(result, "storage.db.load.snapshots-of-data.work_time_max"), WithinRel(3072.0, 1e-6));
  CHECK(mean(result, "storage.db.load.oltp.wait_fraction") == 0);
  CHECK_THAT(mean(result, "storage.db.volume.data.burst_balance"), WithinRel(1.0, 1e-9));
  CHECK_THAT(mean(result, "storage.db.volume.data.burst_balance_min"), WithinRel(1 - 921'600 / 5.4e6, 1e-6));
  CHECK(mean(result, "storage.db.volume.data.burst_emptied") == 0);
}

TEST_CASE("a stream of an attached volume has its agent on that machine", "[scenarios][storage]") {
  const RunResult named = run(test::shipped("scenarios/replication-agent.yaml", {}));
  const RunResult attached = run(test::shipped(
      "scenarios/replication-agent.yaml",
      {"protection.streams.calm-stream.agent=null", "protection.streams.busy-stream.agent=null",
       "protection.volumes.calm-data.attached_to={machine: calm, volume: data}",
       "protection.volumes.busy-data.attached_to={machine: busy, volume: data}"}));
  CHECK(named.fingerprint == attached.fingerprint);
  for (const char* metric : {"storage.calm.load.queries.throughput", "storage.busy.load.queries.throughput",
                             "data.busy-stream.backlog_max"}) {
    CHECK(mean(named, metric) == mean(attached, metric));
  }
}
