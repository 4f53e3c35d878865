// A fleet's capacity as its EC2 Fleets ask for it.

#include "models/scenario/fleet_node.hpp"

namespace fleetsim::scenario {

Ec2FleetCover FleetNode::plan_launches(std::size_t group, const Ec2FleetBatch& batch,
                                       std::vector<std::int64_t>& launches) {
  const std::size_t pools = first_placement_[group + 1] - first_placement_[group];
  views_.clear();
  bool some_priced_out = false;
  for (std::size_t pool = 0; pool < pools; ++pool) {
    const PlacementId id = pool_of(group, pool);
    if (batch.left_out[pool] || plan_.placements[id.index].pool.has_value() != batch.spot) continue;
    views_.push_back(view(id));
    some_priced_out |= priced_out(id);
  }
  const AllocationConfig& config = plan_.allocations[group];
  allocate(views_, batch.units, batch.spot ? config.spot : config.on_demand,
           {.unit_price_max = batch.unit_price_max, .budget = batch.budget}, ties_[group], allocation_);
  launches.assign(pools, 0);
  std::size_t planned = 0;
  for (std::size_t pool = 0; pool < pools; ++pool) {
    const PlacementId id = pool_of(group, pool);
    if (batch.left_out[pool] || plan_.placements[id.index].pool.has_value() != batch.spot) continue;
    launches[pool] = allocation_.launches[planned++];
  }
  if (allocation_.units >= batch.units) return Ec2FleetCover::whole;
  if (allocation_.budget_reached) return Ec2FleetCover::short_of_budget;
  return allocation_.priced_out || some_priced_out ? Ec2FleetCover::short_of_price : Ec2FleetCover::short_of_capacity;
}

Maybe<InstanceId> FleetNode::launch_into(std::size_t group, std::size_t pool, bool in_service) {
  return launch(pool_of(group, pool), in_service);
}

bool FleetNode::terminate_unless_noticed(InstanceId instance) { return fleet_->terminate_unless_noticed(instance); }

UsdPerHour FleetNode::price(std::size_t group, std::size_t pool) const {
  return shared_.billing.price(accounts_[pool_of(group, pool).index].tariff);
}

bool FleetNode::as_available(std::size_t group, std::size_t pool, std::size_t than) const {
  return pool_depth(view(pool_of(group, pool)), 1) >= pool_depth(view(pool_of(group, than)), 1);
}

void FleetNode::rebalance_recommended(PlacementId id, InstanceId instance) {
  const std::size_t group = plan_.placements[id.index].group;
  if (plan_.scales(group)) return shared_.scaling.rebalance_recommended(scaling_groups_[group], instance);
  if (!plan_.ec2_fleets[group]) return;
  shared_.ec2_fleets.rebalance_recommended(ec2_fleets_[group], id.index - first_placement_[group], instance);
}

bool FleetNode::start(std::size_t group, std::size_t pool, InstanceId instance, bool memory_kept) {
  const Maybe<LeaseId> lease = take_unit(pool_of(group, pool), instance);
  if (!lease) return false;
  rows_[instance.index].lease = *lease;
  fleet_->resume(instance, memory_kept);
  return true;
}

void FleetNode::interrupted(PlacementId id, InstanceId instance) {
  const Route& route = routes_[id.index];
  if (route.buys != Buys::ec2_fleet) return fleet_->interrupted(instance);
  const std::size_t group = route.group;
  const std::optional<Ec2FleetConfig>& ec2_fleet = plan_.ec2_fleets[group];
  const std::size_t pool = id.index - first_placement_[group];
  if (ec2_fleet->interruption == Ec2FleetInterruption::terminate ||
      !shared_.ec2_fleets.holds(ec2_fleets_[group], pool, instance)) {
    return fleet_->interrupted(instance);
  }
  fleet_->stop(instance, ec2_fleet->interruption == Ec2FleetInterruption::hibernate);
  shared_.ec2_fleets.instance_stopping(ec2_fleets_[group], pool, instance);
}

}  // namespace fleetsim::scenario
