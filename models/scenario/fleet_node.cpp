#include "models/scenario/fleet_node.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/prefetch.hpp"
#include "models/scenario/commitment_planner.hpp"

namespace fleetsim::scenario {

FleetNode::FleetNode(Shared shared, const FleetPlan& plan, std::uint32_t index, GroupId first_group,
                     const std::vector<TariffId>& spot_tariffs, const std::string& region, std::optional<Duration> series_span)
    : shared_(shared), plan_(plan), index_(index), first_group_(first_group),
      only_composite_(!plan.config.instance_metrics && !plan.config.target_metrics) {
  std::vector<std::string> names;
  scaling_groups_.resize(plan.groups.size());
  ec2_fleets_.resize(plan.groups.size());
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const std::string& name = plan.groups[g].name;
    names.push_back(name);
    const Stream ties = shared.sim.stream("allocation/" + plan.config.name + "/" + name);
    choices_.emplace_back(plan.groups[g].zones.size(), ties);
    ties_.push_back(ties);
    if (plan.spot_requests[g]) continue;
    if (!plan.ec2_fleets[g]) {
      scaling_groups_[g] = shared.scaling.add_group(plan.config.name, plan.groups[g]);
      continue;
    }
    std::vector<Ec2FleetPool> pools;
    for (const PlacementPlan& placement : plan.placements) {
      if (placement.group == g) pools.push_back({.spot = placement.pool.has_value(), .weight = placement.weight});
    }
    ec2_fleets_[g] = shared.ec2_fleets.add_fleet("fleet." + plan.config.name + ".group." + name + ".",
                                                 *plan.ec2_fleets[g], std::move(pools));
  }
  fleet_ = std::make_unique<Fleet>(shared.sim, plan.config, std::move(names), first_group_, *this, *this);
  if (series_span) fleet_->keep_series(*series_span);
  first_placement_.resize(plan.groups.size() + 1, plan.placements.size());
  for (std::size_t p = 0; p < plan.placements.size(); ++p) {
    const PlacementPlan& placement = plan.placements[p];
    if (p == 0 || placement.group != plan.placements[p - 1].group) first_placement_[placement.group] = p;
    PlacementConfig config = placement.config;
    config.units = placement.weight;
    config.group = {first_group_.index + static_cast<std::uint32_t>(placement.group)};
    fleet_->add_placement(config);

    LineItem item{.region = region,
                  .zone = config.zone,
                  .fleet = plan.config.name,
                  .group = plan.groups[placement.group].name,
                  .resource = "instance " + config.instance_type,
                  .purchase = config.purchase,
                  .unit = "instance-hours"};
    Accounts accounts;
    accounts.tariff = placement.pool ? spot_tariffs[placement.pool->index] : shared.billing.add_tariff(placement.price);
    if (placement.os != OperatingSystem::linux) item.resource += fmt::format(", {}", to_name(placement.os));
    accounts.instances = shared.billing.add_account(item, whole_hours_until(placement.os, shared.run_start));
    if (config.purchase == Purchase::on_demand) {
      shared.commitments.add_use(accounts.instances, committed_use(plan, placement));
    }
    if (placement.licence > UsdPerHour{}) {
      item.resource = fmt::format("licence {}", to_name(placement.os));
      accounts.licence = shared.billing.add_account(item, whole_hours_until(placement.os, shared.run_start));
      licences_ = true;
      accounts.licence_tariff = shared.billing.add_tariff(placement.licence);
    }
    if (config.cpu_credits) {
      item.resource = fmt::format("CPU credits {}", config.instance_type);
      item.unit = "vCPU-hours";
      accounts.credits = shared.billing.add_account(item);
    }
    item.unit = "GB";
    item.resource = "cross-zone transfer out";
    accounts.transfer_out = shared.billing.add_account(item);
    item.resource = "cross-zone transfer in";
    accounts.transfer_in = shared.billing.add_account(item);
    accounts_.push_back(accounts);
    add_route(placement, accounts);
  }
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const GroupConfig& group = plan.groups[g];
    const auto leaves_out = [](const AllocationRules& rules) { return rules.strategy == AllocationStrategy::diversified; };
    layouts_.push_back({.first = static_cast<std::uint32_t>(first_placement_[g]),
                        .types = static_cast<std::uint32_t>(group.instance_types.size()),
                        .purchases = static_cast<std::uint32_t>(group.purchases.size()),
                        .sole_type = group.instance_types.size() == 1 && !leaves_out(plan.allocations[g].spot) &&
                                     !leaves_out(plan.allocations[g].on_demand),
                        .scales = plan.scales(g),
                        .scaling_group = scaling_groups_[g]});
  }
  if (plan.config.load_balancer) {
    LineItem item{.region = region, .zone = {}, .fleet = plan.config.name, .group = {}, .resource = "load balancer",
                  .purchase = Purchase::on_demand, .unit = "hours"};
    const AccountId hours = shared.billing.add_account(item);
    item.resource = "load balancer capacity";
    item.unit = "LCU-hours";
    balancer_ = BalancerAccounts{.hours = hours, .capacity = shared.billing.add_account(item)};
  }
}

void FleetNode::add_route(const PlacementPlan& plan, const Accounts& accounts) {
  const std::optional<Ec2FleetConfig>& ec2_fleet = plan_.ec2_fleets[plan.group];
  routes_.push_back({.group = static_cast<std::uint32_t>(plan.group),
                     .scaling_group = scaling_groups_[plan.group],
                     .buys = plan_.scales(plan.group) ? Buys::scaling : ec2_fleet ? Buys::ec2_fleet : Buys::spot_requests,
                     .spot = plan.pool.has_value(),
                     .licensed = accounts.licence.has_value(),
                     .hibernates = ec2_fleet && ec2_fleet->interruption == Ec2FleetInterruption::hibernate,
                     .pool = plan.pool.value_or(PoolId{}),
                     .tariff = accounts.tariff,
                     .instances = accounts.instances,
                     .weight = plan.weight,
                     .max_price = plan.max_price});
}

PlacementId FleetNode::placement_of(std::size_t group, const LaunchOption& option) const {
  const Layout& layout = layouts_[group];
  const std::size_t within = (option.zone * layout.types + option.type) * layout.purchases + option.purchase;
  return {static_cast<std::uint32_t>(layout.first + within)};
}

void FleetNode::prefetch(PlacementId placement, InstanceId instance) const {
  prefetch_object(rows_[instance.index]);
  fleet_->prefetch(placement, instance);
  const Route& route = routes_[placement.index];
  if (route.buys == Buys::scaling) shared_.scaling.prefetch(route.scaling_group, instance);
}

// --- capacity for the groups

const AllocationRules& FleetNode::rules_of(std::size_t group, std::size_t purchase) const {
  const AllocationConfig& allocation = plan_.allocations[group];
  return plan_.groups[group].purchases[purchase] == Purchase::spot ? allocation.spot : allocation.on_demand;
}

bool FleetNode::priced_out(PlacementId id) const {
  const PlacementPlan& placement = plan_.placements[id.index];
  return placement.pool && shared_.market.price_too_low(*placement.pool, {.max_price = placement.max_price});
}

PoolView FleetNode::view(PlacementId id) const {
  const PlacementPlan& placement = plan_.placements[id.index];
  const GroupConfig& group = plan_.groups[placement.group];
  const std::size_t within = id.index - first_placement_[placement.group];
  const std::size_t type = within / group.purchases.size() % group.instance_types.size();
  return {.price = shared_.billing.price(accounts_[id.index].tariff),
          .on_demand_price = placement.price,
          .free = !placement.pool   ? unlimited_units
                  : priced_out(id) ? 0
                                   : shared_.market.free_units(*placement.pool, {.max_price = placement.max_price}),
          .hazard = placement.pool ? shared_.market.hazard(*placement.pool) : 0,
          .weight = placement.weight,
          .priority = plan_.allocations[placement.group].priorities[type],
          .held = fleet_->capacity(id) * placement.weight};
}

void FleetNode::round_began(std::size_t group, std::size_t purchase, std::int64_t units) {
  if (layouts_[group].sole_type) return;
  choices_[group].begin(units, rules_of(group, purchase));
}

Maybe<std::size_t> FleetNode::choose_type(std::size_t group, std::size_t zone, std::size_t purchase,
                                                  std::uint64_t tried) {
  if (layouts_[group].sole_type) return (tried & 1U) == 0 ? Maybe<std::size_t>(0) : std::nullopt;
  return choices_[group].next(zone, plan_.groups[group].instance_types.size(), tried, [&](std::size_t type) {
    return view(placement_of(group, {.zone = zone, .type = type, .purchase = purchase}));
  });
}

Maybe<InstanceId> FleetNode::launch(std::size_t group, const LaunchOption& option, bool in_service) {
  const PlacementId placement = placement_of(group, option);
  const Maybe<InstanceId> instance = launch(placement, in_service);
  if (instance && !layouts_[group].sole_type) {
    choices_[group].launched(option.zone, option.type, routes_[placement.index].weight);
  }
  return instance;
}

Maybe<InstanceId> FleetNode::launch(PlacementId placement, bool in_service) {
  if (!routes_[placement.index].spot) {
    if (!gate_allows(placement)) return std::nullopt;
    return add_instance(placement, {}, in_service);
  }
  const InstanceId told = fleet_->next_instance();
  const Maybe<LeaseId> lease = take_unit(placement, told);
  if (!lease) return std::nullopt;
  const InstanceId instance = add_instance(placement, *lease, in_service);
  invariant(instance == told, "the market knows the holder of a unit by the number of its instance");
  return instance;
}

bool FleetNode::gate_allows(PlacementId id) const {
  if (shared_.gate.allows_all()) return true;
  const PlacementConfig& placement = plan_.placements[id.index].config;
  return shared_.gate.allows(placement.zone, placement.instance_type);
}

Maybe<LeaseId> FleetNode::take_unit(PlacementId placement, InstanceId instance) {
  if (!gate_allows(placement)) return std::nullopt;
  const Route& route = routes_[placement.index];
  return shared_.market.launch(route.pool, {.number = instance.index, .place = placement.index, .owner = index_},
                               {.hibernates = route.hibernates, .max_price = route.max_price});
}

InstanceId FleetNode::launch_requested(std::size_t group, std::size_t pool, bool in_service) {
  return add_instance(pool_of(group, pool), {}, in_service);
}

InstanceId FleetNode::add_instance(PlacementId placement, LeaseId lease, bool in_service) {
  reserve_row();
  const InstanceId instance = in_service ? fleet_->launch_in_service(placement) : fleet_->launch(placement);
  rows_[instance.index].lease = lease;
  return instance;
}

void FleetNode::reserve_row() {
  const std::size_t rows = fleet_->next_instance().index + std::size_t{1};
  if (rows <= rows_.size()) return;
  rows_.resize(rows);
  if (licences_) licence_meters_.resize(rows);
}

Maybe<InstanceId> FleetNode::launch_to_pool(std::size_t group, const LaunchOption& option, PoolState state) {
  const PlacementId placement = placement_of(group, option);
  if (!gate_allows(placement)) return std::nullopt;
  reserve_row();
  return fleet_->launch_to_pool(placement, state);
}

std::size_t FleetNode::rank(std::size_t group, const LaunchOption& option) {
  const std::size_t types = plan_.groups[group].instance_types.size();
  views_.clear();
  for (std::size_t type = 0; type < types; ++type) {
    views_.push_back(view(placement_of(group, {.zone = option.zone, .type = type, .purchase = option.purchase})));
  }
  rank_pools(views_, 1, rules_of(group, option.purchase), ties_[group], ranking_);
  const auto found = std::find(ranking_.order.begin(), ranking_.order.end(), option.type);
  return static_cast<std::size_t>(found - ranking_.order.begin());
}

bool FleetNode::as_available(std::size_t group, InstanceId instance) const {
  const double depth = pool_depth(view(fleet_->placement_of(instance)), 1);
  for (std::size_t p = first_placement_[group]; p < first_placement_[group + 1]; ++p) {
    if (!plan_.placements[p].pool) continue;
    const PoolView pool = view({static_cast<std::uint32_t>(p)});
    if (pool.free > 0 && pool_depth(pool, 1) >= depth) return true;
  }
  return false;
}

Maybe<GroupId> FleetNode::scaling_group(PlacementId id) const {
  const Route& route = routes_[id.index];
  return route.buys == Buys::scaling ? Maybe(route.scaling_group) : std::nullopt;
}

std::int64_t FleetNode::warming(std::size_t group) const {
  std::int64_t units = 0;
  for (std::size_t p = first_placement_[group]; p < first_placement_[group + 1]; ++p) {
    units += fleet_->warming(PlacementId{static_cast<std::uint32_t>(p)}) * routes_[p].weight;
  }
  return units;
}

// --- the fleet's ports

void FleetNode::interruption_noticed(PlacementId placement, InstanceId instance) {
  fleet_->interruption_noticed(instance);
  if (const Maybe<GroupId> group = scaling_group(placement)) shared_.scaling.instance_noticed(*group, instance);
}

void FleetNode::instance_running(InstanceId instance, PlacementId placement) {
  const Route& route = routes_[placement.index];
  rows_[instance.index].meter = shared_.billing.start(route.tariff, route.instances);
  if (route.licensed) {
    const Accounts& accounts = accounts_[placement.index];
    licence_meters_[instance.index] = shared_.billing.start(accounts.licence_tariff, *accounts.licence);
  }
}

void FleetNode::instance_stopped(InstanceId instance, PlacementId placement, EndedBy stopped_by) {
  shared_.billing.stop(rows_[instance.index].meter, stopped_by);
  if (routes_[placement.index].licensed) shared_.billing.stop(licence_meters_[instance.index], stopped_by);
}

void FleetNode::instance_ended(InstanceId instance, PlacementId placement, bool was_running, EndedBy ended_by) {
  const Route& route = routes_[placement.index];
  if (was_running) shared_.billing.stop(rows_[instance.index].meter, ended_by);
  if (was_running && route.licensed) shared_.billing.stop(licence_meters_[instance.index], ended_by);
  const bool gives_back = ended_by == EndedBy::owner && route.spot && route.buys != Buys::spot_requests;
  if (gives_back) shared_.market.release(rows_[instance.index].lease);
}

void FleetNode::metrics_published(GroupId /*first*/, std::span<const std::optional<PeriodMetrics>> metrics) {
  for (std::size_t g = 0; g < layouts_.size(); ++g) {
    if (layouts_[g].scales) publish(layouts_[g].scaling_group, metrics[g]);
  }
}

void FleetNode::publish(GroupId id, const std::optional<PeriodMetrics>& metrics) {
  if (!metrics) return shared_.scaling.metric_published(id, std::nullopt);
  // Without other metrics no alarm looks at them.
  if (only_composite_) return shared_.scaling.composite_published(id, metrics->percent, metrics->units);
  GroupMetrics of_group;
  of_group.units = metrics->units;
  of_group[GroupMetric::composite] = metrics->percent;
  of_group[GroupMetric::cpu] = metrics->cpu;
  of_group[GroupMetric::requests_per_target] = metrics->requests_per_minute;
  of_group[GroupMetric::network_in] = metrics->network_in;
  of_group[GroupMetric::network_out] = metrics->network_out;
  of_group[GroupMetric::errors] = metrics->errors;
  of_group[GroupMetric::latency] = metrics->latency;
  of_group[GroupMetric::unhealthy_targets] = metrics->unhealthy;
  shared_.scaling.metric_published(id, of_group);
}

Duration FleetNode::boot_finished(PlacementId id, InstanceId instance) {
  const Maybe<GroupId> group = scaling_group(id);
  return group ? shared_.scaling.boot_finished(*group, instance) : Duration{};
}

void FleetNode::instance_in_service(PlacementId id, InstanceId instance) {
  if (const Maybe<GroupId> group = scaling_group(id)) shared_.scaling.instance_in_service(*group, instance);
}

void FleetNode::instance_pooled(PlacementId id, InstanceId instance) {
  if (const Maybe<GroupId> group = scaling_group(id)) shared_.scaling.instance_pooled(*group, instance);
}

void FleetNode::target_health_changed(PlacementId id, InstanceId instance, bool is_healthy) {
  if (const Maybe<GroupId> group = scaling_group(id)) {
    shared_.scaling.target_health_changed(*group, instance, is_healthy);
  }
}

void FleetNode::instance_interrupted(PlacementId id, InstanceId instance) {
  const Route& route = routes_[id.index];
  switch (route.buys) {
    case Buys::scaling: return shared_.scaling.instance_lost(route.scaling_group, instance);
    case Buys::ec2_fleet:
      return shared_.ec2_fleets.instance_lost(ec2_fleets_[route.group], id.index - first_placement_[route.group], instance);
    case Buys::spot_requests: return;
  }
}

void FleetNode::demand_changed(RequestRate offered) { fleet_->demand_changed(offered); }

void FleetNode::zone_lost(std::string_view zone) {
  for (std::uint32_t p = 0; p < plan_.placements.size(); ++p) {
    if (plan_.placements[p].pool || plan_.placements[p].config.zone != zone) continue;
    fleet_->all_interrupted({p});
  }
}

void FleetNode::grey(std::string_view zone, Ratio share) {
  for (std::uint32_t p = 0; p < plan_.placements.size(); ++p) {
    if (plan_.placements[p].config.zone == zone) fleet_->set_errors(PlacementId{p}, share);
  }
}

}  // namespace fleetsim::scenario
