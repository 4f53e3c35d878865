#pragma once
/// The groups of one fleet side by side: hours, share of the work, cost, interruptions, launch failures.

#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// The lines of the table, its two header lines first; empty if the fleet has no group.
std::vector<std::string> group_table(const RunResult& result, const std::string& fleet, const TextStyle& style);

}  // namespace fleetsim::cli
