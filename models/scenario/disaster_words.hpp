#pragma once
/// Environments, faults and plans in words, and as graphs for Graphviz.

#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Lines to be wrapped; empty ones are blank. Nothing if the scenario has no faults and no plans.
std::vector<std::string> disasters_in_words(const ScenarioData& data);
/// One digraph with a frame for each environment, what a clone lacks in red, and one for each plan, its static critical path in
/// bold.
std::string disasters_in_dot(const ScenarioData& data);

/// Rounded to the second, from ten seconds on, which is all that a mean is good for.
std::string rounded_to_text(Duration d);

/// A label of two lines in the DOT language, either of which may hold any character.
std::string dot_label(const std::string& first, const std::string& second);

}  // namespace fleetsim::scenario
