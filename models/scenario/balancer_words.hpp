#pragma once
/// How a fleet's load balancer works, for `explain`.

#include <string>
#include <vector>

#include "fleetsim/models/fleet.hpp"

namespace fleetsim::scenario {

/// Lines with their indents; none for a fleet without one.
std::vector<std::string> balancer_in_words(const FleetConfig& fleet);

}  // namespace fleetsim::scenario
