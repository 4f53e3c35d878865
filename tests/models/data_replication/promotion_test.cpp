/// A replica that an application has moved to: while it lives there, and after it is back.

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

/// 1 MiB/s is written, 10 MiB/s can be sent. The Region is lost at 1 h, users are served at the replica from 2 h on, and at home
/// again from 26 h on.
struct Away {
  explicit Away(AfterReturn after_return, Duration latency = {}, std::optional<PointInTimeConfig> points = {})
      : world(config(after_return, latency, points)) {
    world.sim.run_until(Time::at(1_h));
    world.model.given_up(DataId{0});
    world.model.region_lost(east);
    world.sim.run_until(Time::at(2_h));
    world.model.failed_over(DataId{0}, there);
    world.sim.run_until(Time::at(20_h));
    world.model.region_back(east);
    world.sim.run_until(Time::at(26_h));
    world.model.failed_back(DataId{0});
    world.sim.run_until(Time::at(30_h));
  }
  static DataReplicationConfig config(AfterReturn after_return, Duration latency, std::optional<PointInTimeConfig> points) {
    auto config = sites();
    StoreConfig store = store_named("orders");
    store.blocks.pattern = WritePattern::sequential;
    ReplicaConfig replica;
    replica.name = "replica";
    replica.data = add(config, store);
    replica.site = there;
    replica.bandwidth = mib_per_second(10);
    replica.latency = latency;
    replica.after_return = after_return;
    replica.points_in_time = points;
    config.replicas.push_back(replica);
    return config;
  }
  Duration age(Duration at) const { return Time::at(at) - world.model.newest(DataId{0}, there, Time::at(at))->point; }
  DataWorld world;
};

}  // namespace

TEST_CASE("promotion: while an application lives on a replica it neither lags nor is sent anything", "[data_replication][analytic]") {
  for (const AfterReturn after_return : {AfterReturn::continues, AfterReturn::rescanned, AfterReturn::copied_anew}) {
    Away away(after_return);
    const DataReplication& model = away.world.model;
    CHECK(model.replica_state(0, Time::at(10_h)) == ReplicaState::primary);
    CHECK(model.replica_lag(0, Time::at(26_h) - 1_ns) == 0_s);
    CHECK(model.replica_backlog(0, Time::at(26_h) - 1_ns) == Bytes{});
    CHECK(away.age(26_h - 1_s) == 0_s);
    CHECK(model.newest(DataId{0}, there, Time::at(10_h))->lost == Bytes{});
    CHECK(model.replica_statistics(0).primary == Ratio{24.0 / 30});
  }
}

TEST_CASE("promotion: what was sent back from a replica need not be sent to it again", "[data_replication][analytic]") {
  Away away(AfterReturn::continues);
  CHECK(away.age(26_h) == 0_s);
  const ReplicaStatistics statistics = away.world.model.replica_statistics(0);
  CHECK(statistics.lag_max == 0_s);
  CHECK(statistics.backlog_max == Bytes{});
  CHECK(statistics.in_sync == Ratio{1});
  CHECK(statistics.copied_anew == 0);
  // At home an hour was written before, and four after.
  CHECK(statistics.sent == volume_of(1_MiB * 5 * 3600));
}

TEST_CASE("promotion: a new replica is copied in full, and until then the promoted one keeps what it held", "[data_replication][analytic]") {
  Away away(AfterReturn::copied_anew);
  // 100 GiB at 10 MiB/s, less the 1 MiB/s written meanwhile.
  const Duration whole = Duration::of((102'400 * nanoseconds_per_second + 8) / 9);
  CHECK(away.age(26_h) == 0_s);
  CHECK(away.age(27_h) == 1_h);
  CHECK(away.age(26_h + whole - 1_ns) == whole - 1_ns);
  CHECK(away.age(26_h + whole) == 0_s);
  const ReplicaStatistics statistics = away.world.model.replica_statistics(0);
  CHECK(statistics.copied_anew == 1);
  CHECK(statistics.lag_max == whole - 1_ns);
  CHECK_THAT(static_cast<double>(statistics.backlog_max.count()), Catch::Matchers::WithinAbs(to_seconds(whole) * (1 << 20), 1));
  // All of it once, beside what is written at home.
  CHECK(statistics.sent == volume_of(1_MiB * (102'400 + 5 * 3600)));
  // Of the time in which it was a replica.
  CHECK_THAT(statistics.in_sync->value, Catch::Matchers::WithinAbs(1 - to_seconds(whole) / (6 * 3600), 1e-9));
}

TEST_CASE("promotion: disks that an application was launched from are sent the blocks changed since", "[data_replication][analytic]") {
  Away away(AfterReturn::rescanned, {}, PointInTimeConfig{});
  // 24 h of 1 MiB/s, one block after another, at 10 - 1 MiB/s.
  CHECK(away.age(26_h + 9600_s - 1_s) == 24_h + 9600_s - 1_s);
  CHECK(away.age(26_h + 9600_s) == 0_s);
  CHECK(away.world.model.replica_statistics(0).sent == volume_of(1_MiB * (86'400 + 5 * 3600)));
  // No points are taken of what nothing is sent to.
  for (const KeptPoint& point : away.world.model.histories(DataId{0}, there).front()->points()) {
    const bool away_then = point.usable > Time::at(2_h) && point.usable < Time::at(26_h);
    CHECK_FALSE(away_then);
  }
}

TEST_CASE("promotion: right after a return a replica that lags holds what was written on it", "[data_replication][analytic]") {
  Away away(AfterReturn::continues, 5_s);
  CHECK(away.age(26_h + 2_s) == 2_s);
  CHECK(away.age(26_h + 10_s) == 5_s);
  CHECK(away.world.model.replica_statistics(0).lag_max == 5_s);
}

TEST_CASE("promotion: an application that was restored beside a replica leaves it one", "[data_replication][table]") {
  DataWorld world(Away::config(AfterReturn::continues, {}, {}));
  world.sim.run_until(Time::at(1_h));
  world.model.failed_over(DataId{0});
  world.sim.run_until(Time::at(3_h));
  CHECK(world.model.replica_state(0, Time::at(2_h)) == ReplicaState::replicating);
  CHECK(world.model.replica_lag(0, Time::at(3_h)) == 2_h);
  CHECK(world.model.replica_statistics(0).primary == Ratio{0});
}

TEST_CASE("promotion: a second loss finds the replica promoted before, and it takes over again", "[data_replication][analytic]") {
  Away away(AfterReturn::copied_anew);
  DataReplication& model = away.world.model;
  // The new one is whole after 3 h 10 min, at 29:10. Lost at 30 h, served there from 31 h on, and back at once.
  model.given_up(DataId{0});
  away.world.sim.run_until(Time::at(31_h));
  model.failed_over(DataId{0}, there);
  away.world.sim.run_until(Time::at(32_h));
  model.failed_back(DataId{0});
  away.world.sim.run_until(Time::at(33_h));
  CHECK(model.replica_state(0, Time::at(31_h + 30_min)) == ReplicaState::primary);
  CHECK(away.age(33_h) == 1_h);
  CHECK(model.replica_statistics(0).copied_anew == 2);
}
