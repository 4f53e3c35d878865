#pragma once
/// The scenarios that ship, found by folder, so that a new one is tested by being there.

#include <string>
#include <vector>

#include "fleetsim/scenario.hpp"

namespace fleetsim::test {

/// Paths below the project's folder, sorted: scenarios/*.yaml and scenarios/claims/*.yaml.
std::vector<std::string> shipped_scenarios();
/// Reads a file below the project's folder; fails the test with its diagnostics if it is wrong.
Scenario shipped(const std::string& path, const std::vector<std::string>& sets = {});

}  // namespace fleetsim::test
