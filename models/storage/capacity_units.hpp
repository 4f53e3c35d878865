#pragma once
/// Limits in the units of the sharing's capacities.

#include <algorithm>
#include <cstdint>

#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// No more than a capacity may hold: 2 million IOPS of a volume or 2 TB/s of a network, which no instance has.
inline std::int64_t in_units(std::int64_t count, std::int64_t unit) {
  return static_cast<std::int64_t>(std::min(static_cast<Int128>(count) * unit, Int128{1} << 61U));
}

/// Of a face that does not count now.
inline VolumeLimits no_limits() {
  VolumeLimits limits;
  limits.iops = limits.iops_burst = Iops::of(std::int64_t{1} << 50U);
  limits.throughput = limits.throughput_burst = BytesPerSecond::of(std::int64_t{1} << 50U);
  return limits;
}

}  // namespace fleetsim
