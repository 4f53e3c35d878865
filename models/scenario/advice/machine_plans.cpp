#include "models/scenario/advice/machine_plans.hpp"

#include "models/scenario/storage_planner.hpp"

namespace fleetsim::scenario {

MachinePlans::MachinePlans(const ScenarioData& data) : data_(data), catalog_(data.catalog) {
  for (const DemandConfig& demand : data.demands) demand_names_.push_back(demand.name);
}

Date MachinePlans::date() const { return storage_rules_date(data_.storage, data_.run.start); }

std::string MachinePlans::region_of(const StorageMachineSettings& machine) const {
  if (machine.region) return machine.region->value;
  return data_.topology.regions.empty() ? std::string() : data_.topology.regions.front().name.value;
}

std::optional<StoragePlan> MachinePlans::plan(const StorageMachineSettings& machine) {
  config::Diagnostics diagnostics;
  StorageSettings settings;
  settings.rules_as_of = data_.storage.rules_as_of;
  settings.machines = {machine};
  std::vector<StoragePlan> plans = plan_storage(settings, data_, catalog_, demand_names_, diagnostics);
  refusal_.clear();
  for (const config::Diagnostic& diagnostic : diagnostics.sorted()) {
    if (diagnostic.severity == config::Severity::error && refusal_.empty()) refusal_ = diagnostic.message;
  }
  if (!refusal_.empty() || plans.empty()) return std::nullopt;
  return std::move(plans.front());
}

}  // namespace fleetsim::scenario
