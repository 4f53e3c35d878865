#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/text.hpp"
#include "models/recovery/step_config.hpp"

namespace fleetsim {
namespace {

using config::Located;
using config::Section;

void read_objectives(Section& in, RecoveryPlanConfig& plan) {
  in.optional_section("objectives", "what the plan promises", [&](Section& section) {
    section.optional("rpo", plan.objectives.rpo)
        .not_negative()
        .at_most(config::longest_duration)
        .doc("most age of the data that is restored, at the disaster");
    section.optional("rto", plan.objectives.rto)
        .not_negative()
        .at_most(config::longest_duration)
        .doc("longest time from the disaster until users are served");
    if (section.describing()) return;
    plan.objectives.rpo_where = section.where("rpo");
    plan.objectives.rto_where = section.where("rto");
  });
}

void read_drills(Section& in, RecoveryPlanConfig& plan) {
  in.optional_section("drills", "the plan carried out for practice, apart from production", [&](Section& section) {
    DrillConfig drill;
    section.required("schedule", drill.schedule).doc("when: rate(30 days), cron(0 3 ? * SUN#1 *) with six fields, or 0 3 * * 0 with the five of crontab");
    section.optional("time_zone", drill.time_zone).doc("of the schedule");
    section.optional("instance_type", drill.instance_type)
        .default_is("the types of a failover")
        .doc("of every instance that a drill launches");
    section.optional("kept_for", drill.kept_for)
        .not_negative()
        .at_most(366_d)
        .doc("how long what was launched is kept running after the drill");
    section.optional("isolated", drill.isolated)
        .doc("refuse a target that reaches production by a peering, a route or a rule");
    if (section.describing()) return;
    if (drill.schedule.text().empty()) return;  // not read, and reported as such
    drill.where = section.where("schedule");
    plan.drills = std::move(drill);
  });
}

void read_failback(Section& in, RecoveryPlanConfig& plan) {
  in.optional_section("failback", "the way back, once the source has returned", [&](Section& section) {
    FailbackConfig failback;
    section
        .optional_choice<bool>("resync", failback.full_resync, {{"partial", false}, {"full", true}})
        .doc("what is sent back: the blocks in which the two sides differ, or all; of a managed database always all");
    section.required("bandwidth", failback.bandwidth).positive().doc("for each volume and database");
    section.optional("wait", failback.wait).doc("from the source's return until the way back begins");
    failback.switch_duration = DurationDistribution(120_s);
    section.optional("switch_duration", failback.switch_duration)
        .doc("stop, flush, redirect: users wait so long at the end");
    if (section.describing()) return;
    failback.where = section.where();
    failback.bandwidth_where = section.where("bandwidth");
    plan.failback = std::move(failback);
  });
}

void read_outage_cost(Section& in, RecoveryPlanConfig& plan) {
  in.optional_section("outage_cost", "what an outage itself costs", [&](Section& section) {
    section.list("bands", plan.outage_cost.bands, [](Section& item, OutageCostBand& band) {
        item.required("share", band.share).between(Ratio{0}, Ratio{1}).doc("of all outages");
        item.required("from", band.from).positive().doc("least cost of these");
        item.required("to", band.to).positive().doc("greatest cost of these; within a band the logarithm is uniform");
        if (!item.describing() && band.from > band.to) {
          item.error("to", fmt::format("to: {} is below from: {}", to_text(band.to), to_text(band.from)));
        }
      }).doc("one is drawn for each disaster; their shares sum to 100%");
    section.optional("per_hour", plan.outage_cost.per_hour)
        .not_negative()
        .doc("of the time until users are served, on top of the drawn cost");
    if (section.describing() || plan.outage_cost.bands.empty()) return;
    double sum = 0;
    for (const OutageCostBand& band : plan.outage_cost.bands) sum += band.share.value;
    if (std::abs(sum - 1) > 1e-9) {
      section.error("bands", fmt::format("bands: their shares sum to {}", to_text(Ratio{sum})), "let them sum to 100%");
    }
  });
}

void check_names(Section& in, const RecoveryPlanConfig& plan) {
  std::vector<std::string> names;
  for (const StepConfig& step : plan.steps) names.push_back(step.name.value);
  const auto check = [&](const Located<std::string>& name, const StepConfig& step) {
    if (name.value == step.name.value) {
      in.error_at(name.where, fmt::format("step '{}' follows itself", name.value));
    } else if (std::find(names.begin(), names.end(), name.value) == names.end()) {
      in.error_at(name.where, fmt::format("plan '{}' has no step '{}'", plan.name.value, name.value),
                  config::name_help("step", name.value, names));
    }
  };
  for (const StepConfig& step : plan.steps) {
    for (const auto& name : step.after) check(name, step);
    for (const auto& name : step.after_own) check(name, step);
    if (!step.needs_approval) continue;
    const auto approval = std::find_if(plan.steps.begin(), plan.steps.end(), [&](const StepConfig& other) {
      return other.name.value == step.needs_approval->value;
    });
    if (approval == plan.steps.end()) {
      check(*step.needs_approval, step);
    } else if (!approval->approval) {
      in.error_at(step.needs_approval->where,
                  fmt::format("step '{}' gives no approval: its kind is {}", approval->name.value, to_name(approval->kind)),
                  "name a step of kind approve");
    }
  }
}

void check_cycle(Section& in, const RecoveryPlanConfig& plan) {
  const std::vector<std::string> cycle = find_cycle(plan.steps);
  if (cycle.empty()) return;
  std::string text;
  for (const std::string& name : cycle) text += (text.empty() ? "" : " -> ") + name;
  const auto first = std::find_if(plan.steps.begin(), plan.steps.end(),
                                  [&](const StepConfig& step) { return step.name.value == cycle.front(); });
  in.error_at(first->name.where, fmt::format("the steps of plan '{}' wait for each other in a cycle: {}", plan.name.value, text),
              "remove one of these dependencies; an arrow leads from a step to one that follows it");
}

RecoveryPlanConfig read_plan(const Located<std::string>& name, Section& in) {
  RecoveryPlanConfig plan;
  plan.name = name;
  plan.where = in.where();
  in.required("protects", plan.protects).doc("the environment that a disaster hits");
  in.required("target", plan.target).doc("the environment that takes over");
  in.optional("answers", plan.answers)
      .default_is("all that strike the protected environment")
      .doc("names of the faults that set the plan off");
  in.optional_choice<bool>("moves", plan.whole, {{"all", true}, {"struck", false}})
      .doc("what the plan recovers: the whole environment, or only the resources that the fault struck");
  read_objectives(in, plan);
  in.optional_choice<bool>("policy_rule", plan.seed_rule, {{"strict", false}, {"interval_only", true}})
      .doc("when a backup policy is valid: interval, snapshot, copy and delay together are within the rpo, or the interval "
           "alone is");
  in.optional("data_from_before", plan.data_from_before)
      .not_negative()
      .at_most(config::longest_duration)
      .doc("restore only data at least so old at the disaster, as after an intrusion that was noticed late");
  if (!in.describing()) plan.objectives.data_where = in.where("data_from_before");
  in.optional_choice<TypeFallback>("instance_type_fallback", plan.fallback,
                                   {{"larger", TypeFallback::larger},
                                    {"smaller", TypeFallback::smaller},
                                    {"fail", TypeFallback::fail}})
      .doc("what is launched where the wanted type has no capacity: the next size up that has, the next down, or nothing");
  in.optional("parallel", plan.parallel)
      .between(std::int64_t{0}, std::int64_t{1'000'000})
      .doc("tasks of restore, provision and boot at once; 0 sets no limit");
  in.optional("api_rate", plan.api_rate)
      .positive()
      .default_is("not limited")
      .doc("calls that the control plane takes, such as 5 requests/s");
  in.optional("api_burst", plan.api_burst)
      .between(std::int64_t{1}, std::int64_t{1'000'000})
      .doc("calls that it takes at once before it throttles");
  in.optional("restores_max", plan.restores_max)
      .between(std::int64_t{0}, std::int64_t{1'000'000})
      .doc("restores at once that the target Region takes from its account; 0 sets no limit");
  in.optional("restore_bandwidth", plan.restore_bandwidth)
      .positive()
      .default_is("not limited")
      .doc("over which the blocks of all restores there are loaded together, such as 10 Gbps");
  in.optional("gives_up_after", plan.gives_up_after)
      .positive()
      .at_most(366_d)
      .doc("a plan that has not ended by then has failed");
  in.required_named("steps", "step", "what is to be done, each once what it follows is done",
                    [&](const Located<std::string>& step, Section& section) {
                      StepConfig read = read_step(step, section);
                      if (!section.describing()) plan.steps.push_back(std::move(read));
                    });
  read_drills(in, plan);
  read_failback(in, plan);
  read_outage_cost(in, plan);
  in.optional("heat_map", plan.heat_map).doc("also report the recovery point by hour of the week: 168 metrics");
  if (in.describing()) return plan;
  if (!plan.steps.empty() && std::none_of(plan.steps.begin(), plan.steps.end(),
                                          [](const StepConfig& step) { return step.needed_for == NeededFor::service; })) {
    in.error_at(name.where, fmt::format("plan '{}' has no step that users wait for", name.value),
                "let one be needed_for: service, so that there is a recovery time");
  }
  check_names(in, plan);
  check_cycle(in, plan);
  return plan;
}

}  // namespace

std::vector<RecoveryPlanConfig> read_recovery(Section& scenario) {
  std::vector<RecoveryPlanConfig> plans;
  scenario.named("recovery", "plan", "what is done after a disaster: a graph of steps",
                 [&](const Located<std::string>& name, Section& in) {
                   RecoveryPlanConfig plan = read_plan(name, in);
                   if (!in.describing()) plans.push_back(std::move(plan));
                 });
  return plans;
}

}  // namespace fleetsim
