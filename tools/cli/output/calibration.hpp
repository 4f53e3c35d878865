#pragma once
/// What a calibration found, for people and for programs.

#include <string>

#include "fleetsim/models/spot_market/calibration.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

std::string to_table(const calibration::Report& report, const TextStyle& style);

/// With the points of each Kaplan-Meier estimate, for plots.
std::string to_json(const calibration::Report& report);

}  // namespace fleetsim::cli
