#pragma once
/// Protected data in tables: how old the newest copy is at each site, how snapshots and copies went, what is stored.

#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// Empty if nothing is protected.
std::vector<std::string> protection_table(const RunResult& result, const TextStyle& style);
/// Whether the tables show the metric, or leave it to --format json on purpose.
bool belongs_to_protection(const std::string& metric);

}  // namespace fleetsim::cli
