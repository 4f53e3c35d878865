#pragma once
/// Limits in the units of the sharing's capacities.

#include <algorithm>
#include <cstdint>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// No more than a capacity may hold: 2 million IOPS of a volume or 2 TB/s of a network, which no instance has.
inline std::int64_t in_units(std::int64_t count, std::int64_t unit) {
  return static_cast<std::int64_t>(std::min(static_cast<Int128>(count) * unit, Int128{1} << 61U));
}

}  // namespace fleetsim
