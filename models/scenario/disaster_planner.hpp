#pragma once
/// Looks up the names in what a scenario says of environments, faults and recovery plans, and holds the plans against what
/// protects their data.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/data_replication/terms.hpp"
#include "fleetsim/models/topology.hpp"
#include "models/scenario/cluster_words.hpp"
#include "models/scenario/disaster_data.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

using config::Located;

class DisasterPlanner {
 public:
  DisasterPlanner(const ScenarioData& data, const std::vector<FastRestore>& fast_restores, const Catalog& catalog,
                  config::Diagnostics& diagnostics);

  void resolve_environments(std::vector<EnvironmentConfig>& environments);
  void resolve_faults(std::vector<FaultConfig>& faults);
  /// Requires: environments are resolved.
  const std::vector<FailoverCluster>& resolve_clusters(std::vector<FailoverClusterConfig> configs, std::vector<FailoverCluster>& clusters);
  /// What is protected lies where the environments say. Requires: both are resolved.
  void check_places();
  std::optional<RecoveryPlanData> plan(RecoveryPlanConfig config, const std::vector<PeopleConfig>& people);
  /// Faults of which nothing will be told, since no plan answers them; each draws a warning. Requires: all names are known.
  std::vector<std::size_t> unanswered(const std::vector<RecoveryPlanData>& plans);

 private:
  void unknown(const Located<std::string>& name, std::string_view what, const std::vector<std::string>& names);
  bool check_region(const Located<std::string>& name);
  void check_account(const Located<std::string>& name);
  void check_zone(const Located<std::string>& name, const std::string& region);
  void check_type(const Located<std::string>& name, const std::string& region);
  const EnvironmentConfig* find_environment(const Located<std::string>& name);
  std::optional<FailoverCluster::Node> resolve_node(const FailoverClusterConfig& config, const Located<std::string>& name);
  void warn_of_witness(const FailoverCluster& cluster);
  void resolve_cluster_steps(RecoveryPlanConfig& config);
  StruckCluster worst_strike(const FailoverCluster& cluster, const FaultConfig& fault) const;
  /// Of clusters that lose quorum with a fault, which no step forces or nothing waits for.
  void warn_of_quorum(const RecoveryPlan& plan, const std::vector<std::size_t>& answers);
  void warn_missing(const EnvironmentConfig& target, const MissingItem& missing);
  /// Zones of the target that stand for a zone of the source: those of the same letter first, then the others.
  std::vector<ZoneId> target_zones(const std::string& source_zone, RegionId target) const;
  std::optional<std::string> zone_of_subnet(const EnvironmentConfig& env, const std::optional<Located<std::string>>& subnet) const;
  std::vector<PlanResource> make_resources(const RecoveryPlanConfig& config, const EnvironmentConfig& source,
                                           const EnvironmentConfig& target, const EnvironmentGraph& graph,
                                           RecoveryPlanData& result);
  /// Finds what protects a volume or database at the target, and holds it against the plan.
  void plan_data(const RecoveryPlanConfig& config, const DataStoreConfig& store, PlanResource& resource,
                 RecoveryPlanData& result);
  void warn_of_slow_credits(const StepConfig* restore, DataId data, SiteId site, const std::vector<ProtectionTerms>& terms);
  /// Of a volume whose zone only its protection tells: faults of that zone pass the plan by.
  void warn_of_untold_zone(const RecoveryPlanConfig& config, const DataStoreConfig& store, const PlanResource& resource, DataId data);
  /// Of retention that leaves nothing as old as the plan wants it, some of the time.
  void warn_of_deletion(const RecoveryPlanConfig& config, const DataStoreConfig& store, const std::vector<ProtectionTerms>& terms);
  void plan_instances(const RecoveryPlanConfig& config, const InstancesConfig& all, const EnvironmentConfig& target,
                      PlanResource& resource, RecoveryPlanData& result);
  const EnvironmentConfig* environment_of(const Located<std::string>& name) const;
  void check_steps(const RecoveryPlanConfig& config, const EnvironmentConfig& source, const EnvironmentConfig& target,
                   const EnvironmentGraph& graph, const std::vector<PeopleConfig>& people);
  /// While no target is healthy Route 53 answers the primary.
  void warn_of_early_redirect(const RecoveryPlanConfig& config);
  /// Of a source that goes on serving beside the target.
  void warn_of_two_writers(const RecoveryPlan& plan, const std::vector<std::size_t>& answers);
  /// Of data that no step restores, and instances that no step launches.
  void warn_of_gaps(const RecoveryPlan& plan);
  /// Of data that is written to at the target faster than it is sent back. Whether there is any.
  bool check_way_back(const RecoveryPlan& plan);
  /// Of a target that is lost for good with what it should replace.
  void warn_of_lost_target(const RecoveryPlan& plan, const RecoveryPlanData& result);
  /// The first original that has something at a place which the fault strikes.
  const EnvironmentConfig* struck_by(const FaultConfig& fault) const;
  void resolve_answers(const RecoveryPlanConfig& config, const std::vector<PlanResource>& resources, RecoveryPlanData& result);
  void check_drills(const RecoveryPlanConfig& config, const EnvironmentConfig& source, const EnvironmentConfig& target);
  void check_rto(const RecoveryPlan& plan, bool built);

  const ScenarioData& data_;
  const std::vector<FastRestore>& fast_restores_;
  const Catalog& catalog_;
  const Topology topology_;
  config::Diagnostics& diagnostics_;
  std::vector<std::string> zone_names_;
  const std::vector<EnvironmentConfig>* environments_ = nullptr;
  const std::vector<FaultConfig>* faults_ = nullptr;
  const std::vector<FailoverCluster>* clusters_ = nullptr;
};

}  // namespace fleetsim::scenario
