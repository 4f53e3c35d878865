#pragma once
/// What instances cost or save beside their price, for `explain`.

#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Power, CPU credits and licences of a fleet's types, each once; lines with their indents.
std::vector<std::string> surcharges_in_words(const FleetPlan& fleet);
/// Types of old generations with what AWS names instead, a line each.
std::vector<std::string> successors_in_words(const ScenarioData& data);
/// One line a commitment.
std::vector<std::string> commitments_in_words(const std::vector<CommitmentConfig>& commitments);

}  // namespace fleetsim::scenario
