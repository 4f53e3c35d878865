#pragma once
/// The course of one disaster in words: what happened when.

#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "models/scenario/disaster_course.hpp"

namespace fleetsim::scenario {

/// `faults`: those that begin at the disaster or later; `fault`: the one that the plan answers. `copied_anew`: replicas that are,
/// once the application is back.
ResultCourse course_in_words(const RecoveryPlan& plan, const PlanAnswered& answered,
                             const std::vector<FaultSurroundings::Beginning>& faults, const FaultConfig& fault,
                             config::UtcTime run_start, const std::vector<std::string>& copied_anew);
/// Adds the way back to a course.
void add_return(ResultCourse& course, const FailbackOutcome& failback, const std::vector<std::string>& copied_anew);

}  // namespace fleetsim::scenario
