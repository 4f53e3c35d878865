#include "fleetsim/models/auto_scaling.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "models/auto_scaling/policies/policies.hpp"
#include "models/auto_scaling/state.hpp"

namespace fleetsim {

using auto_scaling::Alarm;
using auto_scaling::Cooldown;
using auto_scaling::Counters;
using auto_scaling::Group;

namespace {
constexpr Duration basic_monitoring_period = 300_s;
bool of_ec2(GroupMetric metric) {
  return metric == GroupMetric::cpu || metric == GroupMetric::network_in || metric == GroupMetric::network_out;
}
}  // namespace

auto_scaling::Habits::Habits(const GroupConfig& config)
    : hooks(!config.hooks.empty()),
      warm_pool(config.warm_pool.has_value()),
      zone_rebalancing(config.zone_rebalancing.has_value() && config.zones.size() > 1),
      lifetimes(config.max_instance_lifetime.has_value()),
      scale_in_protection(config.scale_in_protection),
      maintain_desired(config.maintain_desired),
      failures(!config.failures.empty()),
      purchases(static_cast<std::uint32_t>(config.purchases.size())),
      launch_failure(config.launch_failure.value) {}

Group::Group(Simulation& sim, std::string of_fleet, std::size_t members, GroupConfig group)
    : fleet(std::move(of_fleet)),
      config(std::move(group)),
      table(members),
      habits(config),
      version_failures{nullptr},
      retry_stream(sim.stream("auto_scaling/" + fleet + "/" + config.name + "/retry")),
      failure_stream(sim.stream("auto_scaling/" + fleet + "/" + config.name + "/launch_failure")),
      failures_stream(sim.stream("auto_scaling/" + fleet + "/" + config.name + "/failures")),
      hooks_stream(sim.stream("auto_scaling/" + fleet + "/" + config.name + "/hooks")),
      choice_stream(sim.stream("auto_scaling/" + fleet + "/" + config.name + "/terminations")) {
  const auto periods = [&](Duration length) { return static_cast<int>(length.count() / config.metric_period.count()); };
  const auto add_alarm = [&](const AlarmConfig& alarm) {
    const bool sparse = !config.detailed_monitoring && of_ec2(alarm.metric);
    const Duration data = sparse ? basic_monitoring_period : config.metric_period;
    const Duration length = alarm.period_length > Duration{} ? alarm.period_length : data;
    invariant(length.count() % config.metric_period.count() == 0, "an alarm's period is some of its fleet's metric");
    alarms.emplace_back(alarm, periods(length), periods(data));
  };
  for (const ScalingPolicyPtr& policy : config.policies) {
    policies.emplace_back(*policy, alarms.size());
    for (const AlarmConfig& alarm : policy->alarms()) add_alarm(alarm);
    if (const std::optional<ForecastRule> rule = policy->forecast()) {
      forecasts.push_back({.rule = *rule, .history = LoadHistory(rule->history_hours)});
    }
  }
  for (const InstanceRefreshConfig& of_refresh : config.refreshes) {
    refresh_alarms.push_back({.first = alarms.size(), .end = alarms.size() + of_refresh.alarms.size()});
    for (const AlarmConfig& alarm : of_refresh.alarms) add_alarm(alarm);
  }
  plain_alarms = forecasts.empty() && std::all_of(alarms.begin(), alarms.end(), [](const Alarm& alarm) {
    return alarm.takes_each && alarm.config.metric == GroupMetric::composite;
  });
  gaps_are_none = std::all_of(alarms.begin(), alarms.end(), [](const Alarm& alarm) {
    return alarm.config.missing == MissingData::no_period;
  });
  min = config.min;
  max = config.max;
  readings.resize(alarms.size());
  round.resize(config.zones.size());
  zone_units.resize(config.zones.size() * config.purchases.size());
  places.resize(zone_units.size() * config.instance_types.size());
  for (std::size_t place = 0; place < places.size(); ++place) {
    const LaunchOption option = option_of(place);
    places[place].weight = weight_of(option.type);
    places[place].division = option.zone * config.purchases.size() + option.purchase;
  }
  pool_by_zone.resize(config.zones.size());
}

AutoScaling::AutoScaling(Simulation& sim, GroupCapacity& capacity, config::UtcTime run_start)
    : EventHandler(sim), state_(std::make_unique<State>(*this, sim, capacity, run_start)) {}

AutoScaling::~AutoScaling() = default;

GroupId AutoScaling::add_group(std::string fleet, GroupConfig config) {
  State& s = *state_;
  invariant(config.min >= 0 && config.min <= config.max, "a group's minimum does not exceed its maximum");
  invariant(config.purchases.size() == 1 || config.purchases.size() == 2, "a group buys one way or two");
  invariant(!config.zones.empty() && !config.instance_types.empty() && config.instance_types.size() < 64,
            "a group has zones and between 1 and 63 instance types");
  if (config.composite && config.policies.empty()) config.policies.push_back(auto_scaling::composite_policy(*config.composite));
  const auto known = std::find(s.fleets.begin(), s.fleets.end(), fleet);
  const auto table = static_cast<std::size_t>(known - s.fleets.begin());
  if (known == s.fleets.end()) {
    s.fleets.push_back(fleet);
    s.tables.emplace_back();
  }
  s.groups.emplace_back(s.sim, std::move(fleet), table, std::move(config));
  s.steady.emplace_back();
  return {static_cast<std::uint32_t>(s.groups.size() - 1)};
}

void AutoScaling::start() {
  State& s = *state_;
  for (std::uint32_t g = 0; g < s.groups.size(); ++g) {
    Group& group = s.groups[g];
    group.desired = group.config.initial.value_or(group.config.min);
    s.launch_round({g}, true);
    s.start_calendar({g});
  }
}

void AutoScaling::State::set_desired(Group& group, std::int64_t desired) {
  Counters& counters = group.counters;
  if (desired > group.desired) {
    ++counters.scale_outs;
    if (!counters.first_scale_out) counters.first_scale_out = sim.now();
    counters.back_to_min.reset();
  }
  group.desired = desired;
}

void AutoScaling::State::change_desired(GroupId id, std::int64_t desired, const Activity& why) {
  Group& group = groups[id.index];
  const std::int64_t before = group.desired;
  std::int64_t ended = 0;
  auto_scaling::RoundResult round;
  const bool shrinks = desired < group.desired;
  if (shrinks) ++group.counters.scale_ins;
  set_desired(group, desired);
  if (shrinks && group.desired == group.min) group.counters.back_to_min = sim.now();
  if (shrinks) {
    ended = terminate_to_desired(id);
  } else {
    // What is owed since an earlier round is tried at once together with what is new.
    round = launch_round(id);
  }
  if (!log.keeps()) return;
  Activity done = why;
  done.from = before;
  done.to = group.desired;
  if (shrinks) done.ended = ended;
  else done.launched = round.launched, done.failed = !round.reached;
  keep(id, done);
}

void AutoScaling::State::keep(GroupId id, const Activity& activity) {
  Activity noted = activity;
  noted.at = sim.now();
  noted.group = id;
  log.add(noted);
}

void AutoScaling::State::check_cooldown(Group& group) {
  Cooldown& cooldown = group.cooldown;
  if (!cooldown.activity_runs || group.pending > 0) return;
  cooldown.activity_runs = false;
  cooldown.until = std::max(sim.now(), group.all_ended) + cooldown.length;
}

void AutoScaling::on(const LaunchRoundDue& event) {
  State& s = *state_;
  const Group& group = s.groups[event.group.index];
  const auto_scaling::RoundResult round = s.launch_round(event.group);
  if (group.suspended) return;  // and told
  s.note(event.group, {.cause = ActivityCause::shortage, .from = group.desired, .to = group.desired,
                       .launched = round.launched, .failed = !round.reached});
}

void AutoScaling::metric_published(GroupId id, const std::optional<GroupMetrics>& metrics) {
  State& s = *state_;
  const bool is_steady = s.steady[id.index].contains(metrics);
  if (is_steady && s.is_idle(id)) return;
  s.look_at(id, metrics, is_steady);
}

void AutoScaling::composite_published(GroupId id, double composite, double units) {
  State& s = *state_;
  const bool is_steady = s.steady[id.index].contains(composite);
  if (is_steady && s.is_idle(id)) return;
  GroupMetrics metrics;
  metrics.values.fill(std::numeric_limits<double>::quiet_NaN());
  metrics.units = units;
  metrics[GroupMetric::composite] = composite;
  s.look_at(id, metrics, is_steady);
}

void AutoScaling::keep_activities(std::size_t limit) { state_->log = ActivityLog(limit); }
const ActivityLog& AutoScaling::activities() const { return state_->log; }

std::int64_t AutoScaling::desired(GroupId group) const { return state_->groups[group.index].desired; }
std::int64_t AutoScaling::present(GroupId group) const { return state_->groups[group.index].present; }

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
    if (group.config.warm_pool) sink.add(prefix + "warm_starts", "1", static_cast<double>(c.warm_starts));
    const bool fails = !group.config.failures.empty() || !group.config.refreshes.empty();
    if (fails) sink.add(prefix + "instance_failures", "1", static_cast<double>(c.failures));
    if (fails || group.config.max_instance_lifetime || group.config.health.elb) {
      sink.add(prefix + "instances_replaced", "1", static_cast<double>(c.replaced));
    }
    if (!group.config.refreshes.empty()) {
      sink.add(prefix + "refreshes_done", "1", static_cast<double>(c.refreshes_done));
      sink.add(prefix + "refreshes_failed", "1", static_cast<double>(c.refreshes_failed));
    }
    sink.add(prefix + "first_scale_out", "s", since(c.first_scale_out));
    sink.add(prefix + "back_to_min", "s", since(c.back_to_min));
  }
}

}  // namespace fleetsim
