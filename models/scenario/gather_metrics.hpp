#pragma once
/// The metrics of a result, from those of its replications.

#include <vector>

#include "fleetsim/result.hpp"
#include "models/scenario/world.hpp"

namespace fleetsim::scenario {

/// One of each name that a replication reported, in the order of names, with its interval. Takes the values away from the
/// replications: a scenario with many volumes has too many names to hold them twice.
std::vector<Metric> gather_metrics(std::vector<ReplicationResult>& replications);

}  // namespace fleetsim::scenario
