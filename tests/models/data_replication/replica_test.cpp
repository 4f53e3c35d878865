/// Streams and mirrors: backlog and lag in closed form, pauses, resync, points in time, faults.

#include <algorithm>
#include <functional>
#include <vector>

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

ReplicaConfig replica_of(DataId data, ReplicaKind kind, SiteId site) {
  ReplicaConfig replica;
  replica.name = "replica";
  replica.data = data;
  replica.kind = kind;
  replica.site = site;
  replica.bandwidth = mib_per_second(10);
  return replica;
}

DataReplicationConfig with_replica(ReplicaKind kind, SiteId site, const std::function<void(ReplicaConfig&)>& change = {}) {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  config.replicas.push_back(replica_of(data, kind, site));
  if (change) change(config.replicas.back());
  return config;
}

/// Both sides are the same up to then, and only the target is written to from there on.
Divergence alike_until(Time at) { return {.point = at, .stopped = at, .resumed = at}; }

struct Heard final : FailbackListener {
  explicit Heard(Simulation& s) : sim(s) {}
  void failback_in_sync(DataId data) override { at.emplace_back(data.index, sim.now()); }
  Simulation& sim;
  std::vector<std::pair<std::uint32_t, Time>> at;
};

/// From `since` of each row on, so much is left of all links.
struct LinksLeft final : BranchLinks {
  std::vector<std::pair<Time, double>> rows;
  Ratio left(SiteId, SiteId, Time at) const override {
    double share = 1;
    for (const auto& [since, is] : rows) share = at >= since ? is : share;
    return {share};
  }
  std::optional<Time> next_change(Time at) const override {
    for (const auto& row : rows) {
      if (row.first > at) return row.first;
    }
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("stream: a backlog grows at w - b, and the lag is the age of its oldest byte", "[data_replication][analytic]") {
  DataWorld world(with_replica(ReplicaKind::stream, there));
  // 1 MiB/s until 1 h, then 15 MiB/s over a line of 10 for an hour, then 5 MiB/s.
  world.sim.run_until(Time::at(1_h));
  world.model.set_write_rate(0, mib_per_second(15));
  world.sim.run_until(Time::at(2_h));
  world.model.set_write_rate(0, mib_per_second(5));
  world.sim.run_until(Time::at(5_h));
  CHECK(world.model.replica_lag(0, Time::at(30_min)) == 0_s);
  CHECK(world.model.replica_backlog(0, Time::at(90_min)) == 5_MiB * 1800);
  // What was sent by 1:30 had been written by 1:20: 1200 s x 15 = 1800 s x 10.
  CHECK(world.model.replica_lag(0, Time::at(90_min)) == 10_min);
  CHECK(world.model.replica_backlog(0, Time::at(2_h)) == 5_MiB * 3600);
  CHECK(world.model.replica_lag(0, Time::at(2_h)) == 20_min);
  // The backlog of 18,000 MiB shrinks by 5 MiB/s: gone an hour later.
  CHECK(world.model.replica_backlog(0, Time::at(2_h + 30_min)) == 5_MiB * 1800);
  CHECK(world.model.replica_backlog(0, Time::at(3_h)) == Bytes{});
  CHECK(world.model.replica_lag(0, Time::at(3_h)) == 0_s);
  CHECK(world.model.newest(DataId{0}, there, Time::at(2_h))->lost == 5_MiB * 3600);
  const ReplicaStatistics statistics = world.model.replica_statistics(0);
  // At 2:30 the last byte of the busy hour goes out, half an hour old: until then the line was behind its faster writing.
  CHECK(world.model.replica_lag(0, Time::at(2_h + 30_min)) == 30_min);
  CHECK(statistics.lag_max == 30_min);
  CHECK(statistics.backlog_max == 5_MiB * 3600);
  CHECK(statistics.backlog == Bytes{});
  // Conservation: 3600 x 1 + 3600 x 15 + 10,800 x 5 MiB written, all sent.
  CHECK(statistics.sent == volume_of(1_MiB * (3600 + 54'000 + 54'000)));
}

TEST_CASE("stream: a line cut for ten minutes leaves a lag of ten minutes", "[data_replication][analytic]") {
  DataWorld world(with_replica(ReplicaKind::stream, there));
  world.sim.run_until(Time::at(1_h));
  world.model.set_link(east, west, Ratio{0});
  world.sim.run_until(Time::at(1_h + 10_min));
  CHECK(world.model.replica_lag(0, world.sim.now()) == 10_min);
  world.model.set_link(east, west, Ratio{1});
  // 600 MiB wait, 10 MiB/s go out and 1 MiB/s come in: gone after 66 2/3 s.
  world.sim.run_until(Time::at(2_h));
  const Time caught_up = Time::at(1_h + 10_min + Duration::of(66'666'666'667));
  CHECK(world.model.replica_lag(0, caught_up) == 0_s);
  CHECK(world.model.replica_lag(0, caught_up - 1_s).value() > 0_s);
}

TEST_CASE("stream: nothing is at the target before an initial sync has ended", "[data_replication][analytic]") {
  DataWorld world(with_replica(ReplicaKind::stream, there, [](ReplicaConfig& r) { r.initial_sync = true; }));
  // 100 GiB over a line of 10 MiB/s, less the 1 MiB/s written meanwhile: 102,400 / 9 s.
  const Duration sync = Duration::of((102'400 * nanoseconds_per_second + 8) / 9);
  world.sim.run_until(Time::at(1_d));
  CHECK_FALSE(world.model.newest(DataId{0}, there, Time::at(sync - 1_ns)).has_value());
  CHECK(world.rpa(there, Time::at(sync)) == 0_s);
}

TEST_CASE("stream: the latency of the line is the least lag", "[data_replication]") {
  DataWorld world(with_replica(ReplicaKind::stream, there, [](ReplicaConfig& r) { r.latency = 800_ms; }));
  world.sim.run_until(Time::at(1_s));
  world.model.begin_measurement();
  world.sim.run_until(Time::at(1_h));
  CHECK(world.rpa(there, Time::at(30_min)) == 800_ms);
  CHECK(world.model.replica_statistics(0).lag_mean == 800_ms);
}

TEST_CASE("mirror: nothing is lost while it is in sync; paused ten minutes it is ten minutes behind", "[data_replication][analytic]") {
  DataWorld world(with_replica(ReplicaKind::mirror, here, [](ReplicaConfig& r) {
    r.zone = ZoneId{1};
    r.pauses = {{Time::at(1_h), 10_min}};
  }));
  world.sim.run_until(Time::at(1_h + 10_min) - 1_ns);
  CHECK(world.rpa(here, Time::at(1_h) - 1_ns) == 0_s);
  CHECK(world.rpa(here, Time::at(1_h + 10_min) - 1_ns) == 10_min - 1_ns);
  CHECK(world.model.replica_state(0, Time::at(1_h + 5_min)) == ReplicaState::paused);
  CHECK(world.model.newest(DataId{0}, here, Time::at(1_h + 5_min))->lost == 1_MiB * 300);
  world.sim.run_until(Time::at(3_h));
  CHECK(world.model.replica_state(0, Time::at(1_h + 10_min)) == ReplicaState::resync);
  CHECK_FALSE(world.model.newest(DataId{0}, here, Time::at(1_h + 10_min))->in_sync);
  CHECK(world.rpa(here, Time::at(3_h)) == 0_s);
  // In the lost zone it is of no use.
  const std::vector<ZoneId> without{ZoneId{0}, ZoneId{1}};
  CHECK_FALSE(world.model.newest(DataId{0}, here, PointQuery{.at = Time::at(3_h), .without = without}).has_value());
}

TEST_CASE("mirror: a resync sends the changed blocks and converges as D / (b - w)", "[data_replication][analytic]") {
  auto config = with_replica(ReplicaKind::mirror, here, [](ReplicaConfig& r) { r.pauses = {{Time::at(1_h), 10_min}}; });
  config.stores[0].blocks.pattern = WritePattern::sequential;  // 600 MiB are 1200 blocks
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(3_h));
  const Time back = Time::at(1_h + 10_min) + Duration::of((600 * nanoseconds_per_second + 8) / 9);
  CHECK(world.model.replica_state(0, back - 1_ns) == ReplicaState::resync);
  CHECK(world.model.replica_state(0, back) == ReplicaState::replicating);
  CHECK(world.rpa(here, back - 1_ns) == back - 1_ns - Time::at(1_h));
}

TEST_CASE("mirror: writes faster than the line fill its queue, then it pauses", "[data_replication][analytic]") {
  DataWorld world(with_replica(ReplicaKind::mirror, here, [](ReplicaConfig& r) { r.buffer = 100_MiB; }));
  world.sim.run_until(Time::at(1_h));
  world.model.set_write_rate(0, mib_per_second(15));
  world.sim.run_until(Time::at(2_h));
  // 100 MiB at 5 MiB/s: 20 s. Then the last 100 MiB, of 6 2/3 s, are here alone, and no resync ends while more is written
  // than sent.
  CHECK(world.rpa(here, Time::at(1_h + 20_s) - 1_ns) == 0_s);
  CHECK(world.rpa(here, Time::at(2_h)) == 1_h - 20_s + Duration::of(6'666'666'667));
}

TEST_CASE("elastic disaster recovery: points every ten minutes for an hour, hourly for a day, daily for a week",
          "[data_replication][table]") {
  DataWorld world(with_replica(ReplicaKind::stream, there, [](ReplicaConfig& r) { r.points_in_time.emplace(); }));
  world.run();
  std::vector<Duration> ages;
  const Time end = Time::at(30_d);
  for (const KeptPoint& p : world.model.histories(DataId{0}, there).front()->points()) {
    if (p.gone > end) ages.push_back(end - p.point);
  }
  std::sort(ages.begin(), ages.end());
  // Ages 0 to 60 min by ten, then each full hour up to 24, then each full day up to 7.
  CHECK(ages.size() == 7 + 23 + 6);
  CHECK(ages[6] == 60_min);
  CHECK(ages.back() <= 7_d);
  // The newest is the stream itself; before an intrusion at 29 d 23 h 35 min the last point is that of 29 d 23 h 30 min.
  CHECK(world.rpa(there, end) == 0_s);
  CHECK(world.model.newest(DataId{0}, there, PointQuery{.at = end, .not_after = Time::at(29_d + 23_h + 35_min)})->point ==
        Time::at(29_d + 23_h + 30_min));
}

TEST_CASE("failback: a partial resync sends what changed since the disaster, while writing goes on", "[data_replication][analytic]") {
  struct Listener final : FailbackListener {
    explicit Listener(Simulation& s) : sim(s) {}
    void failback_in_sync(DataId) override { at = sim.now(); }
    Simulation& sim;
    std::optional<Time> at;
  };
  auto config = with_replica(ReplicaKind::stream, there);
  config.stores[0].blocks.pattern = WritePattern::sequential;
  config.links[1].bandwidth = mib_per_second(10);
  Simulation sim;
  Listener listener(sim);
  DataReplication model(sim, config, &listener);
  model.start();
  sim.run_until(Time::at(1_h));
  model.region_lost(east);
  sim.run_until(Time::at(1_h + 30_min));
  model.failed_over(DataId{0});
  sim.run_until(Time::at(3_h));
  model.region_back(east);
  CHECK(model.changed_between(DataId{0}, Time::at(1_h), Time::at(3_h)) == 1_MiB * 5400);
  CHECK(model.fail_back(DataId{0}, there, here, Resync::partial, alike_until(Time::at(1_h)), BytesPerSecond::max()) == 1_MiB * 5400);
  sim.run_until(Time::at(6_h));
  // 5400 MiB at 10 - 1 MiB/s.
  CHECK(listener.at == Time::at(3_h + 600_s));
  model.failed_back(DataId{0});
  sim.run_until(Time::at(8_h));
  CHECK(model.newest(DataId{0}, there, Time::at(8_h))->point == Time::at(8_h));
  // All that moved: 600 s at 10 MiB/s.
  CHECK(model.transferred(there, here) == volume_of(1_MiB * 6000));
}

TEST_CASE("failback: a branch of the run sends what the run wrote, and shares the link", "[data_replication][analytic]") {
  auto config = with_replica(ReplicaKind::stream, there);
  config.stores[0].blocks.pattern = WritePattern::sequential;
  config.links[1].bandwidth = mib_per_second(10);
  Simulation sim;
  DataReplication past(sim, config);
  past.start();
  sim.run_until(Time::at(2_h));
  past.set_write_rate(0, mib_per_second(4));
  sim.run_until(Time::at(10_h));
  // A disaster at 1 h, the way back at 1 h 50 min: 3000 MiB at 10 - 1 MiB/s until 2 h, when writes take 4 MiB/s.
  Simulation course;
  course.run_until(Time::at(1_h + 50_min));
  const LinksLeft whole;
  Heard listener(course);
  FailbackBranch branch(course, past, whole, listener);
  CHECK(branch.fail_back(DataId{0}, there, here, Resync::partial, alike_until(Time::at(1_h)), mib_per_second(1000)) == 1_MiB * 3000);
  course.run();
  REQUIRE(listener.at.size() == 1);
  CHECK(listener.at[0].second == Time::at(1_h + 50_min) + 333'333'333'334_ns);
  // With twice as much to send it is not done by 2 h: 5400 MiB by then, 600 at 6 MiB/s after it.
  Simulation later;
  later.run_until(Time::at(1_h + 50_min));
  Heard heard(later);
  FailbackBranch again(later, past, whole, heard);
  CHECK(again.fail_back(DataId{0}, there, here, Resync::partial, alike_until(Time::at(10_min)), mib_per_second(1000)) == 1_MiB * 6000);
  later.run();
  CHECK(heard.at[0].second == Time::at(2_h + 100_s));
}

TEST_CASE("failback: a branch shares the link with what the run sent over it then", "[data_replication][analytic]") {
  auto config = sites();
  for (const char* name : {"orders", "other"}) {
    StoreConfig store = store_named(name);
    store.blocks.pattern = WritePattern::sequential;
    if (store.name == "other") store.home = there;
    config.replicas.push_back(replica_of(add(config, store), ReplicaKind::stream, store.home == here ? there : here));
    config.replicas.back().name = store.name + "-stream";
  }
  config.links[1].bandwidth = mib_per_second(10);
  Simulation sim;
  DataReplication past(sim, config);
  past.start();
  past.set_write_rate(1, mib_per_second(4));
  sim.run_until(Time::at(2_h));
  past.set_write_rate(1, mib_per_second(8));
  sim.run_until(Time::at(2_h + 10_min));
  const LinksLeft whole;
  const auto in_sync = [&](Duration changed_since) {
    Simulation course;
    course.run_until(Time::at(1_h + 50_min));
    Heard heard(course);
    FailbackBranch branch(course, past, whole, heard);
    branch.fail_back(DataId{0}, there, here, Resync::partial, alike_until(Time::at(changed_since)), mib_per_second(1000));
    course.run();
    REQUIRE(heard.at.size() == 1);
    return heard.at[0].second;
  };
  // The other stream takes 4 of 10 MiB/s: 3000 MiB at 6 - 1 MiB/s.
  CHECK(in_sync(1_h) == Time::at(2_h));
  // Then it asks for 8, and each has 5: after 2 h the other 3000 MiB are sent at 5 - 1 MiB/s, also when the run is over.
  CHECK(in_sync(10_min) == Time::at(2_h + 750_s));
}

TEST_CASE("failback: in a branch faults of a link cut it and slow it down", "[data_replication][analytic]") {
  auto config = with_replica(ReplicaKind::stream, there);
  config.stores[0].blocks.pattern = WritePattern::sequential;
  for (const bool limited : {true, false}) {
    if (limited) config.links[1].bandwidth = mib_per_second(10);
    else config.links[1].bandwidth.reset();
    Simulation run;
    DataReplication past(run, config);
    past.start();
    run.run_until(Time::at(3_h));
    LinksLeft faults;
    faults.rows = {{Time::at(1_h + 55_min), 0}, {Time::at(2_h + 5_min), 0.5}};
    Simulation course;
    course.run_until(Time::at(1_h + 50_min));
    Heard heard(course);
    FailbackBranch branch(course, past, faults, heard);
    branch.fail_back(DataId{0}, there, here, Resync::partial, alike_until(Time::at(1_h)), mib_per_second(10));
    course.run();
    REQUIRE(heard.at.size() == 1);
    // 3000 MiB less 300 s at 9 MiB/s, ten minutes of writes more, the 900 MiB then at 5 - 1 MiB/s.
    CHECK(heard.at[0].second == Time::at(2_h + 5_min + 225_s));
  }
}

TEST_CASE("logs: the latest restorable time of a database is that of the last log shipped", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  PolicyConfig policy = policy_for(data, "cron(0 3 * * ? *)", 10_min, 20_min);
  policy.logs = LogConfig{5_min, 30_s};
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.run();
  CHECK_FALSE(world.model.newest(data, here, Time::at(2_h)).has_value());  // logs without a snapshot restore nothing
  CHECK(world.rpa(here, Time::at(5_d + 12_min)) == 2_min);
  CHECK(world.rpa(here, Time::at(5_d + 10_min)) == 5_min);  // the log of 0:10 is there at 0:10:30
  CHECK(world.model.newest(data, here, Time::at(5_d))->means == RecoveryMeans::log_backup);
  // Logs are not replicated: there are the daily copies only.
  CHECK(world.rpa(there, Time::at(5_d)) == 21_h);
}

TEST_CASE("stream: sends no more than the machine of its agent grants", "[data_replication][analytic]") {
  struct Host final : ReplicationHost {
    void wants(std::size_t, BytesPerSecond rate) override { wanted = rate; }
    BytesPerSecond wanted;
  };
  auto config = with_replica(ReplicaKind::stream, there);
  Simulation sim;
  Host host;
  DataReplication model(sim, config);
  model.set_host(0, host);
  model.start();
  // Nothing granted yet: it asks for its whole bandwidth. With enough it asks for what is written.
  CHECK(host.wanted == mib_per_second(10));
  model.host_rate_changed(0, mib_per_second(10));
  CHECK(host.wanted == mib_per_second(1) + BytesPerSecond::of(1));
  model.host_rate_changed(0, mib_per_second(1));
  sim.run_until(Time::at(1_h));
  CHECK(model.replica_lag(0, Time::at(1_h)) == 0_s);
  model.host_rate_changed(0, BytesPerSecond::of((512_KiB).count()));
  CHECK(host.wanted == mib_per_second(10));
  sim.run_until(Time::at(2_h));
  CHECK(model.replica_backlog(0, Time::at(2_h)) == 512_KiB * 3600);
  CHECK(model.replica_lag(0, Time::at(2_h)) == 30_min);
}

TEST_CASE("logs: what is ready while the link is cut arrives when it is whole again", "[data_replication][analytic]") {
  auto config = sites();
  const DataId data = add(config, store_named("orders"));
  PolicyConfig policy = policy_for(data, "cron(0 3 * * ? *)", 10_min, 20_min);
  policy.logs = LogConfig{5_min, 30_s};
  policy.copies.front().logs = true;
  config.policies.push_back(policy);
  DataWorld world(std::move(config));
  world.sim.run_until(Time::at(5_d));
  CHECK(world.rpa(there, Time::at(5_d)) == 5_min);
  world.model.set_link(east, west, Ratio{0});
  world.sim.run_until(Time::at(5_d + 2_h));
  // The last log that was there in time ends at 23:55.
  CHECK(world.rpa(there, Time::at(5_d + 2_h)) == 2_h + 5_min);
  CHECK(world.rpa(here, Time::at(5_d + 2_h)) == 5_min);
  world.model.set_link(east, west, Ratio{1});
  world.sim.run_until(Time::at(5_d + 2_h + 1_min));
  CHECK(world.rpa(there, Time::at(5_d + 2_h + 1_min)) == 1_min);
  CHECK(world.rpa(there, Time::at(5_d + 1_h)) == 1_h + 5_min);  // a past instant is as it was
}
