#pragma once
/// How often a pool takes an instance back.

#include "fleetsim/models/spot_market/process.hpp"

namespace fleetsim::spot_market {

/// Reclaims of an instance that runs all the time its pool is open, per hour of that time; in the mean over the whole
/// process and over the instances' own lives, because what is to come is not known.
double hazard_per_hour(const SpotPoolConfig& pool);

}  // namespace fleetsim::spot_market
