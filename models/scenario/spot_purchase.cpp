#include "models/scenario/spot_purchase.hpp"

#include <map>
#include <string>

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::scenario {

namespace {

/// Units of all EC2 Fleets of a Region.
constexpr std::int64_t region_target_max = 100'000;
/// Only instances with less memory than this hibernate when Spot interrupts them. AWS's guide writes GB for GiB.
constexpr Bytes hibernating_memory_below = 100_GiB;

}  // namespace

std::optional<UsdPerHour> read_max_price(config::Section& group, bool buys_spot) {
  std::optional<UsdPerHour> max_price;
  group.optional("max_price", max_price)
      .default_is("the on-demand price of the instance")
      .doc("most that the group pays for a Spot unit, above 0.001 USD/h: no launch while the Spot price is higher, and an "
           "instance is taken back when the price rises above it");
  if (!max_price) return max_price;
  if (!buys_spot) {
    group.error("max_price", "max_price is of Spot Instances, and this group launches none",
                "leave the key out, or let purchase be spot or mixed");
  } else if (*max_price <= spot_max_price_above) {
    group.error("max_price", fmt::format("max_price: {} must be above 0.001 USD/h", to_text(*max_price)),
                "leave the key out to pay up to the on-demand price, as most do");
  }
  return max_price;
}

std::string_view read_how_launched(config::Section& group, const GroupConfig& config, FleetPlan& plan) {
  const bool spot = config.purchases.back() == Purchase::spot;
  const bool on_demand = config.purchases.front() == Purchase::on_demand;
  std::optional<Ec2FleetConfig>& ec2_fleet = plan.ec2_fleets.emplace_back();
  const bool given = group.optional_section(
      "ec2_fleet", "an EC2 Fleet instead of an Auto Scaling group", [&](config::Section& section) {
    ec2_fleet = read_ec2_fleet(section, spot, on_demand, config.zones.size() * config.instance_types.size());
  });
  std::optional<SpotRequestsSettings>& spot_requests = plan.spot_requests.emplace_back();
  const bool requested = group.optional_section(
      "spot_requests", "Spot requests instead of an Auto Scaling group",
      [&](config::Section& section) { spot_requests = read_spot_requests(section); });
  group.at_most_one_of({"ec2_fleet", "spot_requests"});
  if (requested && on_demand && !group.describing()) {
    group.error("spot_requests", "spot_requests: the group does not buy on Spot alone", "write purchase: spot");
  }
  if (ec2_fleet && ec2_fleet->rebalance != CapacityRebalance::none &&
      plan.allocations.back().spot.strategy == AllocationStrategy::lowest_price) {
    group.warning("ec2_fleet", "capacity_rebalance with allocation_strategy lowest_price: AWS advises against it, since "
                               "the cheapest pool is seldom the deepest",
                  "choose price_capacity_optimized, or another strategy that looks at capacity");
  }
  if (group.describing()) return "ec2_fleet or spot_requests";
  return given ? "ec2_fleet" : requested ? "spot_requests" : "";
}

bool hears_rebalance_recommendations(const FleetPlan& plan) {
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const std::optional<Ec2FleetConfig>& ec2_fleet = plan.ec2_fleets[g];
    if (plan.groups[g].capacity_rebalance || (ec2_fleet && ec2_fleet->rebalance != CapacityRebalance::none)) return true;
  }
  return false;
}

void check_hibernation(const FleetPlan& plan, const Catalog& catalog, config::Diagnostics& diagnostics) {
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    const auto& requests = plan.spot_requests[g];
    const auto& ec2_fleet = plan.ec2_fleets[g];
    const bool hibernates = (requests && requests->request.interruption == InterruptionBehavior::hibernate) ||
                            (ec2_fleet && ec2_fleet->interruption == Ec2FleetInterruption::hibernate);
    if (!hibernates) continue;
    for (const config::Located<std::string>& name : plan.groups[g].instance_types) {
      const std::optional<InstanceType> type = catalog.type(name.value);
      if (!type || type->memory < hibernating_memory_below) continue;  // one that is unknown is reported elsewhere
      diagnostics.error(name.where,
                        fmt::format("group {}: {} has {} of memory, and Spot Instances hibernate with less than {} only",
                                    plan.groups[g].name, name.value, to_text(type->memory),
                                    to_text(hibernating_memory_below)),
                        "write interruption: stop, or choose smaller types");
    }
  }
}

void check_fleet_quota(const std::vector<FleetPlan>& fleets, config::Diagnostics& diagnostics) {
  std::map<std::string, std::int64_t> targets;  // by Region
  for (const FleetPlan& fleet : fleets) {
    for (std::size_t g = 0; g < fleet.groups.size(); ++g) {
      if (!fleet.ec2_fleets[g]) continue;
      std::int64_t& target = targets[fleet.config.region];
      const bool within = target <= region_target_max;
      target += fleet.ec2_fleets[g]->target;
      if (!within || target <= region_target_max) continue;
      diagnostics.error(fleet.groups[g].where,
                        fmt::format("with group {} the targets of the EC2 Fleets in Region {} come to {} units, at most "
                                    "{} are allowed",
                                    fleet.groups[g].name, fleet.config.region, target, region_target_max),
                        "lower their targets, or put fleets into other Regions");
    }
  }
}

}  // namespace fleetsim::scenario
