#pragma once
/// Everything of the groups that changes during a run. The parts of its behaviour are in files of their own: alarms,
/// launches, terminations.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/auto_scaling/forecast.hpp"
#include "models/auto_scaling/members.hpp"

namespace fleetsim::auto_scaling {

struct Counters {
  std::uint64_t scale_outs = 0;         // actions that raised desired
  std::uint64_t scale_ins = 0;
  std::uint64_t launches = 0;
  std::uint64_t warm_starts = 0;        // launches out of the warm pool
  std::uint64_t launch_failures = 0;    // attempts at a zone and type that gave nothing
  std::uint64_t failures = 0;           // of instances in service
  std::uint64_t replaced = 0;           // for their health or age
  std::uint64_t refreshes_done = 0, refreshes_failed = 0;
  std::optional<Time> first_scale_out;
  std::optional<Time> back_to_min;      // when a scale-in last brought desired down to min
};

/// The mean of what was added, for a number of periods at a time.
class PeriodMean {
 public:
  explicit PeriodMean(int periods = 1) : periods_(periods) {}
  /// Adds a period; true if it is the last one of the mean, which then is in `mean`, empty without any value.
  bool add(std::optional<double> value, std::optional<double>& mean) {
    if (value) {
      sum_ += *value;
      ++values_;
    }
    if (++added_ < periods_) return false;
    mean.reset();
    if (values_ > 0) mean = values_ == 1 ? sum_ : sum_ / values_;
    added_ = values_ = 0;
    sum_ = 0;
    return true;
  }

 private:
  int periods_;
  int added_ = 0;
  int values_ = 0;
  double sum_ = 0;
};

/// An alarm of a policy and the period that it is in.
struct Alarm {
  /// `data_periods` of the fleet's metric pass between two values of the alarm's.
  Alarm(const AlarmConfig& alarm, int alarm_periods, int data_periods)
      : config(alarm), window(alarm.rule, alarm.missing), data(data_periods), period(alarm_periods),
        data_units(data_periods), period_units(alarm_periods), sparse(data_periods > 1),
        takes_each(data_periods == 1 && alarm_periods == 1),
        // A window whose periods without a value are none has no gaps, and without gaps reads none beyond its N.
        settles_after(alarm.rule.periods + (alarm.missing == MissingData::no_period ? 0 : 2)) {}

  /// The value of one more period breaches or does not, if it has one; returns the state after it.
  AlarmState add(std::optional<bool> breaching) {
    if (breaching != latest) {
      latest = breaching;
      alike = 0;
    }
    if (is_settled()) return window.state();
    ++alike;
    return window.add(breaching);
  }
  /// Whether all periods that it reads are alike, so that one more of the kind changes nothing.
  bool is_settled() const { return alike >= settles_after; }
  /// Adds a period of the fleet's metric; true if it closes one of the alarm's, whose value and units replace these.
  bool close(std::optional<double>& value, std::optional<double>& units) {
    if (sparse) {
      data_units.add(units, units);
      if (!data.add(value, value)) value = units = std::nullopt;
    }
    period_units.add(units, units);
    return period.add(value, value);
  }

  AlarmConfig config;
  AlarmWindow window;
  PeriodMean data;
  PeriodMean period;
  PeriodMean data_units;
  PeriodMean period_units;
  bool sparse;
  bool takes_each;   // every period of the fleet's metric is one of its own
  int settles_after; // periods that are alike
  std::optional<bool> latest;  // value of the period that was added last
  int alike = 0;     // periods in a row that were as the latest
};

/// The periods that change no alarm of a group. Most periods are of this kind, so they are known by two comparisons.
struct SteadyPeriods {
  double above = 0, below = 0;          // values of the composite metric in between; none at first
  bool without_value = false;           // and those without any, which ask no policy
  bool raised = false;                  // some alarm is, so that policies are asked in each
  bool idle = false;                    // nothing at all follows from one of them
  bool idle_at_min = false;             // nor, while the group has its least size
  bool contains(const std::optional<GroupMetrics>& metrics) const {
    return metrics ? contains((*metrics)[GroupMetric::composite]) : without_value;
  }
  bool contains(double composite) const { return composite > above && composite < below; }
};

/// What a period of the metrics came to.
struct PeriodNews {
  bool raised = false;                  // some alarm is raised
  bool asks = false;                    // by a period that closed, so that policies are asked
  // Told of plain alarms only:
  bool settled = false;                 // no alarm changes by one more period of the kind
  bool only_shrinks = false;            // all that are raised
};

/// A policy, where its alarms begin among those of its group, and what it says of itself.
struct PolicySlot {
  PolicySlot(const ScalingPolicy& of, std::size_t first)
      : policy(&of), first_alarm(first), alarms(of.alarms().size()), waits_for_cooldown(of.waits_for_cooldown()),
        shrinks_jointly(of.shrinks_jointly()), instance_warmup(of.instance_warmup()) {}

  const ScalingPolicy* policy;
  std::size_t first_alarm;
  std::size_t alarms;
  bool waits_for_cooldown;
  bool shrinks_jointly;
  std::optional<Duration> instance_warmup;
};

/// Alarms of a refresh among those of its group.
struct RefreshAlarms {
  std::size_t first = 0, end = 0;
};

/// What a group knows for a predictive policy.
struct Forecasting {
  ForecastRule rule;
  LoadHistory history;
  double load_sum = 0;                  // of the hour's periods: metric x warm units
  int load_values = 0;
  std::array<std::optional<double>, 48> expected{};  // load of the hours from `first_hour` on
  std::int64_t first_hour = 0;
};

/// What a policy wants, and which of its alarms led to it.
struct Wish {
  std::int64_t desired = 0;
  std::size_t policy = 0;               // of the group's
  std::size_t alarm = 0;                // of the policy's
};

/// The wait of simple policies after one of them acted.
struct Cooldown {
  bool activity_runs = false;
  Duration length;
  Time until;
};

/// An instance refresh under way.
struct Refresh {
  bool active = false;
  bool rolls_back = false;
  std::size_t config = 0;
  std::uint16_t from = 0, to = 0;       // versions
  std::size_t checkpoint = 0;           // of its list, the next one
  std::optional<Time> waits_until;      // at a checkpoint, or at the end
  bool bakes = false;                   // at the end
  Time began;
  Time progressed;                      // an instance was last replaced
  EventHandle due;
  EventHandle warmed;                   // what came into service last
  std::int64_t left = 0;                // units of other versions, then
};
inline constexpr Duration refresh_patience = 3600_s;  // without progress
inline constexpr Duration refresh_longest = 14 * 24_h;

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

/// An instance that ends when others serve in its place.
struct Doomed {
  std::uint32_t instance = 0;
  ActivityCause why = ActivityCause::health;
};

/// What each life of an instance asks of its group's settings.
struct Habits {
  explicit Habits(const GroupConfig& config);

  bool hooks : 1;
  bool warm_pool : 1;
  bool zone_rebalancing : 1;            // among several zones
  bool lifetimes : 1;                   // no instance is older than some age
  bool scale_in_protection : 1;
  bool maintain_desired : 1;
  bool failures : 1;                    // whatever the version
  std::uint32_t purchases;              // options
  double launch_failure;                // probability
};

struct Group {
  Group(Simulation& sim, std::string of_fleet, std::size_t members, GroupConfig group);

  std::string fleet;
  GroupConfig config;

  // What lives of instances read and write, in as few cache lines as will do: of many groups, none is in the cache.
  alignas(64) std::size_t table = 0;    // of the members
  std::int64_t desired = 0;
  std::int64_t present = 0;             // units: pending, booting, in service or under notice
  std::int64_t pending = 0;             // instances of these that are not yet in service
  std::int64_t ready = 0;               // units of present that are in service and have not failed
  std::int64_t failed = 0;              // units in service that serve nothing
  Habits habits;
  EventHandle next_round;               // of launches: a retry, or the replacement of what was lost
  int failed_rounds = 0;                // in a row, without a single launch
  bool suspended = false;               // it launches nothing any more
  std::uint16_t version = 0;            // of what is launched now
  std::vector<std::int64_t> zone_units; // of present, by zone and purchase option
  std::vector<Place> places;            // by zone, instance type and purchase option
  std::vector<ZoneRound> round;         // scratch, by zone
  std::vector<Doomed> doomed;           // in the order in which they will end
  std::vector<std::uint32_t> unhealthy; // known, and waiting to be replaced
  std::vector<std::uint32_t> pool;      // ready in the warm pool
  std::vector<const std::vector<InstanceFailureConfig>*> version_failures;  // by version; null: none of its own
  Cooldown cooldown;
  Counters counters;
  Refresh refresh;

  std::vector<PolicySlot> policies;
  std::vector<Alarm> alarms;
  std::vector<AlarmReading> readings;   // by alarm
  bool plain_alarms = false;            // all take each value of the composite metric, and nothing is forecast
  bool gaps_are_none = false;           // for no alarm is a period without a value a period
  std::vector<RefreshAlarms> refresh_alarms;  // by refresh
  std::vector<Forecasting> forecasts;   // of its predictive policies
  std::int64_t forecast_floor = 0;      // no policy goes below what the forecast of this hour wants
  std::int64_t forecast_max = 0;        // nor, where that raises max for the hour, above this
  std::vector<ScheduledActionClock> schedule;  // by scheduled action
  Time all_ended;                       // what was terminated so far
  std::int64_t min = 0, max = 0;        // scheduled actions change them
  Stream retry_stream;
  Stream failure_stream;
  std::int64_t doomed_units = 0;
  std::int64_t doomed_ready = 0;        // units of these that serve
  EventHandle replacements;             // when the unhealthy are looked at again
  EventHandle lifetimes;
  EventHandle zone_balance;
  std::int64_t pool_preparing = 0;
  int pool_failures = 0;                // launches into it in a row that found no capacity
  EventHandle pool_launch;
  std::vector<std::int64_t> pool_by_zone;  // scratch
  std::vector<std::uint32_t> candidates;   // scratch, of a termination
  std::vector<std::size_t> fullest;        // scratch, zones
  std::vector<std::uint32_t> standby;
  std::uint16_t versions = 1;
  Stream failures_stream;               // of its instances
  Stream hooks_stream;
  Stream choice_stream;                 // of what to end
  Time failing_since;                   // when the first of the failed rounds was

  std::size_t place_of(const LaunchOption& option) const {
    return (option.zone * config.instance_types.size() + option.type) * config.purchases.size() + option.purchase;
  }
  LaunchOption option_of(std::size_t place) const {
    const std::size_t purchases = config.purchases.size(), types = config.instance_types.size();
    return {.zone = place / purchases / types, .type = place / purchases % types, .purchase = place % purchases};
  }
  std::int64_t weight_of(std::size_t type) const { return config.weights.empty() ? 1 : config.weights[type]; }
};

}  // namespace fleetsim::auto_scaling

namespace fleetsim {

struct AutoScaling::State {
  State(AutoScaling& entity, Simulation& simulation, GroupCapacity& instances, config::UtcTime start)
      : self(entity), sim(simulation), capacity(instances), run_start(start) {}

  AutoScaling& self;
  Simulation& sim;
  GroupCapacity& capacity;
  config::UtcTime run_start;
  std::vector<auto_scaling::Group> groups;
  std::vector<auto_scaling::SteadyPeriods> steady;  // by group
  std::vector<auto_scaling::MemberTable> tables;  // by fleet
  std::vector<std::string> fleets;                // their names
  Time measured_from;
  ActivityLog log;

  auto_scaling::MemberTable& members_of(const auto_scaling::Group& group) { return tables[group.table]; }
  config::UtcTime utc_now() const {
    return {run_start.seconds_since_1970 + sim.now().since_start().count() / nanoseconds_per_second};
  }
  void set_desired(auto_scaling::Group& group, std::int64_t desired);
  /// Sets desired and launches or ends what that calls for; `why` is logged with the rest of its fields, if a log is kept.
  void change_desired(GroupId id, std::int64_t desired, const Activity& why);
  /// Logs it, if a log is kept.
  void note(GroupId id, const Activity& activity) {
    if (log.keeps()) keep(id, activity);
  }
  void keep(GroupId id, const Activity& activity);
  /// The activity of a simple policy may be complete.
  void check_cooldown(auto_scaling::Group& group);

  // alarms.cpp
  /// Whether nothing follows from a period that is steady.
  bool is_idle(GroupId id) const {
    const auto_scaling::SteadyPeriods& periods = steady[id.index];
    if (periods.idle) return true;
    const auto_scaling::Group& group = groups[id.index];
    if (!periods.raised && group.desired <= std::max(group.present, group.min)) return true;  // it has what it wants
    return periods.idle_at_min && group.desired <= group.min;
  }
  /// Takes a period of the metrics to the group's alarms, and to its policies if these ask them. Out of line, so that a
  /// period of which nothing follows costs little.
  [[gnu::noinline]] void look_at(GroupId id, const std::optional<GroupMetrics>& metrics, bool is_steady);
  auto_scaling::PeriodNews add_period(auto_scaling::Group& group, const std::optional<GroupMetrics>& metrics);
  /// As add_period, of a group with plain alarms.
  static auto_scaling::PeriodNews add_plain_period(auto_scaling::Group& group, const GroupMetrics& metrics);
  static auto_scaling::SteadyPeriods steady_periods(const auto_scaling::Group& group, auto_scaling::PeriodNews latest);
  /// Tells the policies of plain alarms, which look only when one is raised, of the period that was added.
  static void note_readings(auto_scaling::Group& group, const GroupMetrics& metrics);
  /// What the policy wants, if its alarms ask it and it need not wait. `warming`: units, by the group's own warm-up.
  std::optional<Proposal> ask_policy(GroupId id, const auto_scaling::PolicySlot& slot, std::int64_t warming);
  /// What the policies want together; empty if none wants anything.
  std::optional<auto_scaling::Wish> wanted_by_policies(GroupId id);
  void apply_policies(GroupId id);

  // calendar.cpp
  void start_calendar(GroupId id);
  void add_load(GroupId id, const std::optional<GroupMetrics>& metrics);

  // life.cpp
  std::int64_t units_of(const auto_scaling::Group& group, const auto_scaling::Member& member) const;
  /// Of what is present, units that are not yet in service or have not been for so long, and will serve.
  std::int64_t warming(GroupId id, Duration warmup);
  auto_scaling::Place& place_of(auto_scaling::Group& group, const auto_scaling::Member& member) const;
  /// The instance counts from now on, or no longer, among what is present.
  void count_in(auto_scaling::Group& group, InstanceId instance);
  void count_out(auto_scaling::Group& group, InstanceId instance);
  /// Neither a failure nor a check comes any more.
  void cancel_ahead(auto_scaling::MemberTable& members, InstanceId instance);
  void set_due(GroupId id, InstanceId instance, auto_scaling::Due due, Time when);
  /// Forgets an instance; returns the units that it counted among what is present.
  std::int64_t remove(auto_scaling::Group& group, InstanceId instance);
  void terminate(GroupId id, InstanceId instance);
  /// Another instance is to take its place; then it ends.
  void doom(GroupId id, InstanceId instance, ActivityCause why);
  void end_doomed(GroupId id);
  /// It runs on without the group.
  void set_aside(auto_scaling::Group& group, InstanceId instance);
  bool can_end(const auto_scaling::Member& member) const { return !member.noticed && !member.pooled; }
  /// Instances that a group may have beyond its size while it moves some: 10 % of `of`, at least one.
  static std::int64_t tenth(std::int64_t of) { return std::max<std::int64_t>(1, of / 10); }

  // hooks.cpp
  struct HookOutcome {
    Duration wait;
    bool abandoned = false;
  };
  HookOutcome wait_for_hooks(auto_scaling::Group& group, bool launching);

  // health.cpp
  void begin_health(GroupId id, InstanceId instance) {
    const auto_scaling::Group& group = groups[id.index];
    auto_scaling::Member& member = members_of(group)[instance];
    member.serves_since = sim.now();
    if (group.habits.failures || group.version_failures[member.version] != nullptr) schedule_failure(id, instance);
  }
  void schedule_failure(GroupId id, InstanceId instance);
  /// The instance failed, or what the load balancer says of it changed: the group's counts follow.
  void set_health(auto_scaling::Group& group, auto_scaling::Member& member, bool failed, bool target_unhealthy);
  void instance_fails(GroupId id, InstanceId instance);
  /// A check finds it unhealthy then, unless another does before.
  void find_unhealthy_at(GroupId id, InstanceId instance, Time when);
  void find_unhealthy(GroupId id, InstanceId instance);
  /// Ends the instance and launches another, in the order that the maintenance policy wants.
  void replace(GroupId id, InstanceId instance, Activity why);
  /// Units that may be replaced at a time.
  static std::int64_t replaced_at_once(const auto_scaling::Group& group);
  void replace_unhealthy(GroupId id);
  void replace_old(GroupId id);
  void schedule_lifetimes(GroupId id);
  /// Of those that are replaced by their age.
  Maybe<std::uint32_t> longest_in_service(GroupId id);

  // refresh.cpp
  void step_refresh(GroupId id);
  void fail_refresh(GroupId id, Activity why);
  /// Ends the refresh if one of its alarms is raised.
  void check_refresh_alarms(GroupId id);
  void begin_version(GroupId id, std::uint16_t from, std::uint16_t to);
  Maybe<InstanceId> next_to_refresh(GroupId id);
  /// Ends what is in standby with another version.
  void end_standby(GroupId id);
  /// From in service until the refresh takes an instance for ready.
  Duration refresh_warmup(const auto_scaling::Group& group) const;
  /// Units of other versions that the refresh has still to replace.
  std::int64_t units_left(GroupId id);

  // zones.cpp
  Maybe<std::size_t> choose_zone(const auto_scaling::Group& group) const;
  void check_zone_balance(GroupId id);

  // warm_pool.cpp
  /// Brings the warm pool to its size.
  void fill_pool(GroupId id);
  /// Ends what the pool has of other versions, and fills it again.
  void renew_pool(GroupId id);
  Maybe<InstanceId> launch_to_pool(GroupId id, std::size_t zone);
  bool returns_to_pool(const auto_scaling::Group& group, const auto_scaling::Member& member) const;
  void return_to_pool(GroupId id, InstanceId instance);
  Maybe<InstanceId> take_from_pool(GroupId id, std::size_t zone);

  // launches.cpp
  /// Of `total` units of the group, those to be bought by that option.
  static std::int64_t wanted(const auto_scaling::Group& group, std::size_t purchase, std::int64_t total);
  static std::int64_t bought(const auto_scaling::Group& group, std::size_t purchase);
  void begin_round(auto_scaling::Group& group);
  std::int64_t try_launch(GroupId id, const LaunchOption& option, bool in_service);
  /// A new member, counted; returns its units.
  std::int64_t admit(GroupId id, InstanceId instance, const LaunchOption& option, bool in_service);
  std::int64_t launch_one(GroupId id, std::size_t purchase, bool in_service);
  auto_scaling::RoundResult launch_to_desired(GroupId id, bool in_service);
  /// The next round comes after a wait, the longer the more have failed.
  void retry_later(GroupId id);
  /// Launches what is missing as far as it can be had. If something stays missing, the next round is on its way.
  auto_scaling::RoundResult launch_round(GroupId id, bool in_service = false);

  // terminations.cpp
  /// Of the instances in these zones, bought that way, that count at most `units`, the one that ends first.
  Maybe<InstanceId> choose_to_end(GroupId id, std::span<const std::size_t> zones, std::size_t purchase,
                                          std::int64_t units);
  /// The oldest that serves, in that zone or in any, protected or not; what somebody picks by hand.
  Maybe<InstanceId> choose_in_service(GroupId id, std::optional<std::size_t> zone);
  std::int64_t terminate_one(GroupId id, std::size_t purchase, std::int64_t units);
  /// Returns how many instances it ended.
  std::int64_t terminate_to_desired(GroupId id);
};

}  // namespace fleetsim
