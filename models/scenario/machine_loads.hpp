#pragma once
/// What protection takes of machines under `storage`: volumes that snapshots read, and agents that read and send.

#include <optional>

#include "fleetsim/models/data_replication/settings.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

struct VolumeOfMachine {
  std::size_t machine = 0, volume = 0;
};

/// Names of machines and volumes as loads of their plans. Requires: the machines of `data` have been planned.
class MachineLoads {
 public:
  MachineLoads(ScenarioData& data, config::Diagnostics& diagnostics) : data_(data), diagnostics_(diagnostics) {}

  /// Empty, and reported, where there is no such volume; empty too where its machine has errors of its own.
  std::optional<VolumeOfMachine> find(const LocatedName& machine, const LocatedName& volume);
  /// The volume as the scenario gives it.
  const VolumeSettings& settings(VolumeOfMachine of) const;
  const StoragePlan& plan(VolumeOfMachine of) const { return data_.storages[of.machine]; }

  // What is added has a name that the machine's other loads do not have; else an error is reported there.

  /// Its snapshots: read in blocks of 512 KiB, no faster than `pace` until they tell their own.
  MachineLoad add_snapshots(VolumeOfMachine of, const LocatedName& name, bool through_instance, BytesPerSecond pace);
  /// Lets a load of work begin no slower than this.
  void raise_pace(MachineLoad load, BytesPerSecond pace);
  /// An agent, which reads the volume and sends over the network, no faster than `pace` until it tells its own.
  MachineLoad add_agent(VolumeOfMachine of, const LocatedName& name, NetworkPeer to, BytesPerSecond pace);

 private:
  MachineLoad add(VolumeOfMachine of, const config::Location& where, StorageLoadConfig load);

  ScenarioData& data_;
  config::Diagnostics& diagnostics_;
};

}  // namespace fleetsim::scenario
