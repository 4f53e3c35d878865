/// What is taken, copied and kept while a zone, a volume, an account or a control plane is down.

#include <random>

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// Hourly snapshots that take 5 minutes, copies that take 10.
DataReplicationConfig hourly() {
  auto config = sites();
  StoreConfig store = store_named("orders");
  store.zone = ZoneId{0};
  const DataId data = add(config, store);
  config.policies.push_back(policy_for(data, "rate(1 hour)", 5_min, 10_min));
  return config;
}

std::int64_t snapshots_by(DataWorld& world, Duration at) {
  world.sim.run_until(Time::at(at));
  return world.model.statistics(0).snapshots;
}

}  // namespace

TEST_CASE("faults: a zone that is lost takes no snapshots and is not written to, until it is back", "[data_replication][analytic]") {
  DataWorld world(hourly());
  const std::int64_t before = snapshots_by(world, 10_h + 30_min);
  world.model.zone_lost(ZoneId{0});
  CHECK(snapshots_by(world, 13_h + 30_min) == before);
  CHECK(world.model.statistics(0).snapshots_skipped == 3);
  CHECK(world.model.written_between(DataId{0}, Time::at(10_h + 30_min), Time::at(13_h + 30_min)) == Bytes{});
  world.model.zone_back(ZoneId{0});
  CHECK(snapshots_by(world, 14_h + 30_min) == before + 1);
  // Copies are there: the newest is that of 10:00, then that of 14:00.
  CHECK(world.rpa(there, Time::at(13_h + 30_min)) == 3_h + 30_min);
  CHECK(world.rpa(there, Time::at(14_h + 30_min)) == 30_min);
  // Another zone is none of its business.
  world.model.zone_lost(ZoneId{1});
  CHECK(snapshots_by(world, 16_h + 30_min) == before + 3);
}

TEST_CASE("faults: a lost volume fails the snapshot that is pending; its points stay", "[data_replication][analytic]") {
  DataWorld world(hourly());
  const std::int64_t before = snapshots_by(world, 10_h + 2_min);  // that of 10:00 is pending
  world.model.volume_lost(DataId{0});
  CHECK(snapshots_by(world, 12_h + 30_min) == before);
  CHECK(world.model.statistics(0).snapshots_failed == 1);
  CHECK(world.rpa(here, Time::at(12_h + 30_min)) == 3_h + 30_min);
  world.model.volume_back(DataId{0});
  CHECK(snapshots_by(world, 13_h + 30_min) == before + 1);
}

TEST_CASE("faults: while a control plane is down nothing begins there, and what runs goes on", "[data_replication][analytic]") {
  DataWorld world(hourly());
  const std::int64_t before = snapshots_by(world, 10_h + 2_min);
  world.model.control_plane(east, false);
  CHECK(snapshots_by(world, 12_h + 30_min) == before + 1);  // that of 10:00 was pending
  CHECK(world.model.statistics(0).snapshots_skipped == 2);
  CHECK(world.rpa(there, Time::at(12_h + 30_min)) == 2_h + 30_min);  // and was copied: the call is made in the other Region
  world.model.control_plane(east, true);
  world.sim.run_until(Time::at(14_h + 2_min));
  world.model.control_plane(west, false);
  world.sim.run_until(Time::at(16_h));
  CHECK(world.rpa(there, Time::at(16_h)) == 3_h);  // of 13:00: copies wait
  world.model.control_plane(west, true);
  world.sim.run_until(Time::at(16_h + 1_min));
  CHECK(world.rpa(there, Time::at(16_h + 11_min - 10_min)) == 3_h + 1_min);
  world.sim.run_until(Time::at(16_h + 30_min));
  CHECK(world.rpa(there, Time::at(16_h + 20_min)) == 1_h + 20_min);  // of 14:00 at 16:10, of 15:00 at 16:20
}

TEST_CASE("faults: a copy with a time waits while its link is cut, and goes on where it was", "[data_replication][analytic]") {
  DataWorld world(hourly());
  world.sim.run_until(Time::at(10_h + 9_min));  // of the copy begun at 10:05, 6 of 10 minutes are left
  world.model.set_link(east, west, Ratio{0});
  world.sim.run_until(Time::at(12_h + 30_min));
  CHECK(world.rpa(there, Time::at(12_h + 30_min)) == 3_h + 30_min);
  world.model.set_link(east, west, Ratio{1});
  world.sim.run_until(Time::at(13_h));
  CHECK(world.rpa(there, Time::at(12_h + 36_min) - 1_ns) == 3_h + 36_min - 1_ns);
  CHECK(world.rpa(there, Time::at(12_h + 36_min)) == 2_h + 36_min);
  CHECK(world.rpa(there, Time::at(12_h + 46_min)) == 1_h + 46_min);  // those that waited follow
  CHECK(world.rpa(there, Time::at(12_h + 56_min)) == 56_min);
}

TEST_CASE("faults: over a link of which a share is left, that share of a copy's time passes", "[data_replication][analytic]") {
  DataWorld world(hourly());
  world.sim.run_until(Time::at(10_h + 9_min));  // of the copy begun at 10:05, 6 of 10 minutes are left
  world.model.set_link(east, west, Ratio{0.25});
  world.sim.run_until(Time::at(10_h + 21_min));  // 3 of them passed in 12 minutes
  world.model.set_link(east, west, Ratio{1});
  world.sim.run_until(Time::at(13_h));
  CHECK(world.rpa(there, Time::at(10_h + 24_min) - 1_ns) == 1_h + 24_min - 1_ns);
  CHECK(world.rpa(there, Time::at(10_h + 24_min)) == 24_min);
  world.model.set_link(east, west, Ratio{0.25});
  world.run();
  // Each takes 40 minutes from now on.
  CHECK(world.rpa(there, Time::at(14_h + 45_min) - 1_ns) == 1_h + 45_min - 1_ns);
  CHECK(world.rpa(there, Time::at(14_h + 45_min)) == 45_min);
}

TEST_CASE("faults: while nobody is served nothing is written, though home is back", "[data_replication][analytic]") {
  DataWorld world(hourly());
  world.sim.run_until(Time::at(10_h + 30_min));
  world.model.given_up(DataId{0});
  world.model.region_lost(east);
  world.sim.run_until(Time::at(11_h + 30_min));
  world.model.region_back(east);
  world.sim.run_until(Time::at(12_h + 30_min));
  world.model.failed_over(DataId{0});
  world.sim.run_until(Time::at(13_h + 30_min));
  CHECK(world.model.written_between(DataId{0}, Time::at(10_h + 30_min), Time::at(12_h + 30_min)) == Bytes{});
  CHECK(world.model.written_between(DataId{0}, Time::at(12_h + 30_min), Time::at(13_h + 30_min)) == 1_MiB * 3600);
  CHECK(world.model.statistics(0).snapshots_skipped == 3);
  world.model.failed_back(DataId{0});
  world.sim.run_until(Time::at(14_h + 30_min));
  CHECK(world.model.statistics(0).snapshots_skipped == 3);
}

TEST_CASE("faults: after an intruder everything begins anew, in full", "[data_replication][analytic]") {
  auto config = hourly();
  config.site_account = {0, 1, 1};  // copies go to another account
  ReplicaConfig stream;
  stream.name = "live";
  stream.data = DataId{0};
  stream.site = there;
  stream.bandwidth = mib_per_second(101);
  config.replicas.push_back(stream);
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(10_h + 30_min));
  CHECK(world.rpa(there, Time::at(10_h + 30_min)) == 0_s);
  const std::int64_t full = world.model.statistics(0).copies_full;
  world.model.account_compromised(1);
  world.sim.run_until(Time::at(12_h + 30_min));
  CHECK_FALSE(world.rpa(there, Time::at(12_h)));
  CHECK(world.rpa(here, Time::at(12_h + 30_min)) == 30_min);  // at home all goes on
  world.model.account_back(1);
  world.sim.run_until(Time::at(13_h + 30_min));
  // The stream fills its target again: 100 GiB at 101 MiB/s less the 1 MiB/s written.
  CHECK_FALSE(world.rpa(there, Time::at(12_h + 30_min) + 500_s));
  CHECK(world.rpa(there, Time::at(12_h + 30_min) + 1025_s) == 0_s);
  CHECK(world.model.statistics(0).copies_full == full + 1);
}

TEST_CASE("faults: whatever happens, points are conserved and the newest is the newest", "[data_replication][property]") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    auto config = hourly();
    config.policies.front().retention.count = 5;
    config.policies.front().copies.front().retention.age = 6_h;
    config.policies.front().failure = Ratio{0.1};
    config.links = {{east, west, mib_per_second(3)}, {west, east, {}}};
    config.policies.front().copies.front().whole.reset();
    DataWorld world(std::move(config), seed);
    for (Duration at; at < 60_h;) {
      at += 1_min * static_cast<std::int64_t>(1 + random() % 180);
      world.sim.run_until(Time::at(at));
      switch (random() % 10) {
        case 0: world.model.region_lost(east); break;
        case 1: world.model.region_back(east); break;
        case 2: world.model.zone_lost(ZoneId{0}); break;
        case 3: world.model.zone_back(ZoneId{0}); break;
        case 4: world.model.control_plane(random() % 2 == 0 ? east : west, random() % 2 == 0); break;
        case 5: world.model.set_link(east, west, Ratio{static_cast<double>(random() % 3) / 2}); break;
        case 6: world.model.volume_lost(DataId{0}); break;
        case 7: world.model.volume_back(DataId{0}); break;
        case 8: world.model.failed_over(DataId{0}); break;
        default: world.model.failed_back(DataId{0}); break;
      }
    }
    const PolicyStatistics& counted = world.model.statistics(0);
    const PointHistory& home = world.model.history(0, DataId{0}, here);
    const PointHistory& copies = world.model.history(0, DataId{0}, there);
    std::int64_t usable = 0, pending = 0, copied = 0;
    for (const KeptPoint& point : home.points()) {
      usable += point.usable != Time::max() ? 1 : 0;
      pending += point.usable == Time::max() && point.gone == Time::max() ? 1 : 0;
    }
    for (const KeptPoint& point : copies.points()) copied += point.usable != Time::max() ? 1 : 0;
    // Each snapshot was completed, failed, or is pending; each copy completed was one of a completed snapshot.
    CHECK(usable == counted.snapshots);
    CHECK(static_cast<std::int64_t>(home.points().size()) == counted.snapshots + counted.snapshots_failed + pending);
    CHECK(copied == counted.copies);
    CHECK(copied <= usable);
    // No more is kept than was ever taken, and nothing of what is gone.
    CHECK(world.model.stored(0, here).now >= Bytes{});
    for (int sample = 0; sample < 50; ++sample) {
      const Time at = Time::at(1_min * static_cast<std::int64_t>(random() % 3600));
      for (const PointHistory* history : {&home, &copies}) {
        std::optional<Time> newest;
        for (const KeptPoint& point : history->points()) {
          if (point.usable <= at && point.gone > at && (!newest || point.point > *newest)) newest = point.point;
        }
        CHECK(history->newest(at) == newest);
      }
    }
  }
}
