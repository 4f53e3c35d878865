#pragma once
/// How an instance of a burstable type earns and spends CPU credits. One credit is a vCPU at 100 % for a minute.
/// Source: Amazon EC2 user guide, burstable performance instances (docs/models/fleet.md, [14]).

#include <cstdint>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// vCPUs times nanoseconds.
using VcpuTime = Quantity<struct VcpuNanosecondTag, Int128>;

struct CpuCreditConfig {
  std::int64_t earned_per_hour = 0;  ///< in 10^-6 credits; > 0
  std::int64_t accrued_max = 0;      ///< in 10^-6 credits; what it earns in 24 hours; > 0
  std::int64_t launch = 0;           ///< in 10^-6 credits; given at each launch, spent first, not part of accrued_max
  bool unlimited = false;            ///< goes on without credits, at a price
  bool kept_when_stopped = true;     ///< for a week; T2 loses them
};

}  // namespace fleetsim
