// Plans and what they recover: where it lies, what protects it, what it is launched as.

#include "models/scenario/recovery_planner.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "fleetsim/models/data_replication/terms.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/disaster_planner.hpp"
#include "models/scenario/fast_restores.hpp"
#include "models/scenario/metric_names.hpp"
#include "models/scenario/region_prices.hpp"

namespace fleetsim::scenario {

namespace {

std::string_view family_of(std::string_view type) { return type.substr(0, type.find('.')); }

/// Sizes of a family by vCPUs, then memory; bare metal is no size that one falls back to.
std::vector<TypeRung> ladder_of(const Catalog& catalog, const std::string& type, const std::string& region) {
  struct Size {
    InstanceType type;
    UsdPerHour price;
  };
  std::vector<Size> sizes;
  for (const std::string& name : catalog.type_names()) {
    if (family_of(name) != family_of(type) || (name.find(".metal") != std::string::npos && name != type)) continue;
    const std::optional<InstanceType> found = catalog.type(name);
    const std::optional<UsdPerHour> price =
        catalog.price({.region = region, .instance_type = name}, Purchase::on_demand);
    if (found && price) sizes.push_back({*found, *price});
  }
  std::stable_sort(sizes.begin(), sizes.end(), [](const Size& a, const Size& b) {
    return std::pair(a.type.vcpus, a.type.memory) < std::pair(b.type.vcpus, b.type.memory);
  });
  std::vector<TypeRung> ladder;
  for (const Size& size : sizes) ladder.push_back({size.type.name, size.type.vcpus, size.price});
  return ladder;
}

}  // namespace

std::optional<RecoveryPlanData> DisasterPlanner::plan(RecoveryPlanConfig config, const std::vector<PeopleConfig>& people) {
  const EnvironmentConfig* source = find_environment(config.protects);
  const EnvironmentConfig* target = find_environment(config.target);
  if (source == nullptr || target == nullptr) return std::nullopt;
  if (source->clone_of) {
    diagnostics_.error(config.protects.where, fmt::format("'{}' is a clone, and a plan protects an original", source->name.value));
    return std::nullopt;
  }
  if (target != source && (!target->clone_of || target->clone_of->value != source->name.value)) {
    diagnostics_.error(config.target.where,
                       fmt::format("environment '{}' is no clone of '{}'", target->name.value, source->name.value),
                       fmt::format("write clone_of: {} in it", source->name.value));
    return std::nullopt;
  }
  check_steps(config, *source, *target, EnvironmentGraph(*source), people);
  resolve_cluster_steps(config);
  if (config.drills) check_drills(config, *source, *target);
  if (config.failback && target == source) {
    diagnostics_.error(config.failback->where, fmt::format("plan '{}' recovers where it was: there is no way back", config.name.value),
                       "leave failback out, or let target be a clone");
  }
  if (diagnostics_.has_errors()) return std::nullopt;  // places and types may be unknown
  RecoveryPlanData result;
  result.target_built = target == source || target->built;
  const EnvironmentGraph graph(*source);
  if (target != source) {
    result.missing = graph.missing_in(*target, target->region.value, target->account.value);
    for (const MissingItem& missing : result.missing) warn_missing(*target, missing);
  }
  std::vector<PlanResource> resources = make_resources(config, *source, *target, graph, result);
  resolve_answers(config, resources, result);
  if (diagnostics_.has_errors()) return std::nullopt;
  result.plan = std::make_shared<const RecoveryPlan>(std::move(config), std::move(resources));
  check_rto(*result.plan, result.target_built);
  result.way_back_diverges = check_way_back(*result.plan);
  warn_of_lost_target(*result.plan, result);
  warn_of_quorum(*result.plan, result.answers);
  if (target != source) {
    warn_of_gaps(*result.plan);
    warn_of_two_writers(*result.plan, result.answers);
  }
  return result;
}

/// Zones of the target that stand for a zone of the source: those of the same letter first, then the others.
std::vector<ZoneId> DisasterPlanner::target_zones(const std::string& source_zone, RegionId target) const {
  std::vector<ZoneId> zones = topology_.zones_of(target);
  const auto same = std::find_if(zones.begin(), zones.end(),
                                 [&](ZoneId zone) { return topology_.name(zone).back() == source_zone.back(); });
  if (same != zones.end()) std::rotate(zones.begin(), same, same + 1);
  return zones;
}

std::optional<std::string> DisasterPlanner::zone_of_subnet(const EnvironmentConfig& env, const std::optional<Located<std::string>>& subnet) const {
  if (!subnet) return std::nullopt;
  for (const VpcConfig& vpc : env.vpcs) {
    for (const SubnetConfig& s : vpc.subnets) {
      if (s.name.value == subnet->value) return s.zone.value;
    }
  }
  return std::nullopt;
}

std::vector<PlanResource> DisasterPlanner::make_resources(const RecoveryPlanConfig& config, const EnvironmentConfig& source,
                                         const EnvironmentConfig& target, const EnvironmentGraph& graph,
                                         RecoveryPlanData& result) {
  const SiteId from = *topology_.site(source.region.value, source.account.value);
  const SiteId to = *topology_.site(target.region.value, target.account.value);
  const std::vector<std::size_t> taken = graph.taken_by(target);
  const auto is_taken = [&](const std::string& name) {
    return &target == &source || std::binary_search(taken.begin(), taken.end(), *graph.find(name));
  };
  std::set<std::string> lacking;
  for (const MissingItem& missing : result.missing) lacking.insert(missing.resources.begin(), missing.resources.end());

  std::vector<PlanResource> resources;
  const auto add = [&](const Located<std::string>& name, ResourceKind kind, const std::optional<std::string>& zone) -> PlanResource& {
    PlanResource resource;
    resource.name = name.value;
    resource.kind = kind;
    resource.source = from;
    resource.target = to;
    resource.lacking = lacking.contains(name.value);
    if (zone) {
      resource.source_zone = topology_.zone(*zone);
      resource.target_zones = target_zones(*zone, topology_.region_of(to));
    }
    return resources.emplace_back(std::move(resource));
  };
  for (const DataStoreConfig& store : source.stores) {
    if (!is_taken(store.name.value)) continue;
    const std::optional<std::string> zone = store.zone ? std::optional(store.zone->value) : zone_of_subnet(source, store.subnet);
    PlanResource& resource =
        add(store.name, store.kind == ItemKind::volume ? ResourceKind::volume : ResourceKind::database, zone);
    plan_data(config, store, resource, result);
  }
  for (const InstancesConfig& all : source.instances) {
    if (!is_taken(all.name.value)) continue;
    PlanResource& resource = add(all.name, ResourceKind::instances, zone_of_subnet(source, all.subnet));
    resource.count = all.count;
    for (std::size_t c = 0; c < clusters_->size(); ++c) {
      for (std::size_t n = 0; n < (*clusters_)[c].nodes.size(); ++n) {
        const FailoverCluster::Node& node = (*clusters_)[c].nodes[n];
        if (node.environment == source.name.value && node.instances == all.name.value) resource.node = {c, n};
      }
    }
    plan_instances(config, all, target, resource, result);
  }
  std::map<std::string, std::size_t> rows;
  for (std::size_t r = 0; r < resources.size(); ++r) rows.emplace(resources[r].name, r);
  for (const InstancesConfig& all : source.instances) {
    const auto row = rows.find(all.name.value);
    if (row == rows.end()) continue;
    for (const auto& used : all.uses) {
      if (const auto it = rows.find(used.value); it != rows.end()) resources[row->second].uses.push_back(it->second);
    }
  }
  return resources;
}

/// Finds what protects a volume or database at the target, and holds it against the plan.
void DisasterPlanner::plan_data(const RecoveryPlanConfig& config, const DataStoreConfig& store, PlanResource& resource,
               RecoveryPlanData& result) {
  const std::string site = topology_.name(resource.target);
  const StepConfig* needs = nullptr;
  for (const StepConfig& step : config.steps) {
    const bool uses = step.kind == StepKind::restore || step.kind == StepKind::promote;
    for (const auto& name : step.of) {
      if (uses && name.value == store.name.value) needs = &step;
    }
  }
  const auto report = [&](const std::string& message, const std::string& help) {
    config::Location where = needs->name.where;
    for (const auto& name : needs->of) {
      if (name.value == store.name.value) where = name.where;
    }
    diagnostics_.error(where, message, help);
  };
  const std::optional<DataId> data =
      data_.protection ? data_.protection->config.find(store.protected_as.value) : std::nullopt;
  std::vector<ProtectionTerms> terms;
  if (data) terms = protection_terms(data_.protection->config, *data, resource.target, config.data_from_before);
  if (terms.empty()) {
    if (needs == nullptr) {
      diagnostics_.warning(store.name.where,
                           fmt::format("nothing protects '{}' {}, and no step of plan '{}' restores it: after a disaster its data is "
                                       "gone, which no recovery point tells",
                                       store.name.value, data ? "at " + site : "at all", config.name.value),
                           "protect it under `protection` and let a step restore it, or leave it out of the clone");
      return;
    }
    const bool elsewhere = data.has_value();
    report(fmt::format("step '{}' cannot {} '{}': nothing protects it {}", needs->name.value, to_name(needs->kind),
                       store.name.value, elsewhere ? "at " + site : "at all"),
           elsewhere ? fmt::format("let a policy of `protection` copy it there, or a stream or mirror send it")
                     : fmt::format("protect '{}' under `protection`, with copies at {}", store.protected_as.value, site));
    return;
  }
  const bool kept_alive = std::any_of(terms.begin(), terms.end(), [](const ProtectionTerms& each) {
    return each.means == RecoveryMeans::stream || each.means == RecoveryMeans::mirror;
  });
  if (needs != nullptr && needs->kind == StepKind::promote && !kept_alive) {
    report(fmt::format("step '{}' cannot promote '{}': at {} there are snapshots only", needs->name.value, store.name.value, site),
           "let its kind be restore, or keep a replica there");
    return;
  }
  resource.data = data;
  const DataReplicationConfig& protection = data_.protection->config;
  resource.managed = protection.stores[protection.data[data->index].stores.front()].database;
  warn_of_slow_credits(needs, *data, resource.target, terms);
  warn_of_untold_zone(config, store, resource, *data);
  const auto order = [](const ProtectionTerms& each) {
    return std::tuple(each.kept.value_or(Duration::max()) < each.at_least_old, each.overruns(), each.worst());
  };
  const auto best = std::min_element(terms.begin(), terms.end(),
                                     [&](const ProtectionTerms& a, const ProtectionTerms& b) { return order(a) < order(b); });
  // The least of those that hold data as old as is asked for.
  resource.retrieval = best->retrieval;
  for (const ProtectionTerms& each : terms) {
    if (each.kept.value_or(Duration::max()) >= each.at_least_old) resource.retrieval = std::min(resource.retrieval, each.retrieval);
  }
  PlanPolicy policy{.resource = store.name.value, .best = best->best(), .mean = best->mean(), .worst = best->worst(),
                    .overruns = best->overruns()};
  const ObjectivesConfig& objectives = config.objectives;
  if (objectives.rpo) {
    policy.valid = best->valid(*objectives.rpo);
    policy.valid_by_interval = best->valid_by_interval(*objectives.rpo);
    if (best->overruns()) {
      diagnostics_.warning(objectives.rpo_where,
                           fmt::format("the rpo of {} cannot be kept for '{}': copies to {} take {} in the mean, longer than the {} "
                                       "between them, so the newest point grows older without end",
                                       to_text(*objectives.rpo), store.name.value, site, to_text(best->copy.mean), to_text(best->interval)),
                           "make points less often, or copy them faster");
    } else if (config.data_from_before > *objectives.rpo) {
      diagnostics_.warning(objectives.rpo_where,
                           fmt::format("the rpo of {} cannot be met for '{}': plan '{}' restores data from {} before the disaster",
                                       to_text(*objectives.rpo), store.name.value, config.name.value, to_text(config.data_from_before)),
                           "allow as much, or restore younger data");
    } else if (best->worst_at_best() > *objectives.rpo) {
      diagnostics_.warning(objectives.rpo_where,
                           fmt::format("the rpo of {} cannot be met for '{}': just before a newer point is usable at {}, the "
                                       "newest is at least {} old = {} between points + {} snapshot + {} copy",
                                       to_text(*objectives.rpo), store.name.value, site, to_text(best->worst_at_best()),
                                       to_text(best->interval_at_best), to_text(best->snapshot.least), to_text(best->copy.least)),
                           "make points more often, copy them faster, or allow more");
    }
  }
  result.policies.push_back(std::move(policy));
  // Data from before an intrusion must still be there when it is noticed.
  if (config.data_from_before == Duration{}) return;
  Duration longest;
  for (const ProtectionTerms& each : terms) longest = std::max(longest, each.kept.value_or(Duration::max()));
  if (longest < config.data_from_before) {
    diagnostics_.error(objectives.data_where,
                       fmt::format("plan '{}' restores data from {} before the disaster, but what protects '{}' at {} keeps a "
                                   "point for no more than {}",
                                   config.name.value, to_text(config.data_from_before), store.name.value, site,
                                   to_text(longest)),
                       "keep points longer, or restore younger data");
    return;
  }
  warn_of_deletion(config, store, terms);
}

/// Fast restore that is paid for, and taken over by the next snapshot before it has a credit.
void DisasterPlanner::warn_of_slow_credits(const StepConfig* restore, DataId data, SiteId site, const std::vector<ProtectionTerms>& terms) {
  if (restore == nullptr || restore->kind != StepKind::restore || !restore->hydration) return;
  const DataReplicationConfig& protection = data_.protection->config;
  for (const FastRestore& fast : fast_restores_) {
    if (fast.data != data || fast.site != site) continue;
    const auto own = std::find_if(terms.begin(), terms.end(),
                                  [&](const ProtectionTerms& each) { return each.name == protection.policies[fast.policy].name; });
    if (own == terms.end() || own->interval == Duration{} || own->interval > fast.first_credit) continue;
    diagnostics_.warning(restore->name.where,
                         fmt::format("fast restore of '{}' at {} never has a credit: the newest point has its first {} after it can be "
                                     "used, and the next one takes its place after {}",
                                     protection.data[data.index].name, topology_.name(site), to_text(fast.first_credit), to_text(own->interval)),
                         "make points less often, or leave fast_restore_zones out");
  }
}

void DisasterPlanner::warn_of_untold_zone(const RecoveryPlanConfig& config, const DataStoreConfig& store,
                                          const PlanResource& resource, DataId data) {
  if (resource.source_zone) return;
  const DataReplicationConfig& protection = data_.protection->config;
  for (const std::uint32_t s : protection.data[data.index].stores) {
    const std::optional<ZoneId>& zone = protection.stores[s].zone;
    if (!zone) continue;
    for (const FaultConfig& fault : *faults_) {
      if (!stops_service(fault.kind) || std::find(fault.zone_ids.begin(), fault.zone_ids.end(), *zone) == fault.zone_ids.end()) continue;
      diagnostics_.warning(store.name.where,
                           fmt::format("'{}' lies in {} under `protection`, and in no zone here: fault '{}' strikes its data, and not "
                                       "what plan '{}' recovers",
                                       store.name.value, topology_.name(*zone), fault.name.value, config.name.value),
                           fmt::format("add zone: {}", topology_.name(*zone)));
      return;
    }
  }
}

void DisasterPlanner::warn_of_deletion(const RecoveryPlanConfig& config, const DataStoreConfig& store,
                                       const std::vector<ProtectionTerms>& terms) {
  // Of points that come I apart and are kept for K, one is at least D old at every moment if K - D >= I.
  const auto without = [&](const ProtectionTerms& each) {
    if (!each.kept) return 0.0;
    const double spare = to_seconds(*each.kept - config.data_from_before);
    if (spare < 0) return 1.0;
    return each.interval > Duration{} ? std::max(0.0, 1 - spare / to_seconds(each.interval)) : 0.0;
  };
  const auto best = std::min_element(terms.begin(), terms.end(), [&](const ProtectionTerms& a, const ProtectionTerms& b) {
    return without(a) < without(b);
  });
  if (without(*best) <= 0) return;
  diagnostics_.warning(config.objectives.data_where,
                       fmt::format("plan '{}' restores data of '{}' from {} before the disaster; of points every {} that are kept for "
                                   "{} none that old is left {:.3g} % of the time",
                                   config.name.value, store.name.value, to_text(config.data_from_before), to_text(best->interval),
                                   to_text(*best->kept), 100 * without(*best)),
                       fmt::format("keep points for {} or longer, or restore younger data",
                                   to_text(config.data_from_before + best->interval)));
}

void DisasterPlanner::plan_instances(const RecoveryPlanConfig& config, const InstancesConfig& all, const EnvironmentConfig& target,
                    PlanResource& resource, RecoveryPlanData& result) {
  std::string type = all.instance_type.value;
  for (const CloneInstancesConfig& change : target.changes) {
    if (change.name.value != all.name.value) continue;
    if (change.instance_type) type = change.instance_type->value;
    if (change.standing > all.count) {
      diagnostics_.error(change.name.where, fmt::format("{} of '{}' stand, more than the {} of it", change.standing, all.name.value, all.count),
                         "let no more stand than there are");
    }
    resource.standing = std::min(change.standing, all.count);
    resource.reserved = change.reserved;
  }
  resource.ladder = ladder_of(catalog_, type, target.region.value);
  const auto rung_of = [&](std::string_view name) {
    const auto it = std::find_if(resource.ladder.begin(), resource.ladder.end(), [&](const TypeRung& r) { return r.name == name; });
    return it == resource.ladder.end() ? std::optional<std::size_t>() : static_cast<std::size_t>(it - resource.ladder.begin());
  };
  if (!rung_of(type)) {
    if (report_unpriced_region(data_.topology, catalog_, target.region.value, diagnostics_)) return;
    diagnostics_.error(all.instance_type.where,
                       fmt::format("instance type '{}' is not priced in Region '{}'", type, target.region.value),
                       catalog_.price_help({.region = target.region.value, .instance_type = type}, Purchase::on_demand));
    return;
  }
  resource.wanted = *rung_of(type);
  if (config.drills && !config.drills->instance_type.empty()) {
    const std::string& drill = config.drills->instance_type;
    const std::optional<InstanceType> found = catalog_.type(drill);
    const auto price = catalog_.price({.region = target.region.value, .instance_type = drill}, Purchase::on_demand);
    if (!found || !price) {
      diagnostics_.error(config.drills->where, fmt::format("drills: instance type '{}' is not priced in Region '{}'", drill,
                                                           target.region.value),
                         catalog_.type_help(drill));
    } else {
      resource.drill_type = TypeRung{drill, found->vcpus, *price};
    }
  }
  const UsdPerHour price = resource.ladder[resource.wanted].price;
  const std::int64_t paid = &target == environment_of(config.protects) ? 0
                            : resource.reserved                       ? all.count
                                                                      : resource.standing;
  if (paid > 0) result.standing.push_back({all.name.value, type, paid, price});
}

DisasterData read_disasters(config::Section& root, const ScenarioData& data, const Catalog& catalog,
                            config::Diagnostics& diagnostics) {
  DisasterData disasters;
  disasters.environments = read_environments(root);
  std::vector<FailoverClusterConfig> clusters = read_failover_clusters(root);
  disasters.faults = read_faults(root, data.run.start, data.run.duration);
  disasters.people = read_people(root);
  std::vector<RecoveryPlanConfig> plans = read_recovery(root);
  std::vector<MeasuredName> names;
  for (const RecoveryPlanConfig& plan : plans) names.push_back({"plan", plan.name});
  check_metric_names("recovery", names, {"drill", "resource", "step"}, diagnostics);
  if (root.describing() || data.topology.regions.empty()) return disasters;
  disasters.fast_restores = fast_restores_of(data);
  DisasterPlanner planner(data, disasters.fast_restores, catalog, diagnostics);
  planner.resolve_environments(disasters.environments);
  planner.resolve_clusters(std::move(clusters), disasters.clusters);
  planner.resolve_faults(disasters.faults);
  planner.check_places();
  for (RecoveryPlanConfig& plan : plans) {
    if (auto planned = planner.plan(std::move(plan), disasters.people)) disasters.plans.push_back(std::move(*planned));
  }
  if (!diagnostics.has_errors()) disasters.unanswered = planner.unanswered(disasters.plans);
  return disasters;
}

}  // namespace fleetsim::scenario
