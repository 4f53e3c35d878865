#pragma once
/// Recovery plans in sentences and a table each.

#include <set>
#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// How old the data, how long until users are served and until full speed, how likely an objective is missed.
std::vector<std::string> plan_sentences(const RunResult& result, const PlanSummary& plan, const TextStyle& style);
/// Times and chances, then the steps with their share of the critical path.
std::vector<std::string> plan_table(const RunResult& result, const PlanSummary& plan, const TextStyle& style);
/// What happened when after the first disaster, one line each; empty without a disaster.
std::vector<std::string> course_lines(const RunResult& result, const PlanSummary& plan);
/// Names of metrics that the two show, or leave to --format json on purpose.
bool belongs_to_plan(const std::string& metric, const PlanSummary& plan);

}  // namespace fleetsim::cli
