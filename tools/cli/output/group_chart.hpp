#pragma once
/// The instances of a fleet's groups over time as one line of marks a group, on one scale.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// A mark for each of at most `width` equal parts of the series: the greatest level in it, in eighths of `top`, so that
/// no short excursion is lost. A space is zero. Requires: top > 0.
std::string sparkline(const BucketRuns& buckets, std::size_t width, double top, bool utf8);

/// A sentence that says the scale, then a line a group; empty if the result has no series of the fleet's groups.
std::vector<std::string> group_chart(const RunResult& result, std::string_view fleet, const TextStyle& style);

}  // namespace fleetsim::cli
