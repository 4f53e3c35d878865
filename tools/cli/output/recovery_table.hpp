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
/// Of its disasters: times of the whole and of each resource, chances to miss an objective, the steps with their share of
/// the critical path; and what it costs. Empty without disasters and costs.
std::vector<std::string> plan_table(const RunResult& result, const PlanSummary& plan, const TextStyle& style);
/// The same times and chances of its drills, then each drill of the first replication with what it met; empty without one.
std::vector<std::string> drill_table(const RunResult& result, const PlanSummary& plan, const TextStyle& style);
/// Names of metrics that the two show, or leave to --format json on purpose.
bool belongs_to_plan(const std::string& metric, const PlanSummary& plan);

}  // namespace fleetsim::cli
