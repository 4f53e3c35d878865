#pragma once
/// Joins what a fleet publishes with what the alarms of its groups watch.

#include "fleetsim/sim/config/diagnostic.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Sets what the fleet has to publish for its groups, and how late they see it: periods that fit, and CloudWatch's lag where
/// policies follow them. Reports alarms that the fleet has nothing for, and warns of what never happens in the run.
void join_metrics(FleetPlan& plan, const RunSettings& run, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
