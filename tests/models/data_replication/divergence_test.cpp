/// Blocks in which two copies differ after both were written to, each block once.

#include <cmath>

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

constexpr std::int64_t block = 512 << 10;

/// 2,048 blocks of data in a volume of twice as many, all of it written to, a block at a time.
DirtyBlockConfig gibibyte() {
  DirtyBlockConfig config;
  config.size = 2_GiB;
  config.data = config.working_set = 1_GiB;
  config.write_size = Bytes::of(block);
  return config;
}

/// Of so many that are hit alike.
double occupied(double blocks, double hits) { return blocks * (1 - std::pow(1 - 1 / blocks, hits)); }

}  // namespace

TEST_CASE("divergence: writes anywhere differ where either side was hit", "[data_replication][analytic]") {
  const DirtyBlocks blocks(gibibyte());
  CHECK(blocks.diverged(0, 1000 * block, 500 * block) == std::llround(occupied(2048, 1500)));
  CHECK(blocks.diverged(0, 500 * block, 1000 * block) == blocks.diverged(0, 1000 * block, 500 * block));
  CHECK(blocks.diverged(0, 0, 700 * block) == blocks.changed(0, 700 * block));
  CHECK(blocks.diverged(0, 0, 0) == 0);
  CHECK(blocks.diverged(0, 1'000'000 * block, 1'000'000 * block) == 2048);
}

TEST_CASE("divergence: a hot part is hit by its share of both", "[data_replication][analytic]") {
  DirtyBlockConfig config = gibibyte();
  config.hot_writes = Ratio{0.8};
  config.hot_set = Ratio{0.125};  // 256 blocks
  const DirtyBlocks blocks(config);
  CHECK(blocks.diverged(0, 300 * block, 200 * block) == std::llround(occupied(256, 400)) + std::llround(occupied(1792, 100)));
}

TEST_CASE("divergence: logs go on from the same block on both sides", "[data_replication][analytic]") {
  DirtyBlockConfig config = gibibyte();
  config.pattern = WritePattern::sequential;
  const DirtyBlocks blocks(config);
  CHECK(blocks.diverged(100 * block, 300 * block, 500 * block) == 500);
  CHECK(blocks.diverged(100 * block, 500 * block, 300 * block) == 500);
  CHECK(blocks.diverged(0, 3000 * block, 5000 * block) == 2048);  // round and round
}

TEST_CASE("divergence: new data lands on the same blocks on both sides, until the volume is full", "[data_replication][analytic]") {
  DirtyBlockConfig config = gibibyte();
  config.working_set = {};
  config.new_data = Ratio{1};
  const DirtyBlocks blocks(config);
  CHECK(blocks.diverged(0, 300 * block, 500 * block) == 500);
  // Full after 2,048 blocks; what is written beyond falls anywhere: 100 and 200 of the 4,096.
  CHECK(blocks.diverged(2000 * block, 148 * block, 248 * block) == 48 + std::llround(occupied(4096, 300)));
}

TEST_CASE("divergence: a partial way back sends what either side took since the recovery point", "[data_replication][analytic]") {
  auto config = sites();
  StoreConfig store = store_named("orders");
  store.blocks.write_size = Bytes::of(block);  // 204,800 blocks, two of them hit each second
  const DataId data = add(config, store);
  DataWorld world(std::move(config));
  // Data of 1 h is there when the Region is lost at 2 h; users are served from 3 h on, the way back begins at 4 h.
  world.sim.run_until(Time::at(2_h));
  world.model.given_up(data);
  world.sim.run_until(Time::at(3_h));
  world.model.failed_over(data);
  world.sim.run_until(Time::at(4_h));
  const Divergence since{.point = Time::at(1_h), .stopped = Time::at(2_h), .resumed = Time::at(3_h)};
  const Bytes differ = Bytes::of(block) * std::llround(occupied(204'800, 2 * 7200));
  CHECK(world.model.diverged(data, since, Time::at(4_h)) == differ);
  CHECK(world.model.fail_back(data, there, here, Resync::partial, since, mib_per_second(100)) == differ);
}

TEST_CASE("divergence: in a branch, what the run wrote while nobody would have been served does not count", "[data_replication][analytic]") {
  auto config = sites();
  StoreConfig store = store_named("orders");
  store.blocks.write_size = Bytes::of(block);
  const DataId data = add(config, store);
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(10_h));
  const Divergence since{.point = Time::at(1_h), .stopped = Time::at(2_h), .resumed = Time::at(3_h)};
  CHECK(world.model.diverged(data, since, Time::at(4_h)) == Bytes::of(block) * std::llround(occupied(204'800, 2 * 7200)));
}
