/// Copies of copies, keys that cannot be used, what time-based copies cost.

#include "fleetsim/models/data_replication/settings.hpp"
#include "fleetsim/models/data_replication/terms.hpp"
#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

constexpr Bytes hourly_changes = 3600_MiB;  // 1 MiB/s, each block once

/// Hourly snapshots that take 5 minutes; copies `there` that take 10, and copies of those in the vault that take 20.
DataReplicationConfig chained(bool database = false) {
  auto config = sites();
  StoreConfig store = store_named("orders");
  store.blocks.pattern = WritePattern::sequential;
  store.database = database;
  const DataId data = add(config, store);
  PolicyConfig policy = policy_for(data, "rate(1 hour)", 5_min, 10_min);
  policy.copies.push_back(policy.copies[0]);
  policy.copies[1].site = vault;
  policy.copies[1].from = 0;
  policy.copies[1].whole = 20_min;
  config.policies.push_back(policy);
  return config;
}

Bytes sent(const DataWorld& world, SiteId from, SiteId to) {
  return Bytes::of(static_cast<std::int64_t>(world.model.transferred(from, to).count()));
}

}  // namespace

TEST_CASE("copies of copies: usable after both, from where the first one lies", "[data_replication][analytic]") {
  DataWorld world(chained());
  world.sim.run_until(Time::at(10_h + 59_min));
  CHECK(world.rpa(there, Time::at(10_h + 15_min)) == 15_min);
  CHECK(world.rpa(vault, Time::at(10_h + 35_min)) == 35_min);
  CHECK(world.rpa(vault, Time::at(10_h + 35_min) - 1_ns) == 95_min - 1_ns);
  const ProtectionTerms terms = protection_terms(world.config, DataId{0}, vault).front();
  CHECK(terms.best() == 35_min);
  CHECK(terms.worst() == 95_min);
  // Ten snapshots: the first copies are full, the nine after them hold an hour's changes.
  CHECK(sent(world, here, there) == 100_GiB + hourly_changes * 9);
  CHECK(sent(world, there, vault) == 100_GiB + hourly_changes * 9);
  CHECK(sent(world, here, vault) == Bytes{});
}

TEST_CASE("copies of copies: RDS makes each in full", "[data_replication][table]") {
  DataWorld world(chained(true));
  world.sim.run_until(Time::at(3_h + 59_min));
  CHECK(sent(world, here, there) == 100_GiB + hourly_changes * 2);
  CHECK(sent(world, there, vault) == 300_GiB);
}

TEST_CASE("copies of copies: go on without the source, and do not begin without the copy before", "[data_replication][analytic]") {
  DataWorld world(chained());
  world.sim.run_until(Time::at(10_h + 16_min));
  world.model.region_lost(east);  // the copy of 10:00 arrived at 10:15
  world.sim.run_until(Time::at(11_h + 30_min));
  CHECK(world.rpa(vault, Time::at(11_h)) == 1_h);
  world.model.region_back(east);
  world.sim.run_until(Time::at(12_h + 10_min));
  world.model.region_lost(west);  // the copy of 12:00 is under way
  world.model.region_back(west);
  world.sim.run_until(Time::at(13_h + 40_min));
  CHECK(world.model.statistics(0).copies_dropped == 1);
  CHECK(world.rpa(vault, Time::at(13_h + 34_min)) == 3_h + 34_min);  // neither 11:00, which was not taken, nor 12:00
  CHECK(world.rpa(vault, Time::at(13_h + 35_min)) == 35_min);
  for (const KeptPoint& point : world.model.history(0, DataId{0}, vault).points()) {
    CHECK((point.usable != Time::max() || point.gone != Time::max()));
  }
}

TEST_CASE("copies: while their key cannot be used they end in error, and the next one sends what was missed",
          "[data_replication][table]") {
  auto config = chained();
  config.policies[0].copies.pop_back();
  config.policies[0].copies[0].key_denied = {{Time::at(5_h + 30_min), 2_h}};
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(5_h + 59_min));
  const Bytes before = sent(world, here, there);
  world.sim.run_until(Time::at(7_h + 59_min));
  CHECK(world.model.statistics(0).copies_failed == 2);  // of 6:00 and 7:00
  CHECK(sent(world, here, there) == before);
  CHECK(world.rpa(here, Time::at(7_h + 30_min)) == 30_min);
  world.sim.run_until(Time::at(8_h + 59_min));
  CHECK(sent(world, here, there) == before + hourly_changes * 3);  // not in full: the copy of 5:00 is still there
  CHECK(world.rpa(there, Time::at(8_h + 15_min) - 1_ns) == 3_h + 15_min - 1_ns);
  CHECK(world.rpa(there, Time::at(8_h + 15_min)) == 15_min);
  CHECK(world.model.statistics(0).copies_failed == 2);
  CHECK(world.model.statistics(0).copies_dropped == 0);
}

TEST_CASE("copies: a time-based one costs what the last step up to its time says", "[data_replication][table]") {
  ProtectionPrices prices;
  CHECK(prices.time_based_copy(15_min) == 0.02_usd);
  CHECK(prices.time_based_copy(48_h) == 0.02_usd);
  prices.time_based_copy_steps = {{1_h, 0.01_usd}, {24_h, 0.005_usd}};
  CHECK(prices.time_based_copy(45_min) == 0.02_usd);
  CHECK(prices.time_based_copy(1_h) == 0.01_usd);
  CHECK(prices.time_based_copy(24_h - 15_min) == 0.01_usd);
  CHECK(prices.time_based_copy(48_h) == 0.005_usd);
}
