#pragma once
/// What protection takes of a machine, as it is, of a variant of the machine.

#include <optional>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// A machine with the loads that snapshots and agents are there, and the protection that drives them: that of the scenario
/// with this machine alone. Without such loads no protection.
struct ProtectedPlan {
  StoragePlan plan;
  std::optional<ProtectionPlan> protection;
};
/// `plan`: of a machine of the scenario, with its name, and with some of its volumes, by their names.
ProtectedPlan with_protection(const ScenarioData& data, StoragePlan plan);

}  // namespace fleetsim::scenario
