#include "models/scenario/recovery_planner.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "fleetsim/models/data_replication/terms.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::scenario {

namespace {

using config::Located;

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

class DisasterPlanner {
 public:
  DisasterPlanner(const ScenarioData& data, const Catalog& catalog, config::Diagnostics& diagnostics)
      : data_(data), catalog_(catalog), topology_(data.topology), diagnostics_(diagnostics) {
    for (std::size_t z = 0; z < topology_.zone_count(); ++z) {
      zone_names_.push_back(topology_.name(ZoneId{static_cast<std::uint32_t>(z)}));
    }
  }

  void resolve_environments(std::vector<EnvironmentConfig>& environments) {
    for (EnvironmentConfig& env : environments) {
      if (env.account.value.empty()) env.account = {topology_.accounts().front(), env.name.where};
      if (env.region.value.empty() && env.clone_of) {
        for (const EnvironmentConfig& original : environments) {
          if (original.name.value == env.clone_of->value) env.region = original.region;
        }
      }
      check_region(env.region);
      check_account(env.account);
      for (const VpcConfig& vpc : env.vpcs) {
        for (const SubnetConfig& subnet : vpc.subnets) check_zone(subnet.zone, env.region.value);
      }
      for (const DataStoreConfig& store : env.stores) {
        if (store.zone) check_zone(*store.zone, env.region.value);
      }
      for (const InstancesConfig& all : env.instances) check_type(all.instance_type, env.region.value);
      for (const ImageConfig& image : env.images) {
        for (const auto& account : image.shared_with) check_account(account);
      }
      for (const CloneInstancesConfig& change : env.changes) {
        if (change.instance_type) check_type(*change.instance_type, env.region.value);
      }
    }
    environments_ = &environments;
  }

  void resolve_faults(std::vector<FaultConfig>& faults) {
    std::vector<std::string> stores;
    for (const EnvironmentConfig& env : *environments_) {
      for (const DataStoreConfig& store : env.stores) stores.push_back(store.name.value);
    }
    for (FaultConfig& fault : faults) {
      for (const auto& name : fault.regions) {
        if (check_region(name)) fault.region_ids.push_back(*topology_.region(name.value));
      }
      for (const auto& name : fault.zones) {
        const std::optional<ZoneId> zone = topology_.zone(name.value);
        if (zone) fault.zone_ids.push_back(*zone);
        else unknown(name, "zone", zone_names_);
      }
      for (const auto& name : fault.accounts) check_account(name);
      for (const auto& name : fault.resources) {
        if (std::find(stores.begin(), stores.end(), name.value) == stores.end()) unknown(name, "volume or database", stores);
      }
      for (const auto& name : fault.instance_types) {
        if (!catalog_.type(name.value)) {
          diagnostics_.error(name.where, fmt::format("instance type '{}' is not in the catalogue", name.value),
                             catalog_.type_help(name.value));
        }
      }
    }
    faults_ = &faults;
  }

  std::optional<RecoveryPlanData> plan(RecoveryPlanConfig config, const std::vector<PeopleConfig>& people) {
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
    if (config.drills) check_drills(config, *source, *target);
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
    check_rto(*result.plan);
    return result;
  }

 private:
  void unknown(const Located<std::string>& name, std::string_view what, const std::vector<std::string>& names) {
    diagnostics_.error(name.where, fmt::format("there is no {} '{}'", what, name.value), config::name_help(what, name.value, names));
  }
  bool check_region(const Located<std::string>& name) {
    if (topology_.region(name.value)) return true;
    if (!name.value.empty()) unknown(name, "Region", topology_.region_names());
    return false;
  }
  void check_account(const Located<std::string>& name) {
    const auto& accounts = topology_.accounts();
    if (std::find(accounts.begin(), accounts.end(), name.value) == accounts.end()) unknown(name, "account", accounts);
  }
  void check_zone(const Located<std::string>& name, const std::string& region) {
    const std::optional<RegionId> id = topology_.region(region);
    if (!id) return;
    const std::vector<std::string> names = topology_.zone_names(*id);
    if (std::find(names.begin(), names.end(), name.value) == names.end()) unknown(name, "zone", names);
  }
  void check_type(const Located<std::string>& name, const std::string& region) {
    if (!topology_.region(region)) return;
    if (!catalog_.type(name.value)) {
      diagnostics_.error(name.where, fmt::format("instance type '{}' is not in the catalogue", name.value),
                         catalog_.type_help(name.value));
    } else if (!catalog_.price({.region = region, .instance_type = name.value}, Purchase::on_demand)) {
      diagnostics_.error(name.where, fmt::format("instance type '{}' is not priced in Region '{}'", name.value, region),
                         catalog_.price_help({.region = region, .instance_type = name.value}, Purchase::on_demand));
    }
  }

  const EnvironmentConfig* find_environment(const Located<std::string>& name) {
    std::vector<std::string> names;
    for (const EnvironmentConfig& env : *environments_) {
      if (env.name.value == name.value) return &env;
      names.push_back(env.name.value);
    }
    if (!name.value.empty()) unknown(name, "environment", names);
    return nullptr;
  }

  void warn_missing(const EnvironmentConfig& target, const MissingItem& missing) {
    std::string users;
    for (const std::string& user : missing.resources) users += (users.empty() ? "" : ", ") + user;
    diagnostics_.warning(missing.where,
                         fmt::format("{} needs {} {}; environment '{}' lacks it", missing.item, missing.lacks, missing.reason,
                                     target.name.value),
                         users.empty() ? std::string("let the clone take it along")
                                       : fmt::format("steps that build {} will fail; let the clone take it along", users));
  }

  /// Zones of the target that stand for a zone of the source: those of the same letter first, then the others.
  std::vector<ZoneId> target_zones(const std::string& source_zone, RegionId target) const {
    std::vector<ZoneId> zones = topology_.zones_of(target);
    const auto same = std::find_if(zones.begin(), zones.end(),
                                   [&](ZoneId zone) { return topology_.name(zone).back() == source_zone.back(); });
    if (same != zones.end()) std::rotate(zones.begin(), same, same + 1);
    return zones;
  }

  std::optional<std::string> zone_of_subnet(const EnvironmentConfig& env, const std::optional<Located<std::string>>& subnet) const {
    if (!subnet) return std::nullopt;
    for (const VpcConfig& vpc : env.vpcs) {
      for (const SubnetConfig& s : vpc.subnets) {
        if (s.name.value == subnet->value) return s.zone.value;
      }
    }
    return std::nullopt;
  }

  std::vector<PlanResource> make_resources(const RecoveryPlanConfig& config, const EnvironmentConfig& source,
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
  void plan_data(const RecoveryPlanConfig& config, const DataStoreConfig& store, PlanResource& resource,
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
    if (data) terms = protection_terms(data_.protection->config, *data, resource.target);
    if (terms.empty()) {
      if (needs == nullptr) return;
      const bool elsewhere = data.has_value();
      report(fmt::format("step '{}' cannot {} '{}': nothing protects it {}", needs->name.value, to_name(needs->kind),
                         store.name.value, elsewhere ? "at " + site : "at all"),
             elsewhere ? fmt::format("let a policy of `protection` copy it there, or a stream or mirror send it")
                       : fmt::format("protect '{}' under `protection`, with copies at {}", store.protected_as.value, site));
      return;
    }
    resource.data = data;
    const auto best = std::min_element(terms.begin(), terms.end(), [](const ProtectionTerms& a, const ProtectionTerms& b) {
      return a.worst() < b.worst();
    });
    PlanPolicy policy{.resource = store.name.value, .best = best->best(), .mean = best->mean(), .worst = best->worst()};
    const ObjectivesConfig& objectives = config.objectives;
    if (objectives.rpo) {
      policy.valid = best->valid(*objectives.rpo);
      policy.valid_by_interval = best->valid_by_interval(*objectives.rpo);
      if (best->worst_at_best() > *objectives.rpo) {
        diagnostics_.warning(objectives.rpo_where,
                             fmt::format("the rpo of {} cannot be met for '{}': just before a newer point is usable at {}, the "
                                         "newest is at least {} old = {} between points + {} snapshot + {} copy",
                                         to_text(*objectives.rpo), store.name.value, site, to_text(best->worst_at_best()),
                                         to_text(best->interval), to_text(best->snapshot.least), to_text(best->copy.least)),
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
    }
  }

  void plan_instances(const RecoveryPlanConfig& config, const InstancesConfig& all, const EnvironmentConfig& target,
                      PlanResource& resource, RecoveryPlanData& result) {
    std::string type = all.instance_type.value;
    for (const CloneInstancesConfig& change : target.changes) {
      if (change.name.value != all.name.value) continue;
      if (change.instance_type) type = change.instance_type->value;
      resource.standing = std::min(change.standing, all.count);
      resource.reserved = change.reserved;
    }
    resource.ladder = ladder_of(catalog_, type, target.region.value);
    const auto rung_of = [&](std::string_view name) {
      const auto it = std::find_if(resource.ladder.begin(), resource.ladder.end(), [&](const TypeRung& r) { return r.name == name; });
      return it == resource.ladder.end() ? std::optional<std::size_t>() : static_cast<std::size_t>(it - resource.ladder.begin());
    };
    if (!rung_of(type)) {
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

  const EnvironmentConfig* environment_of(const Located<std::string>& name) const {
    for (const EnvironmentConfig& env : *environments_) {
      if (env.name.value == name.value) return &env;
    }
    return nullptr;
  }

  void check_steps(const RecoveryPlanConfig& config, const EnvironmentConfig& source, const EnvironmentConfig& target,
                   const EnvironmentGraph& graph, const std::vector<PeopleConfig>& people) {
    std::vector<std::string> teams, names;
    for (const PeopleConfig& team : people) teams.push_back(team.name.value);
    std::map<std::string, ResourceKind> kinds;
    for (const DataStoreConfig& store : source.stores) {
      kinds.emplace(store.name.value, store.kind == ItemKind::volume ? ResourceKind::volume : ResourceKind::database);
    }
    for (const InstancesConfig& all : source.instances) kinds.emplace(all.name.value, ResourceKind::instances);
    for (const auto& [name, kind] : kinds) names.push_back(name);
    const std::vector<std::size_t> taken = graph.taken_by(target);
    for (const StepConfig& step : config.steps) {
      if (step.people && std::find(teams.begin(), teams.end(), step.people->value) == teams.end()) unknown(*step.people, "team", teams);
      for (const auto& name : step.of) {
        const auto kind = kinds.find(name.value);
        if (kind == kinds.end()) {
          diagnostics_.error(name.where, fmt::format("environment '{}' has no resource '{}'", source.name.value, name.value),
                             config::name_help("resource", name.value, names));
          continue;
        }
        const bool data_step = step.kind == StepKind::restore || step.kind == StepKind::promote;
        if (data_step && kind->second == ResourceKind::instances) {
          diagnostics_.error(name.where, fmt::format("step '{}' cannot {} instances", step.name.value, to_name(step.kind)),
                             "name volumes or databases");
        } else if (step.kind == StepKind::boot && kind->second != ResourceKind::instances) {
          diagnostics_.error(name.where, fmt::format("step '{}' cannot boot a {}", step.name.value,
                                                     kind->second == ResourceKind::volume ? "volume" : "database"),
                             "name instances");
        }
        if (&source != &target && !std::binary_search(taken.begin(), taken.end(), *graph.find(name.value))) {
          diagnostics_.error(name.where, fmt::format("environment '{}' does not take '{}'", target.name.value, name.value),
                             "let it take the resource, or leave it out of the step");
        }
      }
    }
    // Standing instances are healthy at once.
    const bool stands = std::any_of(target.changes.begin(), target.changes.end(), [](const auto& c) { return c.standing > 0; });
    if (!stands) warn_of_early_redirect(config);
  }

  /// While no target is healthy Route 53 answers the primary.
  void warn_of_early_redirect(const RecoveryPlanConfig& config) {
    std::map<std::string, const StepConfig*> by_name;
    for (const StepConfig& step : config.steps) by_name.emplace(step.name.value, &step);
    const auto follows_boot = [&](const auto& self, const StepConfig& step) -> bool {
      if (step.kind == StepKind::boot) return true;
      for (const auto* names : {&step.after, &step.after_own}) {
        for (const auto& name : *names) {
          const auto it = by_name.find(name.value);
          if (it != by_name.end() && self(self, *it->second)) return true;
        }
      }
      return false;
    };
    const bool boots = std::any_of(config.steps.begin(), config.steps.end(), [](const StepConfig& s) { return s.kind == StepKind::boot; });
    for (const StepConfig& step : config.steps) {
      if (!boots || step.kind != StepKind::redirect || !step.dns || diagnostics_.has_errors() || follows_boot(follows_boot, step)) continue;
      diagnostics_.warning(step.name.where,
                           fmt::format("step '{}' may redirect before any instance serves: while no target is healthy, Route 53 "
                                       "answers the primary", step.name.value),
                           "let it follow a step of kind boot");
    }
  }

  void resolve_answers(const RecoveryPlanConfig& config, const std::vector<PlanResource>& resources, RecoveryPlanData& result) {
    std::vector<std::string> names;
    for (std::size_t f = 0; f < faults_->size(); ++f) {
      const FaultConfig& fault = (*faults_)[f];
      names.push_back(fault.name.value);
      const bool named = std::find(config.answers.begin(), config.answers.end(), fault.name.value) != config.answers.end();
      const bool struck = stops_service(fault.kind) && std::any_of(resources.begin(), resources.end(), [&](const PlanResource& r) {
        return strikes(fault, {.region = topology_.region_of(r.source), .zone = r.source_zone,
                               .account = topology_.accounts()[topology_.account_of(r.source)], .resource = r.name});
      });
      if (config.answers.empty() ? struck : named) result.answers.push_back(f);
    }
    for (const std::string& answer : config.answers) {
      if (std::find(names.begin(), names.end(), answer) == names.end()) {
        diagnostics_.error(config.where, fmt::format("plan '{}' answers fault '{}', which is not there", config.name.value, answer),
                           config::name_help("fault", answer, names));
      }
    }
  }

  void check_drills(const RecoveryPlanConfig& config, const EnvironmentConfig& source, const EnvironmentConfig& target) {
    const DrillConfig& drills = *config.drills;
    const ScheduleClock clock(drills.schedule, drills.time_zone, data_.run.start);
    const std::optional<Time> first = clock.first();
    if (!first || *first >= Time::at(data_.run.duration)) {
      diagnostics_.error(drills.where,
                         fmt::format("the drills of plan '{}' never happen: {} {}", config.name.value, drills.schedule.text(),
                                     first ? fmt::format("first fires {} after the start of a run of {}", to_text(*first),
                                                         to_text(data_.run.duration))
                                           : "fires at no date"),
                         "choose a schedule that fires during the run, or make the run longer");
    }
    if (!drills.isolated) return;
    if (&source == &target) {
      diagnostics_.error(config.target.where, fmt::format("the drills of plan '{}' run in production", config.name.value),
                         "let target be a clone, or write isolated: false");
      return;
    }
    const std::vector<std::string> reached = reachable_from(*environments_, target.name.value);
    if (std::find(reached.begin(), reached.end(), source.name.value) != reached.end()) {
      std::string path;
      for (const std::string& name : reached) path += (path.empty() ? "" : ", ") + name;
      diagnostics_.error(config.target.where,
                         fmt::format("drills in '{}' are not apart from production: by peerings and routes it reaches {}",
                                     target.name.value, path),
                         "let the clone leave the peering out, or write isolated: false");
    }
  }

  void check_rto(const RecoveryPlan& plan) {
    const std::optional<Duration>& rto = plan.config().objectives.rto;
    if (!rto) return;
    const RecoveryPlan::StaticPath path = plan.static_critical_path(true);
    if (path.length <= *rto) return;
    std::string sum;
    for (std::size_t s = 0; s < path.steps.size(); ++s) {
      sum += fmt::format("{}{} {}", sum.empty() ? "" : " + ", plan.steps()[path.steps[s]].name.value, to_text(path.lengths[s]));
    }
    diagnostics_.warning(plan.config().objectives.rto_where,
                         fmt::format("the rto of {} cannot be met: even the shortest course takes {} = {}", to_text(*rto),
                                     to_text(path.length), sum),
                         "shorten one of these steps, or allow more time");
  }

  const ScenarioData& data_;
  const Catalog& catalog_;
  const Topology topology_;
  config::Diagnostics& diagnostics_;
  std::vector<std::string> zone_names_;
  const std::vector<EnvironmentConfig>* environments_ = nullptr;
  const std::vector<FaultConfig>* faults_ = nullptr;
};

}  // namespace

DisasterData read_disasters(config::Section& root, const ScenarioData& data, const Catalog& catalog,
                            config::Diagnostics& diagnostics) {
  DisasterData disasters;
  disasters.environments = read_environments(root);
  disasters.faults = read_faults(root, data.run.start, data.run.duration);
  disasters.people = read_people(root);
  std::vector<RecoveryPlanConfig> plans = read_recovery(root);
  if (root.describing() || data.topology.regions.empty()) return disasters;
  DisasterPlanner planner(data, catalog, diagnostics);
  planner.resolve_environments(disasters.environments);
  planner.resolve_faults(disasters.faults);
  for (RecoveryPlanConfig& plan : plans) {
    if (auto planned = planner.plan(std::move(plan), disasters.people)) disasters.plans.push_back(std::move(*planned));
  }
  return disasters;
}

}  // namespace fleetsim::scenario
