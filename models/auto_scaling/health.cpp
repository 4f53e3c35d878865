// Failures of instances, how the group learns of them, and how many it replaces at a time. The same limit paces what has
// reached its maximum lifetime.

#include <algorithm>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Due;
using auto_scaling::Group;
using auto_scaling::Member;

namespace {
/// The first multiple of the period that is not before.
Time next_check(Time from, Duration period) {
  const std::int64_t ns = from.since_start().count();
  return Time::at(period * ((ns + period.count() - 1) / period.count()));
}
}  // namespace

void AutoScaling::State::begin_health(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  std::optional<Duration> first;
  const auto draw = [&](const std::vector<InstanceFailureConfig>& failures, std::uint8_t base) {
    for (std::size_t f = 0; f < failures.size(); ++f) {
      const Duration after = failures[f].after.sample(group.failures_stream);
      if (first && after >= *first) continue;
      first = after;
      member.failure = static_cast<std::uint8_t>(base + f);
    }
  };
  draw(group.config.failures, 0);
  if (const auto* of_version = group.version_failures[member.version]) {
    draw(*of_version, static_cast<std::uint8_t>(group.config.failures.size()));
  }
  member.serves_since = sim.now();
  if (first) set_due(id, instance, Due::fails, sim.now() + std::max(*first, 1_ns));
}

void AutoScaling::State::instance_fails(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  if (member.noticed) return;  // EC2 takes it back anyway, and it may have left service for that
  const std::size_t own = group.config.failures.size();
  const InstanceFailureKind kind = member.failure < own
                                       ? group.config.failures[member.failure].kind
                                       : (*group.version_failures[member.version])[member.failure - own].kind;
  const std::int64_t units = units_of(group, member);
  if (member.doomed) group.doomed_ready -= units;
  else group.ready -= units;
  member.failed = true;
  group.failed += units;
  ++group.counters.failures;
  capacity.fail(id, instance, kind == InstanceFailureKind::stopped);
  const HealthConfig& health = group.config.health;
  const Time graced = member.serves_since + health.grace;
  switch (kind) {
    case InstanceFailureKind::stopped: return find_unhealthy(id, instance, true);
    case InstanceFailureKind::impaired: {
      const Time counts = next_check(sim.now(), health.check_period) + health.impaired_delay;
      return set_due(id, instance, Due::found_unhealthy, std::max(counts, graced));
    }
    case InstanceFailureKind::application:
      if (health.elb) set_due(id, instance, Due::found_unhealthy, next_check(std::max(sim.now(), graced), health.check_period));
      return;
  }
}

void AutoScaling::target_health_changed(GroupId id, InstanceId instance, bool is_healthy) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  const HealthConfig& health = group.config.health;
  if (!health.elb || !s.members_of(group).contains(instance)) return;
  Member& member = s.members_of(group)[instance];
  if (member.failed || member.unhealthy) return;
  if (!is_healthy) {
    const Time graced = std::max(s.sim.now(), member.serves_since + health.grace);
    s.set_due(id, instance, Due::found_unhealthy, next_check(graced, health.check_period));
  } else if (member.due == Due::found_unhealthy) {
    s.sim.cancel(member.timer);
    member.due = Due::nothing;
  }
}

void AutoScaling::State::find_unhealthy(GroupId id, InstanceId instance, bool at_once) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  if (member.noticed || member.doomed) return;  // it goes anyway
  if (at_once) return replace(id, instance, {.cause = ActivityCause::health, .detail = "stopped"});
  member.unhealthy = true;
  group.unhealthy.push_back(instance.index);
  replace_unhealthy(id);
}

void AutoScaling::State::replace(GroupId id, InstanceId instance, Activity why) {
  Group& group = groups[id.index];
  why.from = why.to = group.desired;
  why.ended = 1;
  ++group.counters.replaced;
  const std::optional<MaintenanceConfig>& bounds = group.config.maintenance;
  const Member& member = members_of(group)[instance];
  bool launch_first = false;
  if (bounds && bounds->max_healthy.value > 1) {
    const auto most = static_cast<std::int64_t>(bounds->max_healthy.value * static_cast<double>(group.desired) + 1e-9);
    launch_first = group.present + group.doomed_units + units_of(group, member) <= std::max(most, group.desired + 1);
  }
  if (launch_first) doom(id, instance);
  else terminate(id, instance);
  const auto_scaling::RoundResult round = launch_round(id);
  why.launched = round.launched;
  why.failed = !round.reached;
  note(id, why);
  if (launch_first) end_doomed(id);
}

void AutoScaling::State::replace_unhealthy(GroupId id) {
  Group& group = groups[id.index];
  while (!group.unhealthy.empty()) {
    const InstanceId instance{group.unhealthy.front()};
    if (members_of(group)[instance].noticed) {
      members_of(group)[instance].unhealthy = false;
      group.unhealthy.erase(group.unhealthy.begin());
      continue;
    }
    // A wave waits until those before it are in service and warm.
    const std::int64_t busy = capacity.warming(id);
    if (busy > 0 && busy + units_of(group, members_of(group)[instance]) > tenth(group.desired)) return;
    group.unhealthy.erase(group.unhealthy.begin());
    members_of(group)[instance].unhealthy = false;
    replace(id, instance, {.cause = ActivityCause::health});
  }
}

void AutoScaling::State::schedule_lifetimes(GroupId id) {
  Group& group = groups[id.index];
  if (!group.config.max_instance_lifetime || sim.pending(group.lifetimes)) return;
  std::optional<Time> oldest;
  for (const auto_scaling::Place& place : group.places) {
    if (place.oldest == auto_scaling::no_member) continue;
    const Time launched = members_of(group)[place.oldest].launched;
    if (!oldest || launched < *oldest) oldest = launched;
  }
  if (!oldest) return;
  const Time due = std::max(*oldest + *group.config.max_instance_lifetime, sim.now() + 1_ns);
  group.lifetimes = sim.schedule_at(self, due, ReplacementsDue{id});
}

void AutoScaling::State::replace_old(GroupId id) {
  Group& group = groups[id.index];
  const Duration lifetime = *group.config.max_instance_lifetime;
  for (;;) {
    // The oldest of all places; how many are over their time decides how many go at once.
    std::uint32_t oldest = auto_scaling::no_member;
    std::int64_t expired = 0;
    auto_scaling::MemberTable& members = members_of(group);
    for (const auto_scaling::Place& place : group.places) {
      for (std::uint32_t m = place.oldest; m != auto_scaling::no_member; m = members[m].newer) {
        if (members[m].launched + lifetime > sim.now()) break;
        ++expired;
        if (oldest == auto_scaling::no_member || members[m].launched < members[oldest].launched) oldest = m;
      }
    }
    if (oldest == auto_scaling::no_member) break;
    const std::int64_t at_once = expired > 1 ? tenth(group.desired) : 1;
    const std::int64_t busy = capacity.warming(id);
    if (busy > 0 && busy + 1 > at_once) return;  // looked at again when the last replacement is warm
    replace(id, {oldest}, {.cause = ActivityCause::lifetime});
  }
  schedule_lifetimes(id);
}

void AutoScaling::on(const ReplacementsDue& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  s.replace_unhealthy(event.group);
  if (group.config.max_instance_lifetime) s.replace_old(event.group);
  if (group.refresh.active) s.step_refresh(event.group);
}

}  // namespace fleetsim
