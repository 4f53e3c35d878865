/// What a replica still gets from a source that is lost, and what is sent of a volume that was replaced.

#include <algorithm>
#include <functional>

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// 10 MiB/s are written in us-east-1 from the start of the run, over a line of 8: the stream falls 12 minutes an hour behind.
DataReplicationConfig behind() {
  auto config = sites();
  config.zone_region = {east, east};
  StoreConfig store = store_named("orders");
  store.zone = ZoneId{0};
  store.write_rate = mib_per_second(10);
  const DataId data = add(config, store);
  ReplicaConfig stream;
  stream.name = "live";
  stream.data = data;
  stream.site = vault;
  stream.bandwidth = mib_per_second(8);
  config.replicas.push_back(stream);
  return config;
}

}  // namespace

TEST_CASE("lost source: what had not been sent is not sent, and goes on when it is back", "[data_replication][analytic]") {
  struct Loss {
    const char* what;
    std::function<void(DataReplication&)> begin, end;
  };
  const Loss losses[] = {
      {"Region", [](DataReplication& m) { m.region_lost(east); }, [](DataReplication& m) { m.region_back(east); }},
      {"zone", [](DataReplication& m) { m.zone_lost(ZoneId{0}); }, [](DataReplication& m) { m.zone_back(ZoneId{0}); }},
  };
  for (const Loss& loss : losses) {
    INFO(loss.what);
    DataWorld world(behind());
    world.sim.run_until(Time::at(5_h));
    CHECK(world.rpa(vault, Time::at(5_h)) == 1_h);  // 8 of 10 MiB/s for five hours: what was written by 4 h
    loss.begin(world.model);
    world.sim.run_until(Time::at(15_h));
    CHECK(world.rpa(vault, Time::at(6_h)) == 2_h);
    CHECK(world.rpa(vault, Time::at(15_h)) == 11_h);
    CHECK(world.model.replica_statistics(0).sent == volume_of(8_MiB * (5 * 3600)));
    loss.end(world.model);
    world.model.set_write_rate(0, {});
    // 36,000 MiB wait: 75 minutes at 8 MiB/s.
    world.sim.run_until(Time::at(17_h));
    CHECK(world.model.replica_backlog(0, Time::at(16_h + 15_min) - 1_s) == 8_MiB);
    CHECK(world.model.replica_backlog(0, Time::at(16_h + 15_min)) == Bytes{});
  }
}

TEST_CASE("lost source: an intruder and a lost volume leave nothing to send on", "[data_replication][analytic]") {
  for (const bool volume : {false, true}) {
    INFO((volume ? "volume" : "account"));
    DataWorld world(behind());
    world.sim.run_until(Time::at(5_h));
    volume ? world.model.volume_lost(DataId{0}) : world.model.account_compromised(0);
    world.sim.run_until(Time::at(6_h));
    CHECK(world.rpa(vault, Time::at(6_h)) == 2_h);
    volume ? world.model.volume_back(DataId{0}) : world.model.account_back(0);
    world.model.set_write_rate(0, {});
    // Another volume of 100 GiB: all of it is sent, and until then the target stays as it was.
    world.sim.run_until(Time::at(10_h));
    const Time whole = Time::at(6_h + 12'800_s);
    CHECK(world.rpa(vault, whole - 1_s) == 2_h + 12'800_s - 1_s);
    CHECK(world.model.newest(DataId{0}, vault, whole)->in_sync);
    CHECK(world.rpa(vault, whole) == Duration{});
  }
}

TEST_CASE("lost source: a mirror in sync loses nothing with its source, and is in sync when that is back", "[data_replication][analytic]") {
  auto config = behind();
  config.replicas[0].kind = ReplicaKind::mirror;
  config.replicas[0].site = here;
  config.replicas[0].zone = ZoneId{1};
  config.replicas[0].bandwidth.reset();
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(5_h));
  world.model.zone_lost(ZoneId{0});
  world.sim.run_until(Time::at(7_h));
  CHECK(world.model.newest(DataId{0}, here, Time::at(7_h))->lost == Bytes{});
  world.model.zone_back(ZoneId{0});
  world.sim.run_until(Time::at(8_h));
  CHECK(world.model.replica_state(0, Time::at(7_h)) == ReplicaState::replicating);
  CHECK(world.rpa(here, Time::at(8_h)) == Duration{});
}

TEST_CASE("lost source: the first snapshot and the first copy of a volume that replaces another are full", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  PolicyConfig policy = policy_for(data, "rate(1 hour)", 5_min);
  policy.copies.emplace_back().site = there;
  policy.copies.back().rate = {mib_per_second(1024), 0, BytesPerSecond::max()};
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(10_h + 30_min));
  CHECK(world.model.statistics(0).copies_full == 1);
  const DataVolume sent = world.model.transferred(here, there);
  world.model.volume_lost(data);
  world.sim.run_until(Time::at(12_h + 30_min));
  const Bytes held = world.model.stored(0, here).now;
  world.model.volume_back(data);
  world.sim.run_until(Time::at(13_h + 30_min));
  CHECK(world.model.statistics(0).copies_full == 2);
  CHECK(world.model.transferred(here, there) - sent == volume_of(100_GiB));
  CHECK(world.model.stored(0, here).now - held == 100_GiB);
  world.sim.run_until(Time::at(15_h + 30_min));
  CHECK(world.model.statistics(0).copies_full == 2);
}

TEST_CASE("links: a slow link of any share, with a bandwidth or without, lets every replica settle", "[data_replication][property]") {
  for (const std::optional<BytesPerSecond> bandwidth : {std::optional<BytesPerSecond>(), std::optional(mib_per_second(20))}) {
    for (const double share : {0.0, 1e-6, 0.1, 0.5, 0.99, 1.0}) {
      for (const ReplicaKind kind : {ReplicaKind::stream, ReplicaKind::mirror}) {
        for (const bool own_line : {false, true}) {
          INFO("share " << share << (bandwidth ? " of 20 MiB/s" : " of no bandwidth") << (own_line ? ", own line" : ""));
          auto config = behind();
          config.links = {{east, west, bandwidth}, {west, east, bandwidth}};
          config.replicas[0].kind = kind;
          config.replicas[0].bandwidth = own_line ? std::optional(mib_per_second(12)) : std::nullopt;
          config.replicas[0].buffer = 100_MiB;
          DataWorld world(std::move(config));
          world.sim.run_until(Time::at(1_h));
          world.model.set_link(east, west, Ratio{share});
          world.sim.run_until(Time::at(2_h));
          // A link without a bandwidth carries the share of what is asked for, and without a line of its own that is enough.
          const double line = own_line ? 12 : 1e6;
          const double carried = bandwidth ? std::min(line, 20 * share) : line * share;
          const bool keeps_up = carried >= 10 || (!bandwidth && !own_line && share > 0);
          CHECK((world.rpa(vault, Time::at(2_h)) <= 1_s) == keeps_up);
          world.model.set_link(east, west, Ratio{1});
          world.sim.run_until(Time::at(1_d));
          CHECK(world.model.replica_state(0, Time::at(1_d)) == ReplicaState::replicating);
        }
      }
    }
  }
}
