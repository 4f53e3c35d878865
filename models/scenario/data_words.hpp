#pragma once
/// What the section `protection` means after defaults, for `explain`.

#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Lines with their indents.
std::vector<std::string> in_words(const ProtectionPlan& plan, const std::vector<DemandConfig>& demands);

}  // namespace fleetsim::scenario
