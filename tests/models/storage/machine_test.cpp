/// Volumes on an instance under load, against what can be worked out by hand.

#include "fleetsim/models/storage.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

using Catch::Matchers::WithinRel;

namespace {

constexpr Date in_2021 = std::chrono::year{2021} / 8 / 15;

VolumeLimits volume(VolumeType type, std::int64_t gib, std::optional<std::int64_t> iops = {},
                    std::optional<std::int64_t> mibps = {}) {
  return limits_of({.type = type, .size_gib = gib, .iops = iops, .mibps = mibps}, {"r5b.large", true}, in_2021);
}
BurstLimit steady(std::int64_t value) { return {value, value}; }
RequestRate per_second(std::int64_t rate) { return RequestRate::of(rate * 1'000'000); }
StorageLoadConfig load(std::string name, std::size_t on, Bytes io_size) {
  return {.name = std::move(name), .volume = on, .io_size = io_size, .queue_depth = {}};
}
std::int64_t io(RequestRate rate) { return rate.count() / 1'000'000; }

/// offered + what was there = done + backlog, to 10^-15 of an I/O.
void check_conserved(const StorageMachine& machine) {
  for (std::size_t l = 0; l < machine.config().loads.size(); ++l) {
    CHECK(machine.offered(l) == machine.done(l) + machine.backlog(l));
  }
}

}  // namespace

TEST_CASE("storage: gp2 bursts for its credits over what it uses more than its baseline, then falls to it",
          "[storage][analytic]") {
  for (const std::int64_t gib : {1, 100, 250, 500, 750}) {
    Simulation sim;
    StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp2, gib)}},
                                 .loads = {load("oltp", 0, 16_KiB)}, .modifications = {}});
    machine.start();
    machine.offer(0, per_second(3000));
    machine.update();
    const std::int64_t base = std::max<std::int64_t>(100, 3 * gib);
    const auto burst = seconds(5.4e6 / static_cast<double>(3000 - base));
    sim.run_until(Time::at(burst - 1_us));
    CHECK(io(machine.rate(0)) == 3000);
    CHECK(machine.limit(0) == StorageLimit::none);
    sim.run_until(Time::at(burst + 1_us));
    CHECK(io(machine.rate(0)) == base);
    CHECK(machine.limit(0) == StorageLimit::volume_burst_empty);
    CHECK(machine.burst_balance(0)->value < 1e-9);
    CHECK(machine.volume_emptied(0).times == 1);
    CHECK(*machine.volume_emptied(0).first - Time::at(burst) <= 1_us);
    // Ten idle hours bring back what they earn; the minimum stays.
    machine.offer(0, per_second(0));
    machine.update();
    sim.run_until(Time::at(burst + 10_h));
    CHECK(machine.burst_balance(0)->value > 0.1);
    CHECK(machine.burst_balance_min(0)->value < 1e-9);
    check_conserved(machine);
  }
}

TEST_CASE("storage: below its baseline a gp2 volume earns credits, and spends them later", "[storage][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp2, 100)}},
                               .loads = {load("oltp", 0, 16_KiB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(3000));
  machine.update();
  sim.run_until(Time::at(2000_s));  // empty: 5.4 million / 2,700
  machine.offer(0, per_second(0));
  machine.update();
  sim.run_until(Time::at(2000_s + 9000_s));  // half full: 300 x 9,000 = 2.7 million
  CHECK_THAT(machine.burst_balance(0)->value, WithinRel(0.5, 1e-9));
  machine.offer(0, per_second(3000));
  machine.update();
  sim.run_until(Time::at(11'000_s + 999_s));
  CHECK(io(machine.rate(0)) == 3000);
  sim.run_until(Time::at(11'000_s + 1001_s));
  CHECK(io(machine.rate(0)) == 300);
  check_conserved(machine);
}

TEST_CASE("storage: gp2 with large I/O is held by throughput before IOPS, and by 256 KiB x baseline when empty",
          "[storage][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp2, 300)}},
                               .loads = {load("scan", 0, 256_KiB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(3000));
  machine.update();
  CHECK(io(machine.rate(0)) == 1000);  // 250 MiB/s
  CHECK(machine.limit(0) == StorageLimit::volume_throughput);
  // 1,000 I/Os a second of a baseline of 900: 5.4 million last 15 hours.
  sim.run_until(Time::at(15_h - 1_s));
  CHECK(io(machine.rate(0)) == 1000);
  sim.run_until(Time::at(15_h + 1_s));
  CHECK(io(machine.rate(0)) == 900);
}

TEST_CASE("storage: a configured io2 volume is held by the instance", "[storage][analytic]") {
  for (const std::int64_t instance : {15'000, 60'000}) {
    Simulation sim;
    InstanceStorageLimits limits;
    limits.iops = steady(instance);
    limits.throughput = steady(1'250'000'000);
    StorageMachine machine(sim, {.name = "db", .limits = limits,
                                 .volumes = {{"data", volume(VolumeType::io2, 1000, 45'000)}},
                                 .loads = {load("oltp", 0, 16_KiB)}, .modifications = {}});
    machine.start();
    machine.offer(0, per_second(50'000));
    machine.update();
    CHECK(io(machine.rate(0)) == std::min<std::int64_t>(instance, 45'000));
    CHECK(machine.limit(0) == (instance < 45'000 ? StorageLimit::instance_iops : StorageLimit::volume_iops));
  }
}

TEST_CASE("storage: two volumes share the instance's throughput, equally and to the byte", "[storage][analytic]") {
  Simulation sim;
  InstanceStorageLimits limits;
  limits.throughput = steady(593'750'000);
  const VolumeLimits half_gig = volume(VolumeType::gp3, 1000, 4000, 1000);
  StorageMachine machine(sim, {.name = "db", .limits = limits, .volumes = {{"a", half_gig}, {"b", half_gig}},
                               .loads = {load("one", 0, 125_KB), load("two", 1, 125_KB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(4000));  // 500 MB/s each
  machine.offer(1, per_second(4000));
  machine.update();
  CHECK(io(machine.rate(0)) == 2375);  // 593.75 MB/s / 2 / 125 kB
  CHECK(io(machine.rate(1)) == 2375);
  CHECK(machine.limit(0) == StorageLimit::instance_throughput);
  machine.offer(1, per_second(1000));  // who wants less leaves the rest
  machine.update();
  sim.run_until(Time::at(1_s));
  CHECK(machine.volume_limit(0) == StorageLimit::instance_throughput);
  CHECK(io(machine.rate(0)) == 3750);
  CHECK(machine.volume_limit(1) == StorageLimit::none);
}

TEST_CASE("storage: an instance holds its maximum for 30 minutes, then its baseline", "[storage][analytic]") {
  Simulation sim;
  InstanceStorageLimits limits;
  limits.iops = BurstLimit{3600, 18'750};  // m5.large
  limits.throughput = BurstLimit{81'250'000, 593'750'000};
  StorageMachine machine(sim, {.name = "db", .limits = limits,
                               .volumes = {{"data", volume(VolumeType::io2, 1000, 45'000)}},
                               .loads = {load("oltp", 0, 4_KiB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(40'000));
  machine.update();
  CHECK(machine.limit(0) == StorageLimit::instance_iops);
  sim.run_until(Time::at(30_min - 1_us));
  CHECK(io(machine.rate(0)) == 18'750);
  sim.run_until(Time::at(30_min + 1_us));
  CHECK(io(machine.rate(0)) == 3600);
  CHECK(machine.limit(0) == StorageLimit::instance_burst_empty);
  CHECK(machine.io_balance()->value < 1e-9);
  check_conserved(machine);
}

TEST_CASE("storage: a backup at night eats the burst that the database needs", "[storage]") {
  // Throughput: 650 Mbps, 4,750 for half an hour. The database alone stays below the baseline.
  InstanceStorageLimits limits;
  limits.throughput = BurstLimit{81'250'000, 593'750'000};
  for (const bool backup : {false, true}) {
    Simulation sim;
    const VolumeLimits data = volume(VolumeType::gp3, 1000, 16'000, 1000);
    StorageMachine machine(sim, {.name = "db", .limits = limits, .volumes = {{"data", data}},
                                 .loads = {load("oltp", 0, 16_KiB), load("backup", 0, 256_KiB)},
                                 .modifications = {}});
    machine.start();
    machine.offer(0, per_second(4500));  // 73.7 MB/s
    machine.offer(1, per_second(backup ? 2000 : 0));  // 524 MB/s
    machine.update();
    sim.run_until(Time::at(1_h));
    CHECK((machine.limit(0) == StorageLimit::instance_burst_empty) == backup);
    CHECK((machine.rate(0) < per_second(4500)) == backup);
    // Together they want more than 593.75 MB/s, which lasts half an hour; the database has its 73.728 MB/s of it.
    const EmptiedBurst emptied = machine.emptied_burst();
    CHECK(emptied.times == (backup ? 1 : 0));
    CHECK(machine.share_of_emptying(0).has_value() == backup);
    if (backup) {
      CHECK(*emptied.first >= Time::at(30_min - 1_us));
      CHECK(*emptied.first <= Time::at(30_min + 1_us));
      CHECK_THAT(machine.share_of_emptying(0)->value, WithinRel(73.728 / 593.75, 1e-6));
      CHECK_THAT(machine.share_of_emptying(1)->value, WithinRel(1 - 73.728 / 593.75, 1e-6));
    }
    check_conserved(machine);
  }
}

TEST_CASE("storage: a backlog is worked off at the rest of the limit, and latency follows it", "[storage][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp3, 100)}},
                               .loads = {load("oltp", 0, 16_KiB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(4000));  // 1,000 more than the volume does
  machine.update();
  sim.run_until(Time::at(60_s));
  CHECK(to_double(machine.backlog(0)) == 60'000);
  CHECK(machine.latency_max(0) == 20_s + 1_ms);  // 60,000 / 3,000, and 1 ms of its own
  machine.offer(0, per_second(1000));
  machine.update();
  CHECK(io(machine.rate(0)) == 3000);
  sim.run_until(Time::at(90_s));  // 60,000 at 2,000 more than are offered
  CHECK(machine.backlog(0) == Requests{});
  CHECK(io(machine.rate(0)) == 1000);
  CHECK(machine.limit(0) == StorageLimit::none);
  sim.run_until(Time::at(100_s));
  check_conserved(machine);
  CHECK(to_double(machine.done(0)) == 60 * 4000 + 40 * 1000);
  // The backlog is a triangle of 90 s and 60,000: 2.7 million I/O seconds over 280,000 I/Os.
  CHECK_THAT(to_seconds(*machine.latency_mean(0)), WithinRel(2.7e6 / 280'000 + 0.001, 1e-9));
  const LimitShares shares = machine.limit_shares(0);
  CHECK(shares.time[static_cast<std::size_t>(StorageLimit::volume_iops)] == 90_s);
  CHECK(to_double(shares.cut[static_cast<std::size_t>(StorageLimit::volume_iops)]) == 60'000);
}

TEST_CASE("storage: a closed loop does its depth over the latency, until a limit makes it wait", "[storage][analytic]") {
  for (const auto& [depth, iops, latency] : {std::tuple{2, 2000, 1_ms}, std::tuple{30, 3000, 10_ms}}) {
    Simulation sim;
    StorageLoadConfig closed = load("batch", 0, 16_KiB);
    closed.queue_depth = depth;
    StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp3, 100)}},
                                 .loads = {closed}, .modifications = {}});
    machine.start();
    sim.run_until(Time::at(10_s));
    CHECK(io(machine.rate(0)) == iops);
    CHECK(to_double(machine.done(0)) == 10.0 * iops);
    CHECK(machine.latency_mean(0) == latency);
  }
}

TEST_CASE("storage: st1 reads at its burst rate until a volume's worth of credits is spent", "[storage][analytic]") {
  Simulation sim;
  StorageMachine machine(sim, {.name = "log", .limits = {}, .volumes = {{"data", volume(VolumeType::st1, 1024)}},
                               .loads = {load("scan", 0, 1024_KiB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(1000));
  machine.update();
  const double burst_s = 1024.0 * 1024 / (250 - 40);  // 1 TiB at 250 MiB/s, 40 of which come in
  sim.run_until(Time::at(seconds(burst_s - 0.001)));
  CHECK(io(machine.rate(0)) == 250);
  CHECK(machine.limit(0) == StorageLimit::volume_throughput);
  sim.run_until(Time::at(seconds(burst_s + 0.001)));
  CHECK(io(machine.rate(0)) == 40);
}

TEST_CASE("storage: a modified volume keeps its rate while it is optimized, and has the new one afterwards",
          "[storage]") {
  Simulation sim;
  const VolumeModification faster{.volume = 0, .at = Time::at(1_h), .optimizing = 6_h,
                                  .limits = volume(VolumeType::gp3, 1000, 6000, 125)};
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp3, 1000)}},
                               .loads = {load("oltp", 0, 16_KiB)}, .modifications = {faster}});
  machine.start();
  machine.offer(0, per_second(5000));
  machine.update();
  sim.run_until(Time::at(7_h - 1_ns));
  CHECK(io(machine.rate(0)) == 3000);
  sim.run_until(Time::at(7_h));
  CHECK(io(machine.rate(0)) == 6000);  // it works off its backlog now
}

TEST_CASE("storage: turned from SSD into HDD, a volume counts I/Os both ways until it is optimized, then by the MiB",
          "[storage][analytic]") {
  const VolumeModification into_st1{.volume = 0, .at = Time::at(1_h), .optimizing = 6_h,
                                    .limits = volume(VolumeType::st1, 4096)};
  Simulation sim;
  StorageMachine machine(sim, {.name = "log", .limits = {},
                               .volumes = {{"random", volume(VolumeType::gp3, 4096)}, {"scan", volume(VolumeType::gp3, 4096)}},
                               .loads = {load("random", 0, 16_KiB), load("scan", 1, 1024_KiB)},
                               .modifications = {into_st1, {.volume = 1, .at = Time::at(1_h), .optimizing = 6_h,
                                                            .limits = volume(VolumeType::st1, 4096)}}});
  machine.start();
  machine.offer(0, per_second(5000));
  machine.offer(1, per_second(1000));
  machine.update();
  sim.run_until(Time::at(1_h - 1_s));
  CHECK(io(machine.rate(0)) == 3000);
  CHECK(io(machine.rate(1)) == 125);
  // The lower of the two: a random I/O spends a MiB of st1's 500 MiB/s; a scan is held by gp3's 125.
  sim.run_until(Time::at(1_h + 1_s));
  CHECK(io(machine.rate(0)) == 500);
  CHECK(io(machine.rate(1)) == 125);
  // st1 of 4 TiB fills at 160 MiB/s: the random I/Os spend its 4 TiB of credits, the scan none.
  const double spent_s = 4.0 * 1024 * 1024 / (500 - 160);
  sim.run_until(Time::at(1_h + seconds(spent_s - 0.001)));
  CHECK(io(machine.rate(0)) == 500);
  sim.run_until(Time::at(1_h + seconds(spent_s + 0.001)));
  CHECK(io(machine.rate(0)) == 160);
  CHECK(machine.limit(0) == StorageLimit::volume_burst_empty);
  sim.run_until(Time::at(7_h));
  CHECK(io(machine.rate(0)) == 160);
  CHECK(io(machine.rate(1)) == 500);
  CHECK_THAT(machine.burst_balance(1)->value, WithinRel(1.0, 1e-9));
  check_conserved(machine);
}

TEST_CASE("storage: turned from HDD into SSD, a volume is as slow as before until it is optimized", "[storage][analytic]") {
  const VolumeModification into_gp3{.volume = 0, .at = Time::at(1_h), .optimizing = 6_h,
                                    .limits = volume(VolumeType::gp3, 1024)};
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::st1, 1024)}},
                               .loads = {load("random", 0, 16_KiB)}, .modifications = {into_gp3}});
  machine.start();
  machine.offer(0, per_second(2000));
  machine.update();
  sim.run_until(Time::at(7_h - 1_s));
  CHECK(io(machine.rate(0)) == 40);  // its burst is spent
  sim.run_until(Time::at(7_h));
  CHECK(io(machine.rate(0)) == 3000);  // with a backlog to work off
  CHECK(machine.limit(0) == StorageLimit::volume_iops);
  CHECK_FALSE(machine.burst_balance(0));
  check_conserved(machine);
}

TEST_CASE("storage: the mean queue is the rate times the time of an I/O", "[storage][analytic]") {
  StorageLoadConfig closed = load("closed", 1, 16_KiB);
  closed.queue_depth = 32;
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {},
                               .volumes = {{"open", volume(VolumeType::gp3, 1000)}, {"closed", volume(VolumeType::gp3, 1000)}},
                               .loads = {load("open", 0, 16_KiB), closed}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(2000));
  machine.update();
  sim.run_until(Time::at(1_h));
  CHECK_THAT(machine.queue_length(0), WithinRel(2000 * 0.001, 1e-9));  // of 1 ms each
  CHECK_THAT(machine.queue_length(1), WithinRel(32.0, 1e-9));
}

TEST_CASE("storage: gp2 between 170 and 334 GiB has 250 MiB/s while it has credits", "[storage][analytic]") {
  // 250 GiB: 1,000 I/Os of 256 KiB a second use 250 credits above the 750 of the baseline, for 21,600 s; then 187.5 MiB/s.
  StorageLoadConfig flood = load("flood", 0, 256_KiB);
  flood.queue_depth = 100;
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp2, 250)}}, .loads = {flood},
                               .modifications = {}});
  machine.start();
  sim.run_until(Time::at(21'599_s));
  CHECK(machine.throughput(0) == mib_per_second(250));
  sim.run_until(Time::at(21'601_s));
  CHECK(machine.throughput(0).count() == mib_per_second(375).count() / 2);
}

TEST_CASE("storage: a bucket that is empty stays so when the volume's limits are set anew", "[storage][analytic]") {
  // 5.4 million credits for 2,700/s above the baseline of 100 GiB last 2,000 s; after that the load never lets go, while the
  // volume loads its 100 GiB in 20 steps of 1,280 s.
  const VolumeRestore restore{.data = 100_GiB, .rate = mib_per_second(4), .first_touch = {}};
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{.name = "data", .limits = volume(VolumeType::gp2, 100), .restore = restore}},
                               .loads = {load("oltp", 0, 4_KiB)}, .modifications = {}});
  machine.start();
  machine.offer(0, per_second(3000));
  machine.update();
  sim.run_until(Time::at(8_h));
  CHECK(machine.volume_emptied(0).times == 1);
  CHECK(*machine.volume_emptied(0).first - Time::at(2000_s) <= 1_us);
  CHECK(io(machine.rate(0)) == 300);
  check_conserved(machine);
}

TEST_CASE("storage: a gp2 volume without credits that becomes gp3 has none until it is optimized", "[storage][analytic]") {
  StorageLoadConfig flood = load("flood", 0, 4_KiB);
  flood.queue_depth = 100;
  const Duration optimizing = optimizing_time(100);
  CHECK_THAT(to_seconds(optimizing), WithinRel(2109.375, 1e-9));
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp2, 100)}}, .loads = {flood},
                               .modifications = {{.volume = 0, .at = Time::at(1_h), .optimizing = optimizing,
                                                  .limits = volume(VolumeType::gp3, 100)}}});
  machine.start();
  sim.run_until(Time::at(2_h));
  // 3,000 a second for 2,000 s, then 300 for the rest of the hour and for the 2,109.4 s of optimizing, then 3,000 again.
  CHECK_THAT(to_double(machine.done(0)), WithinRel(2000 * 3000.0 + 1600 * 300.0 + 2109.375 * 300 + 1490.625 * 3000, 1e-6));
  CHECK(machine.volume_emptied(0).times == 1);
}

TEST_CASE("storage: a snapshot slows an SSD that becomes an HDD as it would slow the HDD", "[storage][analytic]") {
  // st1 of a TiB has 40 MiB/s without its burst, of which the snapshot has one.
  StorageLoadConfig flood = load("flood", 0, 1_MiB);
  flood.queue_depth = 100;
  flood.sequential = true;
  StorageLoadConfig snapshot = load("snapshot", 0, 512_KiB);
  snapshot.sequential = snapshot.work = snapshot.snapshot = true;
  snapshot.pace = mib_per_second(1);
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp3, 1024)}}, .loads = {flood, snapshot},
                               .modifications = {{.volume = 0, .at = Time::at(2_h), .optimizing = 6_h, .limits = volume(VolumeType::st1, 1024)}}});
  machine.start();
  // Of 6 hours from 1:00 on, while it is a gp3 for one hour and turns for five.
  sim.run_until(Time::at(1_h));
  machine.give(1, 1_MiB * 6 * 3600);
  machine.update();
  CHECK(machine.throughput(0) == mib_per_second(124));
  sim.run_until(Time::at(2_h + 1_s));
  CHECK(machine.throughput(0) == mib_per_second(39));
  // Then it is what is less: the gp3's 125 or the burst of st1's 250.
  sim.run_until(Time::at(7_h + 1_s));
  CHECK(machine.throughput(0) == mib_per_second(125));
}

TEST_CASE("storage: random and sequential I/Os share an HDD equally as it counts them", "[storage][analytic]") {
  // A random one of 16 KiB counts as the MiB that a sequential one has: 125 of each of st1's 250 MiB/s for a TiB.
  StorageLoadConfig random = load("random", 0, 16_KiB), scan = load("scan", 0, 1_MiB);
  random.queue_depth = scan.queue_depth = 100;
  scan.sequential = true;
  Simulation sim;
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::st1, 1024)}},
                               .loads = {random, scan}, .modifications = {}});
  machine.start();
  CHECK(io(machine.rate(0)) == 125);
  CHECK(io(machine.rate(1)) == 125);
}

TEST_CASE("storage: looking at a run changes nothing in it", "[storage][property]") {
  const auto run = [](Duration step) {
    Simulation sim({.fingerprint = true});
    StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {{"data", volume(VolumeType::gp2, 33)}},
                                 .loads = {load("oltp", 0, 16_KiB)}, .modifications = {}});
    machine.start();
    machine.offer(0, RequestRate::of(777'777'777));
    machine.update();
    for (Time at; at < Time::at(9_h); at += step) {
      sim.run_until(at + step);
      (void)machine.latency_mean(0);
      (void)machine.limit_shares(0);
    }
    return std::tuple{machine.done(0), machine.backlog(0), machine.latency_mean(0), sim.fingerprint()};
  };
  CHECK(run(9_h) == run(1_min));
}

TEST_CASE("storage: changes of load allocate nothing", "[storage]") {
  Simulation sim;
  InstanceStorageLimits limits;
  limits.iops = BurstLimit{3600, 18'750};
  const VolumeLimits data = volume(VolumeType::gp2, 100);
  StorageMachine machine(sim, {.name = "db", .limits = limits, .volumes = {{"a", data}, {"b", data}},
                               .loads = {load("one", 0, 16_KiB), load("two", 1, 64_KiB)}, .modifications = {}});
  machine.start();
  const auto day = [&](int k) {
    for (int hour = 0; hour < 24; ++hour) {
      machine.offer(0, per_second(100 + (hour * 7 + k) % 24 * 200));
      machine.offer(1, per_second(50 + hour * 100));
      machine.update();
      sim.run_until(sim.now() + 1_h);
    }
  };
  for (int k = 0; k < 5; ++k) day(k);
  const std::uint64_t before = test::allocations();
  for (int k = 5; k < 55; ++k) day(k);
  // 1,200 changes of two loads; the kernel's event list may still double its room once or twice.
  CHECK(test::allocations() - before < 10);
  check_conserved(machine);
}
