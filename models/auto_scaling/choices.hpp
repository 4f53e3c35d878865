#pragma once
/// The choices of a group that no policy makes, as plain functions: state in, choice out.

#include <cstdint>

#include "fleetsim/models/auto_scaling/config.hpp"
#include "fleetsim/sim/random.hpp"

namespace fleetsim::auto_scaling {

/// Of `total` instances of a mixed group, those bought on demand.
std::int64_t on_demand_count(const PurchaseMix& mix, std::int64_t total);

/// The wait after `failures` + 1 rounds of launches in a row that failed: initial x factor^failures up to the longest,
/// then jittered; at least a nanosecond.
Duration retry_wait(const LaunchRetryConfig& retry, int failures, Stream& stream);

}  // namespace fleetsim::auto_scaling
