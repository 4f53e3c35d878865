// Which zone the next instance goes to, and moving instances to where there are too few.

#include <algorithm>

#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::ZoneRound;

Maybe<std::size_t> AutoScaling::State::choose_zone(const Group& group) const {
  if (group.round.size() == 1) return group.round.front().exhausted ? std::nullopt : Maybe<std::size_t>(0);
  const auto emptier = [&](std::size_t zone, Maybe<std::size_t> than) {
    return !than || group.round[zone].capacity < group.round[*than].capacity;
  };
  Maybe<std::size_t> emptiest, reserved;
  for (std::size_t zone = 0; zone < group.round.size(); ++zone) {
    if (group.round[zone].exhausted) continue;
    if (emptier(zone, emptiest)) emptiest = zone;
    if (group.config.zone_distribution != ZoneDistribution::reservations_then_balanced) continue;
    if (group.round[zone].capacity < group.config.zone_reservations[zone] && emptier(zone, reserved)) reserved = zone;
  }
  if (reserved) return reserved;
  if (!emptiest || group.config.zone_distribution != ZoneDistribution::balanced_only) return emptiest;
  // Rather short than unbalanced: no zone stands in for an emptier one that has no capacity.
  const bool all_fuller = std::any_of(group.round.begin(), group.round.end(), [&](const ZoneRound& zone) {
    return zone.exhausted && zone.capacity < group.round[*emptiest].capacity;
  });
  return all_fuller ? std::nullopt : emptiest;
}

namespace {
struct Extremes {
  std::size_t emptiest = 0, fullest = 0;
  std::int64_t gap = 0;   // units
};
Extremes extremes_of(const Group& group) {
  Extremes found;
  for (std::size_t zone = 1; zone < group.round.size(); ++zone) {
    if (group.round[zone].capacity < group.round[found.emptiest].capacity) found.emptiest = zone;
    if (group.round[zone].capacity > group.round[found.fullest].capacity) found.fullest = zone;
  }
  found.gap = group.round[found.fullest].capacity - group.round[found.emptiest].capacity;
  return found;
}
std::int64_t largest_weight(const GroupConfig& config) {
  return config.weights.empty() ? 1 : *std::max_element(config.weights.begin(), config.weights.end());
}
}  // namespace

void AutoScaling::State::check_zone_balance(GroupId id) {
  Group& group = groups[id.index];
  if (!group.config.zone_rebalancing || group.config.zones.size() == 1 || sim.pending(group.zone_balance)) return;
  begin_round(group);
  if (extremes_of(group).gap < 2 * largest_weight(group.config)) return;
  group.zone_balance = sim.schedule(self, std::max(*group.config.zone_rebalancing, 1_ns), ZoneBalanceDue{id});
}

void AutoScaling::on(const ZoneBalanceDue& event) {
  State& s = *state_;
  const GroupId id = event.group;
  Group& group = s.groups[id.index];
  Activity why{.cause = ActivityCause::zone_balance, .from = group.desired, .to = group.desired};
  const std::int64_t limit = s.tenth(group.max);
  while (group.doomed_units < limit) {
    s.begin_round(group);
    const Extremes zones = extremes_of(group);
    if (zones.gap < 2 * largest_weight(group.config)) break;
    // Of a mixed group the option moves that has more in the fullest zone.
    const std::size_t purchases = group.config.purchases.size();
    std::size_t purchase = 0;
    for (std::size_t p = 1; p < purchases; ++p) {
      if (group.zone_units[zones.fullest * purchases + p] > group.zone_units[zones.fullest * purchases + purchase]) purchase = p;
    }
    const Maybe<InstanceId> moves = s.choose_to_end(id, {&zones.fullest, 1}, purchase, group.desired);
    if (!moves) break;
    // The new one first: where there is none, nothing changes.
    s.capacity.round_began(id, purchase, 1);
    const Maybe<std::size_t> type = s.capacity.choose_type(id, zones.emptiest, purchase, 0);
    if (!type || s.try_launch(id, {.zone = zones.emptiest, .type = *type, .purchase = purchase}, false) == 0) {
      ++group.counters.launch_failures;
      why.failed = true;
      break;
    }
    ++group.counters.launches;
    ++why.launched;
    s.doom(id, *moves, ActivityCause::zone_balance);
  }
  if (why.launched > 0 || why.failed) s.note(id, why);
  s.check_zone_balance(id);
}

}  // namespace fleetsim
