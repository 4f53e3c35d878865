#include "models/scenario/advice/protected_plan.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim::scenario {
namespace {

/// Adds a load of the scenario's machine to the plan; empty where the plan lacks its volume.
std::optional<MachineLoad> add(const StorageMachineConfig& from, std::size_t index, StoragePlan& plan) {
  StorageLoadConfig load = from.loads[index];
  const std::string& name = from.volumes[*load.volume].name;
  const std::vector<StorageVolumeConfig>& volumes = plan.config.volumes;
  const auto volume = std::find_if(volumes.begin(), volumes.end(), [&](const StorageVolumeConfig& of) { return of.name == name; });
  if (volume == volumes.end()) return std::nullopt;
  load.volume = static_cast<std::size_t>(volume - volumes.begin());
  plan.config.loads.push_back(std::move(load));
  plan.demands.push_back(nullptr);
  return MachineLoad{0, plan.config.loads.size() - 1};
}

}  // namespace

ProtectedPlan with_protection(const ScenarioData& data, StoragePlan plan) {
  ProtectedPlan result{.plan = std::move(plan), .protection = {}};
  if (!data.protection) return result;
  ProtectionPlan protection = *data.protection;
  bool any = false;
  const auto keep = [&](std::vector<std::optional<MachineLoad>>& loads) {
    for (std::optional<MachineLoad>& load : loads) {
      if (!load) continue;
      const StorageMachineConfig& machine = data.storages[load->machine].config;
      load = machine.name == result.plan.config.name ? add(machine, load->load, result.plan) : std::nullopt;
      any = any || load;
    }
  };
  keep(protection.snapshots);
  keep(protection.agents);
  if (any) result.protection = std::move(protection);
  return result;
}

}  // namespace fleetsim::scenario
