#pragma once
/// Where in their traces the replays of one run begin.

#include "fleetsim/models/spot_market.hpp"

namespace fleetsim::spot_market {

struct ReplayOffsets {
  Duration capacity;  ///< of the pools whose capacity starts at a random day; the others start at zero
  Duration price;
};

/// One draw for all capacities and one for all prices.
ReplayOffsets draw_replay_offsets(const Simulation& sim, const SpotMarketConfig& config, Duration run_length);

}  // namespace fleetsim::spot_market
