#pragma once
/// What keeps launches from succeeding beyond a pool's own capacity.

#include <string_view>

#include "fleetsim/units.hpp"

namespace fleetsim::scenario {

struct LaunchGate {
  virtual ~LaunchGate() = default;
  /// Whether a launch of the type in the zone may succeed now: the zone is up, its control plane too, and the type not short.
  virtual bool allows(std::string_view zone, std::string_view instance_type) const = 0;
  /// Whether every launch may succeed now, so that there is no need to ask for each.
  virtual bool allows_all() const = 0;
};

/// What faults of a run do to fleets and Spot pools.
struct FleetsUnderFaults {
  virtual ~FleetsUnderFaults() = default;
  /// All instances in the zone end at once, and its Spot pools close; machines of `storage` stop.
  virtual void zone_lost(std::string_view zone) = 0;
  virtual void zone_back(std::string_view zone) = 0;
  /// The zone's Spot pools close, and a share of their instances gets its notice.
  virtual void spot_drought_began(std::string_view zone, double share) = 0;
  virtual void spot_drought_ended(std::string_view zone) = 0;
  /// That share of what instances in the zone answer is of no use, though their checks are green; 0: all is well again.
  /// A volume of `storage`, as machine/volume, answers nothing until it is back.
  virtual void volume_changed(std::string_view volume, bool lost) = 0;
  virtual void grey(std::string_view zone, Ratio share) = 0;
};

}  // namespace fleetsim::scenario
