#pragma once
/// The kinds of scaling policies that a scenario may name.

#include <span>
#include <string_view>

#include "fleetsim/models/auto_scaling/config.hpp"

namespace fleetsim::auto_scaling {

/// The policy of the four groups. Requires: the steps are in order.
ScalingPolicyPtr composite_policy(const CompositePolicyConfig& config);
/// Whether the first step begins at the threshold and each further one above the step before it.
bool steps_are_ordered(const std::vector<ScaleOutStep>& steps);
/// Instances that it asks for on top of those that are warm: the step in whose range `percent` lies. Zero at or below
/// the high threshold: an alarm acts on what exceeds it.
std::int64_t scale_out_count(const CompositePolicyConfig& config, double percent);

}  // namespace fleetsim::auto_scaling
