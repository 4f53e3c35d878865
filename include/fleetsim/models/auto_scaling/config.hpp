#pragma once
/// What a scenario says about an Auto Scaling group.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/auto_scaling/alarm.hpp"
#include "fleetsim/models/auto_scaling/policy.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/config/schedule.hpp"

namespace fleetsim {

/// Adds `count` instances when the metric is at least `above` percentage points over the high threshold (and below the
/// next step's). The first step of a group begins at 0, each further one above the step before it.
struct ScaleOutStep {
  double above = 0;
  std::int64_t count = 1;
};

/// The policy of the four groups: an alarm to grow, in absolute steps because a percentage of a group that idles at two
/// would take for ever, and one to shrink.
struct CompositePolicyConfig {
  double scale_out_above = 75;       ///< percent of the metric
  AlarmRule scale_out_alarm{2, 2};
  std::vector<ScaleOutStep> scale_out_steps;
  double scale_in_below = 60;        ///< percent
  AlarmRule scale_in_alarm{15, 15};
  std::int64_t scale_in_count = 1;
};

struct LaunchRetryConfig {
  Duration initial = Duration::of(15 * nanoseconds_per_second);
  double factor = 2;
  Duration max = Duration::of(600 * nanoseconds_per_second);
  Ratio jitter{0.2};                 ///< each wait is drawn uniformly from wait x (1 +- jitter)
};

/// How a group that buys both on demand and on Spot divides its capacity: the base is on demand, and of what is above
/// it a share, rounded up in favour of on demand. A purchase option never stands in for the other.
struct PurchaseMix {
  std::int64_t on_demand_base = 0;
  Ratio on_demand_above_base{1.0};
};

/// Changes of a group's bounds and desired capacity at given times.
struct ScheduledAction {
  std::optional<Schedule> recurrence;           ///< empty: once, at `start`
  TimeZone time_zone;                           ///< of the recurrence
  std::optional<config::UtcTime> start, end;
  std::optional<std::int64_t> min, max, desired;
  config::Location where;
};
/// When an action comes in a run.
class ScheduledActionClock {
 public:
  /// Requires: the action has a recurrence that was read, or a start.
  ScheduledActionClock(const ScheduledAction& action, config::UtcTime run_start);
  /// At the run's start at the earliest; empty if it does not come.
  std::optional<Time> first() const;
  std::optional<Time> next(Time now) const;

 private:
  std::optional<Time> until_end(std::optional<Time> time) const;

  std::optional<ScheduleClock> recurrence_;
  std::optional<Time> start_, end_;
};

struct GroupConfig {
  std::string name;
  std::vector<Purchase> purchases;   ///< one; or on_demand and spot, divided by `mix`
  PurchaseMix mix;
  std::vector<config::Located<std::string>> zones;
  std::vector<config::Located<std::string>> instance_types;
  std::vector<std::int64_t> weights;  ///< by instance type, units that an instance counts; empty: one
  std::int64_t min = 2;
  std::int64_t max = 0;              ///< > 0
  std::optional<std::int64_t> initial;  ///< desired capacity at the start, in service and warm; min if not given
  std::optional<CompositePolicyConfig> composite;  ///< of a group that names no policies
  std::vector<ScalingPolicyPtr> policies;
  std::vector<ScheduledAction> scheduled_actions;
  Duration default_cooldown = Duration::of(300 * nanoseconds_per_second);
  bool detailed_monitoring = true;   ///< false: metrics of EC2 have a value every 300 s only
  Duration metric_period = Duration::of(60 * nanoseconds_per_second);  ///< of what its fleet publishes
  Duration instance_warmup;          ///< in service until an instance counts in the metric
  /// true: desired stays when instances are lost or cannot be launched, and the group keeps trying (an Auto Scaling
  /// group). false: beyond min nothing is owed that was lost or could not be launched; the metric of each period says
  /// anew what is wanted.
  bool maintain_desired = true;
  /// From the first loss until a health check sees it; the check replaces all that were lost by then.
  Duration replacement_delay = Duration::of(60 * nanoseconds_per_second);
  Ratio launch_failure{0};           ///< probability that a launch fails though there is capacity
  LaunchRetryConfig launch_retry;
  config::Location where;
};

/// What others read of the same group: called once for each, after its purchase, zones and instance types. Returns the
/// key that decides the group's size instead of a policy, empty if there is none; in describe mode the key that may.
using ReadMoreOfGroup = std::function<std::string_view(config::Section& group, const GroupConfig& config)>;
/// Reads `groups:` of a fleet; `expected_instances` turns steps given in percent into counts.
std::vector<GroupConfig> read_groups(config::Section& fleet, const ReadMoreOfGroup& more = {});

}  // namespace fleetsim
