#include "fleetsim/models/auto_scaling.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "models/auto_scaling/policy.hpp"

namespace fleetsim {

namespace {

struct Counters {
  std::uint64_t scale_outs = 0;         // actions that raised desired
  std::uint64_t scale_ins = 0;
  std::uint64_t launches = 0;
  std::uint64_t launch_failures = 0;    // attempts at a zone and type that gave nothing
  std::optional<Time> first_scale_out;
  std::optional<Time> back_to_min;      // when a scale-in last brought desired down to min
};

/// A zone during one round of launches or terminations.
struct ZoneRound {
  std::int64_t capacity = 0;            // units
  std::uint64_t types_tried = 0;        // bit t: type t gave nothing in this round
  bool exhausted = false;               // no type is left to try
};

/// What one round of launches came to.
struct RoundResult {
  bool reached = true;                  // desired; false if some launch failed
  std::int64_t launched = 0;
};

struct Group {
  std::string fleet;
  GroupConfig config;
  AlarmState high;
  AlarmState low;
  Stream retry_stream;
  Stream failure_stream;
  std::int64_t desired = 0;
  int failed_rounds = 0;                // in a row, without a single launch
  EventHandle next_round;               // of launches: a retry, or the replacement of what was lost
  Counters counters;
  std::vector<ZoneRound> round;         // scratch, by zone
};

}  // namespace

struct AutoScaling::State {
  Simulation& sim;
  GroupCapacity& capacity;
  std::vector<Group> groups;
  Time measured_from;

  /// Of `total` units of the group, those to be bought by that option.
  static std::int64_t wanted(const Group& group, std::size_t purchase, std::int64_t total);
  std::int64_t present(GroupId id, std::size_t purchase) const;
  void set_desired(GroupId id, std::int64_t desired);
  void begin_round(GroupId id);
  std::int64_t try_launch(GroupId id, LaunchOption option, bool in_service);
  std::int64_t launch_one(GroupId id, std::size_t purchase, bool in_service);
  RoundResult launch_to_desired(GroupId id, bool in_service);
  std::int64_t terminate_one(GroupId id, std::size_t purchase, std::int64_t units);
  void terminate_to_desired(GroupId id);
};

std::int64_t AutoScaling::State::wanted(const Group& group, std::size_t purchase, std::int64_t total) {
  const GroupConfig& config = group.config;
  if (config.purchases.size() == 1) return total;
  const std::int64_t on_demand = auto_scaling::on_demand_count(config.mix, total);
  return config.purchases[purchase] == Purchase::spot ? total - on_demand : on_demand;
}

std::int64_t AutoScaling::State::present(GroupId id, std::size_t purchase) const {
  const Group& group = groups[id.index];
  if (group.config.purchases.size() == 1) return capacity.capacity(id);
  std::int64_t sum = 0;
  for (std::size_t zone = 0; zone < group.config.zones.size(); ++zone) sum += capacity.capacity(id, zone, purchase);
  return sum;
}

void AutoScaling::State::begin_round(GroupId id) {
  Group& group = groups[id.index];
  for (std::size_t zone = 0; zone < group.round.size(); ++zone) {
    group.round[zone] = {};
    for (std::size_t purchase = 0; purchase < group.config.purchases.size(); ++purchase) {
      group.round[zone].capacity += capacity.capacity(id, zone, purchase);
    }
  }
}

void AutoScaling::State::set_desired(GroupId id, std::int64_t desired) {
  Group& group = groups[id.index];
  Counters& counters = group.counters;
  if (desired > group.desired) {
    ++counters.scale_outs;
    if (!counters.first_scale_out) counters.first_scale_out = sim.now();
    counters.back_to_min.reset();
  }
  group.desired = desired;
}

std::int64_t AutoScaling::State::try_launch(GroupId id, LaunchOption option, bool in_service) {
  Group& group = groups[id.index];
  const double failure = group.config.launch_failure.value;
  if (failure > 0 && group.failure_stream.chance(failure)) return 0;
  return in_service ? capacity.launch_in_service(id, option) : capacity.launch(id, option);
}

/// Launches one instance in the emptiest zone that has capacity, of the type that the strategy takes there. Returns the
/// units that it counts, 0 if there is none to be had.
std::int64_t AutoScaling::State::launch_one(GroupId id, std::size_t purchase, bool in_service) {
  Group& group = groups[id.index];
  for (;;) {
    ZoneRound* zone = nullptr;
    for (ZoneRound& candidate : group.round) {
      if (candidate.exhausted) continue;
      if (zone == nullptr || candidate.capacity < zone->capacity) zone = &candidate;
    }
    if (zone == nullptr) return 0;
    const auto index = static_cast<std::size_t>(zone - group.round.data());
    const std::optional<std::size_t> type = capacity.choose_type(id, index, purchase, zone->types_tried);
    if (!type) {
      zone->exhausted = true;
      continue;
    }
    const std::int64_t units = try_launch(id, {.zone = index, .type = *type, .purchase = purchase}, in_service);
    if (units > 0) {
      zone->capacity += units;
      ++group.counters.launches;
      return units;
    }
    zone->types_tried |= std::uint64_t{1} << *type;
    ++group.counters.launch_failures;
  }
}

RoundResult AutoScaling::State::launch_to_desired(GroupId id, bool in_service) {
  Group& group = groups[id.index];
  RoundResult result;
  for (std::size_t purchase = 0; purchase < group.config.purchases.size(); ++purchase) {
    // In a mixed group one option may be above its share while the other is short: together they stop at desired.
    std::int64_t missing = std::min(wanted(group, purchase, group.desired) - present(id, purchase),
                                    group.desired - capacity.capacity(id));
    if (missing <= 0) continue;
    begin_round(id);
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

/// Ends one instance that counts at most `units`, in the zone with the most that has one to end; those under notice end
/// by themselves. Returns the units that it counted, 0 if there is none.
std::int64_t AutoScaling::State::terminate_one(GroupId id, std::size_t purchase, std::int64_t units) {
  Group& group = groups[id.index];
  begin_round(id);
  for (std::size_t tries = 0; tries < group.round.size(); ++tries) {
    const auto fullest = std::max_element(group.round.begin(), group.round.end(), [](const auto& a, const auto& b) {
      return a.capacity < b.capacity;
    });
    const auto zone = static_cast<std::size_t>(fullest - group.round.begin());
    if (const std::int64_t ended = capacity.terminate_oldest(id, zone, purchase, units); ended > 0) return ended;
    fullest->capacity = -1;
  }
  return 0;
}

void AutoScaling::State::terminate_to_desired(GroupId id) {
  Group& group = groups[id.index];
  // An instance that counts more than the excess stays: without it the group would be short.
  for (std::int64_t excess = capacity.capacity(id) - group.desired; excess > 0;) {
    // Of a mixed group the option that is furthest above its share goes first, to restore the division.
    const std::int64_t total = capacity.capacity(id) - 1;
    std::size_t first = 0;
    for (std::size_t purchase = 1; purchase < group.config.purchases.size(); ++purchase) {
      if (present(id, purchase) - wanted(group, purchase, total) > present(id, first) - wanted(group, first, total)) {
        first = purchase;
      }
    }
    std::int64_t ended = terminate_one(id, first, excess);
    for (std::size_t other = 0; ended == 0 && other < group.config.purchases.size(); ++other) {
      if (other != first) ended = terminate_one(id, other, excess);
    }
    if (ended == 0) return;
    excess -= ended;
  }
}

AutoScaling::AutoScaling(Simulation& sim, GroupCapacity& capacity)
    : EventHandler(sim), state_(new State{.sim = sim, .capacity = capacity, .groups = {}, .measured_from = {}}) {}

AutoScaling::~AutoScaling() = default;

GroupId AutoScaling::add_group(std::string fleet, GroupConfig config) {
  State& s = *state_;
  invariant(config.min >= 0 && config.min <= config.max, "a group's minimum does not exceed its maximum");
  invariant(config.purchases.size() == 1 || config.purchases.size() == 2, "a group buys one way or two");
  invariant(!config.zones.empty() && !config.instance_types.empty() && config.instance_types.size() < 64,
            "a group has zones and between 1 and 63 instance types");
  invariant(auto_scaling::steps_are_ordered(config.scale_out_steps), "steps begin at 0 and rise");
  const std::string prefix = "auto_scaling/" + fleet + "/" + config.name;
  Group group{.fleet = std::move(fleet),
              .config = std::move(config),
              .high = AlarmState{config.scale_out_alarm},
              .low = AlarmState{config.scale_in_alarm},
              .retry_stream = s.sim.stream(prefix + "/retry"),
              .failure_stream = s.sim.stream(prefix + "/launch_failure"),
              .next_round = {},
              .counters = {},
              .round = {}};
  group.round.resize(group.config.zones.size());
  s.groups.push_back(std::move(group));
  return {static_cast<std::uint32_t>(s.groups.size() - 1)};
}

void AutoScaling::start() {
  State& s = *state_;
  for (std::uint32_t g = 0; g < s.groups.size(); ++g) {
    Group& group = s.groups[g];
    group.desired = group.config.initial.value_or(group.config.min);
    launch_round({g}, true);
  }
}

/// Launches what is missing as far as it can be had. If something stays missing, the next round is on its way.
void AutoScaling::launch_round(GroupId id, bool in_service) {
  State& s = *state_;
  const RoundResult round = s.launch_to_desired(id, in_service);
  Group& group = s.groups[id.index];
  if (round.reached || round.launched > 0) group.failed_rounds = 0;
  if (round.reached) {
    s.sim.cancel(group.next_round);
    return;
  }
  if (s.sim.pending(group.next_round)) return;
  const Duration wait = auto_scaling::retry_wait(group.config.launch_retry, group.failed_rounds, group.retry_stream);
  ++group.failed_rounds;
  group.next_round = s.sim.schedule(*this, wait, LaunchRoundDue{id});
}

void AutoScaling::on(const LaunchRoundDue& event) { launch_round(event.group, false); }

void AutoScaling::metric_published(GroupId id, std::optional<double> percent) {
  if (!percent) return;  // no value, no news: the alarms stay as they are
  State& s = *state_;
  Group& group = s.groups[id.index];
  const GroupConfig& config = group.config;
  const bool high = group.high.add(auto_scaling::is_high(config, *percent));
  const bool low = group.low.add(auto_scaling::is_low(config, *percent));
  const std::int64_t present = s.capacity.capacity(id);
  const std::int64_t warming = s.capacity.warming(id);

  // What could not be launched before is not owed: the metric of this period says what is wanted now.
  if (!config.maintain_desired) s.set_desired(id, std::clamp(present, config.min, group.desired));
  if (high) {
    // What warms up counts toward the step, so the same step again adds nothing.
    const std::int64_t wanted =
        std::min(config.max, present - warming + auto_scaling::scale_out_count(config, *percent));
    // What is owed since an earlier round waits for its retry.
    if (wanted > group.desired) {
      s.set_desired(id, wanted);
      launch_round(id, false);
    }
    return;
  }
  if (low && warming == 0 && group.desired > config.min) {
    ++group.counters.scale_ins;
    s.set_desired(id, std::max(config.min, group.desired - config.scale_in_count));
    if (group.desired == config.min) group.counters.back_to_min = s.sim.now();
    s.terminate_to_desired(id);
  }
}

void AutoScaling::instance_interrupted(GroupId id, std::int64_t units) {
  State& s = *state_;
  Group& group = s.groups[id.index];
  if (!group.config.maintain_desired) s.set_desired(id, std::max(group.config.min, group.desired - units));
  if (s.capacity.capacity(id) < group.desired && !s.sim.pending(group.next_round)) {
    group.next_round = s.sim.schedule(*this, group.config.replacement_delay, LaunchRoundDue{id});
  }
}

std::int64_t AutoScaling::desired(GroupId group) const { return state_->groups[group.index].desired; }

void AutoScaling::begin_measurement() {
  state_->measured_from = state_->sim.now();
  for (Group& group : state_->groups) group.counters = {};
}

void AutoScaling::report(MetricSink& sink) const {
  const State& s = *state_;
  const auto since = [&](std::optional<Time> t) {
    return t ? std::optional(to_seconds(*t - s.measured_from)) : std::nullopt;
  };
  for (const Group& group : s.groups) {
    const std::string prefix = "fleet." + group.fleet + ".group." + group.config.name + ".";
    const Counters& c = group.counters;
    sink.add(prefix + "scale_outs", "1", static_cast<double>(c.scale_outs));
    sink.add(prefix + "scale_ins", "1", static_cast<double>(c.scale_ins));
    sink.add(prefix + "launches", "1", static_cast<double>(c.launches));
    sink.add(prefix + "launch_failures", "1", static_cast<double>(c.launch_failures));
    sink.add(prefix + "first_scale_out", "s", since(c.first_scale_out));
    sink.add(prefix + "back_to_min", "s", since(c.back_to_min));
  }
}

}  // namespace fleetsim
