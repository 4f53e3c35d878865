#include "models/scenario/cluster_views.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim::scenario {

ClusterViews::ClusterViews(const DisasterData& data, const FaultSurroundings& faults, const Simulation& sim)
    : data_(data), from_(Time{} - Duration::of(1)) {  // so that there is a before for a fault at the start of the run
  for (const FailoverCluster& cluster : data.clusters) {
    Own& own = *clusters_.emplace_back(
        std::make_unique<Own>(cluster, faults, sim.stream(fmt::format("failover_clusters/{}", cluster.config.name.value))));
    own.course = std::make_unique<ClusterCourse>(cluster.config, own.contacts, own.choose(), from_);
  }
}

ClusterViews::ClusterViews(const ClusterViews& run, const FaultSurroundings& faults, const Simulation& sim,
                           const std::string& prefix, Time at)
    : data_(run.data_), run_(&run), from_(at) {
  for (std::size_t c = 0; c < data_.clusters.size(); ++c) {
    const FailoverCluster& cluster = data_.clusters[c];
    Own& own = *clusters_.emplace_back(std::make_unique<Own>(
        cluster, faults, sim.stream(fmt::format("{}failover_clusters/{}", prefix, cluster.config.name.value))));
    own.course = std::make_unique<ClusterCourse>(*run.clusters_[c]->course, own.contacts, own.choose(), at);
  }
}

const ClusterState& ClusterViews::state(std::size_t cluster, Time at) const {
  return at < from_ && run_ != nullptr ? run_->state(cluster, at) : clusters_[cluster]->course->at(at);
}

void ClusterViews::move_home(std::size_t cluster, std::span<const std::size_t> home, Time at) {
  const ClusterState& now = state(cluster, at);
  if (std::find(home.begin(), home.end(), now.owner) != home.end()) return;
  const auto node = std::find_if(home.begin(), home.end(), [&](std::size_t n) { return now.quorum && now.members[n]; });
  if (node != home.end()) clusters_[cluster]->course->move_owner(*node, at);
}

ClusterLook ClusterViews::look(std::size_t cluster, Time at) const {
  const ClusterState& found = state(cluster, at);
  return {.quorum = found.quorum, .votes_left = found.votes_left, .votes_all = found.votes_all, .owner = found.owner};
}

std::optional<Time> ClusterViews::next_change(std::size_t cluster, Time at) const {
  if (at >= from_ || run_ == nullptr) return clusters_[cluster]->course->next_change(at);
  const std::optional<Time> before = run_->next_change(cluster, at);
  return before && *before < from_ ? before : std::optional(from_);
}

Duration ClusterViews::takeover(std::size_t cluster, std::optional<std::size_t> lost, Time at, Stream& stream) const {
  const FailoverCluster& own = data_.clusters[cluster];
  const Duration regroup = own.config.regroup.sample(stream), online = own.config.bring_online.sample(stream);
  if (!lost) return online;
  const std::vector<bool>& members = state(cluster, at).members;
  bool same_subnet = false;
  for (std::size_t n = 0; n < own.nodes.size(); ++n) {
    same_subnet = same_subnet || (n != *lost && members[n] && own.nodes[n].subnet == own.nodes[*lost].subnet);
  }
  const HeartbeatConfig& heartbeats = own.config.heartbeats;
  return (same_subnet ? std::min(heartbeats.same_subnet(), heartbeats.cross_subnet()) : heartbeats.cross_subnet()) + regroup + online;
}

}  // namespace fleetsim::scenario
