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
#include "fleetsim/pool_state.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/config/schedule.hpp"
#include "fleetsim/sim/distribution.hpp"

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
  std::optional<Duration> suspend_after{};  ///< of nothing but failures; then the group launches nothing any more
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
/// What an instance waits for before it serves, or before it ends.
struct LifecycleHookConfig {
  bool launching = true;                        ///< false: terminating
  std::optional<DurationDistribution> duration; ///< until its action completes; empty: it never answers
  Ratio abandons{0};                            ///< probability that the action completes with ABANDON
  Duration heartbeat_timeout = Duration::of(3600 * nanoseconds_per_second);
  bool heartbeats = false;                      ///< sent while the action runs: only the longest wait ends it
  bool continues = false;                       ///< default result at the time-out: CONTINUE, or ABANDON
};
/// No hook waits longer: 48 h, or 100 heartbeat time-outs.
Duration longest_wait(const LifecycleHookConfig& hook);

enum class ZoneDistribution : std::uint8_t { balanced_best_effort, balanced_only, reservations_then_balanced };

enum class TerminationPolicy : std::uint8_t {
  by_default,
  allocation_strategy,
  oldest_launch_template,
  oldest_launch_configuration,
  closest_to_next_instance_hour,
  newest_instance,
  oldest_instance
};

/// How instances fail while they are in service.
enum class InstanceFailureKind : std::uint8_t {
  stopped,      ///< it is no longer running
  impaired,     ///< EC2's status checks fail
  application   ///< only the load balancer's checks can tell
};
struct InstanceFailureConfig {
  InstanceFailureKind kind = InstanceFailureKind::impaired;
  DurationDistribution after;                   ///< in service
};
struct HealthConfig {
  Duration grace;                               ///< from in service until checks count; a stopped instance is seen at once
  bool elb = false;                             ///< whether the load balancer's checks count
  Duration check_period = Duration::of(60 * nanoseconds_per_second);
  Duration impaired_delay = Duration::of(180 * nanoseconds_per_second);  ///< a failed status check, until it counts
};

/// How far a group may be from desired while it replaces instances, as shares of it.
struct MaintenanceConfig {
  Ratio min_healthy{1};
  Ratio max_healthy{1};
};

/// What a refresh does about instances that are protected from scale-in.
enum class ProtectedInstances : std::uint8_t {
  wait,    ///< until they are no longer, an hour at most
  ignore,  ///< leave them as they are
  refresh
};

/// And about instances of an earlier template in standby.
enum class StandbyInstances : std::uint8_t {
  wait,     ///< until they are back in service, an hour at most
  ignore,
  terminate
};

struct InstanceRefreshConfig {
  Time at;
  bool new_template = true;                     ///< false: the instances that it launches are like the others
  bool skip_matching = false;                   ///< leave what has the template already
  MaintenanceConfig bounds{.min_healthy = Ratio{0.9}, .max_healthy = Ratio{1}};
  std::optional<Duration> instance_warmup;      ///< empty: the group's
  Duration bake_time;                           ///< when all are replaced, until it is complete
  std::vector<AlarmConfig> alarms;              ///< any of them ends it
  std::vector<Ratio> checkpoints;               ///< rising; empty: none
  Duration checkpoint_delay = Duration::of(3600 * nanoseconds_per_second);
  bool auto_rollback = false;
  ProtectedInstances of_protected = ProtectedInstances::wait;
  StandbyInstances of_standby = StandbyInstances::wait;
  std::vector<InstanceFailureConfig> failures;  ///< of the new version, beside the group's
};

struct WarmPoolConfig {
  PoolState state = PoolState::stopped;
  std::int64_t min_size = 0;
  std::optional<std::int64_t> max_prepared;     ///< in the group and its pool together; empty: max
  bool reuse_on_scale_in = false;
};
/// Units that a pool holds ready beside a group of that size.
std::int64_t pool_size(const WarmPoolConfig& pool, std::int64_t desired, std::int64_t max);

/// What somebody does to a group by hand.
enum class UserActionKind : std::uint8_t { set_desired, terminate, detach, enter_standby, exit_standby, set_unhealthy };
struct UserAction {
  Time at;
  UserActionKind kind = UserActionKind::set_desired;
  std::int64_t count = 1;                       ///< instances; of set_desired, the new desired capacity
  std::optional<std::size_t> zone;              ///< only of this one
  bool decrement_desired = false;
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
  bool instance_warmup_given = false;
  /// true: desired stays when instances are lost or cannot be launched, and the group keeps trying (an Auto Scaling
  /// group). false: beyond min nothing is owed that was lost or could not be launched; the metric of each period says
  /// anew what is wanted.
  bool maintain_desired = true;
  /// From the first loss until a health check sees it; the check replaces all that were lost by then.
  Duration replacement_delay = Duration::of(60 * nanoseconds_per_second);
  Ratio launch_failure{0};           ///< probability that a launch fails though there is capacity
  LaunchRetryConfig launch_retry;

  ZoneDistribution zone_distribution = ZoneDistribution::balanced_best_effort;
  std::vector<std::int64_t> zone_reservations;  ///< by zone, instances; of reservations_then_balanced
  std::optional<Duration> zone_rebalancing;     ///< from unbalanced until it moves instances; empty: never
  std::vector<TerminationPolicy> termination_policies{TerminationPolicy::oldest_instance};
  bool scale_in_protection = false;
  HealthConfig health;
  std::vector<InstanceFailureConfig> failures;
  std::optional<MaintenanceConfig> maintenance;  ///< empty: terminate and launch at once
  std::optional<Duration> max_instance_lifetime;
  std::vector<InstanceRefreshConfig> refreshes;
  std::optional<WarmPoolConfig> warm_pool;
  std::vector<LifecycleHookConfig> hooks;
  bool capacity_rebalance = false;
  Ratio capacity_rebalance_excess{0.1};  ///< of max, one unit at least, by which it may then be exceeded
  std::vector<UserAction> user_actions;
  config::Location where;
};

/// What it does besides its policies, in sentences without a full stop.
std::vector<std::string> life_in_words(const GroupConfig& group);

/// What others read of the same group: called once for each, after its purchase, zones and instance types. Returns the
/// key that decides the group's size instead of a policy, empty if there is none; in describe mode the key that may.
using ReadMoreOfGroup = std::function<std::string_view(config::Section& group, const GroupConfig& config)>;
/// Reads `groups:` of a fleet; `expected_instances` turns steps given in percent into counts.
std::vector<GroupConfig> read_groups(config::Section& fleet, const ReadMoreOfGroup& more = {});

}  // namespace fleetsim
