/// Transfers that others give to a machine: they draw on its limits as loads do, and tell how they go.

#include <vector>

#include "fleetsim/models/storage.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

struct Recorder final : StorageWorkListener {
  explicit Recorder(Simulation& simulation) : sim(simulation) {}
  void work_done(std::size_t) override { done.push_back(sim.now()); }
  void work_rate_changed(std::size_t, BytesPerSecond rate) override { rates.push_back(rate); }
  Simulation& sim;
  std::vector<Time> done;
  std::vector<BytesPerSecond> rates;
};

VolumeLimits gp3(std::int64_t mibps) {
  return limits_of({.type = VolumeType::gp3, .size_gib = 1000, .iops = 16'000, .mibps = mibps}, {"m5.large", true},
                   std::chrono::year{2021} / 8 / 15);
}
StorageLoadConfig backup() {
  return {.name = "backup", .volume = 0, .io_size = 1_MiB, .sequential = true, .queue_depth = {}, .work = true};
}
InstanceStorageLimits throughput_limit(BytesPerSecond rate) {
  InstanceStorageLimits limits;
  limits.throughput = BurstLimit{rate.count(), rate.count()};
  return limits;
}

}  // namespace

TEST_CASE("storage: work takes its data over the smallest limit, and says when it is done", "[storage][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = throughput_limit(mib_per_second(100)), .volumes = {{"data", gp3(250)}},
                               .loads = {backup()}, .modifications = {}});
  Recorder recorder(sim);
  machine.listen(0, recorder);
  machine.start();
  sim.run_until(Time::at(10_s));
  machine.give(0, 1000_MiB);
  machine.update();
  sim.run_until(Time::at(60_s));
  REQUIRE(recorder.done.size() == 1);
  CHECK(recorder.done[0] == Time::at(20_s));  // 1,000 MiB at 100
  CHECK(recorder.rates == std::vector{mib_per_second(100), BytesPerSecond{}});
  CHECK(machine.offered(0) == machine.done(0) + machine.backlog(0));

  // At half the pace it takes twice as long, and more given meanwhile is done in the same go.
  machine.set_pace(0, mib_per_second(50));
  machine.give(0, 500_MiB);
  machine.update();
  sim.run_until(Time::at(65_s));
  machine.give(0, 500_MiB);
  machine.update();
  sim.run_until(Time::at(100_s));
  REQUIRE(recorder.done.size() == 2);
  CHECK(recorder.done[1] == Time::at(80_s));
}

TEST_CASE("storage: work shares its volume with the loads, and not the instance where it bypasses it", "[storage]") {
  for (const bool on_instance : {true, false}) {
    Simulation sim;
    StorageLoadConfig work = backup();
    work.on_instance = on_instance;
    StorageLoadConfig scan{.name = "scan", .volume = 0, .io_size = 1_MiB, .sequential = true, .queue_depth = {}};
    StorageMachine machine(sim, {.name = "db", .limits = throughput_limit(mib_per_second(100)), .volumes = {{"data", gp3(250)}},
                                 .loads = {work, scan}, .modifications = {}});
    machine.start();
    machine.offer(1, RequestRate::of(1'000'000'000));  // 1,000 MiB/s
    machine.give(0, 100'000_MiB);
    machine.update();
    // Through the instance both share its 100 MiB/s; else the volume's 250 are left to the work but for the scan's 100.
    CHECK(machine.throughput(0) == mib_per_second(on_instance ? 50 : 150));
    CHECK(machine.throughput(1) == mib_per_second(on_instance ? 50 : 100));
  }
}

TEST_CASE("storage: data that moves every hour takes its time each time, and what is not done is added to",
          "[storage][analytic]") {
  Simulation sim;
  StorageLoadConfig work = backup();
  work.recurring = RecurringWork{.data = 36'000_MiB, .first = Time::at(10_min), .every = 1_h};
  StorageMachine machine(sim, {.name = "db", .limits = throughput_limit(mib_per_second(100)), .volumes = {{"data", gp3(250)}},
                               .loads = {work}, .modifications = {}});
  machine.start();
  sim.run_until(Time::at(2_h));
  CHECK(machine.work_time(0).count() == 2);  // from 10 to 16 minutes past each hour
  CHECK(machine.work_time(0).max() == 360);
  CHECK(to_double(machine.done(0)) == 72'000);
  machine.set_pace(0, mib_per_second(5));  // two hours for what comes every hour: it is never done again
  sim.run_until(Time::at(10_h));
  CHECK(machine.work_time(0).count() == 2);
  CHECK(machine.offered(0) == machine.done(0) + machine.backlog(0));
}

TEST_CASE("storage: st1 is at its base rate while a snapshot of it is uploaded, and keeps its credits",
          "[storage][analytic]") {
  const VolumeLimits st1 = limits_of({.type = VolumeType::st1, .size_gib = 1024}, {"m5.large", true},
                                     std::chrono::year{2021} / 8 / 15);
  for (const bool snapshot : {true, false}) {
    StorageLoadConfig work = backup();
    work.snapshot = snapshot;
    work.pace = mib_per_second(10);
    StorageLoadConfig scan{.name = "scan", .volume = 0, .io_size = 1_MiB, .sequential = true, .queue_depth = {}};
    Simulation sim;
    StorageMachine machine(sim, {.name = "log", .limits = {}, .volumes = {{"data", st1}}, .loads = {work, scan},
                                 .modifications = {}});
    machine.start();
    machine.offer(1, RequestRate::of(1'000'000'000));  // 1,000 MiB/s
    machine.update();
    sim.run_until(Time::at(100_s));
    CHECK(machine.throughput(1) == mib_per_second(250));
    const double before = machine.burst_balance(0)->value;
    machine.give(0, 10'000_MiB);
    machine.update();
    sim.run_until(Time::at(1099_s));
    CHECK(machine.throughput(0) == mib_per_second(10));
    CHECK(machine.throughput(1) == mib_per_second(snapshot ? 30 : 240));
    CHECK((machine.burst_balance(0)->value == before) == snapshot);
    sim.run_until(Time::at(1101_s));
    CHECK(machine.throughput(1) == mib_per_second(250));
    CHECK(machine.offered(0) == machine.done(0) + machine.backlog(0));
  }
}

TEST_CASE("storage: a snapshot goes on while the instance is stopped, a backup by an agent does not", "[storage][analytic]") {
  for (const bool snapshot : {true, false}) {
    StorageLoadConfig work = backup();
    work.snapshot = snapshot;
    Simulation sim;
    StorageMachineConfig config{.name = "db", .limits = throughput_limit(mib_per_second(100)), .volumes = {{"data", gp3(250)}},
                                .loads = {work}, .modifications = {}};
    config.stops = {{Time::at(10_s), 60_s}};
    StorageMachine machine(sim, config);
    machine.start();
    machine.give(0, 3000_MiB);
    machine.update();
    sim.run_until(Time::at(200_s));
    CHECK(machine.work_time(0).max() == (snapshot ? 30 : 90));
  }
}

TEST_CASE("storage: work that is withdrawn is lost, and nobody is told that it is done", "[storage][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = throughput_limit(mib_per_second(100)), .volumes = {{"data", gp3(250)}},
                               .loads = {backup()}, .modifications = {}});
  Recorder recorder(sim);
  machine.listen(0, recorder);
  machine.start();
  machine.give(0, 1000_MiB);
  machine.update();
  sim.run_until(Time::at(4_s));
  machine.withdraw(0);
  machine.update();
  sim.run_until(Time::at(20_s));
  CHECK(recorder.done.empty());
  CHECK(to_double(machine.done(0)) == 400);
  CHECK(to_double(machine.lost(0)) == 600);
  CHECK(machine.backlog(0) == Requests{});
  CHECK(machine.rate(0) == RequestRate{});
}
