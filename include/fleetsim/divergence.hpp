#pragma once
/// Two copies of the same data after a failover: what each took that the other did not.

#include "fleetsim/units.hpp"

namespace fleetsim {

/// Requires: point <= stopped <= resumed.
struct Divergence {
  Time point;    ///< both hold what was written up to here: the recovery point
  Time stopped;  ///< from the point to here the source was written to
  Time resumed;  ///< from here on the target is
};

}  // namespace fleetsim
