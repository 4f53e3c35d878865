#pragma once
/// What faults make of failover clusters: the contacts of their nodes, and a plan's questions about their quorum.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fleetsim/models/cluster.hpp"
#include "fleetsim/models/recovery/ports.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "models/scenario/disaster_data.hpp"
#include "models/scenario/surroundings.hpp"

namespace fleetsim::scenario {

/// Zones, Regions and accounts stop what lies there; a link that carries nothing parts its Regions.
class FaultContacts final : public ClusterContacts {
 public:
  FaultContacts(const FailoverCluster& cluster, const FaultSurroundings& faults) : cluster_(cluster), faults_(faults) {}
  bool up(std::size_t node, Time at) const override { return faults_.up(cluster_.nodes[node].place, at); }
  bool in_contact(std::size_t node, std::size_t other, Time at) const override {
    return faults_.left(cluster_.nodes[node].place.site, cluster_.nodes[other].place.site, at).value > 0;
  }
  bool reaches_witness(std::size_t node, Time at) const override {
    if (!cluster_.witness) return cluster_.config.witness.has_value();
    return faults_.up(*cluster_.witness, at) && faults_.left(cluster_.nodes[node].place.site, cluster_.witness->site, at).value > 0;
  }
  std::optional<Time> next_change(Time at) const override { return faults_.next_change_of_contact(at); }

 private:
  const FailoverCluster& cluster_;
  const FaultSurroundings& faults_;
};

/// The clusters of a scenario in a run, or in a branch of it.
class ClusterViews final : public Clusters {
 public:
  /// Requires: `data` and `faults` outlive this.
  ClusterViews(const DisasterData& data, const FaultSurroundings& faults, const Simulation& sim);
  /// From `at` on with the faults of a branch; whose vote goes is drawn from streams named after `prefix`.
  ClusterViews(const ClusterViews& run, const FaultSurroundings& faults, const Simulation& sim, const std::string& prefix, Time at);

  ClusterLook look(std::size_t cluster, Time at) const override;
  std::optional<Time> next_change(std::size_t cluster, Time at) const override;
  std::string_view name(std::size_t cluster) const override { return data_.clusters[cluster].config.name.value; }
  std::size_t node_count(std::size_t cluster) const override { return data_.clusters[cluster].nodes.size(); }
  std::string_view node_name(std::size_t cluster, std::size_t node) const override {
    return data_.clusters[cluster].config.nodes[node].value;
  }
  Place node_place(std::size_t cluster, std::size_t node) const override { return data_.clusters[cluster].nodes[node].place; }
  Duration takeover(std::size_t cluster, std::optional<std::size_t> lost, Time at, Stream& stream) const override;

  const ClusterState& state(std::size_t cluster, Time at) const;
  /// People move the application, if it is on none of these nodes, to the first of them that is up and has quorum.
  void move_home(std::size_t cluster, std::span<const std::size_t> home, Time at);

 private:
  /// Worked out as it is asked for, which no answer depends on.
  struct Own {
    FaultContacts contacts;
    Stream stream;
    std::unique_ptr<ClusterCourse> course;
    Own(const FailoverCluster& cluster, const FaultSurroundings& faults, Stream drawn) : contacts(cluster, faults), stream(drawn) {}
    ChooseVote choose() {
      return [this](std::size_t count) { return static_cast<std::size_t>(stream.below(count)); };
    }
  };

  const DisasterData& data_;
  const ClusterViews* run_ = nullptr;  // of a branch: what was before it
  Time from_;
  std::vector<std::unique_ptr<Own>> clusters_;
};

}  // namespace fleetsim::scenario
