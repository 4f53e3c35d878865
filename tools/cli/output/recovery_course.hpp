#pragma once
/// What followed from a disaster, in the order of time.

#include <string>
#include <vector>

#include "fleetsim/result.hpp"

namespace fleetsim::cli {

/// What happened when after the first disaster that the plan answered, one line each; empty without a disaster.
std::vector<std::string> course_lines(const RunResult& result, const PlanSummary& plan);

}  // namespace fleetsim::cli
