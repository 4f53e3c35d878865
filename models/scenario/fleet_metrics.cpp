#include "models/scenario/fleet_metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::scenario {
namespace {

void warn_of_idle_schedules(const FleetPlan& plan, const RunSettings& run, config::Diagnostics& diagnostics) {
  for (const GroupConfig& group : plan.groups) {
    for (const ScheduledAction& action : group.scheduled_actions) {
      if (!action.recurrence && !action.start) continue;  // reported when it was read
      const std::optional<Time> first = ScheduledActionClock(action, run.start).first();
      if (first && *first <= Time::at(run.duration)) continue;
      diagnostics.warning(action.where, fmt::format("group {}: this scheduled action does not happen in the run", group.name),
                          "choose a time between run.start and its end");
    }
    const auto warn = [&](Time at, const char* what) {
      if (at <= Time::at(run.duration)) return;
      diagnostics.warning(group.where, fmt::format("group {}: its {} at {} does not happen in the run", group.name, what, to_text(at)),
                          "choose a time before the end of the run");
    };
    for (const InstanceRefreshConfig& refresh : group.refreshes) warn(refresh.at, "instance refresh");
    for (const UserAction& action : group.user_actions) warn(action.at, "action by hand");
  }
}

}  // namespace

void join_metrics(FleetPlan& plan, const RunSettings& run, config::Diagnostics& diagnostics) {
  FleetConfig& fleet = plan.config;
  if (fleet.metric_period <= Duration{}) return;  // reported when it was read
  for (GroupConfig& group : plan.groups) {
    group.metric_period = fleet.metric_period;
    if (group.health.elb && !fleet.load_balancer) {
      diagnostics.error(group.where, fmt::format("group {}: health_check.elb, and its fleet has no load balancer", group.name),
                        "add load_balancer: {} to the fleet, or leave elb out");
    }
    const auto check = [&](const AlarmConfig& alarm) {
      const config::Location& where = alarm.where.file.empty() ? group.where : alarm.where;
      fleet.target_metrics = fleet.target_metrics || of_targets(alarm.metric);
      if (of_targets(alarm.metric) && alarm.metric != GroupMetric::errors && !fleet.load_balancer) {
        diagnostics.error(where,
                          fmt::format("group {}: an alarm watches {}, and its fleet has no load balancer", group.name,
                                      alarm.metric == GroupMetric::latency ? "latency" : "unhealthy_targets"),
                          "add load_balancer: {} to the fleet, or let the alarm watch another metric");
      }
      const Duration length = alarm.period_length;
      if (length.count() % fleet.metric_period.count() != 0) {
        diagnostics.error(where,
                          fmt::format("group {}: an alarm's period, {}, is no multiple of the fleet's metric.period, {}",
                                      group.name, to_text(length), to_text(fleet.metric_period)),
                          "choose a period that is, or a shorter metric: {period: ...} of the fleet");
      }
      // One with a period of its own has been checked when it was read.
      if (length == Duration{} && fleet.metric_period > alarm_span_max / std::max(1, alarm.rule.periods)) {
        diagnostics.error(where,
                          fmt::format("group {}: an alarm looks back over {} periods of {}, longer than a day", group.name,
                                      alarm.rule.periods, to_text(fleet.metric_period)),
                          "CloudWatch evaluates at most one day: let the alarm have fewer periods, or shorten metric: "
                          "{period: ...} of the fleet");
      }
    };
    const bool has_refresh_alarms = std::any_of(
        group.refreshes.begin(), group.refreshes.end(),
        [](const InstanceRefreshConfig& refresh) { return !refresh.alarms.empty(); });
    if ((!group.composite && !group.policies.empty()) || has_refresh_alarms) fleet.instance_metrics = true;
    for (const ScalingPolicyPtr& policy : group.policies) {
      for (const AlarmConfig& alarm : policy->alarms()) check(alarm);
    }
    for (const InstanceRefreshConfig& refresh : group.refreshes) {
      for (const AlarmConfig& alarm : refresh.alarms) check(alarm);
    }
    if (!group.detailed_monitoring && (300_s).count() % fleet.metric_period.count() != 0) {
      diagnostics.error(group.where,
                        fmt::format("group {}: without detailed_monitoring EC2's metrics come every 5m, no multiple of the "
                                    "fleet's metric.period, {}",
                                    group.name, to_text(fleet.metric_period)),
                        "choose a metric: {period: ...} that divides 5m");
    }
  }
  if (fleet.instance_metrics && !fleet.metric_lag_given) fleet.metric_lag = 60_s;
  warn_of_idle_schedules(plan, run, diagnostics);
}

}  // namespace fleetsim::scenario
