#pragma once
/// Everything of a fleet that changes during a run, and the exact integrals over it.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fleetsim/models/fleet.hpp"
#include "fleetsim/sim/duration_draws.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/fleet/credit_balance.hpp"
#include "models/fleet/even_split.hpp"
#include "models/fleet/fluid.hpp"
#include "models/fleet/instances.hpp"
#include "models/fleet/one_by_one.hpp"
#include "models/fleet/targets.hpp"

namespace fleetsim::fleet {

/// Number of instances times time; 128 bits because a million instances for a month overflow 64.
using InstanceTime = Quantity<struct InstanceNanosecondTag, Int128>;
constexpr InstanceTime instance_time(std::int64_t instances, Duration time) {
  return InstanceTime::of(static_cast<Int128>(instances) * time.count());
}
constexpr double to_instance_hours(InstanceTime time) {
  return static_cast<double>(time.count()) / static_cast<double>(nanoseconds_per_hour);
}

/// A number of instances and its exact integral over time, which is brought up to date only when the number changes.
class InstanceLevel {
 public:
  std::int64_t count() const { return count_; }
  void change(Time now, std::int64_t by) {
    total_ += instance_time(count_, now - changed_);
    changed_ = now;
    count_ += by;
  }
  InstanceTime total(Time now) const { return total_ + instance_time(count_, now - changed_); }
  /// Forgets the time before `now`.
  void restart(Time now) {
    total_ = {};
    changed_ = now;
  }

 private:
  std::int64_t count_ = 0;
  Time changed_;
  InstanceTime total_;
};

struct Counts {
  std::int64_t capacity = 0;  ///< all but draining
  std::int64_t warm = 0;      ///< serving and counted in the metric
  std::int64_t leaving = 0;   ///< noticed, and out of service for that or never to be in it
};

/// What a placement did since the measurement began.
struct Totals {
  Requests offered, admitted, late;
  Requests lost;  ///< sent to instances that had failed
  Requests cut;   ///< admitted, but the instance failed or ended before it answered
  CreditBalance::Level surplus = 0;    ///< CPU credits that are charged
  double credits_end = 0;              ///< CPU credits of its instances at the horizon

  Requests served() const { return admitted - late - cut; }
};

/// How long the steps of its instances' lives take. Each has a stream of its own, so that the n-th boot takes as long in
/// all variants of a scenario that differ in something else.
struct LifeTimes {
  DurationDraws pending, fulfilment, start, boot, resume, warm_start;
};

/// What each change of its instances reads and writes comes first, in two cache lines, which are fetched ahead: of many
/// fleets, none is in the cache.
struct alignas(64) Placement {
  std::uint32_t group = 0;      ///< within the fleet
  std::uint32_t host = 0;       ///< its class of hosts; of a burstable type the next one is without credits
  bool spot = false;
  Duration instance_warmup;
  Counts counts;
  InstanceLevel running;        ///< billed
  LifeTimes times;
  Totals totals;
  Stream failures;
  std::unique_ptr<const DurationDistribution> own_boot_time;  ///< where the configuration has one
  PlacementConfig config;
};

/// How an instance stands with the load balancer.
struct Standing {
  Duration booted_after{};               ///< running, until its application was up
  Time registered;                       ///< since when it is checked
  std::optional<TargetKind> kind;        ///< empty while it is no target
  EventHandle health;                    ///< the balancer will change its mind
  EventHandle slow_start;
  EventHandle failure;                   ///< or recovery
  double in_flight = 0;                  ///< requests, when it left
  bool stuck = false;                    ///< when it left it answered nothing
  Time deregistered;
};

/// CPU credits of one instance of a burstable type.
struct Burst {
  std::optional<CreditBalance> balance;
  std::int64_t use = 0;                  ///< 10^-6 credits/h
  EventHandle runs_out;
};

/// What a group's warm instances did in the present metric period.
struct PeriodWork {
  double offered = 0, admitted = 0;  ///< requests
  double busy = 0;                   ///< instance-seconds at full utilization
};

/// Integrals over the present metric period of a group.
struct PeriodSums {
  double metric_time = 0;         ///< of metric x warm instances, percent x ns
  double warm_time = 0;           ///< of warm instances, ns
  double units_time = 0;          ///< of their units
  PeriodWork work;                ///< where the fleet has instance_metrics and requests are a fluid
};

/// What the clients of a group saw in the present metric period, of all its instances in service.
struct PeriodService {
  double sent = 0, failed = 0;          ///< requests
  double answered = 0, answering = 0;   ///< requests, and the sum of their response times, seconds
  double unhealthy = 0;                 ///< target-seconds
};

/// The instances of a host class that count in their group's metric.
struct WarmHosts {
  std::int64_t instances = 0;
  std::uint32_t group = 0;        ///< within the fleet
  double units = 1;               ///< that each counts there
  double nominal = 0;             ///< requests/s of one, by which its utilization is told
};

struct alignas(64) Group {
  InstanceLevel capacity;
  std::int64_t capacity_min = 0;
  std::int64_t capacity_max = 0;
  StepSeries series;              ///< empty unless it is kept
  std::int64_t warm = 0;
  std::int64_t leaving = 0;       ///< of its placements, as there
  std::uint64_t interruptions = 0;
  double metric_sum = 0;          ///< of the periods that had a value
  std::uint64_t metric_periods = 0;
  std::string name;
};

}  // namespace fleetsim::fleet

namespace fleetsim {

struct Fleet::State final : PeriodListener {
  State(Fleet& fleet, Simulation& simulation, FleetConfig fleet_config, GroupId first, InstanceOwner& instance_owner,
        FleetScaling& fleet_scaling)
      : self(fleet), sim(simulation), config(std::move(fleet_config)), first_group(first), owner(instance_owner),
        scaling(fleet_scaling) {
    if (config.load_balancer) targets.emplace(config);
    else even.emplace(config);
    if (config.requests && config.requests->model == RequestModel::each) requests.emplace(sim, config);
  }

  Fleet& self;
  Simulation& sim;
  const FleetConfig config;
  const GroupId first_group;
  InstanceOwner& owner;
  FleetScaling& scaling;

  fleet::InstanceTable instances;
  std::vector<fleet::Placement> placements;
  std::vector<fleet::HostClass> hosts;         // in the order of the placements
  std::vector<std::uint32_t> placement_of_host;
  std::vector<fleet::InstanceLevel> serving;   // by host class
  std::vector<fleet::WarmHosts> warm;          // by host class
  std::vector<fleet::Flow> flows;              // by host class, where a load balancer is; up to date if flows_known
  std::vector<fleet::Burst> bursts;            // by instance, where types are burstable
  bool burstable = false;
  bool settling = false;                       // LoadsSettled is scheduled, or being handled
  std::vector<fleet::PeriodService> services;  // by group, where the fleet has target_metrics
  std::vector<fleet::Group> groups;
  std::vector<fleet::PeriodSums> period_sums;  // by group
  std::optional<fleet::EvenSplit> even;        // where no load balancer is
  std::optional<fleet::Targets> targets;       // where one is
  std::optional<fleet::RequestsOneByOne> requests;  // where they are simulated one by one, instead of flows
  std::vector<std::string> zones;              // in the order of their first placement
  std::vector<fleet::Standing> standings;      // by instance, where a load balancer is
  double unhealthy_time = 0;                   // integral of unhealthy targets, s
  double all_unhealthy_time = 0;               // s

  RequestRate offered_rate;
  bool flows_known = false;
  Time flows_since;                            // requests are posted up to then
  Time integrated_until;
  Time measured_from;
  Requests offered;                            // until the rate changed last; one by one, at the end
  Time offered_since;
  std::uint64_t launched = 0, ended = 0;

  std::optional<PeriodClock> own_clock;        // where the fleet shares none
  std::vector<std::optional<PeriodMetrics>> seen_later;  // metric values on their way, oldest period first, one row a period
  std::size_t rows_on_their_way = 0;

  /// Integrates the metric of targets up to the clock; call before anything changes. Flows are computed only if time has
  /// passed since they changed, so that any number of changes in one instant cost one computation.
  void integrate() {
    if (targets) integrate_targets();  // an even split follows what flows, whatever else happens
  }
  void integrate_targets();
  /// What clients saw while the flows held for so long.
  void integrate_service(double seconds);
  /// Integrates the flows up to the clock; call before what they follow from changes: the offered rate, the numbers of
  /// serving instances, how targets stand.
  void flows_change() {
    if (even) even->advance(sim.now());
    else post_flows();
    flows_known = false;
    if (burstable) settle_later();
  }
  /// Brings the totals up to the clock.
  void post_flows();
  /// Requests of the fluid that were offered up to now.
  Requests offered_now() const { return requests ? offered : offered + offered_rate * (sim.now() - offered_since); }
  void refresh_flows();
  /// So many more instances of the host class serve. Requires: flows_change() was called.
  void change_serving(std::uint32_t host, std::int64_t by) {
    serving[host].change(sim.now(), by);
    if (even) even->change_serving(host, by);
  }
  /// So many more of them are warm.
  void change_warm(std::uint32_t host, std::int64_t by) {
    warm[host].instances += by;
    if (!even) return;
    even->advance(sim.now());
    even->change_warm(host, by);
  }
  /// What the instances of an even split did in the period, into the sums of their groups.
  void take_even_period();
  /// Requests of an even split into the totals of their placements.
  void take_even_work();
  /// What instances spend of their CPU credits is to be settled, because flows change.
  void settle_later();
  void settle_credits();
  void open_balance(InstanceId id);
  void close_balance(InstanceId id, bool horizon, bool stopped);
  void report_credits(std::size_t group, const std::string& prefix, MetricSink& sink) const;
  bool by_outstanding() const;
  /// Requires: the flows are in force, and the instance is in service.
  fleet::EachLoad load_of(InstanceId id);
  void move_host(InstanceId id, std::uint32_t to);
  /// Requests that were simulated one by one, into the totals of their placements.
  void take_counted_requests();
  /// Of a placement with that boot time, whose streams' names begin so.
  fleet::LifeTimes draw_times(const DurationDistribution& boot_time, const std::string& streams) const;
  void period_ended() override;
  /// Writes the metrics of the groups over the period that ends now, and begins the next.
  void close_period(std::optional<PeriodMetrics>* by_group);
  /// The same of an even split of which nobody looks at more than the fleet's own metric.
  void close_plain_period(std::optional<PeriodMetrics>* by_group);
  /// Of an instance that may not have one yet.
  fleet::Standing& add_standing(InstanceId id);
  void move_target(InstanceId id, std::optional<fleet::TargetKind> to);
  /// The instance, in service, is warm now, or no longer. Requires: integrated up to the clock.
  void target_warms(InstanceId id) {
    if (targets) set_target_warm(id);
  }
  void set_target_warm(InstanceId id);
  /// Requests on the instance, waiting or in service, in the mean.
  double in_flight(InstanceId id);
  /// The share of them that is not answered so much later, when no more come.
  double in_flight_tail(InstanceId id, Duration later) const;
  /// How long an instance that left service drains. Requires: a target was deregistered.
  Duration drain_time_of(InstanceId id) { return targets ? target_drain_time(id) : config.drain_time; }
  Duration target_drain_time(InstanceId id);
  /// Admitted requests that will not be answered.
  void post_lost(InstanceId id, double count);
  void change_capacity(fleet::Placement& placement, std::int64_t change) {
    fleet::Group& group = groups[placement.group];
    placement.counts.capacity += change;
    group.capacity.change(sim.now(), change);
    const std::int64_t capacity = group.capacity.count();
    group.capacity_min = std::min(group.capacity_min, capacity);
    group.capacity_max = std::max(group.capacity_max, capacity);
    group.series.set(sim.now(), static_cast<double>(capacity));
  }
  /// Fetches what a change of the placement's instances reads and writes.
  void prefetch(PlacementId id) const;
  fleet::Placement& placement_of(InstanceId id) { return placements[instances[id].placement.index]; }
  fleet::Group& group_of(InstanceId id) { return groups[placement_of(id).group]; }
  std::size_t index_of(GroupId group) const { return group.index - first_group.index; }
  /// Whether a notice keeps the instance out of service.
  bool leaves(const fleet::Instance& instance) const { return instance.noticed && config.deregister_on_notice; }
  /// Whether it counts toward the capacity but will never serve again.
  bool counts_as_leaving(const fleet::Instance& instance) const { return leaves(instance) || instance.failed(); }
  void count_leaving(InstanceId id, std::int64_t change) {
    placement_of(id).counts.leaving += change;
    group_of(id).leaving += change;
  }
};

}  // namespace fleetsim
