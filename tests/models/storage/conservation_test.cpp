/// What holds on every machine, whatever its volumes, its loads and what happens to it.

#include "fleetsim/models/storage.hpp"
#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

namespace {

constexpr Date in_2023 = std::chrono::year{2023} / 6 / 1;
constexpr std::size_t types = 7;  // without the instance store

VolumeLimits random_volume(Stream& stream) {
  constexpr std::array<VolumeType, types> of{VolumeType::gp2, VolumeType::gp3, VolumeType::io1, VolumeType::io2,
                                             VolumeType::st1, VolumeType::sc1, VolumeType::standard};
  VolumeRequest request{.type = of[stream.below(types)], .size_gib = 125 + static_cast<std::int64_t>(stream.below(875))};
  if (request.type == VolumeType::io1 || request.type == VolumeType::io2) {
    request.iops = 100 + static_cast<std::int64_t>(stream.below(6000));
  }
  return limits_of(request, {"m6in.large", true}, in_2023);
}

StorageLoadConfig random_load(Stream& stream, std::size_t number, std::size_t volumes) {
  StorageLoadConfig load{.name = "l" + std::to_string(number), .volume = stream.below(volumes),
                         .io_size = Bytes::of(std::int64_t{1} << (9 + stream.below(13))), .queue_depth = {}};
  load.sequential = stream.below(2) == 0;
  if (stream.below(3) == 0) load.reads = Ratio{static_cast<double>(stream.below(101)) / 100};
  switch (stream.below(6)) {
    case 0: load.queue_depth = 1 + static_cast<std::int64_t>(stream.below(64)); break;
    case 1:
    case 2:
      load.work = true;
      load.on_instance = stream.below(2) == 0;
      load.snapshot = stream.below(2) == 0;
      if (stream.below(2) == 0) load.network = NetworkUse{.peer = NetworkPeer::other_region};
      break;
    case 3:
      load.volume.reset();
      load.network = NetworkUse{.direction = static_cast<NetworkDirection>(stream.below(3)),
                                .peer = static_cast<NetworkPeer>(stream.below(3)), .flows_max = {}};
      if (stream.below(2) == 0) load.network->flows_max = BytesPerSecond::of(625'000'000);
      break;
    default: break;
  }
  return load;
}

StorageMachineConfig random_machine(Stream& stream) {
  StorageMachineConfig config{.name = "any", .limits = {}, .volumes = {}, .loads = {}, .modifications = {}};
  const auto limit = [&](std::int64_t most) {
    const auto base = 1 + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(most)));
    return BurstLimit{base, stream.below(2) == 0 ? base : base * 4};
  };
  config.limits.iops = limit(20'000);
  config.limits.throughput = limit(500'000'000);
  config.limits.network = limit(1'000'000'000);
  config.limits.network_outside = BytesPerSecond::of(300'000'000);
  config.limits.volumes_use_network = stream.below(4) == 0;
  const std::size_t volumes = 1 + stream.below(4);
  for (std::size_t v = 0; v < volumes; ++v) {
    config.volumes.push_back({.name = "v" + std::to_string(v), .limits = random_volume(stream)});
    if (stream.below(4) == 0) {
      config.volumes.back().restore = VolumeRestore{.data = 200_GiB, .rate = mib_per_second(30), .first_touch = 30_ms,
                                                    .iops_percent = 50, .by_reading = stream.below(2) == 0};
    }
    if (stream.below(2) == 0) {
      config.modifications.push_back({.volume = v, .at = Time::at(1_min * static_cast<std::int64_t>(stream.below(300))),
                                      .optimizing = 1_min * static_cast<std::int64_t>(1 + stream.below(200)),
                                      .limits = random_volume(stream)});
    }
  }
  const std::size_t loads = 1 + stream.below(7);
  for (std::size_t l = 0; l < loads; ++l) config.loads.push_back(random_load(stream, l, volumes));
  if (stream.below(2) == 0) config.stops = {{Time::at(2_h), 30_min}, {Time::at(4_h), 10_min}};
  return config;
}

/// Gives and offers at random, and withdraws now and then.
void change(StorageMachine& machine, Stream& stream) {
  for (std::size_t l = 0; l < machine.config().loads.size(); ++l) {
    const StorageLoadConfig& load = machine.config().loads[l];
    if (load.queue_depth || stream.below(3) > 0) continue;
    if (!load.work) {
      machine.offer(l, RequestRate::of(static_cast<std::int64_t>(stream.below(8000)) * 1'234'567));
      continue;
    }
    if (load.name[0] != 'l') continue;  // the machine's own
    switch (stream.below(4)) {
      case 0: machine.withdraw(l); break;
      case 1: machine.set_pace(l, BytesPerSecond::of(1 + static_cast<std::int64_t>(stream.below(1 << 28)))); break;
      default: machine.give(l, Bytes::of(1 + static_cast<std::int64_t>(stream.below(std::uint64_t{1} << 36)))); break;
    }
  }
  machine.update();
}

/// I/Os of all loads that draw on the instance's EBS, with their bytes.
void check_limits(const StorageMachine& machine) {
  Int128 iops = 0, bytes = 0;
  for (std::size_t l = 0; l < machine.config().loads.size(); ++l) {
    const StorageLoadConfig& load = machine.config().loads[l];
    if (!load.volume || !load.on_instance) continue;
    iops += machine.rate(l).count();
    bytes += static_cast<Int128>(machine.rate(l).count()) * load.io_size.count();
  }
  CHECK(iops <= static_cast<Int128>(machine.config().limits.iops->max) * 1'000'000);
  CHECK(bytes <= static_cast<Int128>(machine.config().limits.throughput->max) * 1'000'000);
}

}  // namespace

TEST_CASE("storage: on any machine what was offered is done, waits or was lost, to 10^-15 of an I/O",
          "[storage][conservation][property]") {
  for (std::uint64_t number = 0; number < 400; ++number) {
    Stream stream(1, number, "storage/conservation");
    Simulation sim;
    StorageMachine machine(sim, random_machine(stream));
    INFO("machine " << number);
    machine.start();
    for (int step = 0; step < 40; ++step) {
      change(machine, stream);
      check_limits(machine);
      sim.run_until(sim.now() + 1_s * static_cast<std::int64_t>(1 + stream.below(1200)));
      for (std::size_t l = 0; l < machine.config().loads.size(); ++l) {
        if (machine.config().loads[l].queue_depth) continue;
        INFO("load " << l << " after " << step << " changes");
        REQUIRE(machine.offered(l) == machine.done(l) + machine.backlog(l) + machine.lost(l));
      }
    }
  }
}
