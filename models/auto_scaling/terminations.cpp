// Which instances a group gives back.

#include <algorithm>
#include <array>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::Member;
using auto_scaling::Place;

namespace {

/// Until the next hour of its life begins, in nanoseconds.
std::int64_t to_next_hour(const Member& member, Time now) {
  return nanoseconds_per_hour - (now - member.launched).count() % nanoseconds_per_hour;
}

/// What a termination policy looks at; the least ends first.
std::int64_t key_of(TerminationPolicy policy, const Member& member, std::int64_t rank, Time now) {
  switch (policy) {
    case TerminationPolicy::allocation_strategy: return -rank;
    case TerminationPolicy::oldest_launch_template:
    case TerminationPolicy::oldest_launch_configuration: return member.version;
    case TerminationPolicy::closest_to_next_instance_hour: return to_next_hour(member, now);
    case TerminationPolicy::newest_instance: return -member.launched.since_start().count();
    case TerminationPolicy::oldest_instance: return member.launched.since_start().count();
    case TerminationPolicy::by_default: break;
  }
  return 0;
}

/// The default policy is three others in turn.
constexpr std::array<TerminationPolicy, 3> default_policies{TerminationPolicy::allocation_strategy,
                                                            TerminationPolicy::oldest_launch_template,
                                                            TerminationPolicy::closest_to_next_instance_hour};

}  // namespace

Maybe<InstanceId> AutoScaling::State::choose_to_end(GroupId id, std::span<const std::size_t> zones,
                                                            std::size_t purchase, std::int64_t units) {
  Group& group = groups[id.index];
  const std::size_t types = group.config.instance_types.size();
  if (group.config.termination_policies.front() == TerminationPolicy::oldest_instance && group.config.composite) {
    // Of the type with the most instances, so that the mix stays, the oldest.
    const Place* most = nullptr;
    for (std::size_t type = 0; type < types; ++type) {
      const Place& place = group.places[group.place_of({.zone = zones.front(), .type = type, .purchase = purchase})];
      if (place.oldest == auto_scaling::no_member || group.weight_of(type) > units) continue;
      if (most == nullptr || place.instances > most->instances) most = &place;
    }
    if (most == nullptr) return std::nullopt;
    return InstanceId{most->oldest};
  }
  std::vector<std::uint32_t>& candidates = group.candidates;
  auto_scaling::MemberTable& members = members_of(group);
  candidates.clear();
  for (const std::size_t zone : zones) {
    for (std::size_t type = 0; type < types; ++type) {
      if (group.weight_of(type) > units) continue;
      const Place& place = group.places[group.place_of({.zone = zone, .type = type, .purchase = purchase})];
      for (std::uint32_t m = place.oldest; m != auto_scaling::no_member; m = members[m].newer) candidates.push_back(m);
    }
  }
  const auto narrow = [&](TerminationPolicy policy) {
    if (candidates.size() < 2 || (policy == TerminationPolicy::allocation_strategy && types == 1)) return;
    const auto key = [&](std::uint32_t m) {
      const std::int64_t rank = policy == TerminationPolicy::allocation_strategy
                                    ? static_cast<std::int64_t>(capacity.rank(id, group.option_of(members[m].place)))
                                    : 0;
      return key_of(policy, members[m], rank, sim.now());
    };
    std::int64_t least = key(candidates.front());
    for (const std::uint32_t m : candidates) least = std::min(least, key(m));
    std::erase_if(candidates, [&](std::uint32_t m) { return key(m) != least; });
  };
  for (const TerminationPolicy policy : group.config.termination_policies) {
    if (policy == TerminationPolicy::by_default) {
      for (const TerminationPolicy part : default_policies) narrow(part);
    } else {
      narrow(policy);
    }
  }
  if (candidates.empty()) return std::nullopt;
  const std::uint64_t drawn = candidates.size() == 1 ? 0 : group.choice_stream.below(candidates.size());
  return InstanceId{candidates[drawn]};
}

Maybe<InstanceId> AutoScaling::State::choose_in_service(GroupId id, std::optional<std::size_t> zone) {
  Group& group = groups[id.index];
  auto_scaling::MemberTable& members = members_of(group);
  Maybe<std::uint32_t> oldest;
  for (std::uint32_t m = 0; m < members.size(); ++m) {
    const Member& member = members[m];
    if (member.place == auto_scaling::no_member || member.group != id.index) continue;
    if (!member.serves() || member.pooled || member.doomed || member.noticed) continue;
    if (zone && group.option_of(member.place).zone != *zone) continue;
    const bool older = !oldest || member.launched < members[*oldest].launched ||
                       (member.launched == members[*oldest].launched && member.place < members[*oldest].place);
    if (older) oldest = m;
  }
  return oldest ? Maybe(InstanceId{*oldest}) : std::nullopt;
}

/// Ends one instance that counts at most `units`, in the zone with the most that has one to end, or in any of several
/// that have as many. Those under notice end by themselves. Returns the units that it counted, 0 if there is none.
std::int64_t AutoScaling::State::terminate_one(GroupId id, std::size_t purchase, std::int64_t units) {
  Group& group = groups[id.index];
  const auto end_one = [&](std::span<const std::size_t> zones) -> std::int64_t {
    const Maybe<InstanceId> instance = choose_to_end(id, zones, purchase, units);
    if (!instance) return 0;
    const Member& member = members_of(group)[*instance];
    const std::int64_t ended = units_of(group, member);
    if (group.habits.warm_pool && returns_to_pool(group, member)) return_to_pool(id, *instance);
    else terminate(id, *instance);
    return ended;
  };
  if (group.round.size() == 1) return end_one(std::array<std::size_t, 1>{0});
  begin_round(group);
  for (;;) {
    std::int64_t most = -1;
    for (std::size_t zone = 0; zone < group.round.size(); ++zone) {
      if (group.round[zone].capacity > most) group.fullest.clear();
      most = std::max(most, group.round[zone].capacity);
      if (most >= 0 && group.round[zone].capacity == most) group.fullest.push_back(zone);
    }
    if (most < 0) return 0;
    if (group.config.composite) group.fullest.resize(1);  // zones in the order of the file, as it launches
    if (const std::int64_t ended = end_one(group.fullest); ended > 0) return ended;
    for (const std::size_t zone : group.fullest) group.round[zone].capacity = -1;
  }
}

std::int64_t AutoScaling::State::terminate_to_desired(GroupId id) {
  Group& group = groups[id.index];
  std::int64_t instances = 0;
  // An instance that counts more than the excess stays: without it the group would be short.
  for (std::int64_t excess = group.present - group.desired; excess > 0;) {
    // Of a mixed group the option that is furthest above its share goes first, to restore the division.
    const std::int64_t total = group.present - 1;
    std::size_t first = 0;
    for (std::size_t purchase = 1; purchase < group.habits.purchases; ++purchase) {
      if (bought(group, purchase) - wanted(group, purchase, total) > bought(group, first) - wanted(group, first, total)) {
        first = purchase;
      }
    }
    std::int64_t ended = terminate_one(id, first, excess);
    for (std::size_t other = 0; ended == 0 && other < group.habits.purchases; ++other) {
      if (other != first) ended = terminate_one(id, other, excess);
    }
    if (ended == 0) break;
    ++instances;
    excess -= ended;
  }
  if (!group.doomed.empty()) end_doomed(id);
  if (group.habits.warm_pool) fill_pool(id);
  return instances;
}

}  // namespace fleetsim
