#include "models/scenario/world.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "fleetsim/text.hpp"
#include "models/scenario/data_node.hpp"
#include "models/scenario/disaster_node.hpp"
#include "models/scenario/fleet_node.hpp"
#include "models/scenario/request_groups.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/storage_node.hpp"

namespace fleetsim::scenario {

namespace {

struct WarmUpEnded { static constexpr std::string_view name = "scenario.warm_up_ended"; };

class World final : public EventHandler<World, WarmUpEnded>,
                    public GroupCapacity,
                    public Ec2FleetCapacity,
                    public SpotHolder,
                    public SpotPriceListener,
                    public FleetsUnderFaults {
 public:
  World(Simulation& sim, const ScenarioData& data, bool keep_series)
      : EventHandler(sim),
        sim_(sim),
        data_(data),
        billing_(sim, data.billing),
        commitments_(sim, billing_, data.commitments, data.run.start),
        market_(sim, data.spot_market, data.run.duration, *this, *this),
        scaling_(sim, *this, data.run.start),
        ec2_fleets_(sim, *this),
        metric_clock_(sim),
        request_groups_(sim, market_) {
    disasters_ = std::make_unique<DisasterNode>(sim, billing_, data, *this, keep_series);
    for (std::size_t p = 0; p < data.spot_market.pools.size(); ++p) spot_tariffs_.push_back(billing_.add_tariff({}));
    const Shared shared{.sim = sim, .billing = billing_, .commitments = commitments_, .market = market_, .scaling = scaling_,
                        .ec2_fleets = ec2_fleets_, .run_start = data.run.start, .gate = *disasters_};
    const DemandRun demand_run{.start = data.run.start, .length = data.run.duration};
    GroupId next_group;
    for (const FleetPlan& plan : data.fleets) {
      fleets_.push_back(std::make_unique<FleetNode>(shared, plan, static_cast<std::uint32_t>(fleets_.size()), next_group,
                                                    spot_tariffs_, plan.config.region,
                                                    keep_series ? std::optional(data.run.duration) : std::nullopt));
      next_group.index += static_cast<std::uint32_t>(plan.groups.size());
      for (std::size_t g = 0; g < plan.groups.size(); ++g) {
        if (plan.spot_requests[g]) request_groups_.add(*fleets_.back(), g);
        else (plan.ec2_fleets[g] ? ec2_groups_ : scaling_groups_).push_back({fleets_.back().get(), g});
      }
      demands_.push_back(std::make_unique<Demand>(sim, data.demands[plan.demand], demand_run, *fleets_.back()));
    }
    DemandProfiles profiles;
    for (const StoragePlan& plan : data.storages) {
      storages_.push_back(std::make_unique<StorageNode>(sim, billing_, commitments_, data, plan, profiles, keep_series));
    }
    if (data.protection) data_node_ = std::make_unique<DataNode>(sim, billing_, data, *data.protection, storages_, disasters_.get());
    if (data_node_) disasters_->protect_with(data_node_->model());
  }

  void keep_activities(std::size_t limit) { scaling_.keep_activities(limit); }

  void start() {
    if (data_.run.warm_up > Duration{}) sim_.schedule(*this, data_.run.warm_up, WarmUpEnded{});
    market_.start();
    scaling_.start();
    ec2_fleets_.start();
    request_groups_.start();
    for (std::size_t f = 0; f < fleets_.size(); ++f) {
      demands_[f]->start();
      fleets_[f]->fleet().start(metric_clock_);
    }
    for (auto& node : storages_) node->start();
    if (data_node_) data_node_->start();
    commitments_.start();
    disasters_->start();
  }

  void on(const WarmUpEnded&) {
    billing_.begin_measurement();
    commitments_.begin_measurement();
    market_.begin_measurement();
    scaling_.begin_measurement();
    ec2_fleets_.begin_measurement();
    request_groups_.begin_measurement();
    for (auto& node : fleets_) node->fleet().begin_measurement();
    for (auto& node : storages_) node->begin_measurement();
    if (data_node_) data_node_->begin_measurement();
    disasters_->begin_measurement();
  }

  ReplicationResult finish(bool keep_series) {
    for (auto& node : fleets_) {
      node->fleet().finish();
      node->charge_at_end();
    }
    for (auto& node : storages_) node->finish();
    commitments_.finish();
    ReplicationResult result;
    MetricSink sink;
    Usd on_demand, spot, reserved, transfer, balancers, volumes, protection;
    bool balanced = false;
    std::optional<Usd> credits;  // of burstable types
    for (auto& node : fleets_) {
      node->fleet().report(sink);
      node->report(sink);
      on_demand += node->instance_cost(Purchase::on_demand);
      spot += node->instance_cost(Purchase::spot);
      reserved += node->instance_cost(Purchase::reserved_1y) + node->instance_cost(Purchase::reserved_3y);
      transfer += node->transfer_cost();
      balancers += node->balancer_cost();
      if (const std::optional<Usd> cost = node->credit_cost()) credits = credits.value_or(Usd{}) + *cost;
      balanced = balanced || node->plan().config.load_balancer;
      for (std::string& warning : node->warnings()) result.warnings.push_back(std::move(warning));
    }
    for (auto& node : storages_) {
      node->report(sink);
      on_demand += node->instance_cost();
      volumes += node->volume_cost();
    }
    if (data_node_) {
      data_node_->finish();
      data_node_->report(sink);
      protection = data_node_->cost();
    }
    disasters_->finish();
    const Usd standby = disasters_->standby_cost(), drills = disasters_->drill_cost(), failover = disasters_->failover_cost();
    invariant(on_demand + spot + reserved + credits.value_or(Usd{}) + transfer + balancers + volumes + protection + standby +
                      drills + failover + commitments_.cost() ==
                  billing_.total(),
              "the parts of the bill sum to the bill");
    scaling_.report(sink);
    ec2_fleets_.report(sink);
    request_groups_.report(sink);
    if (!data_.fleets.empty() || !data_.spot_market.pools.empty()) market_.report(sink);
    sink.add("cost.total", "USD", to_usd(billing_.total()));
    sink.add("cost.on_demand", "USD", to_usd(on_demand));
    sink.add("cost.spot", "USD", to_usd(spot));
    sink.add("cost.reserved", "USD", to_usd(reserved));
    if (credits) sink.add("cost.surplus_credits", "USD", to_usd(*credits));
    sink.add("cost.transfer", "USD", to_usd(transfer));
    if (balanced) sink.add("cost.load_balancers", "USD", to_usd(balancers));
    if (!commitments_.empty()) {
      sink.add("cost.commitments", "USD", to_usd(commitments_.cost()));
      commitments_.report(sink);
    }
    if (!storages_.empty()) sink.add("cost.volumes", "USD", to_usd(volumes));
    if (data_node_) sink.add("cost.protection", "USD", to_usd(protection));
    if (!data_.disasters.plans.empty()) {
      sink.add("cost.standby", "USD", to_usd(standby));
      sink.add("cost.drills", "USD", to_usd(drills));
      sink.add("cost.failover", "USD", to_usd(failover));
    }
    if (!data_.disasters.empty()) disasters_->report(sink);
    result.metrics = sink.take();
    result.ledger = billing_.ledger();
    result.fingerprint = sim_.fingerprint() ^ disasters_->fingerprint();
    result.events = sim_.events_run();
    if (keep_series) result.series = series();
    if (keep_series) result.courses = disasters_->courses();
    if (keep_series) result.drills = disasters_->drills();
    result.activities = activities();
    result.activities_left_out = scaling_.activities().left_out();
    return result;
  }

  // GroupCapacity
  void round_began(GroupId group, std::size_t purchase, std::int64_t units) override {
    of(group).node->round_began(of(group).group, purchase, units);
  }
  Maybe<std::size_t> choose_type(GroupId group, std::size_t zone, std::size_t purchase,
                                         std::uint64_t tried) override {
    return of(group).node->choose_type(of(group).group, zone, purchase, tried);
  }
  Maybe<InstanceId> launch(GroupId group, const LaunchOption& option) override {
    return of(group).node->launch(of(group).group, option, false);
  }
  Maybe<InstanceId> launch_in_service(GroupId group, const LaunchOption& option) override {
    return of(group).node->launch(of(group).group, option, true);
  }
  Duration terminate(GroupId group, InstanceId instance, Duration hold) override {
    return of(group).node->fleet().terminate(instance, hold);
  }
  void fail(GroupId group, InstanceId instance, bool stopped) override {
    of(group).node->fleet().fail(instance, stopped);
  }
  Maybe<InstanceId> launch_to_pool(GroupId group, const LaunchOption& option, PoolState state) override {
    return of(group).node->launch_to_pool(of(group).group, option, state);
  }
  void take_from_pool(GroupId group, InstanceId instance) override { of(group).node->fleet().take_from_pool(instance); }
  void return_to_pool(GroupId group, InstanceId instance, PoolState state) override {
    of(group).node->fleet().return_to_pool(instance, state);
  }
  void terminate_pooled(GroupId group, InstanceId instance) override {
    of(group).node->fleet().terminate_pooled(instance);
  }
  std::size_t rank(GroupId group, const LaunchOption& option) override { return of(group).node->rank(of(group).group, option); }
  bool as_available(GroupId group, InstanceId instance) const override {
    return of(group).node->as_available(of(group).group, instance);
  }
  std::int64_t warming(GroupId group) const override { return of(group).node->warming(of(group).group); }

  // Ec2FleetCapacity
  Ec2FleetCover plan(Ec2FleetId fleet, const Ec2FleetBatch& batch, std::vector<std::int64_t>& launches) override {
    return of(fleet).node->plan_launches(of(fleet).group, batch, launches);
  }
  Maybe<InstanceId> launch(Ec2FleetId fleet, std::size_t pool, bool in_service) override {
    return of(fleet).node->launch_into(of(fleet).group, pool, in_service);
  }
  bool start(Ec2FleetId fleet, std::size_t pool, InstanceId instance, bool memory_kept) override {
    return of(fleet).node->start(of(fleet).group, pool, instance, memory_kept);
  }
  void hibernated(Ec2FleetId fleet, InstanceId instance) override { of(fleet).node->fleet().hibernated(instance); }
  bool terminate(Ec2FleetId fleet, InstanceId instance) override { return of(fleet).node->terminate_unless_noticed(instance); }
  UsdPerHour price(Ec2FleetId fleet, std::size_t pool) const override {
    return of(fleet).node->price(of(fleet).group, pool);
  }
  bool as_available(Ec2FleetId fleet, std::size_t pool, std::size_t than) const override {
    return of(fleet).node->as_available(of(fleet).group, pool, than);
  }

  // SpotHolder
  void rebalance_recommended(SpotHolderId holder) override {
    if (is_request(holder)) return request_groups_.requests().rebalance_recommended(holder);
    fleets_[holder.owner]->rebalance_recommended({holder.place}, {holder.number});
  }
  void priced_out(SpotHolderId holder) override {
    if (is_request(holder)) request_groups_.requests().priced_out(holder);
  }
  void notice_given(SpotHolderId holder) override {
    if (is_request(holder)) request_groups_.requests().notice_given(holder);
  }
  void interruption_noticed(SpotHolderId holder) override {
    if (is_request(holder)) return request_groups_.requests().interruption_noticed(holder);
    fleets_[holder.owner]->interruption_noticed({holder.place}, {holder.number});
  }
  void interrupted(SpotHolderId holder) override {
    if (is_request(holder)) return request_groups_.requests().interrupted(holder);
    fleets_[holder.owner]->interrupted({holder.place}, {holder.number});
  }

  void prefetch(SpotHolderId holder) const override {
    if (!is_request(holder)) fleets_[holder.owner]->prefetch({holder.place}, {holder.number});
  }

  // FleetsUnderFaults
  void zone_lost(std::string_view zone) override {
    // All pools close before any instance ends: none is replaced in the zone.
    for_pools_in(zone, [&](PoolId pool) { market_.close(pool, Ratio{0}); });
    for_pools_beside(zone, [&](PoolId pool) { market_.crowd(pool); });
    for_pools_in(zone, [&](PoolId pool) { market_.lose_all(pool); });
    for (auto& node : fleets_) node->zone_lost(zone);
    for (auto& node : storages_) node->zone_changed(zone, true);
  }
  void zone_back(std::string_view zone) override {
    for (auto& node : storages_) node->zone_changed(zone, false);
    reopen_pools(zone);
  }
  void reopen_pools(std::string_view zone) {
    for_pools_in(zone, [&](PoolId pool) { market_.reopen(pool); });
    for_pools_beside(zone, [&](PoolId pool) { market_.relieve(pool); });
  }
  void spot_drought_began(std::string_view zone, double share) override {
    for_pools_in(zone, [&](PoolId pool) { market_.close(pool, Ratio{share}); });
    for_pools_beside(zone, [&](PoolId pool) { market_.crowd(pool); });
  }
  void spot_drought_ended(std::string_view zone) override { reopen_pools(zone); }
  void volume_changed(std::string_view volume, bool lost) override {
    for (auto& node : storages_) node->volume_changed(volume, lost);
  }
  void grey(std::string_view zone, Ratio share) override {
    for (auto& node : fleets_) node->grey(zone, share);
  }

  // SpotPriceListener
  void spot_price_changed(PoolId pool, UsdPerHour price) override {
    billing_.set_price(spot_tariffs_[pool.index], price);
  }

 private:
  /// A group of a fleet by its number there.
  struct GroupOfFleet {
    FleetNode* node = nullptr;
    std::size_t group = 0;
  };
  template <class Visit>
  void for_pools_in(std::string_view zone, Visit visit) {
    for (std::uint32_t p = 0; p < data_.spot_market.pools.size(); ++p) {
      if (data_.spot_market.pools[p].zone == zone) visit(PoolId{p});
    }
  }
  /// In the other zones of the zone's Region.
  template <class Visit>
  void for_pools_beside(std::string_view zone, Visit visit) {
    for (std::uint32_t p = 0; p < data_.spot_market.pools.size(); ++p) {
      const std::string& other = data_.spot_market.pools[p].zone;
      if (other != zone && region_of(other) == region_of(zone)) visit(PoolId{p});
    }
  }
  static bool is_request(SpotHolderId holder) { return holder.owner == RequestGroups::as_owner; }
  const GroupOfFleet& of(GroupId group) const { return scaling_groups_[group.index]; }
  const GroupOfFleet& of(Ec2FleetId fleet) const { return ec2_groups_[fleet.index]; }

  std::vector<ResultActivity> activities() const {
    std::vector<ResultActivity> result;
    for (const Activity& activity : scaling_.activities().activities()) {
      const GroupOfFleet& group = of(activity.group);
      const GroupConfig& config = group.node->plan().groups[group.group];
      const std::int64_t seconds = activity.at.since_start().count() / nanoseconds_per_second;
      result.push_back({.time = config::to_text(config::UtcTime{data_.run.start.seconds_since_1970 + seconds}),
                        .fleet = group.node->plan().config.name,
                        .group = config.name,
                        .what = what_was_done(activity),
                        .why = why_in_words(activity, config)});
    }
    return result;
  }

  std::vector<ResultSeries> series() const {
    std::vector<ResultSeries> result;
    for (const auto& node : fleets_) {
      for (std::size_t g = 0; g < node->plan().groups.size(); ++g) {
        const StepSeries& series =
            node->fleet().capacity_series({node->first_group().index + static_cast<std::uint32_t>(g)});
        result.push_back({.name = "fleet." + node->plan().config.name + ".group." + node->plan().groups[g].name +
                                  ".instances",
                          .unit = "1",
                          .bucket_width = series.bucket_width(),
                          .buckets = series.finish()});
      }
    }
    for (const auto& node : storages_) node->add_series(result);
    return result;
  }

  Simulation& sim_;
  const ScenarioData& data_;
  Billing billing_;
  Commitments commitments_;
  SpotMarket market_;
  AutoScaling scaling_;
  Ec2Fleets ec2_fleets_;
  PeriodClock metric_clock_;                         // of all fleets
  RequestGroups request_groups_;
  std::vector<TariffId> spot_tariffs_;               // by pool
  std::vector<std::unique_ptr<FleetNode>> fleets_;
  std::vector<GroupOfFleet> scaling_groups_;         // by GroupId of AutoScaling
  std::vector<GroupOfFleet> ec2_groups_;             // by Ec2FleetId
  std::vector<std::unique_ptr<Demand>> demands_;     // by fleet
  std::vector<std::unique_ptr<StorageNode>> storages_;
  std::unique_ptr<DataNode> data_node_;              // null without protected data
  std::unique_ptr<DisasterNode> disasters_;
};

}  // namespace

ReplicationResult run_replication(const ScenarioData& scenario, std::uint64_t seed, std::uint64_t replication, Keep keep,
                                  bool mirrored) {
  Simulation sim({.seed = seed, .replication = replication, .mirrored = mirrored});
  World world(sim, scenario, keep.series);
  if (keep.activities > 0) world.keep_activities(keep.activities);
  world.start();
  sim.run_until(Time::at(scenario.run.duration));
  return world.finish(keep.series);
}

std::vector<MetricValue> reported_metrics(const ScenarioData& scenario) {
  Simulation sim({.seed = scenario.run.seed, .replication = 0});
  World world(sim, scenario, false);
  world.start();
  sim.run_until(Time::at(1_ns));  // means over time need some
  std::vector<MetricValue> metrics = world.finish(false).metrics;
  for (MetricValue& metric : metrics) metric.value.reset();
  std::sort(metrics.begin(), metrics.end(),
            [](const MetricValue& a, const MetricValue& b) { return a.name < b.name; });
  return metrics;
}

}  // namespace fleetsim::scenario
