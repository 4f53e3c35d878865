#include "models/scenario/machine_loads.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace fleetsim::scenario {
namespace {

/// AWS's blocks of snapshots.
constexpr Bytes snapshot_block = 512_KiB;
/// Our choice for what an agent reads and sends at a time.
constexpr Bytes agent_io = 64_KiB;

/// Its place among the names, if it is one of them.
std::optional<std::size_t> place_of(const std::string& name, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::optional<VolumeOfMachine> MachineLoads::find(const LocatedName& machine, const LocatedName& volume) {
  std::vector<std::string> machines, planned, volumes, planned_volumes;
  for (const StorageMachineSettings& given : data_.storage.machines) machines.push_back(given.name);
  const auto given = place_of(machine.value, machines);
  if (!given) {
    diagnostics_.error(machine.where, fmt::format("there is no machine '{}'", machine.value),
                       config::name_help("machine", machine.value, machines));
    return std::nullopt;
  }
  for (const VolumeSettings& of : data_.storage.machines[*given].volumes) volumes.push_back(of.name);
  if (!place_of(volume.value, volumes)) {
    diagnostics_.error(volume.where, fmt::format("there is no volume '{}'", volume.value),
                       config::name_help("volume", volume.value, volumes));
    return std::nullopt;
  }
  for (const StoragePlan& plan : data_.storages) planned.push_back(plan.config.name);
  const auto index = place_of(machine.value, planned);
  if (!index) return std::nullopt;
  for (const StorageVolumeConfig& of : data_.storages[*index].config.volumes) planned_volumes.push_back(of.name);
  const auto at = place_of(volume.value, planned_volumes);
  if (!at) return std::nullopt;
  return VolumeOfMachine{*index, *at};
}

const VolumeSettings& MachineLoads::settings(VolumeOfMachine of) const {
  const StorageMachineConfig& plan = data_.storages[of.machine].config;
  const auto machine = std::find_if(data_.storage.machines.begin(), data_.storage.machines.end(),
                                    [&](const StorageMachineSettings& given) { return given.name == plan.name; });
  return *std::find_if(machine->volumes.begin(), machine->volumes.end(),
                       [&](const VolumeSettings& given) { return given.name == plan.volumes[of.volume].name; });
}

MachineLoad MachineLoads::add(VolumeOfMachine of, const config::Location& where, StorageLoadConfig load) {
  StoragePlan& plan = data_.storages[of.machine];
  const auto same = [&](const StorageLoadConfig& other) { return other.name == load.name; };
  const std::vector<StorageLoadConfig> own = own_loads(plan.config);
  if (std::any_of(plan.config.loads.begin(), plan.config.loads.end(), same) || std::any_of(own.begin(), own.end(), same)) {
    diagnostics_.error(where, fmt::format("machine '{}' has a load '{}' already", plan.config.name, load.name),
                       "give one of them another name");
  }
  load.volume = of.volume;
  load.sequential = true;
  load.reads = Ratio{1};
  load.work = true;
  plan.config.loads.push_back(std::move(load));
  plan.demands.push_back(nullptr);
  return {of.machine, plan.config.loads.size() - 1};
}

MachineLoad MachineLoads::add_snapshots(VolumeOfMachine of, const LocatedName& name, bool through_instance,
                                        BytesPerSecond pace) {
  StorageLoadConfig load{.name = name.value, .volume = {}, .io_size = snapshot_block, .queue_depth = {}};
  load.on_instance = through_instance;
  load.snapshot = true;
  load.pace = pace;
  return add(of, name.where, std::move(load));
}

void MachineLoads::raise_pace(MachineLoad of, BytesPerSecond pace) {
  std::optional<BytesPerSecond>& present = data_.storages[of.machine].config.loads[of.load].pace;
  present = std::max(present.value_or(pace), pace);
}

MachineLoad MachineLoads::add_agent(VolumeOfMachine of, const LocatedName& name, NetworkPeer to, BytesPerSecond pace) {
  StorageLoadConfig load{.name = name.value, .volume = {}, .io_size = agent_io, .queue_depth = {}};
  load.pace = pace;
  if (plan(of).config.limits.network) load.network = NetworkUse{.peer = to};
  return add(of, name.where, std::move(load));
}

}  // namespace fleetsim::scenario
