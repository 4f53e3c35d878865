#pragma once
/// The choices of a group, as plain functions: state in, choice out.

#include <cstdint>

#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/sim/random.hpp"

namespace fleetsim::auto_scaling {

/// Instances that step scaling asks for on top of those that are warm: the step in whose range `percent` lies.
/// Zero at or below the high threshold: an alarm acts on what exceeds it.
std::int64_t scale_out_count(const GroupConfig& group, double percent);

/// Of `total` instances of a mixed group, those bought on demand.
std::int64_t on_demand_count(const PurchaseMix& mix, std::int64_t total);

/// The wait before launch attempt number `failures` + 1, jittered.
Duration retry_wait(const LaunchRetryConfig& retry, int failures, Stream& stream);

}  // namespace fleetsim::auto_scaling
