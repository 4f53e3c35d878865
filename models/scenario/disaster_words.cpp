#include "models/scenario/disaster_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/cluster_words.hpp"

namespace fleetsim::scenario {

std::string rounded_to_text(Duration d) {
  if (d < 10_s) return to_text(Duration::of(d.count() / 1'000'000 * 1'000'000));
  return to_text(1_s * ((d + 500_ms).count() / nanoseconds_per_second));
}

namespace {

std::string joined(const auto& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.value;
  return text;
}

std::string when(const FaultConfig& fault) {
  if (fault.what_if > 0) return fmt::format("{} instants of each replication, each on its own", fault.what_if);
  if (fault.every) return fmt::format("every {} in the mean", rounded_to_text(fault.every->mean()));
  if (fault.replay) return fmt::format("at the times of {} recorded incidents", fault.replay->incidents.size());
  std::string text;
  for (const Duration at : fault.at) text += (text.empty() ? "at " : ", ") + to_text(at);
  return text.empty() ? "brought by another" : text;
}

std::string place_of(const FaultConfig& fault) {
  std::string text;
  for (const auto* names : {&fault.regions, &fault.zones, &fault.accounts, &fault.resources}) {
    if (!names->empty()) text += (text.empty() ? "" : ", ") + joined(*names);
  }
  return text;
}

void describe_faults(const ScenarioData& data, std::vector<std::string>& lines) {
  if (data.disasters.faults.empty()) return;
  lines.insert(lines.end(), {"", "Faults"});
  for (const FaultConfig& fault : data.disasters.faults) {
    const std::string length = fault.duration ? fmt::format("for {} in the mean", rounded_to_text(fault.duration->mean()))
                               : fault.replay ? "as long as recorded"
                                              : "for ever";
    lines.push_back(fmt::format("  {}: {} {}, {}, {}", fault.name.value, to_name(fault.kind), place_of(fault), when(fault), length));
    for (const BroughtFault& brought : fault.brings) {
      lines.push_back(fmt::format("    brings {} after {} in the mean, with a probability of {}", brought.fault.value,
                                  rounded_to_text(brought.after.mean()), to_text(brought.probability)));
    }
  }
}

void describe_environments(const ScenarioData& data, std::vector<std::string>& lines) {
  for (const EnvironmentConfig& env : data.disasters.environments) {
    lines.emplace_back();
    if (env.clone_of) {
      lines.push_back(fmt::format("Environment {}, a clone of {} in {}, account {}{}", env.name.value, env.clone_of->value,
                                  env.region.value, env.account.value, env.built ? ", built beforehand" : ""));
      for (const EnvironmentConfig& original : data.disasters.environments) {
        if (original.name.value != env.clone_of->value) continue;
        const EnvironmentGraph graph(original);
        std::string taken;
        for (const std::size_t item : graph.taken_by(env)) taken += (taken.empty() ? "" : ", ") + graph.items()[item].name;
        lines.push_back(fmt::format("  takes {}", taken));
        for (const MissingItem& missing : graph.missing_in(env, env.region.value, env.account.value)) {
          lines.push_back(fmt::format("  lacks: {} needs {} {}", missing.item, missing.lacks, missing.reason));
        }
      }
      for (const CloneInstancesConfig& change : env.changes) {
        lines.push_back(fmt::format("  {}: {} standing{}{}", change.name.value, change.standing,
                                    change.reserved ? ", capacity reserved" : "",
                                    change.instance_type ? ", of type " + change.instance_type->value : ""));
      }
      continue;
    }
    lines.push_back(fmt::format("Environment {} in {}, account {}", env.name.value, env.region.value, env.account.value));
    const std::string text = to_text(EnvironmentGraph(env));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      lines.push_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
}

std::string step_in_words(const RecoveryPlan& plan, std::size_t s) {
  const StepConfig& step = plan.steps()[s];
  std::string text = fmt::format("  {}: {}, {}", step.name.value, to_name(step.kind), rounded_to_text(plan.mean_duration(s)));
  if (step.health_check || plan.steps()[s].duration.quantile(0.25) != plan.steps()[s].duration.quantile(0.75)) text += " in the mean";
  if (step.kind == StepKind::detect && step.health_check) {
    text += fmt::format(", {} at most", rounded_to_text(longest_detection_time(*step.health_check)));
  }
  if (step.kind == StepKind::redirect && step.dns) {
    text += fmt::format(", a client waits {} in the mean", rounded_to_text(mean_client_wait(*step.dns)));
  }
  if (step.cluster) text += fmt::format(" of cluster {}", step.cluster->value);
  if (!step.of.empty()) text += fmt::format(" for each of {}", joined(step.of));
  if (!step.after.empty()) text += fmt::format(", after {}", joined(step.after));
  if (!step.after_own.empty()) text += fmt::format(", after its own {}", joined(step.after_own));
  if (step.parallel > 0) text += fmt::format(", {} at once", step.parallel);
  if (step.people) text += fmt::format(", by {}", step.people->value);
  if (step.needs_approval) text += fmt::format(", with the approval of {}", step.needs_approval->value);
  if (step.needed_for == NeededFor::full_speed) text += "; for full speed";
  if (step.needed_for == NeededFor::nothing) text += "; nobody waits for it";
  return text;
}

/// A bar a step from its beginning to its end, by means and without waiting.
void draw_plan(const RecoveryPlan& plan, const RecoveryPlan::StaticPath& path, std::vector<std::string>& lines) {
  constexpr std::int64_t width = 48;
  Duration end;
  std::size_t widest = 0;
  for (std::size_t s = 0; s < plan.steps().size(); ++s) {
    end = std::max(end, path.spans[s].second);
    widest = std::max(widest, plan.steps()[s].name.value.size());
  }
  if (end <= Duration{}) return;
  widest = std::min<std::size_t>(widest, 24);
  const auto column = [&](Duration at) { return static_cast<std::size_t>((static_cast<Int128>(at.count()) * width + end.count() / 2) / end.count()); };
  lines.push_back(fmt::format("  by means, without waiting, up to {}; # on the critical path of the service", rounded_to_text(end)));
  for (const std::size_t s : plan.order()) {
    const bool critical = std::find(path.steps.begin(), path.steps.end(), s) != path.steps.end();
    const std::size_t from = std::min<std::size_t>(column(path.spans[s].first), width - 1);
    const std::size_t to = std::max(from + 1, column(path.spans[s].second));
    std::string bar(width, ' ');
    for (std::size_t c = from; c < to; ++c) bar[c] = critical ? '#' : '-';
    lines.push_back(fmt::format("    {:<{}}  |{}|", plan.steps()[s].name.value.substr(0, widest), widest, bar));
  }
}

/// "detect 3m + boot 31s = 3m31s".
std::string sum_of(const RecoveryPlan& plan, const RecoveryPlan::StaticPath& path) {
  std::string sum;
  for (std::size_t p = 0; p < path.steps.size(); ++p) {
    sum += fmt::format("{}{} {}", sum.empty() ? "" : " + ", plan.steps()[path.steps[p]].name.value, rounded_to_text(path.lengths[p]));
  }
  return fmt::format("{} = {}", sum, rounded_to_text(path.length));
}

/// Whether the target takes over data, and nothing stops the source from taking writes too.
bool may_serve_twice(const RecoveryPlan& plan) {
  const auto has = [&](StepKind kind) {
    return std::any_of(plan.steps().begin(), plan.steps().end(), [&](const StepConfig& step) { return step.kind == kind; });
  };
  if (plan.config().protects.value == plan.config().target.value) return false;
  return (has(StepKind::promote) || has(StepKind::restore)) && !has(StepKind::shut_down_source) && !has(StepKind::cluster_failover);
}

void describe_plan(const RecoveryPlanData& data, const std::vector<FaultConfig>& faults, std::vector<std::string>& lines) {
  const RecoveryPlan& plan = *data.plan;
  const RecoveryPlanConfig& config = plan.config();
  lines.emplace_back();
  std::string objectives;
  if (config.objectives.rpo) objectives += "; rpo " + to_text(*config.objectives.rpo);
  if (config.objectives.rto) objectives += "; rto " + to_text(*config.objectives.rto);
  lines.push_back(fmt::format("Plan {}: {} recovers in {}{}", config.name.value, config.protects.value, config.target.value,
                              objectives));
  std::string answers;
  for (const std::size_t f : data.answers) answers += (answers.empty() ? "" : ", ") + faults[f].name.value;
  lines.push_back(fmt::format("  set off by {}", answers.empty() ? "no fault" : answers));
  for (const std::size_t s : plan.order()) lines.push_back(step_in_words(plan, s));
  const RecoveryPlan::StaticPath path = plan.static_critical_path(data.target_built);
  draw_plan(plan, path, lines);
  lines.push_back("  critical path by means, without waiting: " + sum_of(plan, path));
  if (const auto without = plan.static_path_without_quorum(data.target_built)) {
    lines.push_back("  where a disaster takes the quorum that a step forces: " + sum_of(plan, *without));
  }
  for (const PlanResource& resource : plan.resources()) {
    if (resource.retrieval == Duration{}) continue;
    lines.push_back(fmt::format("  {} comes out of the archive tier: {} until its restore can begin", resource.name, to_text(resource.retrieval)));
  }
  for (const PlanPolicy& policy : data.policies) {
    if (policy.overruns) {
      lines.push_back(fmt::format("  recovery point of {}: {} at best, older without end; no valid backup policy", policy.resource,
                                  rounded_to_text(policy.best)));
      continue;
    }
    lines.push_back(fmt::format("  recovery point of {}: {} at best, {} in the mean, {} at worst{}", policy.resource,
                                rounded_to_text(policy.best), rounded_to_text(policy.mean), rounded_to_text(policy.worst),
                                !config.objectives.rpo ? ""
                                : policy.valid         ? "; valid backup policy"
                                : policy.valid_by_interval ? "; valid by its interval alone, not by the strict rule"
                                                           : "; no valid backup policy"));
  }
  if (config.failback && config.protects.value != config.target.value) {
    const auto& rows = plan.resources();
    const bool managed = std::any_of(rows.begin(), rows.end(), [](const PlanResource& row) { return row.managed; });
    const bool others = std::any_of(rows.begin(), rows.end(), [](const PlanResource& row) { return row.data && !row.managed; });
    const std::string_view sent = config.failback->full_resync || (managed && !others) ? "all blocks"
                                  : managed ? "blocks that differ, of managed databases all,"
                                            : "blocks that differ";
    lines.push_back(fmt::format("  way back: {} at {} for each volume and database, {} after the source is back; then users wait {}",
                                sent, to_text(config.failback->bandwidth),
                                rounded_to_text(config.failback->wait.mean()), rounded_to_text(config.failback->switch_duration.mean())));
  }
  if (may_serve_twice(plan)) {
    lines.emplace_back("  no step shuts its source down: if that lives on or comes back, both may take writes");
  }
  if (config.drills) {
    lines.push_back(fmt::format("  drills: {}, {}, kept for {}", config.drills->schedule.text(),
                                config.drills->instance_type.empty() ? "with the types of a failover"
                                                                     : "with " + config.drills->instance_type,
                                to_text(config.drills->kept_for)));
  }
}

}  // namespace

std::vector<std::string> disasters_in_words(const ScenarioData& data) {
  std::vector<std::string> lines;
  describe_environments(data, lines);
  const Topology topology(data.topology);
  for (const FailoverCluster& cluster : data.disasters.clusters) {
    lines.emplace_back();
    for (std::string& line : in_words(cluster, topology)) lines.push_back(std::move(line));
  }
  describe_faults(data, lines);
  for (const PeopleConfig& people : data.disasters.people) {
    if (&people == &data.disasters.people.front()) lines.insert(lines.end(), {"", "People"});
    lines.push_back(fmt::format("  {}: {} at once, reached after {} in the mean{}", people.name.value, people.count,
                                rounded_to_text(people.reached_after.mean()), people.hours.empty() ? ", at any hour" : ", in their hours"));
  }
  for (const RecoveryPlanData& plan : data.disasters.plans) describe_plan(plan, data.disasters.faults, lines);
  return lines;
}

}  // namespace fleetsim::scenario
