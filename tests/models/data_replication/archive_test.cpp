/// The archive tier: full snapshots, each by itself, that come back late.

#include "fleetsim/models/data_replication/terms.hpp"
#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// A snapshot each day, the newest two in the standard tier, then every other one in the archive for 90 days.
DataReplicationConfig daily() {
  auto config = sites();
  config.run_length = 120_d;
  const DataId data = add(config, store_named("orders"));
  PolicyConfig policy = policy_for(data, "rate(1 day)", 0_s);
  policy.retention.count = 2;
  policy.archive = ArchiveConfig{.every = 2, .keep = 90_d};
  config.policies.push_back(policy);
  return config;
}

}  // namespace

TEST_CASE("archive: what retention no longer keeps is held in full until its time is over", "[data_replication][analytic]") {
  DataWorld world(daily());
  // The snapshots of days 1 to 8 have left the standard tier by day 10, those of 1, 3, 5 and 7 for the archive, two days after.
  world.sim.run_until(Time::at(10_d));
  CHECK(world.model.archived(0).now == 400_GiB);
  CHECK(world.model.archived(0).byte_nanoseconds == static_cast<Int128>((100_GiB).count()) * (1_d).count() * (7 + 5 + 3 + 1));
  // That of day 1 came on day 3 and goes on day 93; those of up to day 91 have left then.
  world.sim.run_until(Time::at(92_d + 12_h));
  CHECK(world.model.archived(0).now == 100_GiB * 45);
  world.sim.run_until(Time::at(93_d + 12_h));
  CHECK(world.model.archived(0).now == 100_GiB * 45);  // day 1 is gone, day 91 is there
  world.sim.run_until(Time::at(94_d + 12_h));
  CHECK(world.model.archived(0).now == 100_GiB * 45);
  // In the standard tier two are left: all of the data, and of that what a day changed.
  CHECK(world.model.stored(0, here).now <= 200_GiB);
}

TEST_CASE("archive: old data comes from there, after a time", "[data_replication][analytic]") {
  DataWorld world(daily());
  world.sim.run_until(Time::at(10_d + 12_h));
  const auto newest = [&](Duration before) {
    const Time at = Time::at(10_d + 12_h);
    return world.model.newest(DataId{0}, here, PointQuery{.at = at, .not_after = at - before});
  };
  REQUIRE(newest({}));
  CHECK(newest({})->point == Time::at(10_d));
  CHECK(newest({})->retrieval == Duration{});
  REQUIRE(newest(4_d));
  CHECK(newest(4_d)->point == Time::at(5_d));  // the newest of days 1, 3 and 5
  CHECK(newest(4_d)->retrieval == 72_h);
  CHECK_FALSE(newest(10_d));
  CHECK(world.model.histories(DataId{0}, here).size() == 1);
}

TEST_CASE("archive: data older than the standard tier's is two days apart, and kept as much longer", "[data_replication][analytic]") {
  const DataReplicationConfig config = daily();
  CHECK(protection_terms(config, DataId{0}, here, 1_d).size() == 1);
  const std::vector<ProtectionTerms> terms = protection_terms(config, DataId{0}, here, 30_d);
  REQUIRE(terms.size() == 2);
  CHECK(terms[1].interval == 2_d);
  CHECK(terms[1].worst() == 32_d);
  CHECK(terms[1].kept == 92_d);
  CHECK(terms[1].retrieval == 72_h);
  CHECK(terms[0].retrieval == Duration{});
}

TEST_CASE("archive: an intruder deletes what is there too", "[data_replication]") {
  DataWorld world(daily());
  world.sim.run_until(Time::at(10_d + 12_h));
  CHECK(world.model.deleted_early(0) == 0);
  world.model.account_compromised(0);
  CHECK(world.model.archived(0).now == Bytes{});
  // Those of days 1, 3, 5 and 7 came on days 3, 5, 7 and 9: of 90 days so many are left.
  const Duration left = (3_d + 5_d + 7_d + 9_d) + 90_d * 4 - (10_d + 12_h) * 4;
  CHECK(world.model.deleted_early(0) == static_cast<Int128>((100_GiB).count()) * left.count());
  CHECK_FALSE(world.model.newest(DataId{0}, here, PointQuery{.at = world.sim.now(), .not_after = Time::at(6_d)}));
  world.sim.run_until(Time::at(11_d + 12_h));
  world.model.account_back(0);
  world.run();
  CHECK(world.model.archived(0).now > Bytes{});
}

TEST_CASE("archive: one that is deleted when its time is over costs no more", "[data_replication][analytic]") {
  DataWorld world(daily());
  world.run();
  CHECK(world.model.deleted_early(0) == 0);
}
