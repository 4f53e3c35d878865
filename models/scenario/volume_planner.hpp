#pragma once
/// What the volumes of a machine deliver, how they change and what they cost, or why they cannot be had.

#include "fleetsim/sim/config/diagnostic.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Adds the machine's volumes with their changes and charges to the plan. A volume that a rule refuses is reported and not
/// added. Requires: the plan's Region is set.
void plan_volumes(const StorageMachineSettings& machine, const InstanceType& type, const Catalog& catalog, Date as_of,
                  StoragePlan& plan, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
