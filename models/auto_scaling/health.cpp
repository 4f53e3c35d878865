// Failures of instances, how the group learns of them, and how many it replaces at a time. The same limit paces what has
// reached its maximum lifetime.

#include <algorithm>

#include "models/auto_scaling/activity_details.hpp"
#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Ahead;
using auto_scaling::Due;
using auto_scaling::Group;
using auto_scaling::Member;

namespace {
/// The first multiple of the period that is not before.
Time next_check(Time from, Duration period) {
  const std::int64_t ns = from.since_start().count();
  return Time::at(period * ((ns + period.count() - 1) / period.count()));
}
/// Whether it is replaced at its maximum lifetime: in service, and scale-in may end it [18].
bool ages(const Member& member) { return member.place != auto_scaling::no_member && member.listed && member.in_service; }
std::int64_t share_of(std::int64_t units, double share) {
  return static_cast<std::int64_t>(share * static_cast<double>(units) + 1e-9);
}
}  // namespace

std::int64_t AutoScaling::State::replaced_at_once(const Group& group) {
  const std::optional<MaintenanceConfig>& bounds = group.config.maintenance;
  if (!bounds) return tenth(group.desired);
  return std::max<std::int64_t>(1, share_of(group.desired, bounds->max_healthy.value - bounds->min_healthy.value));
}

void AutoScaling::State::schedule_failure(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  const Member& member = members_of(group)[instance];
  std::optional<Duration> first;
  std::uint8_t failure = 0;
  const auto draw = [&](const std::vector<InstanceFailureConfig>& failures, std::uint8_t base) {
    for (std::size_t f = 0; f < failures.size(); ++f) {
      const Duration after = failures[f].after.sample(group.failures_stream);
      if (first && after >= *first) continue;
      first = after;
      failure = static_cast<std::uint8_t>(base + f);
    }
  };
  draw(group.config.failures, 0);
  if (const auto* of_version = group.version_failures[member.version]) {
    draw(*of_version, static_cast<std::uint8_t>(group.config.failures.size()));
  }
  if (!first) return;
  Ahead& ahead = members_of(group).ahead(instance.index);
  ahead.failure = failure;
  ahead.failure_timer = sim.schedule(self, std::max(*first, 1_ns), MemberFailed{id, instance.index});
}

void AutoScaling::State::set_health(Group& group, Member& member, bool failed, bool target_unhealthy) {
  const bool served = member.serves();
  member.failed = failed;
  member.target_unhealthy = target_unhealthy;
  if (served == member.serves()) return;
  const std::int64_t units = units_of(group, member);
  const std::int64_t change = served ? -units : units;
  (member.doomed ? group.doomed_ready : group.ready) += change;
  group.failed -= change;
}

void AutoScaling::State::find_unhealthy_at(GroupId id, InstanceId instance, Time when) {
  auto_scaling::MemberTable& members = members_of(groups[id.index]);
  const Ahead& ahead = members.ahead(instance.index);
  if (members[instance].unhealthy || (ahead.due == Due::found_unhealthy && ahead.due_at <= when)) return;
  set_due(id, instance, Due::found_unhealthy, when);
}

void AutoScaling::State::instance_fails(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  if (member.noticed) return;  // EC2 takes it back anyway, and it may have left service for that
  const std::size_t own = group.config.failures.size();
  const std::size_t failure = members_of(group).ahead(instance.index).failure;
  const InstanceFailureKind kind = failure < own ? group.config.failures[failure].kind
                                                 : (*group.version_failures[member.version])[failure - own].kind;
  set_health(group, member, true, member.target_unhealthy);
  ++group.counters.failures;
  capacity.fail(id, instance, kind == InstanceFailureKind::stopped);
  const HealthConfig& health = group.config.health;
  switch (kind) {
    case InstanceFailureKind::stopped:
      if (!member.doomed) replace(id, instance, {.cause = ActivityCause::health, .detail = auto_scaling::no_longer_running});
      return;
    case InstanceFailureKind::impaired: {
      const Time counts = next_check(sim.now(), health.check_period) + health.impaired_delay;
      return find_unhealthy_at(id, instance, std::max(counts, member.serves_since + health.grace));
    }
    case InstanceFailureKind::application: return;  // only a load balancer can tell
  }
}

void AutoScaling::on(const MemberFailed& event) { state_->instance_fails(event.group, {event.instance}); }

void AutoScaling::target_health_changed(GroupId id, InstanceId instance, bool is_healthy) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  const HealthConfig& health = group.config.health;
  if (!health.elb || !s.members_of(group).contains(instance)) return;
  Member& member = s.members_of(group)[instance];
  if (member.pooled || member.noticed) return;
  s.set_health(group, member, member.failed, !is_healthy);
  if (!is_healthy) {
    const Time graced = std::max(s.sim.now(), member.serves_since + health.grace);
    return s.find_unhealthy_at(id, instance, next_check(graced, health.check_period));
  }
  Ahead& ahead = s.members_of(group).ahead(instance.index);
  if (ahead.due == Due::found_unhealthy && !member.failed) {
    s.sim.cancel(ahead.timer);
    ahead.due = Due::nothing;
  }
  if (!group.doomed.empty()) s.end_doomed(id);
}

void AutoScaling::State::find_unhealthy(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  if (member.noticed || member.doomed) return;  // it goes anyway
  member.unhealthy = true;
  group.unhealthy.push_back(instance.index);
  replace_unhealthy(id);
}

void AutoScaling::State::replace(GroupId id, InstanceId instance, Activity why) {
  Group& group = groups[id.index];
  why.from = why.to = group.desired;
  ++group.counters.replaced;
  const std::optional<MaintenanceConfig>& bounds = group.config.maintenance;
  const Member& member = members_of(group)[instance];
  bool launch_first = false;
  // One that is not running holds nothing that the new one could take over.
  if (bounds && bounds->max_healthy.value > 1 && why.detail != auto_scaling::no_longer_running) {
    const std::int64_t most = share_of(group.desired, bounds->max_healthy.value);
    launch_first = group.present + group.doomed_units + units_of(group, member) <= std::max(most, group.desired + 1);
  }
  if (launch_first) {
    doom(id, instance, why.cause);
  } else {
    terminate(id, instance);
    why.ended = 1;
  }
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
    // A wave waits until those before it are there, in service and warm.
    const std::int64_t busy = capacity.warming(id) + std::max<std::int64_t>(0, group.desired - group.present);
    if (busy > 0 && busy + units_of(group, members_of(group)[instance]) > replaced_at_once(group)) return;
    group.unhealthy.erase(group.unhealthy.begin());
    members_of(group)[instance].unhealthy = false;
    replace(id, instance, {.cause = ActivityCause::health});
  }
}

Maybe<std::uint32_t> AutoScaling::State::longest_in_service(GroupId id) {
  auto_scaling::MemberTable& members = members_of(groups[id.index]);
  Maybe<std::uint32_t> longest;
  for (std::uint32_t m = 0; m < members.size(); ++m) {
    if (members[m].group != id.index || !ages(members[m])) continue;
    if (!longest || members[m].serves_since < members[*longest].serves_since) longest = m;
  }
  return longest;
}

void AutoScaling::State::schedule_lifetimes(GroupId id) {
  Group& group = groups[id.index];
  if (!group.config.max_instance_lifetime || sim.pending(group.lifetimes)) return;
  const Maybe<std::uint32_t> oldest = longest_in_service(id);
  if (!oldest) return;
  const Time since = members_of(group)[*oldest].serves_since;
  const Time due = std::max(since + *group.config.max_instance_lifetime, sim.now() + 1_ns);
  group.lifetimes = sim.schedule_at(self, due, ReplacementsDue{id});
}

void AutoScaling::State::replace_old(GroupId id) {
  Group& group = groups[id.index];
  const Duration lifetime = *group.config.max_instance_lifetime;
  for (;;) {
    const Maybe<std::uint32_t> oldest = longest_in_service(id);
    if (!oldest || members_of(group)[*oldest].serves_since + lifetime > sim.now()) break;
    // How many are over their time decides how many go at once.
    std::int64_t expired = 0;
    auto_scaling::MemberTable& members = members_of(group);
    for (std::uint32_t m = 0; m < members.size(); ++m) {
      expired += members[m].group == id.index && ages(members[m]) && members[m].serves_since + lifetime <= sim.now() ? 1 : 0;
    }
    const std::int64_t at_once = expired > 1 ? replaced_at_once(group) : 1;
    const std::int64_t busy = capacity.warming(id) + std::max<std::int64_t>(0, group.desired - group.present);
    if (busy > 0 && busy + 1 > at_once) return;  // looked at again when the last replacement is warm
    replace(id, {*oldest}, {.cause = ActivityCause::lifetime});
  }
  schedule_lifetimes(id);
}

void AutoScaling::on(const ReplacementsDue& event) {
  State& s = *state_;
  Group& group = s.groups[event.group.index];
  s.replace_unhealthy(event.group);
  if (group.config.max_instance_lifetime) s.replace_old(event.group);
}

}  // namespace fleetsim
