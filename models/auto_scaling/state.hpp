#pragma once
/// Everything of the groups that changes during a run. The parts of its behaviour are in files of their own: alarms,
/// launches, terminations.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/auto_scaling.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/auto_scaling/forecast.hpp"
#include "models/auto_scaling/members.hpp"

namespace fleetsim::auto_scaling {

struct Counters {
  std::uint64_t scale_outs = 0;         // actions that raised desired
  std::uint64_t scale_ins = 0;
  std::uint64_t launches = 0;
  std::uint64_t launch_failures = 0;    // attempts at a zone and type that gave nothing
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
        sparse(data_periods > 1) {}

  AlarmConfig config;
  AlarmWindow window;
  PeriodMean data;
  PeriodMean period;
  bool sparse;
};

/// A policy and where its alarms begin among those of its group.
struct PolicySlot {
  const ScalingPolicy* policy = nullptr;
  std::size_t first_alarm = 0;
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
  Group(Simulation& sim, std::string of_fleet, std::size_t members, GroupConfig group);

  std::string fleet;
  GroupConfig config;
  std::size_t table = 0;                // of the members
  std::vector<PolicySlot> policies;
  std::vector<Alarm> alarms;
  std::vector<AlarmReading> readings;   // by alarm
  std::vector<Forecasting> forecasts;   // of its predictive policies
  std::int64_t forecast_floor = 0;      // no policy goes below what the forecast of this hour wants
  std::vector<ScheduledActionClock> schedule;  // by scheduled action
  Cooldown cooldown;
  std::int64_t min = 0, max = 0;        // scheduled actions change them
  Stream retry_stream;
  Stream failure_stream;
  std::int64_t desired = 0;
  std::int64_t present = 0;             // units: pending, booting, in service or under notice
  std::int64_t pending = 0;             // instances of these that are not yet in service
  std::vector<std::int64_t> zone_units; // of these, by zone and purchase option
  std::vector<Place> places;            // by zone, instance type and purchase option
  int failed_rounds = 0;                // in a row, without a single launch
  EventHandle next_round;               // of launches: a retry, or the replacement of what was lost
  Counters counters;
  std::vector<ZoneRound> round;         // scratch, by zone

  std::size_t place_of(LaunchOption option) const {
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
  std::vector<auto_scaling::MemberTable> tables;  // by fleet
  std::vector<std::string> fleets;                // their names
  Time measured_from;
  ActivityLog log;

  auto_scaling::MemberTable& members_of(const auto_scaling::Group& group) { return tables[group.table]; }
  config::UtcTime utc_now() const {
    return {run_start.seconds_since_1970 + sim.now().since_start().count() / nanoseconds_per_second};
  }
  void set_desired(auto_scaling::Group& group, std::int64_t desired);
  /// Sets desired and launches or ends what that calls for; `why` gets the rest of its fields and is logged.
  void change_desired(GroupId id, std::int64_t desired, Activity why);
  void note(GroupId id, Activity activity);
  /// The activity of a simple policy may be complete.
  void check_cooldown(auto_scaling::Group& group);

  // alarms.cpp
  /// Adds a period to the alarms and returns whether one that closed is raised.
  bool add_period(auto_scaling::Group& group, const std::optional<GroupMetrics>& metrics);
  /// What the policies want together; empty if none wants anything.
  std::optional<auto_scaling::Wish> wanted_by_policies(GroupId id);
  void apply_policies(GroupId id);

  // calendar.cpp
  void start_calendar(GroupId id);
  void add_load(GroupId id, const std::optional<GroupMetrics>& metrics);

  // launches.cpp
  /// Of `total` units of the group, those to be bought by that option.
  static std::int64_t wanted(const auto_scaling::Group& group, std::size_t purchase, std::int64_t total);
  static std::int64_t bought(const auto_scaling::Group& group, std::size_t purchase);
  void begin_round(auto_scaling::Group& group);
  std::int64_t try_launch(GroupId id, LaunchOption option, bool in_service);
  std::int64_t launch_one(GroupId id, std::size_t purchase, bool in_service);
  auto_scaling::RoundResult launch_to_desired(GroupId id, bool in_service);
  /// Launches what is missing as far as it can be had. If something stays missing, the next round is on its way.
  auto_scaling::RoundResult launch_round(GroupId id, bool in_service = false);

  // terminations.cpp
  /// Takes the instance out of the group's counts; returns the units that it counted.
  std::int64_t remove(auto_scaling::Group& group, InstanceId instance);
  std::int64_t terminate_one(GroupId id, std::size_t purchase, std::int64_t units);
  /// Returns how many instances it ended.
  std::int64_t terminate_to_desired(GroupId id);
};

}  // namespace fleetsim
