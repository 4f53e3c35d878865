/// The recovery point in closed form, against runs.

#include "fleetsim/models/data_replication/terms.hpp"
#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

DataReplicationConfig with_limit(std::int64_t pending, Duration snapshot) {
  auto config = sites();
  StoreConfig store = store_named("orders");
  store.snapshots_pending_max = pending;
  const DataId data = add(config, store);
  config.policies.push_back(policy_for(data, "rate(1 hour)", snapshot, 10_min));
  return config;
}

}  // namespace

TEST_CASE("terms: where snapshots take longer than the limit on pending ones allows, points are further apart",
          "[data_replication][analytic]") {
  struct Row {
    std::int64_t pending;
    Duration snapshot, interval;
  };
  // With one pending and 90 minutes each, every other is refused; five that take six hours leave out one in six.
  for (const Row& row : {Row{1, 60_min, 1_h}, Row{1, 90_min, 2_h}, Row{1, 2_h + 1_s, 3_h}, Row{5, 5_h, 1_h}, Row{5, 6_h, 2_h}}) {
    INFO("pending " << row.pending << ", each takes " << to_seconds(row.snapshot) << " s");
    DataWorld world(with_limit(row.pending, row.snapshot));
    const ProtectionTerms terms = protection_terms(world.config, DataId{0}, there).front();
    CHECK(terms.interval == row.interval);
    CHECK(terms.worst() == row.interval + row.snapshot + 10_min);
    world.run();
    const PointAges ages = world.model.history(0, DataId{0}, there).ages(Time::at(2_d), Time::at(30_d));
    CHECK(ages.age_max == terms.worst());
    CHECK(ages.age_min == terms.best());
  }
}

TEST_CASE("blocks: on a volume that is full new data falls on what is there", "[data_replication][analytic]") {
  DirtyBlockConfig config;
  config.size = 10_GiB;
  config.data = 9_GiB;
  config.new_data = Ratio{1};
  const DirtyBlocks blocks(config);
  const std::int64_t gib = (1_GiB).count();
  CHECK(blocks.changed(0, gib) == 2048);  // all new: a GiB of 512 KiB
  CHECK(blocks.written(2 * gib) == 20480);
  const std::int64_t after = blocks.changed(gib, 2 * gib);
  CHECK(after > 2048);  // 65,536 writes of 16 KiB anywhere in 20,480 blocks
  CHECK(after <= 20480);
  CHECK(blocks.changed(0, 2 * gib) <= 20480);
}

TEST_CASE("terms: of data that must be old the newest point is so old, or older by an interval", "[data_replication][analytic]") {
  DataWorld world(with_limit(5, 5_min));  // usable after 15 minutes
  world.run();
  struct Row {
    Duration before, best, mean, worst;
  };
  for (const Row& row : {Row{{}, 15_min, 45_min, 75_min}, Row{10_min, 15_min, 45_min, 75_min}, Row{3_d, 3_d, 3_d + 30_min, 3_d + 1_h}}) {
    INFO("at least " << to_seconds(row.before) << " s old");
    const ProtectionTerms terms = protection_terms(world.config, DataId{0}, there, row.before).front();
    CHECK(terms.best() == row.best);
    CHECK(terms.mean() == row.mean);
    CHECK(terms.worst() == row.worst);
    // By the interval alone: of hourly points one is kept that is an hour older than what is asked for.
    CHECK(terms.valid_by_interval(row.before + 1_h));
    CHECK_FALSE(terms.valid_by_interval(row.before + 1_h - 1_ns));
    Duration youngest = 30_d, oldest;
    for (Time at = Time::at(10_d); at < Time::at(11_d); at += 1_min) {
      const auto newest = world.model.newest(DataId{0}, there, PointQuery{.at = at, .not_after = at - row.before});
      REQUIRE(newest);
      youngest = std::min(youngest, at - newest->point);
      oldest = std::max(oldest, at - newest->point);
    }
    CHECK(youngest == terms.best());
    CHECK(oldest + 1_min == terms.worst());
  }
}
