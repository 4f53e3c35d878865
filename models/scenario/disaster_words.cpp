#include "models/scenario/disaster_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/scenario.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::scenario {

namespace {

/// Rounded to the second, which is all that a mean is good for.
std::string rounded(Duration d) {
  if (d < 10_s) return to_text(Duration::of(d.count() / 1'000'000 * 1'000'000));
  return to_text(1_s * ((d + 500_ms).count() / nanoseconds_per_second));
}

std::string joined(const auto& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.value;
  return text;
}

std::string when(const FaultConfig& fault) {
  if (fault.what_if > 0) return fmt::format("{} instants of each replication, each on its own", fault.what_if);
  if (fault.every) return fmt::format("every {} in the mean", rounded(fault.every->mean()));
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
    const std::string length = fault.duration ? fmt::format("for {} in the mean", rounded(fault.duration->mean()))
                               : fault.replay ? "as long as recorded"
                                              : "for ever";
    lines.push_back(fmt::format("  {}: {} {}, {}, {}", fault.name.value, to_name(fault.kind), place_of(fault), when(fault), length));
    for (const BroughtFault& brought : fault.brings) {
      lines.push_back(fmt::format("    brings {} after {} in the mean, with a probability of {}", brought.fault.value,
                                  rounded(brought.after.mean()), to_text(brought.probability)));
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
  std::string text = fmt::format("  {}: {}, {}", step.name.value, to_name(step.kind), rounded(plan.mean_duration(s)));
  if (step.health_check || plan.steps()[s].duration.quantile(0.25) != plan.steps()[s].duration.quantile(0.75)) text += " in the mean";
  if (step.kind == StepKind::detect && step.health_check) {
    text += fmt::format(", {} at most", rounded(longest_detection_time(*step.health_check)));
  }
  if (step.kind == StepKind::redirect && step.dns) {
    text += fmt::format(", a client waits {} in the mean", rounded(mean_client_wait(*step.dns)));
  }
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

void describe_plan(const RecoveryPlanData& data, std::vector<std::string>& lines) {
  const RecoveryPlan& plan = *data.plan;
  const RecoveryPlanConfig& config = plan.config();
  lines.emplace_back();
  std::string objectives;
  if (config.objectives.rpo) objectives += "; rpo " + to_text(*config.objectives.rpo);
  if (config.objectives.rto) objectives += "; rto " + to_text(*config.objectives.rto);
  lines.push_back(fmt::format("Plan {}: {} recovers in {}{}", config.name.value, config.protects.value, config.target.value,
                              objectives));
  for (const std::size_t s : plan.order()) lines.push_back(step_in_words(plan, s));
  const RecoveryPlan::StaticPath path = plan.static_critical_path(data.target_built);
  std::string sum;
  for (std::size_t p = 0; p < path.steps.size(); ++p) {
    sum += fmt::format("{}{} {}", sum.empty() ? "" : " + ", plan.steps()[path.steps[p]].name.value, rounded(path.lengths[p]));
  }
  lines.push_back(fmt::format("  critical path by means, without waiting: {} = {}", sum, rounded(path.length)));
  for (const PlanPolicy& policy : data.policies) {
    if (policy.overruns) {
      lines.push_back(fmt::format("  recovery point of {}: {} at best, older without end; no valid backup policy", policy.resource,
                                  rounded(policy.best)));
      continue;
    }
    lines.push_back(fmt::format("  recovery point of {}: {} at best, {} in the mean, {} at worst{}", policy.resource,
                                rounded(policy.best), rounded(policy.mean), rounded(policy.worst),
                                !config.objectives.rpo ? ""
                                : policy.valid         ? "; valid backup policy"
                                : policy.valid_by_interval ? "; valid by its interval alone, not by the strict rule"
                                                           : "; no valid backup policy"));
  }
  if (config.drills) lines.push_back(fmt::format("  drills: {}", config.drills->schedule.text()));
}

std::string plan_in_dot(const RecoveryPlanData& data) {
  const RecoveryPlan& plan = *data.plan;
  const RecoveryPlan::StaticPath path = plan.static_critical_path(data.target_built);
  const auto critical = [&](std::size_t step) { return std::find(path.steps.begin(), path.steps.end(), step) != path.steps.end(); };
  std::string text = fmt::format("digraph \"{}\" {{\n  rankdir=LR; node [shape=box];\n", plan.config().name.value);
  for (std::size_t s = 0; s < plan.steps().size(); ++s) {
    text += fmt::format("  s{} [label=\"{}\\n{}\"{}];\n", s, plan.steps()[s].name.value, rounded(plan.mean_duration(s)),
                        critical(s) ? ", style=bold" : "");
  }
  for (std::size_t s = 0; s < plan.steps().size(); ++s) {
    for (const auto* names : {&plan.steps()[s].after, &plan.steps()[s].after_own}) {
      for (const auto& name : *names) {
        for (std::size_t before = 0; before < plan.steps().size(); ++before) {
          if (plan.steps()[before].name.value != name.value) continue;
          std::string style;
          if (names == &plan.steps()[s].after_own) style = "style=dashed";
          if (critical(s) && critical(before)) style = "style=bold";
          text += fmt::format("  s{} -> s{}{};\n", before, s, style.empty() ? "" : " [" + style + "]");
        }
      }
    }
  }
  return text + "}\n";
}

}  // namespace

std::vector<std::string> disasters_in_words(const ScenarioData& data) {
  std::vector<std::string> lines;
  describe_environments(data, lines);
  describe_faults(data, lines);
  for (const PeopleConfig& people : data.disasters.people) {
    if (&people == &data.disasters.people.front()) lines.insert(lines.end(), {"", "People"});
    lines.push_back(fmt::format("  {}: {} at once, reached after {} in the mean{}", people.name.value, people.count,
                                rounded(people.reached_after.mean()), people.hours.empty() ? ", at any hour" : ", in their hours"));
  }
  for (const RecoveryPlanData& plan : data.disasters.plans) describe_plan(plan, lines);
  return lines;
}

std::string disasters_in_dot(const ScenarioData& data) {
  std::string text;
  for (const EnvironmentConfig& env : data.disasters.environments) {
    if (!env.clone_of) text += to_dot(EnvironmentGraph(env), env.name.value);
  }
  for (const RecoveryPlanData& plan : data.disasters.plans) text += plan_in_dot(plan);
  return text;
}

}  // namespace fleetsim::scenario

namespace fleetsim {

std::string explain_dot(const Scenario& scenario) { return scenario::disasters_in_dot(scenario.data()); }

}  // namespace fleetsim
