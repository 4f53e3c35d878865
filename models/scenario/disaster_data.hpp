#pragma once
/// What a scenario says of disasters and the recovery from them, names resolved and checked.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/cluster.hpp"
#include "fleetsim/models/environment.hpp"
#include "fleetsim/models/faults.hpp"
#include "fleetsim/models/recovery/people.hpp"
#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/models/recovery/ports.hpp"

namespace fleetsim::scenario {

/// Instances of a target environment that run, or whose capacity is reserved, all the time.
struct StandingInstances {
  std::string name, instance_type;
  std::int64_t count = 0;
  UsdPerHour price;
};

/// How a policy serves a plan, before any run.
struct PlanPolicy {
  std::string resource;
  Duration best, mean, worst;
  bool overruns = false;   ///< copies are slower than their interval: the age grows without bound
  bool valid = true, valid_by_interval = true;  ///< by the strict rule and by the interval alone; true without objective
};

struct RecoveryPlanData {
  std::shared_ptr<const RecoveryPlan> plan;  ///< immutable, so that copies may share it
  bool target_built = true;
  std::vector<std::size_t> answers;          ///< rows of faults that may set it off
  std::vector<StandingInstances> standing;
  std::vector<MissingItem> missing;          ///< of the target environment
  std::vector<PlanPolicy> policies;
  bool way_back_diverges = false;            ///< more is written in the mean than is sent back
};

/// Snapshots or copies at a site that have fast restore, each while it is the newest of its policy.
struct FastRestore {
  std::size_t policy = 0;
  DataId data;
  SiteId site;
  std::int64_t zones = 0;
  Duration first_credit;  ///< from when it can be used until a volume made from it has all blocks from the start
};

/// A failover cluster, and where its nodes and its witness are.
struct FailoverCluster {
  struct Node {
    std::string environment, instances;
    Place place;
    std::string subnet;  ///< equal: heartbeats do not cross subnets
  };
  FailoverClusterConfig config;
  std::vector<Node> nodes;
  std::optional<Place> witness;  ///< empty: none, or outside of all Regions
};

struct DisasterData {
  std::vector<EnvironmentConfig> environments;
  std::vector<FailoverCluster> clusters;
  std::vector<FastRestore> fast_restores;
  std::vector<FaultConfig> faults;
  std::vector<PeopleConfig> people;
  std::vector<RecoveryPlanData> plans;
  /// Rows of faults that strike an environment, or are asked as what-if, and that no plan answers.
  std::vector<std::size_t> unanswered;
  bool empty() const { return faults.empty() && plans.empty(); }
};

}  // namespace fleetsim::scenario
