#pragma once
/// A fleet with its connections to the other models in one world.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fleetsim/sim/maybe.hpp"
#include "models/scenario/launch_gate.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/type_choice.hpp"

namespace fleetsim::scenario {

/// What fleets share in a world.
struct Shared {
  Simulation& sim;
  Billing& billing;
  Commitments& commitments;
  SpotMarket& market;
  AutoScaling& scaling;
  Ec2Fleets& ec2_fleets;
  config::UtcTime run_start;
  const LaunchGate& gate;
};

/// Answers the fleet's ports: pays for its instances, gives Spot units back, passes metrics on to its groups.
class FleetNode final : public InstanceOwner, public FleetScaling, public DemandListener {
 public:
  /// `spot_tariffs` by pool; `index` of the fleet in the world; `first_group` number of its first group there;
  /// `series_span`: for that long its groups' capacities are kept as series; empty: not at all.
  FleetNode(Shared shared, const FleetPlan& plan, std::uint32_t index, GroupId first_group,
            const std::vector<TariffId>& spot_tariffs, const std::string& region, std::optional<Duration> series_span);

  Fleet& fleet() { return *fleet_; }
  const FleetPlan& plan() const { return plan_; }
  GroupId first_group() const { return first_group_; }

  /// As the port GroupCapacity says, for the group of that number within the fleet.
  void round_began(std::size_t group, std::size_t purchase, std::int64_t units);
  Maybe<std::size_t> choose_type(std::size_t group, std::size_t zone, std::size_t purchase, std::uint64_t tried);
  Maybe<InstanceId> launch(std::size_t group, const LaunchOption& option, bool in_service);
  Maybe<InstanceId> launch_to_pool(std::size_t group, const LaunchOption& option, PoolState state);
  std::size_t rank(std::size_t group, const LaunchOption& option);
  bool as_available(std::size_t group, InstanceId instance) const;
  std::int64_t warming(std::size_t group) const;

  /// As the port Ec2FleetCapacity says, for the group of that number within the fleet; a pool is one of its placements.
  Ec2FleetCover plan_launches(std::size_t group, const Ec2FleetBatch& batch, std::vector<std::int64_t>& launches);
  Maybe<InstanceId> launch_into(std::size_t group, std::size_t pool, bool in_service);
  bool terminate_unless_noticed(InstanceId instance);
  UsdPerHour price(std::size_t group, std::size_t pool) const;
  bool as_available(std::size_t group, std::size_t pool, std::size_t than) const;
  void rebalance_recommended(PlacementId placement, InstanceId instance);
  void interruption_noticed(PlacementId placement, InstanceId instance);

  /// An instance whose Spot unit somebody else holds and gives back.
  InstanceId launch_requested(std::size_t group, std::size_t pool, bool in_service);
  std::size_t pools(std::size_t group) const { return first_placement_[group + 1] - first_placement_[group]; }
  UsdPerHour max_price(std::size_t group, std::size_t pool) const {
    return plan_.placements[pool_of(group, pool).index].max_price;
  }
  PoolId spot_pool(std::size_t group, std::size_t pool) const {
    return *plan_.placements[pool_of(group, pool).index].pool;
  }

  /// EC2 has taken the instance's Spot unit: it ends, or is stopped or hibernated if its EC2 Fleet says so.
  void interrupted(PlacementId placement, InstanceId instance);
  /// Starts an instance of an EC2 Fleet that was stopped; false if its pool has no unit.
  bool start(std::size_t group, std::size_t pool, InstanceId instance, bool memory_kept);

  /// Fetches what the next change in the life of the instance needs.
  void prefetch(PlacementId placement, InstanceId instance) const override;

  /// Every on-demand or reserved instance in the zone ends; those on Spot end with their pools.
  void zone_lost(std::string_view zone);
  void grey(std::string_view zone, Ratio share);

  /// Posts the load balancer, the traffic with the home zone and surplus CPU credits. Once, after Fleet::finish.
  void charge_at_end();
  /// Costs and what follows from them: cost, cost_per_million_requests, break_even_gb_per_instance_hour.
  void report(MetricSink& sink) const;
  /// Sentences about thresholds that contradict the order of costs.
  std::vector<std::string> warnings() const;
  Usd instance_cost(Purchase purchase) const;
  Usd transfer_cost() const;
  Usd balancer_cost() const;
  /// Surplus CPU credits; empty where no type is burstable.
  std::optional<Usd> credit_cost() const;

  void instance_running(InstanceId instance, PlacementId placement) override;
  void instance_stopped(InstanceId instance, PlacementId placement, EndedBy stopped_by) override;
  void instance_ended(InstanceId instance, PlacementId placement, bool was_running, EndedBy ended_by) override;
  void metrics_published(GroupId first, std::span<const std::optional<PeriodMetrics>> metrics) override;
  Duration boot_finished(PlacementId placement, InstanceId instance) override;
  void instance_in_service(PlacementId placement, InstanceId instance) override;
  void instance_pooled(PlacementId placement, InstanceId instance) override;
  void target_health_changed(PlacementId placement, InstanceId instance, bool is_healthy) override;
  void instance_interrupted(PlacementId placement, InstanceId instance) override;
  void demand_changed(RequestRate offered) override;

 private:
  /// What is kept of an instance.
  struct Row {
    InstanceMeter meter;
    LeaseId lease;                            // on Spot
  };
  enum class Buys : std::uint8_t { scaling, ec2_fleet, spot_requests };
  /// What an instance's life reads of its placement, in one cache line: the plan has it among names and prices that
  /// are not read.
  struct alignas(64) Route {
    std::uint32_t group = 0;                  // within the fleet
    GroupId scaling_group;
    Buys buys = Buys::scaling;
    bool spot = false;
    bool licensed = false;
    bool hibernates = false;
    PoolId pool;                              // of Spot
    TariffId tariff;
    AccountId instances;
    std::int64_t weight = 1;
    UsdPerHour max_price;                     // of Spot
  };
  /// Of a group, where its placements are.
  struct Layout {
    std::uint32_t first = 0;                  // placement
    std::uint32_t types = 1, purchases = 1;
    bool sole_type = false;                   // in a zone, and no strategy leaves it out: there is nothing to choose
    bool scales = false;                      // it is an Auto Scaling group, and its number among these
    GroupId scaling_group;
  };
  struct Accounts {
    TariffId tariff;
    AccountId instances;
    AccountId transfer_out, transfer_in;
    std::optional<AccountId> licence;
    TariffId licence_tariff;
    std::optional<AccountId> credits;
  };
  struct BalancerAccounts {
    AccountId hours, capacity;
  };
  /// Hands the metrics of a period on to the Auto Scaling group of that number in the world.
  void publish(GroupId id, const std::optional<PeriodMetrics>& metrics);
  PlacementId placement_of(std::size_t group, const LaunchOption& option) const;
  const AllocationRules& rules_of(std::size_t group, std::size_t purchase) const;
  /// Whether the Spot price is above what the group pays.
  bool priced_out(PlacementId id) const;
  PoolView view(PlacementId id) const;
  Maybe<InstanceId> launch(PlacementId placement, bool in_service);
  /// A unit of the placement's Spot pool for the instance; nothing if there is none. The market knows the holder by the
  /// instance's number, its placement and the fleet's index.
  Maybe<LeaseId> take_unit(PlacementId placement, InstanceId instance);
  InstanceId add_instance(PlacementId placement, LeaseId lease, bool in_service);
  /// Whether faults leave launches of the placement a chance.
  bool gate_allows(PlacementId placement) const;
  void add_route(const PlacementPlan& plan, const Accounts& accounts);
  /// Room in the tables for one more instance: the fleet may bill it at once.
  void reserve_row();
  /// The group of the placement within the fleet, where it is an Auto Scaling group.
  Maybe<GroupId> scaling_group(PlacementId placement) const;
  PlacementId pool_of(std::size_t group, std::size_t pool) const {
    return {static_cast<std::uint32_t>(first_placement_[group] + pool)};
  }
  /// Instances of a placement with their licences, without what commitments pay.
  Usd cost_of_instances(std::size_t placement) const;
  /// Energy of the fleet and its groups, where the scenario asks for it.
  void report_energy(MetricSink& sink, double served) const;
  /// What an instance outside the home zone would move in an hour, GB.
  double gb_per_instance_hour() const;
  /// Cost of a million requests on a group's instances at full utilization, traffic with the home zone included, USD.
  double cost_of_million(std::size_t group, double gb_per_hour) const;

  Shared shared_;
  const FleetPlan& plan_;
  const std::uint32_t index_;
  GroupId first_group_;
  const bool only_composite_;                 // the fleet has neither instance_metrics nor target_metrics
  // What each change of an instance reads.
  std::unique_ptr<Fleet> fleet_;
  std::vector<Route> routes_;                 // by placement
  std::vector<Layout> layouts_;               // by group
  std::vector<Row> rows_;                     // by instance

  std::vector<std::size_t> first_placement_;  // by group, and one more for the end
  std::vector<GroupId> scaling_groups_;       // by group: its number among the Auto Scaling groups
  std::vector<Ec2FleetId> ec2_fleets_;        // by group: its number among the EC2 Fleets
  std::vector<TypeChoice> choices_;           // by group
  std::vector<Stream> ties_;                  // by group, of EC2 Fleets
  std::vector<PoolView> views_;               // scratch
  PoolRanking ranking_;                       // scratch
  Allocation allocation_;                     // scratch
  std::vector<Accounts> accounts_;            // by placement
  std::optional<BalancerAccounts> balancer_;
  bool licences_ = false;                     // some placement has a licence beside its price
  std::vector<InstanceMeter> licence_meters_; // by instance, where there are licences
};

}  // namespace fleetsim::scenario
