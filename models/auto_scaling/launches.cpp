// Rounds of launches: how many by which purchase option, in which zone, and when the next round comes.

#include <algorithm>

#include "models/auto_scaling/choices.hpp"
#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Group;
using auto_scaling::RoundResult;
using auto_scaling::ZoneRound;

std::int64_t AutoScaling::State::wanted(const Group& group, std::size_t purchase, std::int64_t total) {
  if (group.habits.purchases == 1) return total;
  const GroupConfig& config = group.config;
  const std::int64_t on_demand = auto_scaling::on_demand_count(config.mix, total);
  return config.purchases[purchase] == Purchase::spot ? total - on_demand : on_demand;
}

std::int64_t AutoScaling::State::bought(const Group& group, std::size_t purchase) {
  const std::size_t purchases = group.habits.purchases;
  if (purchases == 1) return group.present;
  std::int64_t sum = 0;
  for (std::size_t zone = 0; zone < group.round.size(); ++zone) sum += group.zone_units[zone * purchases + purchase];
  return sum;
}

void AutoScaling::State::begin_round(Group& group) {
  const std::size_t purchases = group.habits.purchases;
  for (std::size_t zone = 0; zone < group.round.size(); ++zone) {
    group.round[zone] = {};
    for (std::size_t p = 0; p < purchases; ++p) group.round[zone].capacity += group.zone_units[zone * purchases + p];
  }
}

std::int64_t AutoScaling::State::admit(GroupId id, InstanceId instance, const LaunchOption& option, bool in_service) {
  Group& group = groups[id.index];
  const std::size_t place = group.place_of(option);
  auto_scaling::MemberTable& members = members_of(group);
  auto_scaling::Member& member = members.add(instance, id.index, static_cast<std::uint32_t>(place), sim.now());
  member.version = group.version;
  member.in_service = member.began_warm = in_service;
  members.list(instance.index, group.places[place]);
  count_in(group, instance);
  if (in_service) {
    if (group.habits.scale_in_protection) {
      member.is_protected = true;
      members.unlist(instance.index, group.places[place]);
    }
    begin_health(id, instance);
  }
  return group.places[place].weight;
}

std::int64_t AutoScaling::State::try_launch(GroupId id, const LaunchOption& option, bool in_service) {
  Group& group = groups[id.index];
  if (group.suspended) return 0;
  const double failure = group.habits.launch_failure;
  if (failure > 0 && group.failure_stream.chance(failure)) return 0;
  const Maybe<InstanceId> instance =
      in_service ? capacity.launch_in_service(id, option) : capacity.launch(id, option);
  return instance ? admit(id, *instance, option, in_service) : 0;
}

/// Launches one instance in the zone that the group's distribution names, out of the warm pool or of the type that the
/// strategy takes there. Returns the units that it counts, 0 if there is none to be had.
std::int64_t AutoScaling::State::launch_one(GroupId id, std::size_t purchase, bool in_service) {
  Group& group = groups[id.index];
  for (;;) {
    const Maybe<std::size_t> zone = choose_zone(group);
    if (!zone) return 0;
    ZoneRound& round = group.round[*zone];
    if (!group.pool.empty() && !in_service) {
      if (const Maybe<InstanceId> warm = take_from_pool(id, *zone)) {
        const std::int64_t units = units_of(group, members_of(group)[*warm]);
        round.capacity += units;
        ++group.counters.launches;
        return units;
      }
    }
    const Maybe<std::size_t> type = capacity.choose_type(id, *zone, purchase, round.types_tried);
    if (!type) {
      round.exhausted = true;
      continue;
    }
    const std::int64_t units = try_launch(id, {.zone = *zone, .type = *type, .purchase = purchase}, in_service);
    if (units > 0) {
      round.capacity += units;
      ++group.counters.launches;
      return units;
    }
    round.types_tried |= std::uint64_t{1} << *type;
    ++group.counters.launch_failures;
  }
}

RoundResult AutoScaling::State::launch_to_desired(GroupId id, bool in_service) {
  Group& group = groups[id.index];
  RoundResult result;
  for (std::size_t purchase = 0; purchase < group.habits.purchases; ++purchase) {
    // In a mixed group one option may be above its share while the other is short: together they stop at desired.
    std::int64_t missing = std::min(wanted(group, purchase, group.desired) - bought(group, purchase),
                                    group.desired - group.present);
    if (missing <= 0) continue;
    begin_round(group);
    capacity.round_began(id, purchase, missing);
    while (missing > 0) {
      const std::int64_t units = launch_one(id, purchase, in_service);
      if (units == 0) break;
      missing -= units;
      ++result.launched;
    }
    if (missing > 0) result.reached = false;
  }
  return result;
}

void AutoScaling::State::retry_later(GroupId id) {
  Group& group = groups[id.index];
  if (sim.pending(group.next_round) || group.suspended) return;
  if (group.failed_rounds == 0) group.failing_since = sim.now();
  const std::optional<Duration>& suspend_after = group.config.launch_retry.suspend_after;
  if (suspend_after && group.failed_rounds > 0 && sim.now() - group.failing_since >= *suspend_after) {
    group.suspended = true;
    note(id, {.cause = ActivityCause::shortage, .from = group.desired, .to = group.desired, .detail = "suspended"});
    return;
  }
  const Duration wait = auto_scaling::retry_wait(group.config.launch_retry, group.failed_rounds, group.retry_stream);
  ++group.failed_rounds;
  group.next_round = sim.schedule(self, wait, LaunchRoundDue{id});
}

RoundResult AutoScaling::State::launch_round(GroupId id, bool in_service) {
  Group& group = groups[id.index];
  if (group.suspended) return {.reached = group.present >= group.desired, .launched = 0};
  const RoundResult round = launch_to_desired(id, in_service);
  // Where hooks decide whether a launch succeeds, only one that came into service ends the waits.
  if ((round.reached || round.launched > 0) && !group.habits.hooks) group.failed_rounds = 0;
  if (round.reached) sim.cancel(group.next_round);
  else retry_later(id);
  if (round.launched > 0) {
    if (group.habits.zone_rebalancing) check_zone_balance(id);
    if (group.habits.lifetimes) schedule_lifetimes(id);
  }
  if (group.habits.warm_pool) fill_pool(id);
  return round;
}

}  // namespace fleetsim
