/// Snapshots that are read on a machine, here one that reads at a rate of its own.

#include <optional>
#include <vector>

#include "models/data_replication/harness.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

struct HostRead { static constexpr std::string_view name = "test.host_read"; std::uint32_t number; };

/// Reads at `most`, or at the snapshot's own rate where that is lower.
class Host final : public SnapshotHost, public EventHandler<Host, HostRead> {
 public:
  Host(Simulation& sim, DataReplication& model, BytesPerSecond most) : EventHandler(sim), sim_(sim), model_(model), most_(most) {}
  void read_snapshot(std::size_t, Bytes data, BytesPerSecond rate) override {
    asked.push_back(sim_.now());
    rates.push_back(rate);
    const auto ns = static_cast<Int128>(data.count()) * nanoseconds_per_second / std::min(rate, most_).count();
    sim_.schedule(*this, Duration::of(static_cast<std::int64_t>(ns)), HostRead{++number_});
  }
  void give_up_snapshot(std::size_t) override {
    ++given_up;
    ++number_;
  }
  void on(const HostRead& read) {
    if (read.number == number_) model_.snapshot_read(0);
  }
  std::vector<Time> asked;
  std::vector<BytesPerSecond> rates;
  int given_up = 0;

 private:
  Simulation& sim_;
  DataReplication& model_;
  BytesPerSecond most_;
  std::uint32_t number_ = 0;
};

/// 100 GiB, of which nothing is written, with a snapshot at 01:00 that alone takes 100 s and a minute.
DataReplicationConfig one_snapshot() {
  DataReplicationConfig config = sites();
  StoreConfig store = store_named("data");
  store.write_rate = {};
  PolicyConfig policy = policy_for(add(config, std::move(store)), "cron(0 1 1 1 ? 2024)", 1_h);
  policy.timing = {.whole = {}, .overhead = 60_s, .rate = {mib_per_second(1024), 0, BytesPerSecond::max()}};
  config.policies.push_back(std::move(policy));
  return config;
}

struct World {
  World(DataReplicationConfig given, BytesPerSecond most) : config(std::move(given)), model(sim, config), host(sim, model, most) {
    model.set_snapshot_host(0, host);
    model.start();
  }
  Simulation sim;
  DataReplicationConfig config;
  DataReplication model;
  Host host;
};

/// When the newest point was usable that is not older than `from`.
std::optional<Time> usable(const DataReplication& model) {
  const auto& points = model.history(0, DataId{0}, here).points();
  if (points.empty() || points.back().usable == Time::max()) return std::nullopt;
  return points.back().usable;
}

}  // namespace

TEST_CASE("snapshots: one that a machine reads ends when it has been read, and its overhead later",
          "[data_replication][analytic]") {
  // 100 GiB at 1,024 MiB/s are 100 s; a machine that gives 256 needs 400.
  for (const std::int64_t most : {1024, 256, 4096}) {
    World world(one_snapshot(), mib_per_second(most));
    world.sim.run_until(Time::at(1_d));
    CHECK(world.host.asked == std::vector{Time::at(1_h)});
    CHECK(world.host.rates == std::vector{mib_per_second(1024)});
    REQUIRE(usable(world.model));
    CHECK(*usable(world.model) == Time::at(1_h + (most == 256 ? 400_s : 100_s) + 60_s));
    CHECK(world.model.statistics(0).snapshots == 1);
  }
}

TEST_CASE("snapshots: a time that is given is kept, unless the machine needs longer", "[data_replication][analytic]") {
  for (const std::int64_t most : {1024, 256}) {
    DataReplicationConfig config = one_snapshot();
    config.policies[0].timing.whole = 200_s;
    World world(std::move(config), mib_per_second(most));
    world.sim.run_until(Time::at(1_d));
    CHECK(world.host.rates == std::vector{mib_per_second(512)});
    CHECK(usable(world.model) == Time::at(1_h + (most == 256 ? 400_s : 200_s)));
  }
}

TEST_CASE("snapshots: a machine reads those of a volume one after the other", "[data_replication][analytic]") {
  DataReplicationConfig config = one_snapshot();
  PolicyConfig second = config.policies[0];
  second.name = "second";
  config.stores[0].write_rate = mib_per_second(1);  // so that the second finds something to read
  config.policies.push_back(second);
  config.policies[0].schedule = schedule_of("cron(0 0 1 1 ? 2024)");
  World world(std::move(config), mib_per_second(10));
  world.sim.run_until(Time::at(1_d));
  REQUIRE(world.host.asked.size() == 2);
  // 100 GiB at 10 MiB/s: asked at 00:00 and 01:00, read from 00:00 and from 02:50:40 on.
  CHECK(world.host.asked[0] == Time{});
  CHECK(world.host.asked[1] == Time::at(10'240_s));
}

TEST_CASE("snapshots: what is lost is not read to its end", "[data_replication]") {
  World world(one_snapshot(), mib_per_second(10));
  world.sim.run_until(Time::at(90_min));
  world.model.volume_lost(DataId{0});
  world.sim.run_until(Time::at(1_d));
  CHECK(world.host.given_up == 1);
  CHECK(world.model.statistics(0).snapshots == 0);
  CHECK(world.model.statistics(0).snapshots_failed == 1);
}

TEST_CASE("snapshots: a lost volume ends those of its set, and no other of the volumes beside it", "[data_replication][analytic]") {
  // Two volumes; the machine reads the 100 GiB of the first at 10 MiB/s, so 10,240 s long.
  for (const bool set_first : {false, true}) {
    DataReplicationConfig config = one_snapshot();
    config.stores[0].write_rate = mib_per_second(1);
    const DataId other = add(config, store_named("other"));
    config.data.push_back({"both", {0, 1}});
    PolicyConfig both = config.policies[0];
    both.name = "both";
    both.protects = {DataId{2}};
    config.policies.push_back(both);
    config.policies[set_first ? 0 : 1].schedule = schedule_of("cron(5 1 1 1 ? 2024)");
    World world(std::move(config), mib_per_second(10));
    world.sim.run_until(Time::at(1_h + 30_min));
    world.model.volume_lost(other);
    world.sim.run_until(Time::at(1_d));
    CHECK(world.model.statistics(1).snapshots == 0);
    CHECK(world.model.statistics(1).snapshots_failed == 1);
    CHECK(world.model.statistics(0).snapshots == 1);
    CHECK(world.model.statistics(0).snapshots_failed == 0);
    REQUIRE(usable(world.model));
    if (set_first) {
      // What the set was read for is given up, and the other's turn comes at once.
      CHECK(world.host.given_up == 1);
      CHECK(world.host.asked == std::vector{Time::at(1_h), Time::at(1_h + 30_min)});
    } else {
      CHECK(world.host.given_up == 0);
      CHECK(*usable(world.model) == Time::at(1_h + 10'240_s + 60_s));
    }
  }
}
