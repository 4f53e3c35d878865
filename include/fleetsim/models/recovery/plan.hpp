#pragma once
/// A recovery plan: steps that depend on each other, each for one or many resources.
///
/// Truth:      with no limit on parallel work, the time to serve is the longest path through the graph of tasks.
/// Source:     Kelley and Walker, "Critical-path planning and scheduling", 1959.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/recovery/dns.hpp"
#include "fleetsim/sim/config/schedule.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// What a step does. A kind sets the step's default duration and what it asks of the world.
enum class StepKind : std::uint8_t { detect, decide, approve, promote, restore, provision, boot, warm, redirect, verify,
                                     shut_down_source, cluster_failover, force_quorum, custom };
inline bool is_of_cluster(StepKind kind) { return kind == StepKind::cluster_failover || kind == StepKind::force_quorum; }
std::string_view to_name(StepKind kind);

/// What waits for a step: users (the recovery time counts it), full speed, or nobody.
enum class NeededFor : std::uint8_t { service, full_speed, nothing };

/// A failed attempt is followed by another.
struct StepRetryConfig {
  std::int64_t attempts = 0;  ///< at most; 0: until the plan gives up
  Duration every = Duration::of(60 * nanoseconds_per_second);  ///< from a failure to the next attempt
};

/// An approval as Change Manager gives it: a tag on the principal that names what it may reach, removed after a while.
struct ApprovalConfig {
  std::string principal = "operator";  ///< holds one approval at a time: a new one overwrites it
  std::string requestor;               ///< who asks; must not approve; empty: the principal
  Duration valid_for = Duration::of(600 * nanoseconds_per_second);
  Duration starts_after;               ///< a scheduled start, counted from the approval: validity begins then
};

struct StepConfig {
  config::Located<std::string> name;
  StepKind kind = StepKind::custom;
  std::vector<config::Located<std::string>> after;      ///< steps that must be done
  std::vector<config::Located<std::string>> after_own;  ///< steps whose tasks for what this resource uses must be done
  std::vector<config::Located<std::string>> of;         ///< resources, one task for each; empty: one task
  DurationDistribution duration;
  std::int64_t parallel = 0;          ///< tasks at once; 0: no limit
  Ratio enough{1};                    ///< the step counts as done when this share of its tasks is
  std::int64_t api_calls = 1;         ///< that an attempt makes, for each instance of the resource
  bool needs_control_plane = true;
  Ratio failure_probability{0};       ///< of an attempt, known at its end
  StepRetryConfig retry;
  std::optional<Duration> timeout;    ///< an attempt that takes longer is cut off and has failed
  bool may_fail = false;              ///< then the plan goes on without it
  std::optional<config::Located<std::string>> people;   ///< who does it
  std::optional<ApprovalConfig> approval;               ///< of kind approve
  std::optional<config::Located<std::string>> needs_approval;  ///< the approve step without whose valid tag it may not start
  bool asks_again = true;             ///< denied: the approval is asked for anew; else the step has failed
  bool ends_at_expiry = false;        ///< a running attempt is cut off when its approval expires
  NeededFor needed_for = NeededFor::service;
  bool cpu_bound = false;             ///< takes longer on a smaller type, by the ratio of vCPUs
  std::optional<DnsHealthCheckConfig> health_check;  ///< of kind detect
  std::optional<DurationDistribution> grey_after; ///< of kind detect: what health checks do not see is noticed so late
  std::optional<DnsConfig> dns;       ///< of kind redirect
  std::optional<BytesPerSecond> hydration;        ///< of kind restore: blocks loaded each second after it
  double hydration_spread = 0;        ///< standard deviation of the logarithm of that rate, drawn for each volume
  bool hydrate_first = false;         ///< users wait until all blocks are loaded
  std::optional<config::Located<std::string>> cluster;  ///< of kind cluster_failover and force_quorum
  // Resolved by whoever knows the clusters:
  std::size_t cluster_row = 0;
  Duration takeover_mean, takeover_least;  ///< of kind cluster_failover: by another node, on top of the duration
  Duration restart_mean;                   ///< the same, of a cluster that had stopped
};

/// What to do if the wanted instance type cannot be launched.
enum class TypeFallback : std::uint8_t { larger, smaller, fail };

struct ObjectivesConfig {
  std::optional<Duration> rpo, rto;
  config::Location rpo_where, rto_where, data_where;
};

struct DrillConfig {
  Schedule schedule;
  TimeZone time_zone;
  std::string instance_type;      ///< of all instances launched; empty: as in a failover
  Duration kept_for = Duration::of(nanoseconds_per_hour);  ///< instances run so long after the drill, to look at
  bool isolated = true;           ///< no route to production, no redirection of clients
  config::Location where;
};

/// The way back: what was written at the target flows to the source, then clients move in a planned switch.
struct FailbackConfig {
  bool full_resync = false;              ///< all blocks; else those changed since users are served there
  BytesPerSecond bandwidth;              ///< for each resource with data
  DurationDistribution wait;             ///< from the source's return until the way back begins
  DurationDistribution switch_duration;  ///< flush, stop, redirect: users wait
  config::Location where, bandwidth_where;
};

/// Cost of an outage, drawn once for each disaster: a band by its share, then log-uniformly within it.
struct OutageCostBand {
  Ratio share;
  Usd from, to;
};
struct OutageCostConfig {
  std::vector<OutageCostBand> bands;  ///< shares sum to 1; empty: none
  UsdPerHour per_hour;                ///< of the time until users are served
};

struct RecoveryPlanConfig {
  config::Located<std::string> name;
  config::Located<std::string> protects;  ///< environment
  config::Located<std::string> target;    ///< environment
  std::vector<std::string> answers;       ///< kinds of faults; empty: all that hit the environment
  ObjectivesConfig objectives;
  bool seed_rule = false;                 ///< a policy is valid if its interval alone is within the objective
  bool whole = true;                      ///< everything moves; else only what the fault hit
  Duration data_from_before;              ///< restored data is at least so old at the disaster: before an intrusion
  std::vector<StepConfig> steps;
  TypeFallback fallback = TypeFallback::larger;
  std::int64_t parallel = 0;              ///< tasks of restore, provision and boot at once; 0: no limit
  // Of the target site, shared by all plans that recover there; the least that any of them states holds:
  std::optional<RequestRate> api_rate;    ///< calls a second that the control plane takes
  std::int64_t api_burst = 1;
  std::int64_t restores_max = 0;          ///< restores at once; 0: no limit
  std::optional<BytesPerSecond> restore_bandwidth;  ///< of all restored blocks together; empty: no limit
  Duration gives_up_after = Duration::of(7 * 24 * nanoseconds_per_hour);
  std::optional<DrillConfig> drills;
  std::optional<FailbackConfig> failback;
  OutageCostConfig outage_cost;
  bool heat_map = false;                  ///< report the recovery point by hour of the week
  config::Location where;
};
/// Reads `recovery` of the scenario: the plans. Errors: a step that follows one that is not there, a cycle (printed), an
/// approval whose approver is its requestor, keys that do not suit the kind.
std::vector<RecoveryPlanConfig> read_recovery(config::Section& scenario);

/// The names of a cycle in the steps' dependencies, first repeated at the end; empty if there is none.
std::vector<std::string> find_cycle(const std::vector<StepConfig>& steps);

/// One size of a family, as a fallback climbs or descends it.
struct TypeRung {
  std::string name;
  std::int64_t vcpus = 1;
  UsdPerHour price;
};

enum class ResourceKind : std::uint8_t { instances, volume, database };

/// What a plan recovers: one row for each resource of the protected environment.
struct PlanResource {
  std::string name;
  ResourceKind kind = ResourceKind::instances;
  SiteId source, target;               ///< Region and account
  std::optional<ZoneId> source_zone;   ///< empty: the whole Region
  std::vector<ZoneId> target_zones;    ///< tried in this order; empty: the Region's service
  std::vector<std::size_t> uses;       ///< rows of what it needs, such as an instance's volumes
  std::optional<DataId> data;          ///< what protects it; empty for what holds no data
  Duration retrieval = {};             ///< before its restore begins, at least: from an archive
  bool managed = false;                ///< a managed database: no old primary becomes a replica by its changed blocks alone
  std::int64_t count = 1;              ///< instances
  std::int64_t standing = 0;           ///< of these, already running at the target
  bool reserved = false;               ///< launched into capacity reservations
  std::vector<TypeRung> ladder;        ///< sizes by vCPUs and memory; empty unless instances
  std::size_t wanted = 0;              ///< the rung
  std::optional<TypeRung> drill_type;  ///< launched by drills instead
  std::optional<std::pair<std::size_t, std::size_t>> node;  ///< of a failover cluster, at the source: its row, and which
  bool lacking = false;                ///< something that it needs is not at the target: it cannot be built there
};

/// One task: a step for one resource, or for the plan as a whole.
struct PlanTask {
  std::size_t step = 0;
  std::optional<std::size_t> resource;
  std::vector<std::size_t> after_own;  ///< tasks
};

/// A plan with its resources, as a graph. Immutable once built.
class RecoveryPlan {
 public:
  /// Requires: the steps have no cycle and name only steps and resources that are there.
  RecoveryPlan(RecoveryPlanConfig config, std::vector<PlanResource> resources);

  const RecoveryPlanConfig& config() const { return config_; }
  const std::vector<PlanResource>& resources() const { return resources_; }
  const std::vector<StepConfig>& steps() const { return config_.steps; }
  const std::vector<PlanTask>& tasks() const { return tasks_; }
  /// Steps that the step follows, by `after`.
  const std::vector<std::size_t>& after(std::size_t step) const { return after_[step]; }
  const std::vector<std::size_t>& tasks_of(std::size_t step) const { return tasks_of_[step]; }
  /// Steps that follow the step by `after`, and tasks that follow the task by `after_own`.
  const std::vector<std::size_t>& followers(std::size_t step) const { return followers_[step]; }
  const std::vector<std::size_t>& own_followers(std::size_t task) const { return own_followers_[task]; }
  /// How many of the step's tasks must be done for those that follow it.
  std::size_t enough(std::size_t step) const { return enough_[step]; }
  /// Steps, each after those that it follows.
  const std::vector<std::size_t>& order() const { return order_; }
  /// The chain of steps that takes longest if every task takes its mean, or its least, up to the service; and how long that
  /// is. What stands already takes no time: `built` is the target's network, and a boot of instances that all stand. Waiting
  /// for people, slots, calls and capacity is left out.
  struct StaticPath {
    std::vector<std::size_t> steps;
    std::vector<Duration> lengths;  ///< of each
    Duration length;
    /// By step, whether on the path or not: when its first task begins, and when it counts as done.
    std::vector<std::pair<Duration, Duration>> spans;
  };
  StaticPath static_critical_path(bool built, bool shortest = false) const;
  /// By means, of a disaster that takes quorum: failovers of clusters begin when it has been forced. Empty if the plan has
  /// no step that forces the quorum of one of its failovers, or one that itself waits for that failover.
  std::optional<StaticPath> static_path_without_quorum(bool built) const;
  /// Mean of one attempt of the step, and a length that next to none falls short of.
  Duration mean_duration(std::size_t step) const;
  Duration least_duration(std::size_t step) const;

 private:
  /// The chain that takes longest, each step after those of `after`, which `order` puts before it.
  StaticPath longest_path(bool built, const std::vector<std::size_t>& order, const std::vector<std::vector<std::size_t>>& after,
                          const std::function<Duration(std::size_t)>& duration_of) const;

  RecoveryPlanConfig config_;
  std::vector<PlanResource> resources_;
  std::vector<PlanTask> tasks_;
  std::vector<std::vector<std::size_t>> after_, followers_, tasks_of_, own_followers_;
  std::vector<std::size_t> enough_, order_;
};

}  // namespace fleetsim
