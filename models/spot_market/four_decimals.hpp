#pragma once

#include "fleetsim/units.hpp"

namespace fleetsim::spot_market {

/// EC2 states Spot prices with four decimals.
inline constexpr UsdPerHour price_step = UsdPerHour::of(100'000);

/// The nearest price of four decimals, halves upwards.
inline UsdPerHour to_four_decimals(UsdPerHour price) {
  return price_step * static_cast<std::int64_t>(divide_rounded(price.count(), price_step.count()));
}

}  // namespace fleetsim::spot_market
