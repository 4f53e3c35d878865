#pragma once
/// The Spot pools side by side: how much of the time they had capacity, their price, their interruptions.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/result.hpp"

namespace fleetsim::cli {

/// Metrics of a pool are named "spot.pool.<pool>.<metric>".
inline constexpr std::string_view pool_prefix = "spot.pool.";

/// The lines of the table, its two header lines first; empty if there is no pool. Of many pools, those with the most
/// interruptions.
std::vector<std::string> pool_table(const RunResult& result);

}  // namespace fleetsim::cli
