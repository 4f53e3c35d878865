/// Instances that stop, disks inside them, restored volumes that are read whole, I/Os that miss their deadline, and what
/// was held back when.

#include <algorithm>

#include "fleetsim/models/storage.hpp"
#include "fleetsim/models/storage/instance_store.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

VolumeLimits gp3(std::int64_t iops, std::int64_t mibps) {
  return limits_of({.type = VolumeType::gp3, .size_gib = 1000, .iops = iops, .mibps = mibps}, {"m5.large", true},
                   std::chrono::year{2021} / 8 / 15);
}
RequestRate per_second(std::int64_t rate) { return RequestRate::of(rate * 1'000'000); }
StorageMachineConfig machine_of(VolumeLimits volume, StorageLoadConfig load) {
  return {.name = "db", .limits = {}, .volumes = {{"data", volume}}, .loads = {std::move(load)}, .modifications = {}};
}
StorageLoadConfig oltp(Bytes io_size = 16_KiB) {
  return {.name = "oltp", .volume = 0, .io_size = io_size, .queue_depth = {}};
}

}  // namespace

TEST_CASE("storage: while the instance is stopped nothing is offered, and what waited is lost", "[storage][analytic]") {
  Simulation sim;
  StorageMachineConfig config = machine_of(gp3(3000, 125), oltp());
  config.stops = {{Time::at(100_s), 50_s}};
  StorageMachine machine(sim, config);
  machine.start();
  machine.offer(0, per_second(4000));
  machine.update();
  sim.run_until(Time::at(200_s));
  // 150 s at 4,000 offered and 3,000 done; 100 s of the difference waited at the stop and were lost.
  CHECK(machine.offered(0) == Requests::of(Int128{600'000} * 1'000'000'000'000'000));
  CHECK(machine.done(0) == Requests::of(Int128{450'000} * 1'000'000'000'000'000));
  CHECK(machine.lost(0) == Requests::of(Int128{100'000} * 1'000'000'000'000'000));
  CHECK(machine.offered(0) == machine.done(0) + machine.backlog(0) + machine.lost(0));
  CHECK(machine.stopped_time() == 50_s);
}

TEST_CASE("storage: a terminated instance does nothing more", "[storage]") {
  Simulation sim;
  StorageMachineConfig config = machine_of(gp3(3000, 125), oltp());
  config.stops = {{Time::at(10_s), std::nullopt}};
  StorageMachine machine(sim, config);
  machine.start();
  machine.offer(0, per_second(1000));
  machine.update();
  sim.run_until(Time::at(100_s));
  CHECK(to_double(machine.done(0)) == 10'000);
  machine.offer(0, per_second(2000));  // its demand goes on changing
  machine.update();
  sim.run_until(Time::at(200_s));
  CHECK(to_double(machine.offered(0)) == 10'000);
}

TEST_CASE("storage: an instance store loses its data at a stop and is written again at the start", "[storage][analytic]") {
  Simulation sim;
  // m5d.large: 30,000 reads and 15,000 writes of 4 KiB: 117.1875 MiB/s read, half of it written.
  const VolumeLimits disks = instance_store_limits(Iops::of(30'000), Iops::of(15'000));
  StorageMachineConfig config{.name = "db", .limits = {}, .volumes = {}, .loads = {}, .modifications = {}};
  config.limits.throughput = BurstLimit{1'000'000, 1'000'000};  // of EBS, which the disks do not pass
  config.volumes.push_back({.name = "temporary", .limits = disks, .in_instance = true, .content = 11'718'750_KiB});
  config.stops = {{Time::at(10_s), 10_s}};
  StorageMachine machine(sim, config);
  machine.start();
  sim.run_until(Time::at(500_s));
  CHECK(machine.times_lost(0) == 1);
  REQUIRE(machine.rebuilt_after(0));
  // 11,718,750 KiB at 60,000 KiB/s.
  CHECK_THAT(to_seconds(*machine.rebuilt_after(0)), WithinRel(195.3125, 1e-5));
}

TEST_CASE("storage: reads and writes of an instance store reach the published IOPS", "[storage][table]") {
  for (const double reads : {1.0, 0.0}) {
    Simulation sim;
    StorageLoadConfig load = oltp(4_KiB);
    load.reads = Ratio{reads};
    StorageMachineConfig config = machine_of(instance_store_limits(Iops::of(117'000), Iops::of(57'000)), load);
    config.volumes[0].in_instance = true;
    StorageMachine machine(sim, config);
    machine.start();
    machine.offer(0, per_second(1'000'000));
    machine.update();
    CHECK(machine.rate(0).count() / 1'000'000 == (reads == 1 ? 117'000 : 57'000));
  }
}

TEST_CASE("storage: content of an instance store is read from the volume that holds it, within that volume's limits",
          "[storage][analytic]") {
  Simulation sim;
  StorageMachineConfig config = machine_of(gp3(3000, 125), oltp());
  config.volumes.push_back({.name = "cache",
                            .limits = instance_store_limits(Iops::of(1'000'000), Iops::of(1'000'000)),
                            .in_instance = true,
                            .content = 12'500_MiB,
                            .content_from = 0});
  config.stops = {{Time::at(10_s), 10_s}};
  StorageMachine machine(sim, config);
  machine.start();
  sim.run_until(Time::at(300_s));
  CHECK_THAT(to_seconds(*machine.rebuilt_after(1)), WithinRel(100.0, 1e-5));  // at 125 MiB/s
}

TEST_CASE("storage: a restored volume that is read whole is at full speed when that is done, and shares the instance",
          "[storage][analytic]") {
  Simulation sim;
  StorageMachineConfig config = machine_of(gp3(3000, 125), oltp());
  config.limits.throughput = BurstLimit{100 << 20, 100 << 20};
  config.volumes[0].restore = VolumeRestore{.data = 20_GiB, .rate = mib_per_second(500), .first_touch = 30_ms, .by_reading = true};
  StorageMachine machine(sim, config);
  machine.start();
  CHECK_FALSE(machine.full_speed_after(0));
  sim.run_until(Time::at(204_s));
  CHECK_FALSE(machine.full_speed_after(0));
  sim.run_until(Time::at(206_s));
  REQUIRE(machine.full_speed_after(0));
  CHECK_THAT(to_seconds(*machine.full_speed_after(0)), WithinRel(204.8, 1e-4));  // 20,480 MiB at 100
}

TEST_CASE("storage: an I/O is late from the instant at which the backlog before it takes too long", "[storage][analytic]") {
  Simulation sim;
  StorageLoadConfig load = oltp();
  load.deadline = 501_ms;  // 1 ms of its own and half a second of backlog: 1,500 I/Os at 3,000 a second
  StorageMachine machine(sim, machine_of(gp3(3000, 125), load));
  machine.start();
  machine.offer(0, per_second(3100));  // the backlog reaches 1,500 after 15 s
  machine.update();
  sim.run_until(Time::at(40_s));
  CHECK_THAT(machine.late(0), WithinRel(3100.0 * 25, 1e-9));
  CHECK_THAT(to_double(machine.waited(0)), WithinRel(3100.0 * 40, 1e-9));
  machine.offer(0, per_second(2000));  // 4,000 wait: below 1,500 after 2.5 s, gone after 4 s
  machine.update();
  sim.run_until(Time::at(100_s));
  CHECK_THAT(machine.late(0), WithinRel(3100.0 * 25 + 2000 * 2.5, 1e-9));
  CHECK_THAT(to_double(machine.waited(0)), WithinRel(3100.0 * 40 + 2000 * 4, 1e-9));
}

TEST_CASE("storage: the series of limits adds up to the time of each, and keeping it changes nothing", "[storage]") {
  std::uint64_t fingerprints[2];
  for (const bool keep : {false, true}) {
    Simulation sim;
    StorageMachine machine(sim, machine_of(gp3(3000, 125), oltp()));
    if (keep) machine.keep_series(100_s, 7);
    machine.start();
    machine.offer(0, per_second(4000));
    machine.update();
    sim.run_until(Time::at(30_s));
    machine.offer(0, per_second(0));  // 30,000 wait: gone after 10 s
    machine.update();
    sim.run_until(Time::at(100_s));
    fingerprints[keep ? 1 : 0] = sim.fingerprint();
    const auto series = machine.limit_series();
    if (!keep) {
      CHECK(series.empty());
      continue;
    }
    // The volume's IOPS hold it for 40 s, nothing else does at any time, and nothing the instance.
    REQUIRE(series.size() == 3);
    const std::vector<double> &free = series[0].shares, &held = series[1].shares;
    CHECK(series[0].volume == 0);
    CHECK(series[0].limit == StorageLimit::none);
    CHECK(series[1].volume == 0);
    CHECK(series[1].limit == StorageLimit::volume_iops);
    CHECK_FALSE(series[2].volume);
    CHECK(series[2].limit == StorageLimit::none);
    REQUIRE(held.size() == 7);
    REQUIRE(free.size() == 7);
    const double part = 100.0 / 7;
    for (std::size_t p = 0; p < 7; ++p) {
      const double from = part * static_cast<double>(p);
      CHECK_THAT(held[p], WithinAbs(std::clamp((40 - from) / part, 0.0, 1.0), 1e-9));
      CHECK_THAT(free[p] + held[p], WithinAbs(1.0, 1e-9));
      CHECK_THAT(series[2].shares[p], WithinAbs(1.0, 1e-9));
    }
  }
  CHECK(fingerprints[0] == fingerprints[1]);
}
