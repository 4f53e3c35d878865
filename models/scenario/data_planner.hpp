#pragma once
/// Looks up the names of the section `protection` and warns of objectives that cannot be kept.

#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/data_replication/settings.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Gives machines the loads that replication agents are. Requires: Regions, demands and machines of `data` have been read and
/// planned. Empty if nothing is protected.
std::optional<ProtectionPlan> plan_protection(const ProtectionSettings& settings, ScenarioData& data, const Catalog& catalog,
                                              const std::vector<std::string>& demands_given,
                                              const std::vector<std::string>& regions_given,
                                              config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
