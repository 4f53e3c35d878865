#pragma once
/// Reads the sections of a scenario into the configs of the models and checks what only holds between them: a zone
/// that a fleet names exists, an instance type is known and priced, every Spot group has its pools.

#include <optional>

#include "fleetsim/sim/config/section.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Reads the whole document. Errors go to `diagnostics`, those of the section too; what is returned is of use only
/// without any.
ScenarioData read_scenario(config::Section& root, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
