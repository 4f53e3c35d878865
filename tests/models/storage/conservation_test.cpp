/// What holds on every machine, whatever its volumes, its loads and what happens to it.

#include "fleetsim/models/storage.hpp"
#include "support/catch.hpp"
#include "support/property.hpp"

using namespace fleetsim;
using test::pick_below;

namespace {

constexpr Date in_2023 = std::chrono::year{2023} / 6 / 1;
constexpr std::size_t types = 7;  // without the instance store

/// Functions with such names make a choice after the other, which the property keeps.
VolumeLimits any_volume() {
  constexpr std::array<VolumeType, types> of{VolumeType::gp2, VolumeType::gp3, VolumeType::io1, VolumeType::io2,
                                             VolumeType::st1, VolumeType::sc1, VolumeType::standard};
  VolumeRequest request{.type = of[pick_below(types)], .size_gib = 125 + pick_below(std::int64_t{875})};
  if (request.type == VolumeType::io1 || request.type == VolumeType::io2) {
    request.iops = 100 + pick_below(std::int64_t{6000});
  }
  return limits_of(request, {"m6in.large", true}, in_2023);
}

StorageLoadConfig any_load(std::size_t number, std::size_t volumes) {
  StorageLoadConfig load{.name = "l" + std::to_string(number), .volume = pick_below(volumes),
                         .io_size = Bytes::of(std::int64_t{1} << (9 + pick_below(13))), .queue_depth = {}};
  load.sequential = pick_below(2) == 0;
  if (pick_below(3) == 0) load.reads = Ratio{static_cast<double>(pick_below(101)) / 100};
  switch (pick_below(6)) {
    case 0: load.queue_depth = 1 + pick_below(std::int64_t{64}); break;
    case 1:
    case 2:
      load.work = true;
      load.on_instance = pick_below(2) == 0;
      load.snapshot = pick_below(2) == 0;
      if (pick_below(2) == 0) load.network = NetworkUse{.peer = NetworkPeer::other_region};
      break;
    case 3:
      load.volume.reset();
      load.network = NetworkUse{.direction = static_cast<NetworkDirection>(pick_below(3)),
                                .peer = static_cast<NetworkPeer>(pick_below(3)), .flows_max = {}};
      if (pick_below(2) == 0) load.network->flows_max = BytesPerSecond::of(625'000'000);
      break;
    default: break;
  }
  return load;
}

StorageMachineConfig any_machine() {
  StorageMachineConfig config{.name = "any", .limits = {}, .volumes = {}, .loads = {}, .modifications = {}};
  const auto limit = [&](std::int64_t most) {
    const auto base = 1 + pick_below(most);
    return BurstLimit{base, pick_below(2) == 0 ? base : base * 4};
  };
  config.limits.iops = limit(20'000);
  config.limits.throughput = limit(500'000'000);
  config.limits.network = limit(1'000'000'000);
  config.limits.network_outside = BytesPerSecond::of(300'000'000);
  config.limits.volumes_use_network = pick_below(4) == 0;
  const std::size_t volumes = 1 + pick_below(std::size_t{4});
  for (std::size_t v = 0; v < volumes; ++v) {
    config.volumes.push_back({.name = "v" + std::to_string(v), .limits = any_volume()});
    if (pick_below(4) == 0) {
      config.volumes.back().restore = VolumeRestore{.data = 200_GiB, .rate = mib_per_second(30), .first_touch = 30_ms,
                                                    .iops_percent = 50, .by_reading = pick_below(2) == 0};
    }
    if (pick_below(2) == 0) {
      config.modifications.push_back({.volume = v, .at = Time::at(1_min * pick_below(std::int64_t{300})),
                                      .optimizing = 1_min * (1 + pick_below(std::int64_t{200})),
                                      .limits = any_volume()});
    }
  }
  const std::size_t loads = 1 + pick_below(std::size_t{7});
  for (std::size_t l = 0; l < loads; ++l) config.loads.push_back(any_load(l, volumes));
  if (pick_below(2) == 0) config.stops = {{Time::at(2_h), 30_min}, {Time::at(4_h), 10_min}};
  return config;
}

/// Gives and offers at random, and withdraws now and then.
void change(StorageMachine& machine) {
  for (std::size_t l = 0; l < machine.config().loads.size(); ++l) {
    const StorageLoadConfig& load = machine.config().loads[l];
    if (load.queue_depth || pick_below(3) > 0) continue;
    if (!load.work) {
      machine.offer(l, RequestRate::of(pick_below(std::int64_t{8000}) * 1'234'567));
      continue;
    }
    if (load.name[0] != 'l') continue;  // the machine's own
    switch (pick_below(4)) {
      case 0: machine.withdraw(l); break;
      case 1: machine.set_pace(l, BytesPerSecond::of(1 + pick_below(std::int64_t{1} << 28))); break;
      default: machine.give(l, Bytes::of(1 + pick_below(std::int64_t{1} << 36))); break;
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
  HOLDS(iops <= static_cast<Int128>(machine.config().limits.iops->max) * 1'000'000);
  HOLDS(bytes <= static_cast<Int128>(machine.config().limits.throughput->max) * 1'000'000);
}

}  // namespace

TEST_CASE("storage: on any machine what was offered is done, waits or was lost, to 10^-15 of an I/O",
          "[storage][conservation][property]") {
  test::check_property(1, 400, [] {
    Simulation sim;
    StorageMachine machine(sim, any_machine());
    machine.start();
    for (int step = 0; step < 40; ++step) {
      change(machine);
      check_limits(machine);
      sim.run_until(sim.now() + 1_s * (1 + pick_below(std::int64_t{1200})));
      for (std::size_t l = 0; l < machine.config().loads.size(); ++l) {
        if (machine.config().loads[l].queue_depth) continue;
        HOLDS(machine.offered(l) == machine.done(l) + machine.backlog(l) + machine.lost(l));
      }
    }
  });
}
