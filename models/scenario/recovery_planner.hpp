#pragma once
/// Resolves the names of environments, faults and recovery plans, and checks what only holds between them.

#include "fleetsim/models/catalog.hpp"
#include "models/scenario/disaster_data.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Reads `environments`, `faults`, `people` and `recovery`. `data` holds run, topology and what protects data.
DisasterData read_disasters(config::Section& root, const ScenarioData& data, const Catalog& catalog,
                            config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
