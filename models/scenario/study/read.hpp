#pragma once
/// Reads the keys of a study file; what only the scenario can tell is checked where it is loaded.

#include "fleetsim/sim/config/section.hpp"
#include "models/scenario/study/plan.hpp"

namespace fleetsim::scenario {

/// Names that the keys refer to each other by, kept until all are read.
struct StudyText {
  std::optional<config::Located<std::string>> scenario;
  std::optional<config::Located<std::string>> minimize;
};

/// All but the key that says what kind of file it is. Errors go to the section's diagnostics; what is returned is of use only without any.
StudyText read_study(config::Section& root, StudyPlan& plan);

}  // namespace fleetsim::scenario
