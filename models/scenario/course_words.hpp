#pragma once
/// The course of one disaster in words: what happened when.

#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "models/scenario/disaster_course.hpp"

namespace fleetsim::scenario {

/// `faults`: those that begin at the disaster or later; `fault`: the one that the plan answers.
ResultCourse course_in_words(const RecoveryPlan& plan, const PlanAnswered& answered,
                             const std::vector<FaultSurroundings::Beginning>& faults, const FaultConfig& fault,
                             config::UtcTime run_start);
/// Adds the way back to a course.
void add_return(ResultCourse& course, const FailbackOutcome& failback);

}  // namespace fleetsim::scenario
