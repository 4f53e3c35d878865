// Instances that are ready beside a group, so that growing takes less time.

#include <algorithm>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::Member;

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
    group.pool.pop_back();
    remove(group, instance);
    capacity.terminate_pooled(id, instance);
  }
  std::vector<std::int64_t>& in_zone = group.pool_by_zone;
  std::fill(in_zone.begin(), in_zone.end(), 0);
  for (const std::uint32_t m : group.pool) ++in_zone[group.option_of(members[m].place).zone];
  capacity.round_began(id, 0, std::max<std::int64_t>(1, size));
  while (static_cast<std::int64_t>(group.pool.size()) + group.pool_preparing < size) {
    const auto emptiest = std::min_element(in_zone.begin(), in_zone.end());
    const auto zone = static_cast<std::size_t>(emptiest - in_zone.begin());
    const std::optional<std::size_t> type = capacity.choose_type(id, zone, 0, 0);
    if (!type) return;
    const LaunchOption option{.zone = zone, .type = *type, .purchase = 0};
    const std::optional<InstanceId> instance = capacity.launch_to_pool(id, option, pool.state);
    if (!instance) return;
    Member& member = members.add(*instance, id.index, static_cast<std::uint32_t>(group.place_of(option)), sim.now());
    member.pooled = true;
    member.version = group.version;
    ++group.pool_preparing;
    ++*emptiest;
  }
}

std::optional<InstanceId> AutoScaling::State::take_from_pool(GroupId id, std::size_t zone) {
  Group& group = groups[id.index];
  auto_scaling::MemberTable& members = members_of(group);
  const auto found = std::find_if(group.pool.begin(), group.pool.end(), [&](std::uint32_t m) {
    return group.option_of(members[m].place).zone == zone && members[m].version == group.version;
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
  return pool && pool->reuse_on_scale_in && member.in_service && !member.failed &&
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
  --group.pool_preparing;
  group.pool.push_back(instance.index);
  s.fill_pool(id);
}

}  // namespace fleetsim
