#pragma once
/// What instances cost or save beside their price, for `explain`.

#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// CPU credits and licences of a fleet's types, each once; lines with their indents.
std::vector<std::string> surcharges_in_words(const FleetPlan& fleet);
/// One line a commitment.
std::vector<std::string> commitments_in_words(const std::vector<CommitmentConfig>& commitments);

}  // namespace fleetsim::scenario
