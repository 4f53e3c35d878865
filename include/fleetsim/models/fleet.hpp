#pragma once
/// A fleet: instances from launch to end, the load balancer that spreads requests evenly over those in service, what
/// they serve and drop, and the metric by which groups scale.
///
/// Requests are a fluid: a rate that changes at events only. With n instances in service each is offered rate / n, unless
/// a load balancer says otherwise. An instance admits requests while its utilization is below `utilization_max` and
/// refuses the rest.
///
/// Truth:      offered = served + dropped, exactly; instances launched = running + ended.
/// Leaves out: queueing inside an instance other than the distribution of its response times; see docs/models/fleet.md,
///             which also has the sources of the defaults.
/// Source:     [1] AWS Architecture Blog, How IPONWEB adopted Spot Instances to run their real-time bidding workloads:
///             even balancing, refused requests, the composite metric;
///             [2] Elastic Load Balancing user guide: deregistration of a target.

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/fleet/cpu_credits.hpp"
#include "fleetsim/models/fleet/load_balancer.hpp"
#include "fleetsim/models/fleet/requests.hpp"
#include "fleetsim/pool_state.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/period_clock.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/sim/step_series.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

namespace config { class Section; }
namespace fleet { enum class InstanceState : std::uint8_t; }

/// How an instance's utilization u (served / capacity) and drop rate d (dropped / offered) become the metric that its
/// group scales by, in percent.
enum class FleetMetric : std::uint8_t {
  demanded_utilization,      ///< 100 u / (1 - d): equal to utilization while nothing drops, above 100 when dropping
  utilization_or_drops,      ///< max(100 u, 100 d / drop_reference)
  utilization_and_drops      ///< w 100 u + (1 - w) 100 d
};

struct FleetConfig {
  std::string name;
  std::string serves;                        ///< the demand
  std::string region;
  std::string home_zone;                     ///< where the main database lives; empty if there is none
  RequestRate capacity_per_vcpu;             ///< requests/s that one vCPU serves at 100 % utilization
  Ratio utilization_max{0.95};               ///< admission: an instance refuses what would lift it above this [1]
  Duration deadline = Duration::of(200'000'000);  ///< a response later than this counts as dropped
  /// Round trips to the home zone that a request waits for; each costs the zone's distance from the deadline.
  int home_round_trips = 1;
  Bytes home_bytes_per_request;              ///< moved between an instance and the home zone, both directions together

  /// Launch until `running`, when billing begins.
  DurationDistribution pending_time{Duration::of(5 * nanoseconds_per_second)};
  /// Added to pending_time of a Spot Instance.
  DurationDistribution spot_fulfilment_time{Exponential{.mean = 5}};
  /// `running` until the operating system is up.
  DurationDistribution boot_time{LogNormal{.median = 30, .sigma = 0.25}};
  bool boot_time_given = false;              ///< false: the default, and another for Windows
  /// Then until the application serves (in service).
  DurationDistribution start_time{Duration::of(30 * nanoseconds_per_second)};
  /// `running` until it serves again, of an instance that resumes from hibernation: its memory is read back.
  DurationDistribution resume_time{Duration::of(60 * nanoseconds_per_second)};
  /// From the start of a stopped instance of a warm pool until `running`.
  DurationDistribution warm_start_time{Uniform{.low = 15, .high = 30}};
  bool deregister_on_notice = true;          ///< an interruption notice takes the instance out of service at once [2]
  Duration drain_time;                       ///< out of service until terminated, without a load balancer
  double service_time_cv = 1;                ///< coefficient of variation of the service time
  std::optional<LoadBalancerConfig> load_balancer;  ///< empty: an even split over the instances that serve
  std::optional<FailureConfig> failures;            ///< of a fleet with a load balancer
  std::optional<RequestsConfig> requests;           ///< of a fleet with a load balancer; empty: a fluid, and utilization_max
  /// What an instance does whose application failed.
  FailedAnswer failed_answer() const { return failures ? failures->answer : FailedAnswer::nothing; }

  FleetMetric metric = FleetMetric::demanded_utilization;
  Ratio metric_drop_reference{0.01};         ///< of utilization_or_drops
  Ratio metric_utilization_weight{0.5};      ///< w of utilization_and_drops
  double metric_cap = 400;                   ///< percent
  Duration metric_period = Duration::of(60 * nanoseconds_per_second);
  Duration metric_lag;                       ///< from the end of a period until its value is seen
  bool instance_metrics = false;             ///< whether its groups look at other metrics than the fleet's own
  bool target_metrics = false;               ///< whether its groups look at errors, latency or unhealthy targets
  bool metric_lag_given = false;             ///< false: the default, which depends on the groups' policies
  Bytes network_in_per_request;              ///< received by the instance that serves it
  Bytes network_out_per_request;             ///< and sent by it
};
FleetConfig read_fleet(const std::string& name, config::Section& in);

/// A kind of place in a fleet: all its instances are alike, so the fluid is computed once for all of them.
/// One (group, instance type, zone).
struct PlacementConfig {
  GroupId group;
  std::string instance_type;
  std::string zone;
  Purchase purchase = Purchase::on_demand;
  int vcpus = 1;
  double performance_factor = 1;     ///< of one vCPU of this type, 1 is capacity_per_vcpu
  Duration instance_warmup;          ///< in service until it counts in the group's metric
  Duration home_round_trip;          ///< between this zone and the home zone; zero in it
  bool in_home_zone = true;
  std::int64_t units = 1;            ///< that an instance counts in its group
  std::optional<CpuCreditConfig> cpu_credits = {};  ///< of a burstable type
  std::optional<DurationDistribution> boot_time = {};  ///< instead of the fleet's
};
using PlacementId = Id<struct PlacementTag>;

/// Port: who pays for an instance, and takes its capacity back when it ends.
struct InstanceOwner {
  virtual ~InstanceOwner() = default;
  /// Billing begins.
  virtual void instance_running(InstanceId instance, PlacementId placement) = 0;
  /// The instance stopped: billing ends, its number stays. Who stopped it decides what it costs, as with an end.
  virtual void instance_stopped(InstanceId instance, PlacementId placement, EndedBy stopped_by) = 0;
  /// The instance is gone and its number will be reused; `was_running` tells whether billing had begun.
  virtual void instance_ended(InstanceId instance, PlacementId placement, bool was_running, EndedBy ended_by) = 0;
};
/// The metrics of a group over a period: means over the time of its instances that are warm, and what its clients saw of
/// all that were in service. NaN where there is none.
struct PeriodMetrics {
  double percent = 0;              ///< the fleet's own
  double units = 0;                ///< that were warm, the mean over the period
  double cpu = 0;                  ///< utilization, percent
  double requests_per_minute = 0;  ///< sent to an instance
  double network_in = 0;           ///< bytes/min
  double network_out = 0;
  double errors = std::numeric_limits<double>::quiet_NaN();   ///< failed or refused, percent of what was sent to it
  double latency = std::numeric_limits<double>::quiet_NaN();  ///< mean response time of a target, seconds
  double unhealthy = std::numeric_limits<double>::quiet_NaN();  ///< targets, the mean over the period
};
/// Port: who scales the groups.
struct FleetScaling {
  virtual ~FleetScaling() = default;
  /// All metrics of the fleet's groups, from `first` on, over a period that closed; empty if a group has none.
  virtual void metrics_published(GroupId first, std::span<const std::optional<PeriodMetrics>> metrics) = 0;
  /// The application of an instance is up: how long something keeps it from service, Duration::max() if for ever.
  virtual Duration boot_finished(PlacementId /*placement*/, InstanceId /*instance*/) { return {}; }
  /// A launched instance serves from now on.
  virtual void instance_in_service(PlacementId /*placement*/, InstanceId /*instance*/) {}
  /// An instance of a warm pool is ready to be taken.
  virtual void instance_pooled(PlacementId /*placement*/, InstanceId /*instance*/) {}
  /// An instance of the placement was taken back (it counts no longer, and its number may be reused at once).
  virtual void instance_interrupted(PlacementId placement, InstanceId instance) = 0;
  /// A hint that the instance will soon come into service, to fetch what that needs into the cache.
  virtual void prefetch(PlacementId /*placement*/, InstanceId /*instance*/) const {}
  /// The load balancer takes the instance for unhealthy, or for healthy again.
  virtual void target_health_changed(PlacementId /*placement*/, InstanceId /*instance*/, bool /*is_healthy*/) {}
};

struct InstanceRunning { static constexpr std::string_view name = "fleet.instance_running"; InstanceId instance; };
struct InstanceInService { static constexpr std::string_view name = "fleet.instance_in_service"; InstanceId instance; };
struct InstanceWarmed { static constexpr std::string_view name = "fleet.instance_warmed"; InstanceId instance; };
struct InstanceDrained { static constexpr std::string_view name = "fleet.instance_drained"; InstanceId instance; };
/// The application on an instance fails, or answers again; the load balancer does not know yet.
struct InstanceFailed { static constexpr std::string_view name = "fleet.instance_failed"; InstanceId instance; };
struct InstanceRecovered { static constexpr std::string_view name = "fleet.instance_recovered"; InstanceId instance; };
/// Enough health checks in a row said the same.
struct TargetHealthChanged { static constexpr std::string_view name = "fleet.target_health_changed"; InstanceId instance; };
struct SlowStartStepped { static constexpr std::string_view name = "fleet.slow_start_stepped"; InstanceId instance; };
/// What instances spend of their CPU credits has changed; an instance's credits are at an end.
struct LoadsSettled { static constexpr std::string_view name = "fleet.loads_settled"; };
struct CreditsRanOut { static constexpr std::string_view name = "fleet.credits_ran_out"; InstanceId instance; };
/// The values of a metric period reach the groups, which look at an instant when all its changes are done.
struct MetricSeen {
  static constexpr std::string_view name = "fleet.metric_seen";
  static constexpr Phase phase = Phase::observe;
};

class Fleet : public EventHandler<Fleet, InstanceRunning, InstanceInService, InstanceWarmed, InstanceDrained,
                                  InstanceFailed, InstanceRecovered, TargetHealthChanged, SlowStartStepped,
                                  LoadsSettled, CreditsRanOut,
                                  MetricSeen> {
 public:
  /// `groups` are the names of the fleet's groups in the order of their GroupId from `first_group` on.
  Fleet(Simulation& sim, FleetConfig config, std::vector<std::string> groups, GroupId first_group, InstanceOwner& owner,
        FleetScaling& scaling);
  ~Fleet();

  /// Keeps the capacity of each group over the span from the run's beginning on. Requires: nothing was launched.
  void keep_series(Duration span);

  PlacementId add_placement(PlacementConfig placement);
  const PlacementConfig& placement(PlacementId id) const;
  /// Begins the first metric period. Fleets that share a clock share the events that end their periods.
  void start(PeriodClock& clock);
  /// The same by a clock of its own.
  void start();

  void demand_changed(RequestRate offered);
  /// That share of what the placement's instances answer is of no use from now on, and counts as dropped; health checks,
  /// utilization and latencies do not show it.
  void set_errors(PlacementId placement, Ratio share);

  /// The number that the next instance to be launched has.
  InstanceId next_instance() const;
  /// A new instance, pending for a nanosecond at least: scaling may launch while an instant is observed. Its number is
  /// reused after it ended.
  InstanceId launch(PlacementId placement);
  /// As `launch`, but already in service and warm: how a run begins.
  InstanceId launch_in_service(PlacementId placement);
  /// Takes the instance out of the group's capacity and out of service, drains it, holds it and ends it. Requires: it is
  /// pending, booting, in service or failed, and not under notice. Returns how long it takes until it has ended.
  Duration terminate(InstanceId instance, Duration hold = {});
  /// The instance fails, or stopped by itself and is billed no longer: it serves nothing until somebody ends it. Where a
  /// load balancer is, one that did not stop loses what it is sent until the balancer's checks find that out. Requires: it is
  /// in service.
  void fail(InstanceId instance, bool stopped);

  /// A new instance of a warm pool: it boots and then waits as `state` says, not part of the group's capacity.
  InstanceId launch_to_pool(PlacementId placement, PoolState state);
  /// It is part of the capacity, and serves when it has started again. Requires: it waits in the pool.
  void take_from_pool(InstanceId instance);
  /// The instance leaves service and capacity, and waits. Requires: it is in service and not under notice.
  void return_to_pool(InstanceId instance, PoolState state);
  /// Ends an instance of the pool, ready or not.
  void terminate_pooled(InstanceId instance);
  /// As `terminate`, for an instance that may be under notice; false if it is. Requires: it is not draining.
  bool terminate_unless_noticed(InstanceId instance);
  /// EC2 will take the instance back. It still counts toward its group's capacity, but is no longer terminated. With
  /// deregister_on_notice it leaves service, or never enters it. A second notice changes nothing.
  void interruption_noticed(InstanceId instance);
  /// EC2 stops the instance, whatever it does: it leaves service and the group's capacity. If it hibernates it is billed
  /// until `hibernated`; else it stopped. Requires: it is not draining, stopped or hibernating.
  void stop(InstanceId instance, bool hibernates);
  void hibernated(InstanceId instance);
  /// The instance is pending again, and part of the group's capacity. Requires: it is stopped.
  void resume(InstanceId instance, bool memory_kept);
  /// EC2 takes the instance back, noticed or not, whatever its state.
  void interrupted(InstanceId instance);
  /// Takes back, as `interrupted`, what of the placement counts toward its group's capacity.
  void all_interrupted(PlacementId placement);
  PlacementId placement_of(InstanceId instance) const;

  /// Pending, booting, in service or under notice: what counts toward a group's capacity.
  std::int64_t capacity(GroupId group) const;
  std::int64_t capacity(PlacementId placement) const;
  /// Of these, those that will count in the metric but do not yet.
  std::int64_t warming(GroupId group) const;
  std::int64_t warming(PlacementId placement) const;

  void begin_measurement();
  /// Ends the bookkeeping of instances that still run (EndedBy::horizon) and of the fluid. Call once, at the end.
  void finish();
  /// fleet.<name>.drop_fraction, .utilization, .requests_…; and a group: instance_hours, share_of_work, …
  void report(MetricSink& sink) const;
  /// Admitted requests of a placement outside the home zone times home_bytes_per_request, since measurement began; zero
  /// in the home zone.
  DataVolume home_bytes(PlacementId placement) const;
  /// vCPU-hours of the placement's instances while they ran, and of these the part that they worked. One by one, work for
  /// clients that gave up is not counted.
  struct VcpuHours {
    double running = 0, busy = 0;
  };
  VcpuHours vcpu_hours(PlacementId placement) const;
  /// vCPU time of surplus CPU credits that is charged for the placement's instances.
  VcpuTime surplus_vcpu_time(PlacementId placement) const;
  /// Since measurement began, as all that follows. What is not served is dropped.
  Requests offered() const;
  Requests served() const;
  /// Served or late.
  Requests admitted() const;
  /// What the load balancer took, with all attempts.
  double balanced() const;
  Duration measured() const;
  double instance_hours() const;
  double instance_hours(GroupId group) const;
  /// Capacity of each group over time, bounded in memory. Requires: keep_series was called.
  const StepSeries& capacity_series(GroupId group) const;

  /// Fetches what the next change in the life of the instance needs.
  void prefetch(PlacementId placement, InstanceId instance) const;
  void prefetch(const InstanceInService& event, Lookahead when) const;
  void prefetch(const InstanceWarmed& event, Lookahead when) const;
  void on(const InstanceRunning&);
  void on(const InstanceInService&);
  void on(const InstanceWarmed&);
  void on(const InstanceDrained&);
  void on(const InstanceFailed&);
  void on(const InstanceRecovered&);
  void on(const TargetHealthChanged&);
  void on(const SlowStartStepped&);
  void on(const LoadsSettled&);
  void on(const CreditsRanOut&);
  void on(const MetricSeen&);

 private:
  struct State;
  InstanceId add_instance(PlacementId placement);
  void begin_running(InstanceId instance);
  /// `at_full_share`: without slow start.
  void begin_serving(InstanceId instance, bool at_full_share);
  void become_warm(InstanceId instance);
  void leave_service(InstanceId instance, fleet::InstanceState next);
  /// The load balancer sends the instance requests, or stops sending them and notes what is in flight.
  void register_target(InstanceId instance, bool at_full_share);
  void deregister_target(InstanceId instance);
  void become_healthy(InstanceId instance, bool at_full_share);
  /// Until a new target has passed the checks that it needs. It is registered, and checked from then on, when it runs, or
  /// when hooks have held it for `hold`.
  Duration first_checks(Duration booted_after, Duration hold) const;
  /// It loses what it has and what it is sent, until the balancer takes it for unhealthy.
  void target_fails(InstanceId instance);
  /// The instance ends: what was in flight when it left the balancer, and is not answered by now, is lost.
  void cut_requests(InstanceId instance);
  /// Takes the instance off the list and out of the capacity; call before it leaves service.
  void leave_capacity(InstanceId instance);
  void become_pending(InstanceId instance);
  void enter_pool(InstanceId instance);
  void end(InstanceId instance, bool was_running, EndedBy ended_by);

  std::unique_ptr<State> state_;
};

}  // namespace fleetsim
