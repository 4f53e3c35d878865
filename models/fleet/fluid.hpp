#pragma once
/// Requests as a fluid through the instances in service: what one can do, and what flows to all that are alike.

#include "fleetsim/models/fleet.hpp"

namespace fleetsim::fleet {

/// What one instance of a placement can do; of a burstable type there is one class with credits and one without.
struct HostClass {
  RequestRate capacity;      ///< at 100 % utilization; > 0
  RequestRate admitted_max;  ///< at the admission limit
  int vcpus = 1;
  RequestRate nominal;       ///< capacity by which the metric is told; more than `capacity` without CPU credits
  double budget = 0;         ///< seconds for queueing and service: the deadline less the round trips to the home zone
  double errors = 0;         ///< share of the answers that are of no use, which no health check sees
  /// The classes of a fleet differ in their budgets more often than in what they can do.
  bool operator==(const HostClass& other) const {
    return budget == other.budget && capacity == other.capacity && admitted_max == other.admitted_max &&
           vcpus == other.vcpus && nominal == other.nominal && errors == other.errors;
  }
};
/// Of one instance, requests/s.
struct EachLoad {
  double offered = 0, admitted = 0;
};
/// Rates of all instances of one host class together. offered >= admitted >= late; served = admitted - late.
struct Flow {
  RequestRate offered;
  RequestRate admitted;
  RequestRate late;
  RequestRate lost;          ///< of offered, to instances that had failed
  EachLoad each;             ///< of an instance that is warm, in the mean, as the metric
  double metric = 0;         ///< percent
  double answering = 0;      ///< of admitted, times their mean response time; where the fleet has target_metrics
};

}  // namespace fleetsim::fleet
