// Instances that are ready beside a group, so that growing takes less time.

#include <algorithm>
#include <limits>

#include "models/auto_scaling/choices.hpp"
#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::Member;

namespace {
constexpr std::int64_t no_room = std::numeric_limits<std::int64_t>::max();
}

std::int64_t pool_size(const WarmPoolConfig& pool, std::int64_t desired, std::int64_t max) {
  return std::max(pool.min_size, std::max<std::int64_t>(0, pool.max_prepared.value_or(max) - desired));
}

void AutoScaling::State::fill_pool(GroupId id) {
  Group& group = groups[id.index];
  if (!group.config.warm_pool) return;
  const WarmPoolConfig& pool = *group.config.warm_pool;
  const std::int64_t size = pool_size(pool, group.desired, group.max);
  auto_scaling::MemberTable& members = members_of(group);
  while (static_cast<std::int64_t>(group.pool.size()) + group.pool_preparing > size && !group.pool.empty()) {
    const InstanceId instance{group.pool.back()};
    remove(group, instance);
    capacity.terminate_pooled(id, instance);
  }
  if (group.suspended || sim.pending(group.pool_launch)) return;
  std::vector<std::int64_t>& in_zone = group.pool_by_zone;
  std::fill(in_zone.begin(), in_zone.end(), 0);
  for (const std::uint32_t m : group.pool) ++in_zone[group.option_of(members[m].place).zone];
  capacity.round_began(id, 0, std::max<std::int64_t>(1, size));
  while (static_cast<std::int64_t>(group.pool.size()) + group.pool_preparing < size) {
    const auto emptiest = std::min_element(in_zone.begin(), in_zone.end());
    const auto zone = static_cast<std::size_t>(emptiest - in_zone.begin());
    if (*emptiest == no_room) {  // in any zone
      const Duration wait = auto_scaling::retry_wait(group.config.launch_retry, group.pool_failures++, group.retry_stream);
      group.pool_launch = sim.schedule(self, wait, PoolLaunchDue{id});
      return;
    }
    if (launch_to_pool(id, zone)) {
      group.pool_failures = 0;
      ++group.pool_preparing;
      ++*emptiest;
    } else {
      ++group.counters.launch_failures;
      *emptiest = no_room;
    }
  }
}

void AutoScaling::on(const PoolLaunchDue& event) { state_->fill_pool(event.group); }

Maybe<InstanceId> AutoScaling::State::launch_to_pool(GroupId id, std::size_t zone) {
  Group& group = groups[id.index];
  const double failure = group.config.launch_failure.value;
  if (failure > 0 && group.failure_stream.chance(failure)) return std::nullopt;
  const Maybe<std::size_t> type = capacity.choose_type(id, zone, 0, 0);
  if (!type) return std::nullopt;
  const LaunchOption option{.zone = zone, .type = *type, .purchase = 0};
  const Maybe<InstanceId> instance = capacity.launch_to_pool(id, option, group.config.warm_pool->state);
  if (!instance) return std::nullopt;
  Member& member =
      members_of(group).add(*instance, id.index, static_cast<std::uint32_t>(group.place_of(option)), sim.now());
  member.pooled = true;
  member.version = group.version;
  return instance;
}

void AutoScaling::State::renew_pool(GroupId id) {
  Group& group = groups[id.index];
  const std::vector<std::uint32_t> ready = group.pool;
  for (const std::uint32_t m : ready) {
    if (members_of(group)[m].version == group.version) continue;
    remove(group, {m});
    capacity.terminate_pooled(id, {m});
  }
  fill_pool(id);
}

Maybe<InstanceId> AutoScaling::State::take_from_pool(GroupId id, std::size_t zone) {
  Group& group = groups[id.index];
  auto_scaling::MemberTable& members = members_of(group);
  const auto found = std::find_if(group.pool.begin(), group.pool.end(), [&](std::uint32_t m) {
    return group.option_of(members[m].place).zone == zone;
  });
  if (found == group.pool.end()) return std::nullopt;
  const InstanceId instance{*found};
  group.pool.erase(found);
  Member& member = members[instance];
  member.pooled = false;
  member.in_service = false;
  members.list(instance.index, place_of(group, member));
  count_in(group, instance);
  capacity.take_from_pool(id, instance);
  ++group.counters.warm_starts;
  return instance;
}

bool AutoScaling::State::returns_to_pool(const Group& group, const Member& member) const {
  const std::optional<WarmPoolConfig>& pool = group.config.warm_pool;
  return pool && pool->reuse_on_scale_in && member.serves() && member.version == group.version &&
         static_cast<std::int64_t>(group.pool.size()) + group.pool_preparing < pool_size(*pool, group.desired, group.max);
}

void AutoScaling::State::return_to_pool(GroupId id, InstanceId instance) {
  Group& group = groups[id.index];
  Member& member = members_of(group)[instance];
  set_aside(group, instance);
  ++group.pool_preparing;
  capacity.return_to_pool(id, instance, group.config.warm_pool->state);
  member.in_service = false;
}

void AutoScaling::instance_pooled(GroupId id, InstanceId instance) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  const Member& member = s.members_of(group)[instance];
  if (!member.pooled || member.is_standby) return;
  if (member.version == group.version) {
    --group.pool_preparing;
    group.pool.push_back(instance.index);
  } else {
    s.remove(group, instance);
    s.capacity.terminate_pooled(id, instance);
  }
  s.fill_pool(id);
}

}  // namespace fleetsim
