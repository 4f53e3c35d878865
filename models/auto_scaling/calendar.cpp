// What a group does at given times: scheduled actions, forecasts at full hours, and what somebody does by hand.

#include <algorithm>

#include "models/auto_scaling/activity_details.hpp"
#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Forecasting;
using auto_scaling::Group;

namespace {
constexpr std::int64_t hour = 3600;                // seconds
constexpr std::int64_t refresh_hours = 6;          // forecasts are made anew

/// The instant of the run at a time of the calendar that is not before its start.
Time instant_of(config::UtcTime time, config::UtcTime run_start) {
  return Time::at(1_s * (time.seconds_since_1970 - run_start.seconds_since_1970));
}
}  // namespace

ScheduledActionClock::ScheduledActionClock(const ScheduledAction& action, config::UtcTime run_start) {
  if (action.recurrence) recurrence_.emplace(*action.recurrence, action.time_zone, run_start);
  if (action.start) start_ = instant_of(*action.start, run_start);
  if (action.end) end_ = instant_of(*action.end, run_start);
}

std::optional<Time> ScheduledActionClock::until_end(std::optional<Time> time) const {
  return time && end_ && *time > *end_ ? std::nullopt : time;
}

std::optional<Time> ScheduledActionClock::first() const {
  if (recurrence_ && start_ && *start_ > Time{}) return until_end(recurrence_->next(*start_ - 1_ns));
  return until_end(recurrence_ ? recurrence_->first() : *start_ >= Time{} ? start_ : std::nullopt);
}

std::optional<Time> ScheduledActionClock::next(Time now) const {
  return recurrence_ ? until_end(recurrence_->next(now)) : std::nullopt;
}

void AutoScaling::State::start_calendar(GroupId id) {
  Group& group = groups[id.index];
  for (const ScheduledAction& action : group.config.scheduled_actions) {
    const auto number = static_cast<std::uint32_t>(group.schedule.size());
    group.schedule.emplace_back(action, run_start);
    if (const auto first = group.schedule.back().first()) sim.schedule_at(self, *first, ScheduledActionDue{id, number});
  }
  for (std::size_t r = 0; r < group.config.refreshes.size(); ++r) {
    sim.schedule_at(self, group.config.refreshes[r].at, RefreshBegan{id, static_cast<std::uint32_t>(r)});
  }
  for (std::size_t a = 0; a < group.config.user_actions.size(); ++a) {
    sim.schedule_at(self, group.config.user_actions[a].at, UserActionDue{id, static_cast<std::uint32_t>(a)});
  }
  if (group.forecasts.empty()) return;
  const std::int64_t first = run_start.seconds_since_1970 / hour + 1;
  sim.schedule_at(self, instant_of({first * hour}, run_start), HourClosed{id});
}

void AutoScaling::on(const ScheduledActionDue& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  const ScheduledAction& action = group.config.scheduled_actions[event.action];
  if (const auto next = group.schedule[event.action].next(s.sim.now())) s.sim.schedule_at(*this, *next, event);
  if (action.min) group.min = *action.min;
  if (action.max) group.max = *action.max;
  // An action that sets one bound beyond the other moves it too.
  if (action.max && !action.min) group.min = std::min(group.min, group.max);
  group.max = std::max(group.max, group.min);
  const std::int64_t desired = std::clamp(action.desired.value_or(group.desired), group.min, group.max);
  if (desired != group.desired) {
    s.change_desired(event.group, desired, {.cause = ActivityCause::schedule,
                                            .policy = static_cast<std::uint16_t>(event.action)});
  }
}

void AutoScaling::State::add_load(GroupId id, const std::optional<GroupMetrics>& metrics) {
  Group& group = groups[id.index];
  if (!metrics) return;
  for (Forecasting& forecast : group.forecasts) {
    if (!metrics->has(forecast.rule.metric)) continue;
    forecast.load_sum += (*metrics)[forecast.rule.metric] * metrics->units;
    ++forecast.load_values;
  }
}

void AutoScaling::on(const HourClosed& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  const std::int64_t closed = s.utc_now().seconds_since_1970 / hour - 1;
  const std::int64_t first_whole = (s.run_start.seconds_since_1970 + hour - 1) / hour;
  for (std::size_t f = 0; f < group.forecasts.size(); ++f) {
    Forecasting& forecast = group.forecasts[f];
    // An hour that began before the run is not known as a whole.
    if (closed >= first_whole) {
      forecast.history.add(closed, forecast.load_values > 0 ? std::optional(forecast.load_sum / forecast.load_values)
                                                            : std::nullopt);
    }
    forecast.load_sum = 0;
    forecast.load_values = 0;
    if ((closed + 1 - first_whole) % refresh_hours == 0) {
      forecast.first_hour = closed + 1;
      for (std::size_t h = 0; h < forecast.expected.size(); ++h) {
        forecast.expected[h] = forecast.history.expected(forecast.first_hour + static_cast<std::int64_t>(h));
      }
    }
    s.sim.schedule(*this, 1_h - forecast.rule.buffer, ForecastDue{event.group, static_cast<std::uint32_t>(f)});
  }
  s.sim.schedule(*this, 1_h, HourClosed{event.group});
}

void AutoScaling::on(const ForecastDue& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  const Forecasting& forecast = group.forecasts[event.forecast];
  const std::int64_t ahead = s.utc_now().seconds_since_1970 + forecast.rule.buffer.count() / nanoseconds_per_second;
  const auto slot = static_cast<std::size_t>(ahead / hour - forecast.first_hour);
  if (event.forecast == 0) group.forecast_floor = group.forecast_max = 0;
  if (slot >= forecast.expected.size() || !forecast.expected[slot] || !forecast.rule.scales) return;
  const std::int64_t capacity = auto_scaling::forecast_capacity(*forecast.expected[slot], forecast.rule);
  const std::int64_t max = auto_scaling::forecast_max(capacity, forecast.rule, group.max);
  const std::int64_t wanted = std::clamp(capacity, group.min, std::max(group.min, max));
  group.forecast_floor = std::max(group.forecast_floor, wanted);
  if (max > group.max) group.forecast_max = std::max(group.forecast_max, max);
  // The larger of forecast and present wish holds: a forecast never shrinks the group.
  if (wanted > group.desired) s.change_desired(event.group, wanted, {.cause = ActivityCause::forecast});
}

void AutoScaling::on(const UserActionDue& event) {
  State& s = *state_;
  const GroupId id = event.group;
  Group& group = s.groups[id.index];
  const UserAction& action = group.config.user_actions[event.action];
  Activity why{.cause = ActivityCause::user};
  if (action.kind == UserActionKind::set_desired) {
    s.change_desired(id, std::clamp(action.count, group.min, group.max), why);
    return;
  }
  why.from = group.desired;
  std::int64_t units = 0;
  for (std::int64_t n = 0; n < action.count; ++n) {
    if (action.kind == UserActionKind::exit_standby) {
      if (group.standby.empty()) break;
      const InstanceId instance{group.standby.front()};
      group.standby.erase(group.standby.begin());
      auto_scaling::Member& member = s.members_of(group)[instance];
      member.pooled = member.is_standby = false;
      s.members_of(group).list(instance.index, s.place_of(group, member));
      s.count_in(group, instance);
      s.capacity.take_from_pool(id, instance);
      units -= s.units_of(group, member);
      continue;
    }
    const Maybe<InstanceId> instance = s.choose_in_service(id, action.zone);
    if (!instance) break;
    if (action.kind == UserActionKind::set_unhealthy) {
      s.replace(id, *instance, {.cause = ActivityCause::health, .detail = auto_scaling::marked_unhealthy});
      continue;
    }
    auto_scaling::Member& member = s.members_of(group)[*instance];
    units += s.units_of(group, member);
    if (action.kind == UserActionKind::terminate) {
      s.terminate(id, *instance);
      ++why.ended;
      continue;
    }
    // It runs on, and is billed; a detached one for good.
    s.set_aside(group, *instance);
    member.is_standby = true;
    member.in_service = false;
    s.capacity.return_to_pool(id, *instance, PoolState::running);
    if (action.kind == UserActionKind::enter_standby) group.standby.push_back(instance->index);
    ++why.lost;
  }
  if (action.kind == UserActionKind::set_unhealthy) return;  // each was told by itself
  if (action.decrement_desired || action.kind == UserActionKind::exit_standby) {
    s.set_desired(group, std::clamp(group.desired - units, group.min, group.max));
  }
  const auto_scaling::RoundResult round = s.launch_round(id);
  why.to = group.desired;
  why.launched = round.launched;
  why.failed = !round.reached;
  s.note(id, why);
  s.check_zone_balance(id);
}

}  // namespace fleetsim
