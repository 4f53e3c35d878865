// What of a plan cannot work, or not as it was meant.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/disaster_planner.hpp"
#include "models/scenario/disaster_words.hpp"

namespace fleetsim::scenario {

void DisasterPlanner::warn_missing(const EnvironmentConfig& target, const MissingItem& missing) {
  std::string users;
  for (const std::string& user : missing.resources) users += (users.empty() ? "" : ", ") + user;
  diagnostics_.warning(missing.where,
                       fmt::format("{} needs {} {}; environment '{}' lacks it", missing.item, missing.lacks, missing.reason,
                                   target.name.value),
                       users.empty() ? std::string("let the clone take it along")
                                     : fmt::format("steps that build {} will fail; let the clone take it along", users));
}

void DisasterPlanner::check_steps(const RecoveryPlanConfig& config, const EnvironmentConfig& source, const EnvironmentConfig& target,
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
void DisasterPlanner::warn_of_early_redirect(const RecoveryPlanConfig& config) {
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
    if (!boots || step.kind != StepKind::redirect || diagnostics_.has_errors() || follows_boot(follows_boot, step)) continue;
    diagnostics_.warning(step.name.where,
                         fmt::format("step '{}' may redirect before any instance serves: {}", step.name.value,
                                     step.dns ? "while no target is healthy, Route 53 answers the primary, and the step waits"
                                              : "its clients find nobody"),
                         "let it follow a step of kind boot");
  }
}

void DisasterPlanner::resolve_answers(const RecoveryPlanConfig& config, const std::vector<PlanResource>& resources, RecoveryPlanData& result) {
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
  if (result.answers.empty() && config.answers.empty() && !faults_->empty()) {
    diagnostics_.warning(config.where, fmt::format("no fault of the scenario sets off plan '{}'", config.name.value),
                         fmt::format("let one strike '{}', or name one in answers", config.protects.value));
  }
  for (const std::string& answer : config.answers) {
    if (std::find(names.begin(), names.end(), answer) == names.end()) {
      diagnostics_.error(config.where, fmt::format("plan '{}' answers fault '{}', which is not there", config.name.value, answer),
                         config::name_help("fault", answer, names));
    }
  }
}

void DisasterPlanner::warn_of_two_writers(const RecoveryPlan& plan, const std::vector<std::size_t>& answers) {
  const auto has = [&](auto... kinds) {
    return std::any_of(plan.steps().begin(), plan.steps().end(), [&](const StepConfig& step) { return ((step.kind == kinds) || ...); });
  };
  if (has(StepKind::shut_down_source, StepKind::cluster_failover) || !has(StepKind::promote, StepKind::restore)) return;
  for (const std::size_t f : answers) {
    const FaultConfig& fault = (*faults_)[f];
    if (stops_service(fault.kind) && fault.kind != FaultKind::grey) continue;
    diagnostics_.warning(plan.config().where,
                         fmt::format("plan '{}' answers fault '{}' of kind {}, which leaves its source running: source and target may "
                                     "both take writes (split brain)",
                                     plan.config().name.value, fault.name.value, to_name(fault.kind)),
                         "let a step of kind shut_down_source precede those that promote, restore or redirect");
    return;
  }
}

const EnvironmentConfig* DisasterPlanner::struck_by(const FaultConfig& fault) const {
  for (const EnvironmentConfig& env : *environments_) {
    if (env.clone_of) continue;
    const auto struck = [&](const std::string& name, const std::optional<std::string>& zone) {
      return strikes(fault, {.region = topology_.region(env.region.value),
                             .zone = zone ? topology_.zone(*zone) : std::nullopt,
                             .account = env.account.value,
                             .resource = name});
    };
    for (const DataStoreConfig& store : env.stores) {
      if (struck(store.name.value, store.zone ? std::optional(store.zone->value) : zone_of_subnet(env, store.subnet))) return &env;
    }
    for (const InstancesConfig& all : env.instances) {
      if (struck(all.name.value, zone_of_subnet(env, all.subnet))) return &env;
    }
  }
  return nullptr;
}

std::vector<std::size_t> DisasterPlanner::unanswered(const std::vector<RecoveryPlanData>& plans) {
  const auto answered = [&](std::size_t f) {
    return std::any_of(plans.begin(), plans.end(), [&](const RecoveryPlanData& plan) {
      return std::find(plan.answers.begin(), plan.answers.end(), f) != plan.answers.end();
    });
  };
  // Faults bring each other in no circle, which has been checked.
  const auto brings_answered = [&](const auto& self, const FaultConfig& fault) -> bool {
    return std::any_of(fault.brings.begin(), fault.brings.end(), [&](const BroughtFault& brought) {
      const auto at = std::find_if(faults_->begin(), faults_->end(), [&](const FaultConfig& f) { return f.name.value == brought.fault.value; });
      return at != faults_->end() && (answered(static_cast<std::size_t>(at - faults_->begin())) || self(self, *at));
    });
  };
  std::vector<std::size_t> rows;
  for (std::size_t f = 0; f < faults_->size(); ++f) {
    const FaultConfig& fault = (*faults_)[f];
    const EnvironmentConfig* struck = stops_service(fault.kind) ? struck_by(fault) : nullptr;
    if (answered(f) || (struck == nullptr && (fault.what_if == 0 || brings_answered(brings_answered, fault)))) continue;
    rows.push_back(f);
    const std::string strikes = struck != nullptr ? fmt::format("strikes '{}'", struck->name.value) : "is asked as what-if";
    diagnostics_.warning(fault.name.where,
                         fmt::format("fault '{}' {}, and no plan answers it: the results tell neither data lost nor time down",
                                     fault.name.value, strikes),
                         struck == nullptr   ? "name it in the answers of a plan"
                         : plans.empty()     ? fmt::format("add a plan under recovery that protects '{}'", struck->name.value)
                                             : fmt::format("let a plan protect '{}', or name the fault in its answers", struck->name.value));
  }
  return rows;
}

void DisasterPlanner::check_drills(const RecoveryPlanConfig& config, const EnvironmentConfig& source, const EnvironmentConfig& target) {
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

void DisasterPlanner::check_rto(const RecoveryPlan& plan, bool built) {
  const std::optional<Duration>& rto = plan.config().objectives.rto;
  if (!rto) return;
  const RecoveryPlan::StaticPath path = plan.static_critical_path(built, true);
  if (path.length <= *rto) return;
  std::string sum;
  for (std::size_t s = 0; s < path.steps.size(); ++s) {
    sum += fmt::format("{}{} {}", sum.empty() ? "" : " + ", plan.steps()[path.steps[s]].name.value, rounded_to_text(path.lengths[s]));
  }
  diagnostics_.warning(plan.config().objectives.rto_where,
                       fmt::format("the rto of {} cannot be met: even the shortest course takes {} = {}", to_text(*rto),
                                   rounded_to_text(path.length), sum),
                       "shorten one of these steps, or allow more time");
}

}  // namespace fleetsim::scenario
