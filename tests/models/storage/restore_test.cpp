/// Volumes from snapshots: when they are at full speed, and what fast restore gives.

#include "fleetsim/models/storage/restore.hpp"

#include "fleetsim/models/storage.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinRel;

namespace {

constexpr Date in_2021 = std::chrono::year{2021} / 8 / 15, in_2023 = std::chrono::year{2023} / 5 / 15;
constexpr std::int64_t credit = 1'000'000;

}  // namespace

TEST_CASE("storage: fast restore of 128 GiB fills 8 credits an hour, the first after 7.5 minutes", "[storage][table]") {
  CHECK(fast_restore_credits(128, {}, in_2023) == 0);
  CHECK(fast_restore_credits(128, 7_min + 30_s, in_2023) == credit);
  CHECK(fast_restore_credits(128, 7_min + 29_s, in_2023) < credit);
  CHECK(fast_restore_credits(128, 24_h, in_2023) == 8 * credit);
}

TEST_CASE("storage: fast restore gives ten credits an hour at most, and a large snapshot one in the end",
          "[storage][table]") {
  CHECK(fast_restore_credits(10, 30_min, in_2023) == 5 * credit);
  CHECK(fast_restore_credits(10, 24_h, in_2023) == 10 * credit);
  CHECK(fast_restore_credits(16'384, 15_h, in_2023) < credit);
  CHECK(fast_restore_credits(16'384, 16_h, in_2023) == credit);
  CHECK(fast_restore_credits(16'384, 48_h, in_2023) == credit);
}

TEST_CASE("storage: until January 2022 a bucket of fast restore has whole credits", "[storage][table]") {
  CHECK(fast_restore_credits(400, 24_h, in_2021) == 2 * credit);
  CHECK(fast_restore_credits(400, 24_h, in_2023) == 2'560'000);
  CHECK(fast_restore_optimizing(512) == 30_min);
}

TEST_CASE("storage: a volume from a snapshot serves at once and is fast when data / rate have passed",
          "[storage][analytic]") {
  Simulation sim;
  const VolumeRequest request{.type = VolumeType::io2, .size_gib = 1000, .iops = 10'000};
  StorageVolumeConfig volume{"data", limits_of(request, {"m5.24xlarge", true}, in_2021), {}};
  volume.restore = VolumeRestore{.data = 200_GiB, .rate = mib_per_second(200), .first_touch = 40_ms,
                                 .iops_percent = 50};
  StorageLoadConfig closed{.name = "batch", .volume = 0, .queue_depth = 2};
  StorageLoadConfig open{.name = "oltp", .volume = 0, .queue_depth = {}};
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {volume}, .loads = {closed, open},
                               .modifications = {}});
  machine.start();
  machine.offer(1, RequestRate::of(4'000'000'000));
  machine.update();
  const Duration loaded = 1024_s;  // 200 GiB at 200 MiB/s
  CHECK(machine.serves_after(0) == 40_ms);
  // The first step misses 97.5 % of the blocks: 1 ms + 39 ms an I/O, two in flight.
  CHECK(to_requests_per_second(machine.rate(0)) == 50);
  machine.offer(1, RequestRate::of(6'000'000'000));
  machine.update();
  CHECK(machine.limit(1) == StorageLimit::volume_iops);  // half of 10,000
  sim.run_until(Time::at(loaded - 1_ns));
  CHECK(to_requests_per_second(machine.rate(0)) < 2000);
  CHECK_FALSE(machine.full_speed_after(0));
  sim.run_until(Time::at(loaded));
  CHECK(to_requests_per_second(machine.rate(0)) == 2000);
  CHECK(machine.full_speed_after(0) == loaded);
  CHECK(machine.offered(1) == machine.done(1) + machine.backlog(1));
}

TEST_CASE("storage: I/Os during a load take their share of the first touches", "[storage][analytic]") {
  // At a constant rate an I/O meets half of the blocks missing on average, so latency is 1 ms + 40 ms / 2.
  Simulation sim;
  const VolumeRequest request{.type = VolumeType::gp3, .size_gib = 1000};
  StorageVolumeConfig volume{"data", limits_of(request, {"m5.24xlarge", true}, in_2021), {}};
  volume.restore = VolumeRestore{.data = 200_GiB, .rate = mib_per_second(200), .first_touch = 40_ms};
  StorageLoadConfig open{.name = "oltp", .volume = 0, .queue_depth = {}};
  StorageMachine machine(sim, {.name = "db", .limits = {}, .volumes = {volume}, .loads = {open}, .modifications = {}});
  machine.start();
  machine.offer(0, RequestRate::of(1'000'000'000));
  machine.update();
  sim.run_until(Time::at(1024_s));
  CHECK_THAT(to_seconds(*machine.latency_mean(0)), WithinRel(0.021, 1e-6));
}
