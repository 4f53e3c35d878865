#pragma once
/// What two studies that should be one do not have in common.

#include <string>

#include "fleetsim/sim/experiment/store.hpp"

namespace fleetsim::experiment {

/// What must agree and has changed from one to the other, each on a line of its own after a line's end; empty if nothing
/// has. Inputs and definitions that only one of them has do no harm.
std::string differences(const StudyIdentity& then, const StudyIdentity& now);

}  // namespace fleetsim::experiment
