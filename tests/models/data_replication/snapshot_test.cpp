/// Snapshots: what they hold, against a store followed block by block; limits; retention; copies.

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "models/data_replication/harness.hpp"
#include "models/data_replication/engine.hpp"
#include "models/data_replication/snapshot_chain.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

constexpr Bytes block = 512_KiB;

DirtyBlockConfig sequential(std::int64_t blocks) {
  return {.size = block * blocks, .data = block * blocks, .block = block, .write_size = block, .working_set = block * blocks,
          .hot_writes = {}, .hot_set = {}, .new_data = {}, .pattern = WritePattern::sequential};
}

}  // namespace

TEST_CASE("snapshots: the examples of the EC2 user guide", "[data_replication][table]") {
  // 10 GiB written, then 4 changed, then 2 added: 10 + 4 + 2 = 16 stored.
  const DirtyBlocks volume({.size = 20_GiB, .data = 10_GiB, .working_set = 4_GiB, .new_data = Ratio{0},
                            .pattern = WritePattern::sequential});
  SnapshotChain chain(volume);
  CHECK(volume.block() * chain.add(Time::at(1_h), 0, 1, false) == 10_GiB);
  CHECK(volume.block() * chain.add(Time::at(2_h), (4_GiB).count(), 2, false) == 4_GiB);
  CHECK(volume.block() * chain.add(Time::at(3_h), (6_GiB).count(), 3, false) == 2_GiB);
  CHECK(volume.block() * chain.stored() == 16_GiB);

  // 200 GiB volume with 50 GiB of data: 50. Then 20 changed and 10 new: 30.
  const DirtyBlocks growing({.size = 200_GiB, .data = 50_GiB, .working_set = 20_GiB, .new_data = Ratio{1.0 / 3},
                             .pattern = WritePattern::sequential});
  CHECK(growing.block() * growing.written(0) == 50_GiB);
  CHECK(growing.block() * growing.changed(0, (30_GiB).count()) == 30_GiB);
}

TEST_CASE("snapshots: one with older data that arrives later is put in its place", "[data_replication][property]") {
  std::mt19937_64 random(11);
  const DirtyBlocks volume(sequential(50));
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<Time, std::int64_t>> marks;
    std::int64_t mark = 0;
    for (int i = 0; i < 8; ++i) {
      mark += static_cast<std::int64_t>(random() % 30) * block.count();
      marks.emplace_back(Time::at(1_h * i), mark);
    }
    SnapshotChain ordered(volume), shuffled(volume);
    for (std::size_t i = 0; i < marks.size(); ++i) ordered.add(marks[i].first, marks[i].second, i, false);
    std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6, 7};
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) shuffled.add(marks[i].first, marks[i].second, i, false);
    CHECK(shuffled.stored() == ordered.stored());
  }
}

TEST_CASE("snapshots: random writes change as many blocks as a simulated volume does", "[data_replication][stochastic]") {
  // 1000 writes on a hot part of 200 blocks with 80 % of them and on 1800 others with 20 %.
  const DirtyBlocks volume({.size = block * 2000, .data = block * 2000, .block = block, .write_size = 16_KiB,
                            .working_set = block * 2000, .hot_writes = Ratio{0.8}, .hot_set = Ratio{0.1}, .new_data = {},
                            .pattern = WritePattern::random});
  const std::int64_t writes = 1000;
  const auto expected = static_cast<double>(volume.changed(0, (16_KiB).count() * writes));
  std::mt19937_64 random(3);
  double sum = 0, squares = 0;
  const int runs = 400;
  for (int r = 0; r < runs; ++r) {
    std::set<std::uint64_t> touched;
    for (int w = 0; w < writes; ++w) touched.insert(w % 10 < 8 ? random() % 200 : 200 + random() % 1800);
    const auto n = static_cast<double>(touched.size());
    sum += n;
    squares += n * n;
  }
  const double mean = sum / runs, error = std::sqrt((squares / runs - mean * mean) / (runs - 1));
  // One block more for the rounding of either part.
  CHECK(std::abs(mean - expected) < 4 * error + 1);
}

TEST_CASE("snapshots: the sixth pending one of gp3 and the second of st1 are refused", "[data_replication][table]") {
  for (const auto& [limit, s, refused] : {std::tuple<std::int64_t, Duration, std::int64_t>{5, 25_min, 0}, {5, 25_min + 1_s, 1},
                                          {1, 5_min, 0}, {1, 5_min + 1_s, 1}}) {
    auto config = sites();
    config.run_length = 1_h;
    StoreConfig store = store_named("orders");
    store.snapshots_pending_max = limit;
    const DataId data = add(config, store);
    config.policies.push_back(policy_for(data, "rate(5 minutes)", s));
    DataWorld world(std::move(config));
    world.run();
    // A snapshot that is completed at the instant of the next call is pending no more.
    CHECK((world.model.statistics(0).snapshots_refused > 0) == (refused > 0));
  }
}

TEST_CASE("snapshots: one failure puts a whole set in error", "[data_replication]") {
  auto config = sites();
  add(config, store_named("a"));
  add(config, store_named("b"));
  config.data.push_back({"set", {0, 1}});
  PolicyConfig policy = policy_for(DataId{2}, "rate(1 hour)", 1_min);
  policy.failure = Ratio{0.5};
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  const PolicyStatistics& counted = world.model.statistics(0);
  CHECK(counted.snapshots + counted.snapshots_failed == 719);  // the one of the last instant is pending
  // 719 fair coins: within four standard deviations of the mean.
  CHECK(std::abs(static_cast<double>(counted.snapshots_failed) - 719 * 0.5) < 4 * std::sqrt(719 * 0.25));
  // The points of the set are those of each volume.
  CHECK(world.model.newest(DataId{0}, here, Time::at(30_d))->point == world.model.newest(DataId{2}, here, Time::at(30_d))->point);
}

TEST_CASE("retention: by count the newest stay, by age those young enough, and always the newest", "[data_replication][table]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  PolicyConfig by_count = policy_for(data, "rate(1 hour)", 1_min, 1_min);
  by_count.retention.count = 3;
  by_count.copies[0].retention.age = 90_min;
  config.policies.push_back(by_count);
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(10_h + 30_min));
  const auto kept = [&](SiteId site) {
    std::vector<Duration> points;
    for (const KeptPoint& p : world.model.histories(data, site).front()->points()) {
      if (p.usable <= world.sim.now() && p.gone > world.sim.now()) points.push_back(p.point.since_start());
    }
    return points;
  };
  CHECK(kept(here) == std::vector{8_h, 9_h, 10_h});
  CHECK(kept(there) == std::vector{10_h});  // 9 h was 90 minutes old at 10:30
  world.sim.run_until(Time::at(10_h + 30_min) + 29_min);
  CHECK(kept(there) == std::vector{10_h});
}

TEST_CASE("copies: the twenty-first at once to a Region is refused and tried again", "[data_replication][table]") {
  auto config = sites();
  config.run_length = 3_h;
  for (int i = 0; i < 21; ++i) add(config, store_named("v" + std::to_string(i)));
  PolicyConfig policy = policy_for(DataId{0}, "rate(2 hours)", 0_s, 90_s);
  for (std::uint32_t i = 1; i < 21; ++i) policy.protects.push_back({i});
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  // Refused at 2:00:00 and 2:01:00; the slot is free from 2:01:30 on, the third attempt is at 2:02:00.
  CHECK(world.model.statistics(0).copies_refused == 2);
  CHECK(world.model.statistics(0).copies == 21);
  CHECK(world.model.histories(DataId{20}, there).front()->points()[0].usable == Time::at(2_h + 2_min + 90_s));
}

TEST_CASE("copies: those of one lineage wait for each other", "[data_replication]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  config.policies.push_back(policy_for(data, "rate(1 hour)", 0_s, 90_min));
  DataWorld world(std::move(config));
  world.run();
  const auto points = world.model.histories(data, there).front()->points();
  for (std::size_t i = 1; i < 400; ++i) CHECK(points[i].usable - points[i - 1].usable == 90_min);
}

TEST_CASE("copies: the first is full, later ones hold changes, after a new key or a lost copy it is full again",
          "[data_replication][table]") {
  auto config = sites();
  config.run_length = 10_h;
  StoreConfig store = store_named("orders");
  store.blocks.pattern = WritePattern::sequential;  // 3600 MiB an hour, each block once
  const DataId data = add(config, store);
  PolicyConfig policy = policy_for(data, "rate(1 hour)", 0_s, 1_min);
  policy.copies[0].key_changes = {Time::at(5_h + 30_min)};
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  const auto sent = [&] { return Bytes::of(static_cast<std::int64_t>(world.model.transferred(here, there).count())); };
  world.sim.run_until(Time::at(1_h + 2_min));
  CHECK(sent() == 100_GiB);
  world.sim.run_until(Time::at(5_h + 2_min));
  CHECK(sent() == 100_GiB + 3600_MiB * 4);
  world.sim.run_until(Time::at(6_h + 2_min));
  CHECK(sent() == 200_GiB + 3600_MiB * 4);
  world.run();
  CHECK(sent() == 200_GiB + 3600_MiB * 8);
  CHECK(world.model.statistics(0).copies_full == 2);
}

TEST_CASE("copies: time-based ones are in time while the quota lasts", "[data_replication][table]") {
  // 225,000 MiB in 15 minutes is 250 MiB/s: eight fit into 2,000 MiB/s, the ninth finds nothing left.
  auto config = sites();
  config.run_length = 4_h;
  for (int i = 0; i < 9; ++i) {
    StoreConfig store = store_named("v" + std::to_string(i));
    store.blocks.size = store.blocks.data = store.blocks.working_set = 225'000_MiB;
    add(config, store);
  }
  PolicyConfig policy = policy_for(DataId{0}, "rate(3 hours)", 0_s, 0_s);
  policy.copies[0].whole.reset();
  policy.copies[0].complete_within = 15_min;
  for (std::uint32_t i = 1; i < 9; ++i) policy.protects.push_back({i});
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  for (std::uint32_t i = 0; i < 8; ++i) {
    CHECK(world.model.histories(DataId{i}, there).front()->points()[0].usable == Time::at(3_h + 15_min));
  }
  CHECK(world.model.histories(DataId{8}, there).front()->points()[0].usable == Time::at(3_h + 30_min));
  CHECK(world.model.statistics(0).copies_refused == 15);
}

TEST_CASE("copies: two share a link, and the bytes that arrive are the bytes that were sent", "[data_replication][analytic]") {
  auto config = sites();
  config.run_length = 39_h;
  config.links[0].bandwidth = mib_per_second(100);
  add(config, store_named("a"));
  add(config, store_named("b"));
  PolicyConfig policy = policy_for(DataId{0}, "rate(20 hours)", 0_s, 0_s);
  policy.protects.push_back({1});
  policy.copies[0].whole.reset();
  policy.copies[0].rate = {mib_per_second(100), 0, mib_per_second(500)};
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  // 100 GiB each at 50 MiB/s: 2048 s.
  for (const std::uint32_t i : {0U, 1U}) {
    CHECK(world.model.histories(DataId{i}, there).front()->points()[0].usable == Time::at(20_h + 2048_s));
  }
  CHECK(Bytes::of(static_cast<std::int64_t>(world.model.transferred(here, there).count())) == 200_GiB);
}

TEST_CASE("copies: the example of the RDS user guide, key by key", "[data_replication][table]") {
  // Snapshots S1 to S4 under one key; S2 copied to K2's Region as S2C under K3, S3 and S4 after it under K3, S4 again under K4.
  bool copied = false, kept = false;
  std::string key;
  const auto copy = [&](const std::string& under) {
    const bool incremental = copy_is_incremental(copied, kept, key == under);
    copied = kept = true;
    key = under;
    return incremental;
  };
  CHECK_FALSE(copy("K2"));  // S1C
  CHECK_FALSE(copy("K3"));  // S2C
  CHECK(copy("K3"));        // S3C, of S2C
  CHECK(copy("K3"));        // S4C, of S3C
  CHECK_FALSE(copy("K4"));  // S4C2
  kept = false;             // the newest copy is deleted
  CHECK_FALSE(copy("K4"));
}

TEST_CASE("snapshots: the same seed gives the same run, another seed another", "[data_replication][determinism]") {
  const auto copied_at = [](std::uint64_t seed) {
    auto config = sites();
    const DataId data = add(config, store_named("orders"));
    PolicyConfig policy = policy_for(data, "rate(1 hour)", 0_s, 0_s);
    policy.timing.whole.reset();
    policy.copies[0].whole.reset();
    config.policies.push_back(policy);
    DataWorld world(std::move(config), seed);
    world.run();
    std::vector<Time> usable;
    for (const KeptPoint& point : world.model.history(0, data, there).points()) usable.push_back(point.usable);
    return usable;
  };
  CHECK(copied_at(1) == copied_at(1));
  CHECK(copied_at(1) != copied_at(2));
}

TEST_CASE("faults: a lost Region takes no snapshots; when it is back they go on, and what was kept is kept", "[data_replication]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  config.policies.push_back(policy_for(data, "rate(1 hour)", 10_min, 10_min));
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(5_h + 5_min));
  world.model.region_lost(east);  // the snapshot of 5:00 fails
  world.sim.run_until(Time::at(8_h + 30_min));
  world.model.region_back(east);
  world.run();
  CHECK(world.rpa(there, Time::at(8_h)) == 4_h);
  CHECK(world.model.statistics(0).snapshots_failed == 1);
  CHECK(world.model.statistics(0).snapshots_skipped == 3);
  CHECK(world.rpa(there, Time::at(9_h + 20_min)) == 20_min);
  // Nothing was written while it was down.
  CHECK(world.model.written_between(data, Time::at(5_h + 5_min), Time::at(8_h + 30_min)) == Bytes{});
}
