#pragma once
/// The base of a parameter: its value in one-at-a-time designs and in a tornado.

#include "models/scenario/study/plan.hpp"

namespace fleetsim::scenario {

/// Whether a value is of the range's kind and not outside its ends.
bool lies_in(const ValueRange& range, const std::string& value);
/// Takes a base between the levels of a range.
void add_base(Parameter& parameter, const config::Located<std::string>& base);
/// Whether the plan's question has a base at all: one-at-a-time designs and a tornado.
bool reads_bases(const StudyPlan& plan);
/// Where the plan needs bases, and a parameter is given none, takes what the plan's scenario says at its paths: of a list if
/// it is one of the values, of a range if it lies there. Elsewhere the middle value stays, as where the scenario leaves the key
/// to its default. What is wrong with the scenario is told by those who check it.
void take_bases_of_scenario(StudyPlan& plan);

}  // namespace fleetsim::scenario
