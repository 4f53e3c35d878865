// Instance refresh: all instances are replaced by those of a new launch template, some at a time.

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/auto_scaling/activity_details.hpp"
#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::Member;
using auto_scaling::Refresh;

void AutoScaling::on(const RefreshBegan& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  if (group.refresh.active) {
    s.note(event.group, {.cause = ActivityCause::refresh, .from = group.desired, .to = group.desired,
                         .detail = "is refused: one is under way"});
    return;
  }
  const InstanceRefreshConfig& config = group.config.refreshes[event.refresh];
  const std::uint16_t from = group.version;
  group.refresh = {};
  group.refresh.config = event.refresh;
  // Instances that match are told from others by their number of a version, so one more replaces them all.
  if (config.new_template) group.version_failures.push_back(&config.failures);
  else if (!config.skip_matching) group.version_failures.push_back(group.version_failures[from]);
  const bool all = config.new_template || !config.skip_matching;
  s.begin_version(event.group, from, all ? group.versions++ : from);
}

void AutoScaling::State::begin_version(GroupId id, std::uint16_t from, std::uint16_t to) {
  Group& group = groups[id.index];
  Refresh& refresh = group.refresh;
  refresh.active = true;
  refresh.from = from;
  refresh.to = to;
  refresh.checkpoint = 0;
  refresh.waits_until.reset();
  refresh.bakes = false;
  refresh.began = refresh.progressed = sim.now();
  refresh.left = 0;
  group.version = to;
  note(id, {.cause = ActivityCause::refresh, .from = group.desired, .to = group.desired,
            .detail = refresh.rolls_back ? "rolls back" : "begins"});
  renew_pool(id);
  check_refresh_alarms(id);
  if (refresh.active) step_refresh(id);
}

namespace {
/// Whether a refresh has to replace it.
bool is_other(const Member& member, GroupId id, const Group& group) {
  return member.place != auto_scaling::no_member && member.group == id.index && !member.pooled && !member.doomed &&
         !member.noticed && member.version != group.version;
}
}  // namespace

std::int64_t AutoScaling::State::units_left(GroupId id) {
  Group& group = groups[id.index];
  auto_scaling::MemberTable& members = members_of(group);
  const bool leaves_protected = group.config.refreshes[group.refresh.config].of_protected == ProtectedInstances::ignore;
  std::int64_t units = 0;
  for (std::uint32_t m = 0; m < members.size(); ++m) {
    if (!is_other(members[m], id, group) || (leaves_protected && members[m].is_protected)) continue;
    units += units_of(group, members[m]);
  }
  if (group.config.refreshes[group.refresh.config].of_standby == StandbyInstances::wait) {
    for (const std::uint32_t m : group.standby) units += members[m].version != group.version ? units_of(group, members[m]) : 0;
  }
  return units;
}

/// The oldest instance of another version, in the place with the most.
Maybe<InstanceId> AutoScaling::State::next_to_refresh(GroupId id) {
  Group& group = groups[id.index];
  auto_scaling::MemberTable& members = members_of(group);
  const bool takes_protected = group.config.refreshes[group.refresh.config].of_protected == ProtectedInstances::refresh;
  Maybe<std::uint32_t> next;
  for (std::uint32_t m = 0; m < members.size(); ++m) {
    const Member& member = members[m];
    if (!is_other(member, id, group) || (member.is_protected && !takes_protected)) continue;
    const auto in_place = [&](const Member& of) { return group.places[of.place].instances; };
    const bool better = !next || in_place(member) > in_place(members[*next]) ||
                        (in_place(member) == in_place(members[*next]) && member.launched < members[*next].launched);
    if (better) next = m;
  }
  if (!next) return std::nullopt;
  return InstanceId{*next};
}

void AutoScaling::State::step_refresh(GroupId id) {
  Group& group = groups[id.index];
  Refresh& refresh = group.refresh;
  const InstanceRefreshConfig& config = group.config.refreshes[refresh.config];
  const auto size = static_cast<double>(group.desired);
  const auto least = static_cast<std::int64_t>(std::ceil(config.bounds.min_healthy.value * size - 1e-9));
  const auto surplus = static_cast<std::int64_t>((config.bounds.max_healthy.value - 1) * size + 1e-9);
  const auto tell = [&](std::string_view what) {
    note(id, {.cause = ActivityCause::refresh, .from = group.desired, .to = group.desired, .detail = what});
  };
  if (config.of_standby == StandbyInstances::terminate) end_standby(id);
  if (refresh.left == 0) refresh.left = units_left(id);
  for (;;) {
    const std::int64_t left = units_left(id);
    const std::int64_t warming = config.instance_warmup ? this->warming(id, refresh_warmup(group)) : capacity.warming(id);
    if (left < refresh.left) {
      refresh.left = left;
      refresh.progressed = sim.now();
    }
    if (left == 0 && group.doomed.empty()) {
      if (!refresh.bakes) {
        if (warming > 0 || group.present < group.desired) break;
        refresh.bakes = true;
        if (config.bake_time > Duration{} && !refresh.rolls_back) {
          refresh.waits_until = sim.now() + config.bake_time;
          tell("bakes");
        }
      }
      if (refresh.waits_until && sim.now() < *refresh.waits_until) break;
      refresh.active = false;
      ++group.counters.refreshes_done;
      tell(refresh.rolls_back ? "has rolled back" : "is complete");
      return;
    }
    if (!refresh.rolls_back && refresh.checkpoint < config.checkpoints.size()) {
      // The share that must be replaced, and warm, before the next pause.
      const double replaced = 1 - static_cast<double>(left) / std::max(1.0, size);
      if (replaced >= config.checkpoints[refresh.checkpoint].value - 1e-9) {
        if (!refresh.waits_until) {
          if (warming > 0) break;
          refresh.waits_until = sim.now() + config.checkpoint_delay;
          tell("is at a checkpoint");
        }
        if (sim.now() < *refresh.waits_until) break;
        refresh.waits_until.reset();
        refresh.progressed = sim.now();
        ++refresh.checkpoint;
      }
    }
    const Maybe<InstanceId> next = next_to_refresh(id);
    if (!next) break;
    const std::int64_t units = units_of(group, members_of(group)[*next]);
    // Everything that serves and is warm: what is present or doomed, less what is on its way or has failed.
    const std::int64_t healthy = group.present + group.doomed_units - warming - group.failed;
    const bool is_healthy = members_of(group)[*next].serves();
    Activity why{.cause = ActivityCause::refresh, .from = group.desired, .to = group.desired,
                 .detail = refresh.rolls_back ? "rolls back" : ""};
    const bool launch_first = surplus > 0 && group.doomed_units + units <= std::max(surplus, units);
    if (launch_first) {
      doom(id, *next, ActivityCause::refresh);
      if (!refresh.rolls_back) why.detail = "launches first, and ends as many once they serve";
    } else {
      if (surplus > 0 && least >= group.desired) break;
      // Where none may be missing one goes at a time.
      if (is_healthy && (least >= group.desired ? healthy < group.desired : healthy - units < least)) break;
      terminate(id, *next);
      why.ended = 1;
    }
    const auto_scaling::RoundResult round = launch_round(id);
    why.launched = round.launched;
    why.failed = !round.reached;
    note(id, why);
    if (launch_first) end_doomed(id);
  }
  sim.cancel(refresh.due);
  const Time last = refresh.began + auto_scaling::refresh_longest;
  const bool waits = refresh.waits_until && *refresh.waits_until > sim.now();
  const Time due = std::min(last, waits ? *refresh.waits_until : refresh.progressed + auto_scaling::refresh_patience);
  if (due > sim.now()) {
    refresh.due = sim.schedule_at(self, due, RefreshDue{id});
    return;
  }
  fail_refresh(id, {.cause = ActivityCause::refresh,
                    .detail = due == last ? "fails: 14 days are over" : "fails: an hour without progress"});
}

void AutoScaling::State::end_standby(GroupId id) {
  Group& group = groups[id.index];
  const std::vector<std::uint32_t> standby = group.standby;
  for (const std::uint32_t m : standby) {
    if (members_of(group)[m].version == group.version) continue;
    remove(group, {m});
    capacity.terminate_pooled(id, {m});
  }
}

Duration AutoScaling::State::refresh_warmup(const Group& group) const {
  return group.config.refreshes[group.refresh.config].instance_warmup.value_or(group.config.instance_warmup);
}

void AutoScaling::State::fail_refresh(GroupId id, Activity why) {
  Group& group = groups[id.index];
  Refresh& refresh = group.refresh;
  sim.cancel(refresh.due);
  ++group.counters.refreshes_failed;
  why.from = why.to = group.desired;
  note(id, why);
  refresh.active = false;
  if (!group.config.refreshes[refresh.config].auto_rollback || refresh.rolls_back) return;
  refresh.rolls_back = true;
  begin_version(id, refresh.to, refresh.from);
}

void AutoScaling::State::check_refresh_alarms(GroupId id) {
  Group& group = groups[id.index];
  const Refresh& refresh = group.refresh;
  if (!refresh.active || refresh.rolls_back) return;
  const auto_scaling::RefreshAlarms& alarms = group.refresh_alarms[refresh.config];
  for (std::size_t a = alarms.first; a < alarms.end; ++a) {
    const AlarmReading& reading = group.readings[a];
    if (reading.state != AlarmState::alarm) continue;
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return fail_refresh(id, {.cause = ActivityCause::refresh,
                             .policy = static_cast<std::uint16_t>(refresh.config),
                             .alarm = static_cast<std::uint16_t>(a - alarms.first),
                             .value = reading.value.value_or(none),
                             .detail = auto_scaling::alarm_raised});
  }
}

void AutoScaling::on(const RefreshDue& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  if (group.refresh.active) s.step_refresh(event.group);
}

}  // namespace fleetsim
