#pragma once
/// When EC2 foresees a reclaim.

#include <optional>

#include "fleetsim/models/spot_market.hpp"

namespace fleetsim::spot_market {

/// When, until a reclaim is noticed `until` from now, its risk is told: early, or falsely before that; empty if neither.
std::optional<Duration> foresee(const RebalanceSignals& signals, Stream& risks, Duration until);

}  // namespace fleetsim::spot_market
