#pragma once
/// What a machine with volumes means after defaults, for `explain`.

#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Lines with their indents, the machine's own first.
std::vector<std::string> in_words(const StoragePlan& plan);

}  // namespace fleetsim::scenario
