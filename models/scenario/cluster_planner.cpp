// Failover clusters: where their nodes and witnesses are, what a witness is good for there, and plans that need their quorum.

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/cluster_words.hpp"
#include "models/scenario/disaster_planner.hpp"

namespace fleetsim::scenario {

namespace {

std::string joined(const FailoverCluster& cluster, const std::vector<std::size_t>& nodes) {
  std::string text;
  for (const std::size_t n : nodes) text += (text.empty() ? "" : ", ") + cluster.config.nodes[n].value;
  return text;
}

}  // namespace

const std::vector<FailoverCluster>& DisasterPlanner::resolve_clusters(std::vector<FailoverClusterConfig> configs,
                                                                      std::vector<FailoverCluster>& clusters) {
  for (FailoverClusterConfig& config : configs) {
    FailoverCluster cluster;
    bool known = true;
    for (const auto& name : config.nodes) {
      if (std::optional<FailoverCluster::Node> node = resolve_node(config, name)) {
        cluster.nodes.push_back(std::move(*node));
      } else {
        known = false;
      }
    }
    if (config.witness) {
      const WitnessConfig& witness = *config.witness;
      if (witness.region) known = check_region(*witness.region) && known;
      if (witness.zone && !topology_.zone(witness.zone->value)) {
        unknown(*witness.zone, "zone", zone_names_);
        known = false;
      }
      if (known && (witness.zone || witness.region) && !cluster.nodes.empty()) {
        const std::optional<ZoneId> zone = witness.zone ? topology_.zone(witness.zone->value) : std::nullopt;
        const RegionId region = zone ? topology_.region_of(*zone) : *topology_.region(witness.region->value);
        cluster.witness = Place{.site = topology_.site(region, topology_.account_of(cluster.nodes.front().place.site)), .zone = zone};
      }
    }
    cluster.config = std::move(config);
    if (known && cluster.nodes.size() > 1) warn_of_witness(cluster);
    clusters.push_back(std::move(cluster));
  }
  clusters_ = &clusters;
  return clusters;
}

std::optional<FailoverCluster::Node> DisasterPlanner::resolve_node(const FailoverClusterConfig& config, const Located<std::string>& name) {
  std::vector<std::string> names;
  for (const EnvironmentConfig& env : *environments_) {
    const EnvironmentConfig* original = env.clone_of ? environment_of(*env.clone_of) : &env;
    if (original == nullptr) continue;
    const EnvironmentGraph graph(*original);
    const std::vector<std::size_t> taken = graph.taken_by(env);
    for (const InstancesConfig& all : original->instances) {
      if (env.clone_of && !std::binary_search(taken.begin(), taken.end(), *graph.find(all.name.value))) continue;
      names.push_back(env.name.value + "/" + all.name.value);
      if (names.back() != name.value) continue;
      if (all.count != 1) {
        diagnostics_.error(name.where, fmt::format("'{}' are {} instances, and a node of cluster '{}' is one", name.value, all.count,
                                                   config.name.value),
                           "give each node instances of its own, with a count of 1");
        return std::nullopt;
      }
      const bool stands = !env.clone_of || std::any_of(env.changes.begin(), env.changes.end(), [&](const auto& change) {
        return change.name.value == all.name.value && change.standing > 0;
      });
      if (!stands) {
        diagnostics_.error(name.where, fmt::format("'{}' does not stand: a node of cluster '{}' runs all the time", name.value,
                                                   config.name.value),
                           fmt::format("write standing: {{{}: {{count: 1}}}} in environment '{}'", all.name.value, env.name.value));
        return std::nullopt;
      }
      const std::optional<std::string> zone = zone_of_subnet(*original, all.subnet);
      if (!zone) {
        diagnostics_.error(name.where, fmt::format("node '{}' of cluster '{}' lies in no zone", name.value, config.name.value),
                           fmt::format("give '{}' of environment '{}' a subnet", all.name.value, original->name.value));
        return std::nullopt;
      }
      const std::optional<SiteId> site = topology_.site(env.region.value, env.account.value);
      const std::optional<ZoneId> in = !site || !topology_.zone(*zone) ? std::nullopt
                                       : env.clone_of ? std::optional(target_zones(*zone, topology_.region_of(*site)).front())
                                                      : topology_.zone(*zone);
      if (!in) return std::nullopt;  // reported where the environment names it
      return FailoverCluster::Node{.environment = env.name.value, .instances = all.name.value, .place = {.site = *site, .zone = in},
                                   .subnet = env.name.value + "/" + all.subnet->value};
    }
  }
  diagnostics_.error(name.where, fmt::format("cluster '{}': there are no instances '{}'", config.name.value, name.value),
                     names.empty() ? "write them as environment/instances" : config::name_help("node", name.value, names));
  return std::nullopt;
}

/// A witness that is lost with so many nodes that the others would have needed it.
void DisasterPlanner::warn_of_witness(const FailoverCluster& cluster) {
  const FailoverClusterConfig& config = cluster.config;
  if (!config.witness) {
    const ClusterSurvival one = survival(config, {{.nodes = {0}}});
    if (one.probability >= 1) return;
    diagnostics_.warning(config.name.where,
                         fmt::format("cluster '{}' of {} nodes has no witness: the loss of '{}' leaves {} with a probability of {:.3g} %, "
                                     "and no quorum then",
                                     config.name.value, cluster.nodes.size(), config.nodes[0].value, votes_in_words(one),
                                     100 * (1 - one.probability)),
                         "add a witness in a third place");
    return;
  }
  if (!cluster.witness) return;
  for (const bool whole_region : {false, true}) {
    const RegionId region = topology_.region_of(cluster.witness->site);
    if (!whole_region && !cluster.witness->zone) continue;
    const auto here = [&](const FailoverCluster::Node& node) {
      return whole_region ? topology_.region_of(node.place.site) == region : node.place.zone == cluster.witness->zone;
    };
    std::vector<std::size_t> nodes;
    for (std::size_t n = 0; n < cluster.nodes.size(); ++n) {
      if (here(cluster.nodes[n])) nodes.push_back(n);
    }
    if (nodes.empty() || nodes.size() == cluster.nodes.size()) continue;
    const std::string place = whole_region ? topology_.name(region) : topology_.name(*cluster.witness->zone);
    for (const bool bit_by_bit : {false, true}) {
      std::vector<ClusterLoss> losses{{.nodes = nodes}};
      if (bit_by_bit) {
        losses.clear();
        for (const std::size_t n : nodes) losses.push_back({.nodes = {n}});
      }
      const ClusterSurvival elsewhere = survival(config, losses);
      losses.back().witness = true;
      const ClusterSurvival there = survival(config, losses);
      if (there.probability >= elsewhere.probability) continue;
      diagnostics_.warning(config.witness->where,
                           fmt::format("the witness of cluster '{}' lies in {} with {} of its {} nodes: {} {} {} left, and with the "
                                       "witness elsewhere {} would be",
                                       config.name.value, place, nodes.size(), cluster.nodes.size(),
                                       bit_by_bit ? fmt::format("when {} has been lost bit by bit", place) : "without " + place,
                                       votes_in_words(there), there.votes_left == 1 ? "is" : "are", votes_in_words(elsewhere)),
                           "put it in another place than the nodes that it is to replace: another zone or Region, or a cloud witness outside");
      return;
    }
  }
}

void DisasterPlanner::resolve_cluster_steps(RecoveryPlanConfig& config) {
  std::vector<std::string> names;
  for (const FailoverCluster& cluster : *clusters_) names.push_back(cluster.config.name.value);
  for (StepConfig& step : config.steps) {
    if (!step.cluster || step.cluster->value.empty()) continue;
    const auto at = std::find(names.begin(), names.end(), step.cluster->value);
    if (at == names.end()) {
      diagnostics_.error(step.cluster->where, fmt::format("there is no failover cluster '{}'", step.cluster->value),
                         names.empty() ? "add one under failover_clusters" : config::name_help("cluster", step.cluster->value, names));
      continue;
    }
    step.cluster_row = static_cast<std::size_t>(at - names.begin());
    const FailoverCluster& cluster = (*clusters_)[step.cluster_row];
    const bool here = std::any_of(cluster.nodes.begin(), cluster.nodes.end(), [&](const FailoverCluster::Node& node) {
      return node.environment == config.protects.value || node.environment == config.target.value;
    });
    if (!here && cluster.nodes.size() == cluster.config.nodes.size()) {
      diagnostics_.error(step.cluster->where,
                         fmt::format("no node of cluster '{}' is in '{}' or '{}', which plan '{}' is about", step.cluster->value,
                                     config.protects.value, config.target.value, config.name.value));
    }
    if (step.kind != StepKind::cluster_failover || cluster.nodes.empty()) continue;
    step.takeover_mean = mean_takeover(cluster);
    step.takeover_least = cluster.config.bring_online.quantile(1e-9);
    step.restart_mean = cluster.config.bring_online.mean();
  }
}

/// Alone, where it happens alone, or after what brings it.
StruckCluster DisasterPlanner::worst_strike(const FailoverCluster& cluster, const FaultConfig& fault) const {
  std::vector<StruckCluster> all;
  if (!fault.at.empty() || fault.every || fault.replay || fault.what_if > 0) all.push_back(struck_by_fault(cluster, fault, topology_));
  for (const FaultConfig& first : *faults_) {
    for (const BroughtFault& brought : first.brings) {
      if (brought.fault.value == fault.name.value) all.push_back(struck_by_both(cluster, first, brought.after.mean(), fault, topology_));
    }
  }
  if (all.empty()) return struck_by_fault(cluster, fault, topology_);
  return *std::min_element(all.begin(), all.end(), [](const StruckCluster& a, const StruckCluster& b) {
    return a.survival.probability < b.survival.probability;
  });
}

/// A cluster without quorum stays offline until somebody forces it, or what was lost returns.
void DisasterPlanner::warn_of_quorum(const RecoveryPlan& plan, const std::vector<std::size_t>& answers) {
  const RecoveryPlanConfig& config = plan.config();
  for (std::size_t c = 0; c < clusters_->size(); ++c) {
    const FailoverCluster& cluster = (*clusters_)[c];
    const bool own = std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                                 [&](const FailoverCluster::Node& node) { return node.environment == config.protects.value; });
    const auto step_of = [&](StepKind kind) -> const StepConfig* {
      const auto at = std::find_if(plan.steps().begin(), plan.steps().end(),
                                   [&](const StepConfig& step) { return step.kind == kind && step.cluster_row == c; });
      return at != plan.steps().end() ? &*at : nullptr;
    };
    const StepConfig *failover = step_of(StepKind::cluster_failover), *force = step_of(StepKind::force_quorum);
    // Another cluster of the same nodes stands for this one.
    const bool stood_for = std::any_of(plan.steps().begin(), plan.steps().end(), [&](const StepConfig& step) {
      return step.kind == StepKind::cluster_failover &&
             (*clusters_)[step.cluster_row].config.nodes.front().value == cluster.config.nodes.front().value;
    });
    if (failover == nullptr && stood_for) continue;
    if ((!own && failover == nullptr) || (failover != nullptr && force != nullptr)) continue;
    for (const std::size_t f : answers) {
      const FaultConfig& fault = (*faults_)[f];
      if (!may_strike_cluster(fault)) continue;
      const StruckCluster struck = worst_strike(cluster, fault);
      if (!struck.quorum_in_doubt()) continue;
      std::string lost = joined(cluster, struck.lost);
      if (struck.witness_lost) lost += lost.empty() ? "the witness" : " and the witness";
      const std::string what = fmt::format("fault '{}' leaves {} of cluster '{}'{}{}", fault.name.value, votes_in_words(struck.survival),
                                           cluster.config.name.value, lost.empty() ? "" : fmt::format(" (lost: {})", lost),
                                           struck.survival.probability > 0
                                               ? fmt::format(", with a probability of {:.3g} %", 100 * (1 - struck.survival.probability))
                                               : "");
      if (failover == nullptr) {
        diagnostics_.warning(config.where,
                             fmt::format("{}, and no step of plan '{}' waits for its quorum: users are said to be served while it is "
                                         "offline",
                                         what, config.name.value),
                             fmt::format("add a step of kind cluster_failover with cluster: {}, and one of kind force_quorum",
                                         cluster.config.name.value));
      } else {
        const bool for_good = !fault.duration && !fault.replay;
        diagnostics_.warning(failover->name.where,
                             fmt::format("{}, and no step of plan '{}' forces quorum: step '{}' waits {}", what, config.name.value,
                                         failover->name.value,
                                         for_good ? fmt::format("in vain until the plan gives up after {}", to_text(config.gives_up_after))
                                                  : std::string("until the fault has ended")),
                             fmt::format("add a step of kind force_quorum with cluster: {}", cluster.config.name.value));
      }
      break;
    }
  }
}

}  // namespace fleetsim::scenario
