#pragma once
/// Auto Scaling groups: how many instances a group wants, where it asks for them, which it gives back, and when it
/// changes its mind.
///
/// Truth:      min <= desired <= max; a group launches only while it has less than desired.
/// Leaves out: see docs/models/auto_scaling.md, which has the equations and the source of every default.
/// Source:     [1] Amazon EC2 Auto Scaling user guide;
///             [2] Amazon CloudWatch user guide: alarms.

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/auto_scaling/activity.hpp"
#include "fleetsim/models/auto_scaling/config.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

/// A group's metrics over a period.
struct GroupMetrics {
  std::array<double, group_metrics> values{};  ///< by GroupMetric; NaN where there is none
  double units = 0;                            ///< that they are of: in service and warm, the mean over the period

  double& operator[](GroupMetric metric) { return values[static_cast<std::size_t>(metric)]; }
  double operator[](GroupMetric metric) const { return values[static_cast<std::size_t>(metric)]; }
  bool has(GroupMetric metric) const { return !std::isnan((*this)[metric]); }
};

/// One of the ways in which a group may launch: indices into the lists of its config.
struct LaunchOption {
  std::size_t zone = 0;
  std::size_t type = 0;
  std::size_t purchase = 0;
};

/// Port: where a group gets its instances.
struct GroupCapacity {
  virtual ~GroupCapacity() = default;
  /// A round begins that is to launch so many units, bought that way.
  virtual void round_began(GroupId group, std::size_t purchase, std::int64_t units) = 0;
  /// The instance type that the group's strategy takes next in the zone during this round, of those that are not in
  /// `tried` (bit t: type t); empty if it takes none of them.
  virtual Maybe<std::size_t> choose_type(GroupId group, std::size_t zone, std::size_t purchase, std::uint64_t tried) = 0;
  /// Tries to launch one instance; empty if there is no capacity for it now. Its number is unique within its fleet while
  /// it lives.
  virtual Maybe<InstanceId> launch(GroupId group, const LaunchOption& option) = 0;
  /// As `launch`, but the instance is in service and warm at once: how a run begins.
  virtual Maybe<InstanceId> launch_in_service(GroupId group, const LaunchOption& option) = 0;
  /// Ends an instance that is pending, booting, in service or failed and not under notice; hooks hold it so long. Returns
  /// how long it takes until it has ended.
  virtual Duration terminate(GroupId group, InstanceId instance, Duration hold) = 0;
  /// The instance serves nothing any more; if it stopped it is billed no longer. A load balancer that checks it tells by
  /// `target_health_changed`. Requires: it is in service.
  virtual void fail(GroupId group, InstanceId instance, bool stopped) = 0;
  /// As `launch`, into the group's warm pool.
  virtual Maybe<InstanceId> launch_to_pool(GroupId group, const LaunchOption& option, PoolState state) = 0;
  /// An instance that is ready in the pool starts to serve; one in service goes there; one of the pool ends.
  virtual void take_from_pool(GroupId group, InstanceId instance) = 0;
  virtual void return_to_pool(GroupId group, InstanceId instance, PoolState state) = 0;
  virtual void terminate_pooled(GroupId group, InstanceId instance) = 0;
  /// Where in the order of the group's allocation strategy the type of this option stands, 0 the first.
  virtual std::size_t rank(GroupId group, const LaunchOption& option) = 0;
  /// Whether some Spot pool of the group is as available as that of the instance.
  virtual bool as_available(GroupId group, InstanceId instance) const = 0;
  /// Units of the group that will count in its metrics but do not yet.
  virtual std::int64_t warming(GroupId group) const = 0;
};

struct LaunchRoundDue { static constexpr std::string_view name = "auto_scaling.launch_round_due"; GroupId group; };
struct ScheduledActionDue {
  static constexpr std::string_view name = "auto_scaling.scheduled_action_due";
  GroupId group;
  std::uint32_t action;
};
/// A full hour of the calendar closes; the forecast of the next one is due a buffer before it begins.
struct HourClosed { static constexpr std::string_view name = "auto_scaling.hour_closed"; GroupId group; };
struct ForecastDue {
  static constexpr std::string_view name = "auto_scaling.forecast_due";
  GroupId group;
  std::uint32_t forecast;
};

/// Something about one instance is due: its hooks' patience ends, or a check has found that it failed.
struct MemberDue {
  static constexpr std::string_view name = "auto_scaling.member_due";
  GroupId group;
  std::uint32_t instance;
};
struct MemberFailed {
  static constexpr std::string_view name = "auto_scaling.member_failed";
  GroupId group;
  std::uint32_t instance;
};
/// Time to launch again what the warm pool could not get.
struct PoolLaunchDue { static constexpr std::string_view name = "auto_scaling.pool_launch_due"; GroupId group; };
/// Time to look whether instances have to be replaced: failed ones that waited for others, or old ones.
struct ReplacementsDue { static constexpr std::string_view name = "auto_scaling.replacements_due"; GroupId group; };
struct RefreshDue { static constexpr std::string_view name = "auto_scaling.refresh_due"; GroupId group; };
struct RefreshBegan {
  static constexpr std::string_view name = "auto_scaling.refresh_began";
  GroupId group;
  std::uint32_t refresh;
};
struct ZoneBalanceDue { static constexpr std::string_view name = "auto_scaling.zone_balance_due"; GroupId group; };
struct UserActionDue {
  static constexpr std::string_view name = "auto_scaling.user_action_due";
  GroupId group;
  std::uint32_t action;
};

class AutoScaling
    : public EventHandler<AutoScaling, LaunchRoundDue, ScheduledActionDue, HourClosed, ForecastDue, MemberDue,
                          MemberFailed, PoolLaunchDue, ReplacementsDue, RefreshDue, RefreshBegan, ZoneBalanceDue, UserActionDue> {
 public:
  /// `run_start`: the run's beginning on the calendar, for schedules and forecasts.
  AutoScaling(Simulation& sim, GroupCapacity& capacity, config::UtcTime run_start = {});
  ~AutoScaling();

  /// Groups get consecutive ids in the order in which they are added. `fleet` names the streams and metrics; the groups
  /// of one fleet share the numbers of their instances.
  GroupId add_group(std::string fleet, GroupConfig config);
  /// Launches the initial capacity, in service at once as far as capacity can be had.
  void start();

  /// The group's metrics of one more period; empty if none of its instances was in service and warm.
  void metric_published(GroupId group, const std::optional<GroupMetrics>& metrics);
  /// The same of a period of which only the composite metric and the units are known.
  void composite_published(GroupId group, double composite, double units);
  /// The application of an instance is up: how long hooks keep it from service, Duration::max() if for ever.
  Duration boot_finished(GroupId group, InstanceId instance);
  void instance_in_service(GroupId group, InstanceId instance);
  void instance_pooled(GroupId group, InstanceId instance);
  /// The load balancer takes it for unhealthy, or for healthy again.
  void target_health_changed(GroupId group, InstanceId instance, bool is_healthy);
  void rebalance_recommended(GroupId group, InstanceId instance);
  /// EC2 will take the instance back: it still counts, but is no longer terminated. A second notice changes nothing.
  void instance_noticed(GroupId group, InstanceId instance);
  /// The instance is gone without the group having ended it.
  void instance_lost(GroupId group, InstanceId instance);
  /// Fetches what the next of these calls needs.
  void prefetch(GroupId group, InstanceId instance) const;

  /// Keeps so many activities of the run from now on.
  void keep_activities(std::size_t limit);
  const ActivityLog& activities() const;

  std::int64_t desired(GroupId group) const;
  /// Units of its instances that are pending, booting, in service or under notice.
  std::int64_t present(GroupId group) const;

  void begin_measurement();
  /// A group: scale_outs, scale_ins, launches, launch_failures, first_scale_out, back_to_min.
  void report(MetricSink& sink) const;

  void on(const LaunchRoundDue&);
  void on(const ScheduledActionDue&);
  void on(const HourClosed&);
  void on(const ForecastDue&);
  void on(const MemberDue&);
  void on(const MemberFailed&);
  void on(const PoolLaunchDue&);
  void on(const ReplacementsDue&);
  void on(const RefreshDue&);
  void on(const RefreshBegan&);
  void on(const ZoneBalanceDue&);
  void on(const UserActionDue&);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fleetsim
