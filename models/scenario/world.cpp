#include "models/scenario/world.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/scenario/fleet_node.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

namespace {

struct WarmUpEnded { static constexpr std::string_view name = "scenario.warm_up_ended"; };

class World final : public EventHandler<World, WarmUpEnded>,
                    public GroupCapacity,
                    public SpotHolder,
                    public SpotPriceListener {
 public:
  World(Simulation& sim, const ScenarioData& data)
      : EventHandler(sim),
        sim_(sim),
        data_(data),
        billing_(sim, data.billing),
        market_(sim, data.spot_market, data.run.duration, *this, *this),
        scaling_(sim, *this) {
    for (std::size_t p = 0; p < data.spot_market.pools.size(); ++p) spot_tariffs_.push_back(billing_.add_tariff({}));
    const Shared shared{.sim = sim, .billing = billing_, .market = market_, .scaling = scaling_, .holders = holders_};
    const DemandRun demand_run{.start = data.run.start, .length = data.run.duration};
    for (const FleetPlan& plan : data.fleets) {
      fleets_.push_back(std::make_unique<FleetNode>(shared, plan, static_cast<std::uint32_t>(fleets_.size()),
                                                    spot_tariffs_, plan.config.region, data.run.duration));
      for (std::size_t g = 0; g < plan.groups.size(); ++g) group_fleet_.push_back(fleets_.back().get());
      demands_.push_back(std::make_unique<Demand>(sim, data.demands[plan.demand], demand_run, *fleets_.back()));
    }
  }

  void start() {
    if (data_.run.warm_up > Duration{}) sim_.schedule(*this, data_.run.warm_up, WarmUpEnded{});
    market_.start();
    scaling_.start();
    for (std::size_t f = 0; f < fleets_.size(); ++f) {
      demands_[f]->start();
      fleets_[f]->fleet().start();
    }
  }

  void on(const WarmUpEnded&) {
    billing_.begin_measurement();
    market_.begin_measurement();
    scaling_.begin_measurement();
    for (auto& node : fleets_) node->fleet().begin_measurement();
  }

  ReplicationResult finish(bool keep_series) {
    for (auto& node : fleets_) {
      node->fleet().finish();
      node->charge_transfer();
    }
    ReplicationResult result;
    MetricSink sink;
    Usd on_demand, spot, reserved, transfer;
    for (auto& node : fleets_) {
      node->fleet().report(sink);
      node->report(sink);
      on_demand += node->instance_cost(Purchase::on_demand);
      spot += node->instance_cost(Purchase::spot);
      reserved += node->instance_cost(Purchase::reserved_1y) + node->instance_cost(Purchase::reserved_3y);
      transfer += node->transfer_cost();
      for (std::string& warning : node->warnings()) result.warnings.push_back(std::move(warning));
    }
    invariant(on_demand + spot + reserved + transfer == billing_.total(), "the parts of the bill sum to the bill");
    scaling_.report(sink);
    market_.report(sink);
    sink.add("cost.total", "USD", to_usd(billing_.total()));
    sink.add("cost.on_demand", "USD", to_usd(on_demand));
    sink.add("cost.spot", "USD", to_usd(spot));
    sink.add("cost.reserved", "USD", to_usd(reserved));
    sink.add("cost.transfer", "USD", to_usd(transfer));
    result.metrics = sink.values();
    result.ledger = billing_.ledger();
    result.fingerprint = sim_.fingerprint();
    if (keep_series) result.series = series();
    return result;
  }

  // GroupCapacity
  void round_began(GroupId group, std::size_t purchase, std::int64_t units) override {
    node(group).round_began(local(group), purchase, units);
  }
  std::optional<std::size_t> choose_type(GroupId group, std::size_t zone, std::size_t purchase,
                                         std::uint64_t tried) override {
    return node(group).choose_type(local(group), zone, purchase, tried);
  }
  std::int64_t launch(GroupId group, LaunchOption option) override {
    return node(group).launch(local(group), option, false);
  }
  std::int64_t launch_in_service(GroupId group, LaunchOption option) override {
    return node(group).launch(local(group), option, true);
  }
  std::int64_t terminate_oldest(GroupId group, std::size_t zone, std::size_t purchase, std::int64_t units) override {
    return node(group).terminate_oldest(local(group), zone, purchase, units);
  }
  std::int64_t capacity(GroupId group) const override { return node(group).capacity(local(group)); }
  std::int64_t capacity(GroupId group, std::size_t zone, std::size_t purchase) const override {
    return node(group).capacity(local(group), zone, purchase);
  }
  std::int64_t warming(GroupId group) const override { return node(group).warming(local(group)); }

  // SpotHolder
  void interruption_noticed(std::uint32_t holder) override {
    const HolderTable::Holder h = holders_[holder];
    fleets_[h.fleet]->fleet().interruption_noticed(h.instance);
  }
  void interrupted(std::uint32_t holder) override {
    const HolderTable::Holder h = holders_[holder];
    fleets_[h.fleet]->fleet().interrupted(h.instance);
  }

  // SpotPriceListener
  void spot_price_changed(PoolId pool, UsdPerHour price) override {
    billing_.set_price(spot_tariffs_[pool.index], price);
  }

 private:
  FleetNode& node(GroupId group) const { return *group_fleet_[group.index]; }
  std::size_t local(GroupId group) const { return group.index - node(group).first_group().index; }

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
    return result;
  }

  Simulation& sim_;
  const ScenarioData& data_;
  HolderTable holders_;
  Billing billing_;
  SpotMarket market_;
  AutoScaling scaling_;
  std::vector<TariffId> spot_tariffs_;               // by pool
  std::vector<std::unique_ptr<FleetNode>> fleets_;
  std::vector<FleetNode*> group_fleet_;              // by group
  std::vector<std::unique_ptr<Demand>> demands_;     // by fleet
};

}  // namespace

ReplicationResult run_replication(const ScenarioData& scenario, std::uint64_t seed, std::uint64_t replication,
                                  bool keep_series) {
  Simulation sim({.seed = seed, .replication = replication});
  World world(sim, scenario);
  world.start();
  sim.run_until(Time::at(scenario.run.duration));
  return world.finish(keep_series);
}

std::vector<MetricValue> reported_metrics(const ScenarioData& scenario) {
  Simulation sim({.seed = scenario.run.seed, .replication = 0});
  World world(sim, scenario);
  world.start();
  sim.run_until(Time::at(1_ns));  // means over time need some
  std::vector<MetricValue> metrics = world.finish(false).metrics;
  for (MetricValue& metric : metrics) metric.value.reset();
  std::sort(metrics.begin(), metrics.end(),
            [](const MetricValue& a, const MetricValue& b) { return a.name < b.name; });
  return metrics;
}

}  // namespace fleetsim::scenario
