#pragma once
/// Environments, faults and plans in words, and as graphs for Graphviz.

#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Lines to be wrapped; empty ones are blank. Nothing if the scenario has no faults and no plans.
std::vector<std::string> disasters_in_words(const ScenarioData& data);
/// One digraph for each environment that is no clone, and one for each plan, its static critical path in bold.
std::string disasters_in_dot(const ScenarioData& data);

}  // namespace fleetsim::scenario
