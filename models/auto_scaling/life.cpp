// The instances of a group from their launch to their end.

#include <algorithm>
#include <array>
#include <utility>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Ahead;
using auto_scaling::Due;
using auto_scaling::Group;
using auto_scaling::Member;
using auto_scaling::Place;

std::int64_t AutoScaling::State::units_of(const Group& group, const Member& member) const {
  return group.places[member.place].weight;
}

Place& AutoScaling::State::place_of(Group& group, const Member& member) const { return group.places[member.place]; }

std::int64_t AutoScaling::State::warming(GroupId id, Duration warmup) {
  Group& group = groups[id.index];
  auto_scaling::MemberTable& members = members_of(group);
  std::int64_t units = 0;
  for (std::uint32_t m = 0; m < members.size(); ++m) {
    const Member& member = members[m];
    if (member.place == auto_scaling::no_member || member.group != id.index) continue;
    if (member.pooled || member.noticed || member.failed || member.target_unhealthy) continue;
    const bool warms = !member.in_service || (!member.began_warm && member.serves_since + warmup > sim.now());
    if (warms) units += units_of(group, member);
  }
  return units;
}

void AutoScaling::State::count_in(Group& group, InstanceId instance) {
  const Member& member = members_of(group)[instance];
  Place& place = place_of(group, member);
  group.present += place.weight;
  group.zone_units[place.division] += place.weight;
  ++place.instances;
  if (!member.in_service) ++group.pending;
  else if (member.serves()) group.ready += place.weight;
}

void AutoScaling::State::count_out(Group& group, InstanceId instance) {
  const Member& member = members_of(group)[instance];
  Place& place = place_of(group, member);
  group.present -= place.weight;
  group.zone_units[place.division] -= place.weight;
  --place.instances;
  if (member.serves()) group.ready -= place.weight;
  if (member.in_service) return;
  --group.pending;
  check_cooldown(group);
}

void AutoScaling::State::set_due(GroupId id, InstanceId instance, Due due, Time when) {
  Ahead& ahead = members_of(groups[id.index]).ahead(instance.index);
  sim.cancel(ahead.timer);
  ahead.due = due;
  ahead.due_at = when;
  ahead.timer = sim.schedule_at(self, when, MemberDue{id, instance.index});
}

void AutoScaling::State::cancel_ahead(auto_scaling::MemberTable& members, InstanceId instance) {
  Ahead* const ahead = members.find_ahead(instance.index);
  if (ahead == nullptr) return;
  if (ahead->due != Due::nothing) sim.cancel(ahead->timer);
  sim.cancel(ahead->failure_timer);
  ahead->due = Due::nothing;
}

std::int64_t AutoScaling::State::remove(Group& group, InstanceId instance) {
  auto_scaling::MemberTable& members = members_of(group);
  invariant(members.contains(instance), "an instance that leaves a group is in it");
  Member& member = members[instance];
  const std::int64_t units = units_of(group, member);
  members.unlist(instance.index, place_of(group, member));
  cancel_ahead(members, instance);
  if (member.in_service && !member.serves()) group.failed -= units;
  if (member.unhealthy) std::erase(group.unhealthy, instance.index);
  if (member.doomed) {
    std::erase_if(group.doomed, [&](const auto_scaling::Doomed& doomed) { return doomed.instance == instance.index; });
    group.doomed_units -= units;
    if (member.serves()) group.doomed_ready -= units;
  } else if (member.pooled) {
    std::erase(group.standby, instance.index);
    if (std::erase(group.pool, instance.index) == 0 && !member.is_standby) --group.pool_preparing;
  } else {
    count_out(group, instance);
  }
  const bool counted = !member.doomed && !member.pooled;
  member.place = auto_scaling::no_member;
  return counted ? units : 0;
}

void AutoScaling::State::terminate(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  remove(group, instance);
  const Duration hold = group.habits.hooks ? wait_for_hooks(group, false).wait : Duration{};
  group.all_ended = std::max(group.all_ended, sim.now() + capacity.terminate(id, instance, hold));
}

void AutoScaling::State::doom(GroupId id, InstanceId instance, ActivityCause why) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  members_of(group).unlist(instance.index, place_of(group, member));
  count_out(group, instance);
  const std::int64_t units = units_of(group, member);
  member.doomed = true;
  group.doomed.push_back({.instance = instance.index, .why = why});
  group.doomed_units += units;
  if (member.serves()) group.doomed_ready += units;
}

void AutoScaling::State::set_aside(Group& group, InstanceId instance) {
  Member& member = members_of(group)[instance];
  members_of(group).unlist(instance.index, place_of(group, member));
  cancel_ahead(members_of(group), instance);
  count_out(group, instance);
  member.pooled = true;
}

void AutoScaling::State::end_doomed(GroupId id) {
  Group& group = groups[id.index];
  std::array<std::int64_t, activity_causes> ended{};
  for (std::size_t d = 0; d < group.doomed.size();) {
    const InstanceId instance{group.doomed[d].instance};
    const Member& member = members_of(group)[instance];
    const std::int64_t served = member.serves() ? units_of(group, member) : 0;
    const bool missed = member.in_service && group.ready + group.doomed_ready - served < group.desired;
    if (missed || member.noticed) {
      ++d;
      continue;
    }
    ++ended[static_cast<std::size_t>(group.doomed[d].why)];
    terminate(id, instance);
  }
  for (std::size_t cause = 0; cause < ended.size(); ++cause) {
    if (ended[cause] == 0) continue;
    note(id, {.cause = static_cast<ActivityCause>(cause), .from = group.desired, .to = group.desired, .ended = ended[cause],
              .replaced = true});
  }
}

Duration AutoScaling::boot_finished(GroupId id, InstanceId instance) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  if (!group.habits.hooks) return {};
  const State::HookOutcome outcome = s.wait_for_hooks(group, true);
  if (!outcome.abandoned) return outcome.wait;
  s.set_due(id, instance, Due::abandoned, s.sim.now() + std::max(outcome.wait, 1_ns));
  return Duration::max();
}

void AutoScaling::instance_in_service(GroupId id, InstanceId instance) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  Member& member = s.members_of(group)[instance];
  member.in_service = true;
  if (group.habits.hooks) group.failed_rounds = 0;
  const std::int64_t units = s.units_of(group, member);
  if (member.doomed) {
    group.doomed_ready += units;
  } else {
    --group.pending;
    group.ready += units;
  }
  if (group.habits.scale_in_protection) {
    member.is_protected = true;
    s.members_of(group).unlist(instance.index, s.place_of(group, member));
  }
  s.begin_health(id, instance);
  if (group.habits.lifetimes) s.schedule_lifetimes(id);
  s.check_cooldown(group);
  if (!group.doomed.empty()) s.end_doomed(id);
  // What waits for others to be in service and warm is looked at when this one is.
  if (group.refresh.active) {
    s.sim.cancel(group.refresh.warmed);
    group.refresh.warmed = s.sim.schedule(*this, s.refresh_warmup(group) + 1_ns, RefreshDue{id});
  }
  if (!group.unhealthy.empty() || group.habits.lifetimes) {
    s.sim.cancel(group.replacements);
    group.replacements = s.sim.schedule(*this, group.config.instance_warmup + 1_ns, ReplacementsDue{id});
  }
}

void AutoScaling::prefetch(GroupId id, InstanceId instance) const {
  State& s = *state_;
  const Group& group = s.groups[id.index];
  prefetch_lines(&group.table, static_cast<std::size_t>(reinterpret_cast<const char*>(&group.policies) -
                                                        reinterpret_cast<const char*>(&group.table)));
  s.members_of(group).prefetch(instance);
}

void AutoScaling::instance_noticed(GroupId id, InstanceId instance) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  auto_scaling::MemberTable& members = s.members_of(group);
  if (!members.contains(instance)) return;  // the group has ended it already
  Member& member = members[instance];
  if (member.noticed) return;
  member.noticed = true;
  members.unlist(instance.index, s.place_of(group, member));
  if (!group.config.capacity_rebalance || member.doomed) return;
  // Not moved before: now the group launches whatever the risk.
  s.doom(id, instance, ActivityCause::rebalance_signal);
  const auto_scaling::RoundResult round = s.launch_round(id);
  s.note(id, {.cause = ActivityCause::rebalance_signal, .from = group.desired, .to = group.desired,
              .launched = round.launched, .failed = !round.reached, .detail = "notice"});
}

void AutoScaling::rebalance_recommended(GroupId id, InstanceId instance) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  auto_scaling::MemberTable& members = s.members_of(group);
  if (!group.config.capacity_rebalance || !members.contains(instance)) return;
  const Member& member = members[instance];
  if (member.doomed || member.noticed || !s.capacity.as_available(id, instance)) return;
  const auto excess = static_cast<std::int64_t>(group.config.capacity_rebalance_excess.value * static_cast<double>(group.max) + 1e-9);
  if (group.present + group.doomed_units + s.units_of(group, member) > group.max + std::max<std::int64_t>(1, excess)) return;
  s.doom(id, instance, ActivityCause::rebalance_signal);
  const auto_scaling::RoundResult round = s.launch_round(id);
  s.note(id, {.cause = ActivityCause::rebalance_signal, .from = group.desired, .to = group.desired,
              .launched = round.launched, .failed = !round.reached});
}

void AutoScaling::instance_lost(GroupId id, InstanceId instance) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  const std::int64_t units = s.remove(group, instance);
  if (!group.habits.maintain_desired) s.set_desired(group, std::max(group.min, group.desired - units));
  s.note(id, {.cause = ActivityCause::interruption, .from = group.desired, .to = group.desired, .lost = 1});
  if (group.present < group.desired && !s.sim.pending(group.next_round)) {
    group.next_round = s.sim.schedule(*this, group.config.replacement_delay, LaunchRoundDue{id});
  }
  if (group.habits.warm_pool) s.fill_pool(id);
  if (group.habits.zone_rebalancing) s.check_zone_balance(id);
}

void AutoScaling::on(const MemberDue& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  const InstanceId instance{event.instance};
  const Member& member = s.members_of(group)[instance];
  const Due due = std::exchange(s.members_of(group).ahead(instance.index).due, Due::nothing);
  switch (due) {
    case Due::nothing: return;
    case Due::abandoned: {
      if (member.noticed) return;
      if (member.pooled) {
        s.remove(group, instance);
        s.capacity.terminate_pooled(event.group, instance);
        s.fill_pool(event.group);
        return;
      }
      s.terminate(event.group, instance);
      s.note(event.group, {.cause = ActivityCause::hook, .from = group.desired, .to = group.desired, .ended = 1});
      // Launches whose hooks fail again and again come ever more slowly, as those without capacity do.
      s.retry_later(event.group);
      return;
    }
    case Due::found_unhealthy: s.find_unhealthy(event.group, instance); return;
  }
}

}  // namespace fleetsim
