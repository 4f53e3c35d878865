#pragma once
/// Reads one step of a recovery plan.

#include <string>

#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

StepConfig read_step(const config::Located<std::string>& name, config::Section& in);

}  // namespace fleetsim
