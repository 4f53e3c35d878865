#pragma once
/// Requests as a fluid through the instances in service, computed once for all instances of a placement.

#include <cstdint>
#include <vector>

#include "fleetsim/models/fleet.hpp"

namespace fleetsim::fleet {

/// What one instance of a placement can do, fixed for a run.
struct HostClass {
  RequestRate capacity;      ///< at 100 % utilization; > 0
  RequestRate admitted_max;  ///< at the admission limit
  int vcpus = 1;
  double budget = 0;         ///< seconds for queueing and service: the deadline less the round trips to the home zone
  bool operator==(const HostClass&) const = default;
};
/// Rates of all instances of one placement together. offered >= admitted >= late; served = admitted - late.
struct Flow {
  RequestRate offered;
  RequestRate admitted;
  RequestRate late;
  RequestRate lost;          ///< of offered, to instances that had failed
  double metric = 0;         ///< percent, of each of its instances
};

/// Spreads `offered` evenly over the instances in service: placement p, with in_service[p] of them, gets its share,
/// rounded so that the shares sum to `offered` exactly. Writes flows; the three vectors have equal length.
/// With no instance in service every flow is zero.
void spread_evenly(const FleetConfig& config, RequestRate offered, const std::vector<HostClass>& hosts,
                   const std::vector<std::int64_t>& in_service, std::vector<Flow>& flows);

}  // namespace fleetsim::fleet
