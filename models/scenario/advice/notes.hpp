#pragma once
/// What a reader of an advice should know beside the prices.

#include <optional>
#include <string>
#include <vector>

#include "models/scenario/advice/trial.hpp"

namespace fleetsim::scenario {

/// Sentences on the network, on what the chosen volumes lack, and on what the run cannot tell.
std::vector<std::string> advice_notes(const ScenarioData& data, Date date, const StorageMachineSettings& machine,
                                      const Trial& today, const std::optional<Alternative>& chosen);

}  // namespace fleetsim::scenario
