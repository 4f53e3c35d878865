#pragma once
/// Finds what commitments name, and what Savings Plans charge for the instances of a scenario.

#include <vector>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/topology.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// What commitments may cover: an instance of a fleet on demand, a machine.
CommittedUse committed_use(const FleetPlan& fleet, const PlacementPlan& placement);
CommittedUse committed_use(const StoragePlan& machine);

/// Reports every name that names nothing, every price that is not known and every commitment that nothing can use. Writes
/// the rates of the plans to the placements of `fleets` and to the machines.
std::vector<CommitmentConfig> plan_commitments(const std::vector<CommitmentSettings>& all, const Topology& topology,
                                               const TopologyConfig& regions, const Catalog& catalog,
                                               std::vector<FleetPlan>& fleets, std::vector<StoragePlan>& machines,
                                               config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
