// Which instances a group gives back.

#include <algorithm>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::Place;

std::int64_t AutoScaling::State::remove(Group& group, InstanceId instance) {
  auto_scaling::MemberTable& members = members_of(group);
  const std::size_t place = members[instance].place;
  invariant(place != auto_scaling::no_member, "an instance that leaves a group is in it");
  if (!members[instance].in_service) --group.pending;
  members.remove(instance, group.places[place]);
  const LaunchOption option = group.option_of(place);
  const std::int64_t units = group.weight_of(option.type);
  group.present -= units;
  group.zone_units[option.zone * group.config.purchases.size() + option.purchase] -= units;
  return units;
}

/// Ends one instance that counts at most `units`, in the zone with the most that has one to end: of the type there with
/// the most instances, so that the mix stays, the oldest. Those under notice end by themselves. Returns the units that
/// it counted, 0 if there is none.
std::int64_t AutoScaling::State::terminate_one(GroupId id, std::size_t purchase, std::int64_t units) {
  Group& group = groups[id.index];
  begin_round(group);
  for (std::size_t tries = 0; tries < group.round.size(); ++tries) {
    const auto fullest = std::max_element(group.round.begin(), group.round.end(), [](const auto& a, const auto& b) {
      return a.capacity < b.capacity;
    });
    const auto zone = static_cast<std::size_t>(fullest - group.round.begin());
    const Place* most = nullptr;
    for (std::size_t type = 0; type < group.config.instance_types.size(); ++type) {
      const Place& place = group.places[group.place_of({.zone = zone, .type = type, .purchase = purchase})];
      if (place.oldest == auto_scaling::no_member || group.weight_of(type) > units) continue;
      if (most == nullptr || place.instances > most->instances) most = &place;
    }
    if (most != nullptr) {
      const InstanceId instance{most->oldest};
      const std::int64_t ended = remove(group, instance);
      capacity.terminate(id, instance);
      return ended;
    }
    fullest->capacity = -1;
  }
  return 0;
}

std::int64_t AutoScaling::State::terminate_to_desired(GroupId id) {
  Group& group = groups[id.index];
  std::int64_t instances = 0;
  // An instance that counts more than the excess stays: without it the group would be short.
  for (std::int64_t excess = group.present - group.desired; excess > 0;) {
    // Of a mixed group the option that is furthest above its share goes first, to restore the division.
    const std::int64_t total = group.present - 1;
    std::size_t first = 0;
    for (std::size_t purchase = 1; purchase < group.config.purchases.size(); ++purchase) {
      if (bought(group, purchase) - wanted(group, purchase, total) > bought(group, first) - wanted(group, first, total)) {
        first = purchase;
      }
    }
    std::int64_t ended = terminate_one(id, first, excess);
    for (std::size_t other = 0; ended == 0 && other < group.config.purchases.size(); ++other) {
      if (other != first) ended = terminate_one(id, other, excess);
    }
    if (ended == 0) break;
    ++instances;
    excess -= ended;
  }
  return instances;
}

}  // namespace fleetsim
