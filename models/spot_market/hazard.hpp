#pragma once
/// How often a pool takes an instance back.

#include "fleetsim/models/spot_market/process.hpp"

namespace fleetsim::spot_market {

/// Reclaims of an instance that runs all the time its pool is open, per hour of that time; in the mean over the whole
/// process and over the instances' own lives, because what is to come is not known. A pool that closes takes all
/// instances with the probability `reclaim_whole`, else half of them in the mean; one that keeps some units takes the share
/// by which they fall, as if all were in use. What a price takes is not counted.
double hazard_per_hour(const SpotPoolConfig& pool, Ratio reclaim_whole);

}  // namespace fleetsim::spot_market
