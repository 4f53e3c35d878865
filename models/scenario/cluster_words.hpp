#pragma once
/// What a failover cluster loses with a place or a fault, before any run, and how `explain` says so.

#include <string>
#include <vector>

#include "fleetsim/models/cluster.hpp"
#include "fleetsim/models/faults.hpp"
#include "fleetsim/models/topology.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Whether the fault stops nodes, or parts them: zone, Region, account, and a link that carries nothing.
bool may_strike_cluster(const FaultConfig& fault);
/// What one fault alone leaves of a cluster of which all is up.
struct StruckCluster {
  ClusterSurvival survival;
  std::vector<std::size_t> lost;  ///< nodes
  bool witness_lost = false;
  bool quorum_in_doubt() const { return survival.probability < 1; }
};
StruckCluster struck_by_fault(const FailoverCluster& cluster, const FaultConfig& fault, const Topology& topology);
/// The same of a fault that another one brings, so long after it in the mean.
StruckCluster struck_by_both(const FailoverCluster& cluster, const FaultConfig& first, Duration after, const FaultConfig& fault,
                             const Topology& topology);
/// "1 of 3 votes".
std::string votes_in_words(const ClusterSurvival& survival);

std::vector<std::string> in_words(const FailoverCluster& cluster, const Topology& topology);
/// A frame of the graph for Graphviz.
std::string in_dot(const FailoverCluster& cluster, const Topology& topology, std::size_t number);
/// Mean from the loss of the first node until the application runs on another.
Duration mean_takeover(const FailoverCluster& cluster);

}  // namespace fleetsim::scenario
