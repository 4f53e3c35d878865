#pragma once
/// The choices of a group, as plain functions: state in, choice out.

#include <cstdint>
#include <vector>

#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/sim/random.hpp"

namespace fleetsim::auto_scaling {

/// Whether the metric breaches the high or the low threshold. One that lies on it does not; differences below 10^-9
/// points are rounding of a mean and count as none.
bool is_high(const GroupConfig& group, double percent);
bool is_low(const GroupConfig& group, double percent);

/// Whether the first step begins at the threshold and each further one above the step before it.
bool steps_are_ordered(const std::vector<ScaleOutStep>& steps);

/// Instances that step scaling asks for on top of those that are warm: the step in whose range `percent` lies.
/// Zero at or below the high threshold: an alarm acts on what exceeds it.
std::int64_t scale_out_count(const GroupConfig& group, double percent);

/// Of `total` instances of a mixed group, those bought on demand.
std::int64_t on_demand_count(const PurchaseMix& mix, std::int64_t total);

/// The wait after `failures` + 1 rounds of launches in a row that failed: initial x factor^failures up to the longest,
/// then jittered; at least a nanosecond.
Duration retry_wait(const LaunchRetryConfig& retry, int failures, Stream& stream);

}  // namespace fleetsim::auto_scaling
