// The alarms of a group's policies, period by period, and what the policies want together.

#include <algorithm>
#include <limits>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Alarm;
using auto_scaling::Group;
using auto_scaling::PolicySlot;
using auto_scaling::Wish;

void AutoScaling::State::look_at(GroupId id, const std::optional<GroupMetrics>& metrics, bool is_steady) {
  Group& group = groups[id.index];
  auto_scaling::PeriodNews news;
  if (!is_steady) {
    news = add_period(group, metrics);
    steady[id.index] = steady_periods(group, news);
    if (!group.forecasts.empty()) add_load(id, metrics);
  } else if (steady[id.index].raised) {
    note_readings(group, *metrics);
    news = {.raised = true, .asks = true};
  }
  // What could not be launched before is not owed: the metric of this period says what is wanted now.
  if (!group.habits.maintain_desired && metrics && metrics->has(GroupMetric::composite)) {
    set_desired(group, std::clamp(group.present, group.min, group.desired));
  }
  if (news.raised && group.refresh.active) check_refresh_alarms(id);
  if (news.asks) apply_policies(id);
}

auto_scaling::PeriodNews AutoScaling::State::add_period(Group& group, const std::optional<GroupMetrics>& metrics) {
  if (group.plain_alarms && metrics && metrics->has(GroupMetric::composite)) return add_plain_period(group, *metrics);
  auto_scaling::PeriodNews news;
  for (std::size_t a = 0; a < group.alarms.size(); ++a) {
    Alarm& alarm = group.alarms[a];
    AlarmReading& reading = group.readings[a];
    const bool known = metrics && metrics->has(alarm.config.metric);
    if (!known && alarm.takes_each && alarm.config.missing == MissingData::no_period) {
      // The period is none: the alarm stays, and no policy is asked again for it.
      reading.state = alarm.window.state();
      reading.value.reset();
      reading.units = 0;
      reading.closed = false;
      news.raised = news.raised || reading.state == AlarmState::alarm;
      continue;
    }
    std::optional<double> value, units;
    if (known) {
      value = (*metrics)[alarm.config.metric];
      units = metrics->units;
    }
    reading.closed = alarm.takes_each || alarm.close(value, units);
    if (!reading.closed) continue;
    // Written as one, value and flag are read back before they have left the processor's store buffer: 5 % of a run.
    if (value) reading.value = *value;
    else reading.value.reset();
    reading.units = units.value_or(0);
    reading.state = alarm.add(value ? std::optional(breaches(alarm.config, *value)) : std::nullopt);
    if (reading.state == AlarmState::alarm) news = {.raised = true, .asks = true};
  }
  return news;
}

auto_scaling::PeriodNews AutoScaling::State::add_plain_period(Group& group, const GroupMetrics& metrics) {
  const double value = metrics[GroupMetric::composite];
  auto_scaling::PeriodNews news{.raised = false, .asks = false, .settled = true, .only_shrinks = true};
  for (Alarm& alarm : group.alarms) {
    const bool raised = alarm.add(breaches(alarm.config, value)) == AlarmState::alarm;
    news.raised = news.raised || raised;
    news.settled = news.settled && alarm.is_settled();
    news.only_shrinks = news.only_shrinks && (!raised || alarm.config.only_shrinks);
  }
  if (news.raised) note_readings(group, metrics);
  news.asks = news.raised;
  return news;
}

void AutoScaling::State::note_readings(Group& group, const GroupMetrics& metrics) {
  const double value = metrics[GroupMetric::composite];
  for (std::size_t a = 0; a < group.alarms.size(); ++a) {
    AlarmReading& reading = group.readings[a];
    reading.state = group.alarms[a].window.state();
    reading.value = value;
    reading.units = metrics.units;
    reading.closed = true;
  }
}

auto_scaling::SteadyPeriods AutoScaling::State::steady_periods(const Group& group, auto_scaling::PeriodNews latest) {
  constexpr double any = std::numeric_limits<double>::infinity();
  constexpr double rounding = 1e-9;  // of what breaches
  if (!group.plain_alarms) return {};
  auto_scaling::SteadyPeriods steady{.without_value = group.gaps_are_none && !latest.raised,
                                     .raised = latest.raised,
                                     .idle = !latest.raised && group.habits.maintain_desired,
                                     .idle_at_min = latest.raised && latest.only_shrinks};
  if (!latest.settled) return steady;
  steady.above = -any;
  steady.below = any;
  for (const Alarm& alarm : group.alarms) {
    const bool upward = alarm.config.comparison == Comparison::greater || alarm.config.comparison == Comparison::greater_or_equal;
    if (upward == *alarm.latest) steady.above = std::max(steady.above, alarm.config.threshold + rounding);
    else steady.below = std::min(steady.below, alarm.config.threshold - rounding);
  }
  return steady;
}

std::optional<Proposal> AutoScaling::State::ask_policy(GroupId id, const PolicySlot& slot, std::int64_t warm_up) {
  Group& group = groups[id.index];
  const std::span<const AlarmReading> alarms = std::span(group.readings).subspan(slot.first_alarm, slot.alarms);
  const bool asked = std::any_of(alarms.begin(), alarms.end(), [](const AlarmReading& reading) {
    return reading.closed && reading.state == AlarmState::alarm;
  });
  if (!asked) return std::nullopt;
  if (slot.waits_for_cooldown && (group.cooldown.activity_runs || sim.now() < group.cooldown.until)) return std::nullopt;
  const std::int64_t own = slot.instance_warmup ? warming(id, *slot.instance_warmup) : warm_up;
  return slot.policy->decide({.desired = group.desired,
                              .min = group.min,
                              .max = std::max(group.max, group.forecast_max),
                              .present = group.present,
                              .warming = own,
                              .younger = std::max<std::int64_t>(0, own - warm_up),
                              .alarms = alarms});
}

std::optional<Wish> AutoScaling::State::wanted_by_policies(GroupId id) {
  Group& group = groups[id.index];
  const std::int64_t warm_up = capacity.warming(id);
  std::optional<Wish> largest, largest_of_joint;
  bool all_joint = true;
  for (std::size_t p = 0; p < group.policies.size(); ++p) {
    const PolicySlot& slot = group.policies[p];
    const std::optional<Proposal> proposal = ask_policy(id, slot, warm_up);
    if (!proposal) {
      all_joint = all_joint && !slot.shrinks_jointly;
      continue;
    }
    const Wish wish{.desired = proposal->desired, .policy = p, .alarm = proposal->alarm};
    std::optional<Wish>& best = wish.desired < group.desired && slot.shrinks_jointly ? largest_of_joint : largest;
    if (!best || wish.desired > best->desired) best = wish;
  }
  // Of the policies that track targets one alone does not shrink the group.
  if (largest_of_joint && all_joint && (!largest || largest_of_joint->desired > largest->desired)) return largest_of_joint;
  return largest;
}

void AutoScaling::State::apply_policies(GroupId id) {
  Group& group = groups[id.index];
  std::optional<Wish> wish = wanted_by_policies(id);
  if (!wish) return;
  if (wish->desired < group.desired) wish->desired = std::max(wish->desired, std::min(group.desired, group.forecast_floor));
  if (wish->desired == group.desired) return;
  const PolicySlot& slot = group.policies[wish->policy];
  if (slot.waits_for_cooldown) {
    group.cooldown = {.activity_runs = true,
                      .length = slot.policy->cooldown().value_or(group.config.default_cooldown),
                      .until = {}};
  }
  const AlarmReading& reading = group.readings[slot.first_alarm + wish->alarm];
  change_desired(id, wish->desired, {.cause = ActivityCause::policy,
                                     .policy = static_cast<std::uint16_t>(wish->policy),
                                     .alarm = static_cast<std::uint16_t>(wish->alarm),
                                     .value = reading.value.value_or(0)});
  // It begins with the last ending of the activity, and that may have ended what was pending before.
  if (slot.waits_for_cooldown) group.cooldown.activity_runs = true;
  check_cooldown(group);
}

}  // namespace fleetsim
