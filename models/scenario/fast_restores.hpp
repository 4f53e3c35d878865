#pragma once
/// Which recovery points have fast snapshot restore, and since when it is of use.

#include <string>
#include <vector>

#include "models/scenario/disaster_data.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

std::vector<FastRestore> fast_restores_of(const ScenarioData& data);

}  // namespace fleetsim::scenario
