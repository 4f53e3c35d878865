#pragma once
/// Auto Scaling groups: how many instances a group wants, where it asks for them, and when it changes its mind.
///
/// The policy is step scaling on a composite metric, two alarms a group: above `high` for M of N periods it adds
/// instances, below `low` for M of N periods it removes some. Steps are absolute counts, from the fleet's expected
/// size, because a percentage of a group that idles at two would take for ever.
///
/// Truth:      min <= desired <= max; a group launches only while it has less than desired; while instances warm up, the same step
///             adds nothing more and nothing is removed.
/// Leaves out: simple, target-tracking, scheduled and predictive policies, hooks, warm pools;
///             see docs/models/auto_scaling.md.
/// Source:     [1] Amazon EC2 Auto Scaling user guide: step scaling, instance warm-up, zones, mixed instances;
///             [2] CloudWatch user guide: alarms, M out of N.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/auto_scaling/alarm.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

/// Adds `count` instances when the metric is at least `above` percentage points over the high threshold (and below the
/// next step's). The first step of a group begins at 0, each further one above the step before it.
struct ScaleOutStep {
  double above = 0;
  std::int64_t count = 1;
};

struct LaunchRetryConfig {
  Duration initial = Duration::of(15 * nanoseconds_per_second);
  double factor = 2;
  Duration max = Duration::of(600 * nanoseconds_per_second);
  Ratio jitter{0.2};                 ///< each wait is drawn uniformly from wait x (1 +- jitter)
};

/// How a group that buys both on demand and on Spot divides its capacity: the base is on demand, and of what is above
/// it a share, rounded up in favour of on demand. A purchase option never stands in for the other [1].
struct PurchaseMix {
  std::int64_t on_demand_base = 0;
  Ratio on_demand_above_base{1.0};
};

struct GroupConfig {
  std::string name;
  std::vector<Purchase> purchases;   ///< one; or on_demand and spot, divided by `mix`
  PurchaseMix mix;
  std::vector<config::Located<std::string>> zones;
  std::vector<config::Located<std::string>> instance_types;
  std::int64_t min = 2;
  std::int64_t max = 0;              ///< > 0
  std::optional<std::int64_t> initial;  ///< desired capacity at the start, in service and warm; min if not given
  double scale_out_above = 75;       ///< percent of the metric
  AlarmRule scale_out_alarm{2, 2};
  std::vector<ScaleOutStep> scale_out_steps;
  double scale_in_below = 60;        ///< percent
  AlarmRule scale_in_alarm{15, 15};
  std::int64_t scale_in_count = 1;
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

/// One of the ways in which a group may launch: indices into the lists of its config.
struct LaunchOption {
  std::size_t zone = 0;
  std::size_t type = 0;
  std::size_t purchase = 0;
};

/// Port: where a group gets its instances. A group counts its capacity in units; an instance counts its weight of them,
/// one unless the group weights its types.
struct GroupCapacity {
  virtual ~GroupCapacity() = default;
  /// A round begins that is to launch so many units, bought that way.
  virtual void round_began(GroupId group, std::size_t purchase, std::int64_t units) = 0;
  /// The instance type that the group's strategy takes next in the zone during this round, of those that are not in
  /// `tried` (bit t: type t); empty if it takes none of them.
  virtual std::optional<std::size_t> choose_type(GroupId group, std::size_t zone, std::size_t purchase,
                                                 std::uint64_t tried) = 0;
  /// Tries to launch one instance and returns the units that it counts; 0 if there is no capacity for it now.
  virtual std::int64_t launch(GroupId group, LaunchOption option) = 0;
  /// As `launch`, but the instance is in service and warm at once: how a run begins.
  virtual std::int64_t launch_in_service(GroupId group, LaunchOption option) = 0;
  /// Ends the oldest instance of the group in the zone, bought that way, that counts at most `units`, and returns the
  /// units that it counted; 0 if it has none there to end.
  virtual std::int64_t terminate_oldest(GroupId group, std::size_t zone, std::size_t purchase, std::int64_t units) = 0;
  /// In units, as the next: pending, booting, in service or under notice.
  virtual std::int64_t capacity(GroupId group) const = 0;
  virtual std::int64_t capacity(GroupId group, std::size_t zone, std::size_t purchase) const = 0;
  /// Of `capacity`, what will count in the group's metric but does not yet.
  virtual std::int64_t warming(GroupId group) const = 0;
};

struct LaunchRoundDue { static constexpr std::string_view name = "auto_scaling.launch_round_due"; GroupId group; };

class AutoScaling : public EventHandler<AutoScaling, LaunchRoundDue> {
 public:
  AutoScaling(Simulation& sim, GroupCapacity& capacity);
  ~AutoScaling();

  /// Groups get consecutive ids in the order in which they are added. `fleet` names the streams and metrics.
  GroupId add_group(std::string fleet, GroupConfig config);
  /// Launches the initial capacity, in service at once as far as capacity can be had.
  void start();

  /// The group's metric of one more period, in percent; without a value nothing happens.
  void metric_published(GroupId group, std::optional<double> percent);
  /// The group lost an instance that counted so many units, and no longer does.
  void instance_interrupted(GroupId group, std::int64_t units = 1);

  std::int64_t desired(GroupId group) const;

  void begin_measurement();
  /// A group: scale_outs, scale_ins, launches, launch_failures, first_scale_out, back_to_min.
  void report(MetricSink& sink) const;

  void on(const LaunchRoundDue&);

 private:
  struct State;
  void launch_round(GroupId group, bool in_service);

  std::unique_ptr<State> state_;
};

/// What others read of the same group: called once for each, after its purchase, zones and instance types. Returns the
/// key that decides the group's size instead of a policy, empty if there is none; in describe mode the key that may.
using ReadMoreOfGroup = std::function<std::string_view(config::Section& group, const GroupConfig& config)>;
/// Reads `groups:` of a fleet; `expected_instances` turns steps given in percent into counts.
std::vector<GroupConfig> read_groups(config::Section& fleet, const ReadMoreOfGroup& more = {});

}  // namespace fleetsim
