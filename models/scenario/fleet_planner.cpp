#include "models/scenario/fleet_planner.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/region_prices.hpp"
#include "models/scenario/spot_purchase.hpp"

namespace fleetsim::scenario {

std::vector<std::string> zone_names(const TopologyConfig& topology) {
  std::vector<std::string> names;
  for (const RegionConfig& region : topology.regions) {
    for (const auto& zone : region.zones) names.push_back(zone.value);
  }
  return names;
}

PoolId SpotPools::find_or_add(const std::string& zone, const std::string& type, OperatingSystem os, UsdPerHour on_demand,
                              const config::Location& where) {
  const auto [it, added] = by_name_.try_emplace({zone, type}, PoolId{static_cast<std::uint32_t>(pools.size())});
  if (added) {
    pools.push_back(make_spot_pool(settings_, zone, type, on_demand, run_.duration, diagnostics_, os));
    systems_.push_back(os);
  } else if (const OperatingSystem first = systems_[it->second.index]; first != os) {
    diagnostics_.error(where,
                       fmt::format("pool {}/{} is used with {} here and with {} before; it can have one price only",
                                   zone, type, to_name(os), to_name(first)),
                       "give one of the groups other zones or types, or run the two in scenarios of their own");
  }
  return it->second;
}

namespace {

/// Turns the names of a fleet into the things they name; reports every name that names nothing.
class FleetPlanner {
 public:
  FleetPlanner(const FleetSurroundings& around, config::Diagnostics& diagnostics)
      : regions_(around.regions), topology_(around.topology), catalog_(around.catalog), demands_(around.demands),
        pools_(around.pools), given_(around.given), days_(around.days),
        as_of_(std::chrono::floor<std::chrono::days>(around.days.begin)),
        replaces_old_(around.replaces_previous_generation), diagnostics_(diagnostics) {
    zones_known_ = !given_.regions.empty() && regions_.regions.size() == given_.regions.size() &&
                   std::none_of(regions_.regions.begin(), regions_.regions.end(),
                                [](const RegionConfig& region) { return region.zones.empty(); });
  }

  FleetPlan plan(config::Section& in, FleetPlan plan) {
    find_demand(in, plan);
    if (replaces_old_) replace_previous_generation(plan);
    check_hibernation(plan, catalog_, diagnostics_);
    const std::optional<ZoneId> home = find_home(in, plan);
    std::optional<RegionId> region;
    if (home) region = topology_.region_of(*home);
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
      warn_of_unequal_types(plan, g);
      check_threshold(in, plan, g);
      plan_group(in, plan, g, region, home);
    }
    if (region) plan.config.region = topology_.name(*region);
    check_networks(plan, catalog_, days_, diagnostics_);
    price_balancer(in, plan);
    return plan;
  }

 private:
  void price_balancer(config::Section& in, FleetPlan& plan) {
    if (!plan.config.load_balancer) return;
    const std::optional<UsdPerHour>& own = plan.config.load_balancer->charges.price;
    const std::optional<UsdPerHour> price = own ? own : catalog_.load_balancer_price(plan.config.region);
    if (price) {
      plan.balancer_price = *price;
    } else if (!plan.config.region.empty() && !report_unpriced_region(regions_, catalog_, plan.config.region, diagnostics_)) {
      in.error("load_balancer", fmt::format("load_balancer: an hour of one is not priced in Region '{}'", plan.config.region),
               "add its price, such as charges: {price: 0.0225 USD/h}");
    }
  }

  void find_demand(config::Section& in, FleetPlan& plan) {
    const std::string& serves = plan.config.serves;
    const auto it = std::find_if(demands_.begin(), demands_.end(),
                                 [&](const DemandConfig& demand) { return demand.name == serves; });
    if (it != demands_.end()) plan.demand = static_cast<std::size_t>(it - demands_.begin());
    const std::vector<std::string>& names = given_.demands;
    if (serves.empty() || names.empty() || std::find(names.begin(), names.end(), serves) != names.end()) return;
    in.error("serves", fmt::format("there is no demand '{}'", serves), config::name_help("demand", serves, names));
  }

  std::optional<ZoneId> find_home(config::Section& in, const FleetPlan& plan) {
    if (plan.config.home_zone.empty()) return std::nullopt;
    const std::optional<ZoneId> home = topology_.zone(plan.config.home_zone);
    if (!home) report_unknown_zone(in, in.where("home_zone"), plan.config.home_zone);
    return home;
  }

  /// Says nothing where the zones themselves could not be read, which has been reported.
  void report_unknown_zone(config::Section& in, const config::Location& where, const std::string& zone) const {
    if (!zones_known_) return;
    in.error_at(where, fmt::format("there is no zone '{}'", zone),
                config::name_help("zone", zone, zone_names(regions_)));
  }

  void plan_group(config::Section& in, FleetPlan& plan, std::size_t g, std::optional<RegionId>& region,
                  std::optional<ZoneId> home) {
    const GroupConfig& group = plan.groups[g];
    for (std::size_t z = 0; z < group.zones.size(); ++z) {
      const config::Located<std::string>& name = group.zones[z];
      const std::optional<ZoneId> zone = topology_.zone(name.value);
      if (!zone) {
        report_unknown_zone(in, name.where, name.value);
        continue;
      }
      if (!region) region = topology_.region_of(*zone);
      if (topology_.region_of(*zone) != *region) {
        in.error_at(name.where,
                               fmt::format("zone '{}' is not in Region '{}'", name.value, topology_.name(*region)),
                               "a fleet lies in one Region: that of its home zone or of its first group");
        continue;
      }
      for (std::size_t t = 0; t < group.instance_types.size(); ++t) {
        for (const Purchase purchase : group.purchases) plan_placement(in, plan, {g, t, purchase}, *zone, home);
      }
    }
  }

  /// A metric that is never above its cap never fires an alarm there.
  static void check_threshold(config::Section& in, const FleetPlan& plan, std::size_t g) {
    const GroupConfig& group = plan.groups[g];
    if (!group.composite || group.composite->scale_out_above <= plan.config.metric_cap) return;
    in.error_at(group.where,
                fmt::format("group {}: scale_out_above, {:g}%, is above the largest value of the metric, {:g}%",
                            group.name, group.composite->scale_out_above, plan.config.metric_cap),
                "write 75% for three quarters, or raise metric: {cap: ...} of the fleet");
  }

  /// Without weights a large instance counts as much as a small one.
  void warn_of_unequal_types(const FleetPlan& plan, std::size_t g) const {
    if (plan.allocations[g].weighted) return;
    std::optional<InstanceType> smallest, largest;
    for (const auto& name : plan.groups[g].instance_types) {
      const std::optional<InstanceType> type = catalog_.type(name.value);
      if (!type) return;
      if (!smallest || type->vcpus < smallest->vcpus) smallest = type;
      if (!largest || type->vcpus > largest->vcpus) largest = type;
    }
    if (!smallest || smallest->vcpus == largest->vcpus) return;
    diagnostics_.warning(
        plan.groups[g].where,
        fmt::format("group {} counts one {} ({} vCPUs) as much as one {} ({} vCPUs)", plan.groups[g].name,
                    smallest->name, smallest->vcpus, largest->name, largest->vcpus),
        "give it weights, such as the types' vCPUs");
  }

  /// A type without a successor stays.
  void replace_previous_generation(FleetPlan& plan) {
    for (GroupConfig& group : plan.groups) {
      for (std::size_t t = 0; t < group.instance_types.size(); ++t) {
        config::Located<std::string>& name = group.instance_types[t];
        const std::optional<Successor> successor = successor_of(catalog_, name.value);
        if (!successor || !successor->type) continue;
        const auto same = [&](std::size_t other) { return group.instance_types[other].value == *successor->type; };
        for (std::size_t other = 0; other < group.instance_types.size(); ++other) {
          if (!same(other)) continue;
          diagnostics_.error(name.where, fmt::format("replace_previous_generation: '{}' becomes '{}', which the group has already",
                                                     name.value, *successor->type),
                             "leave one of the two out");
        }
        name.value = *successor->type;
      }
    }
  }

  /// docs/models/fleet.md, `boot_time`.
  const DurationDistribution windows_boot{LogNormal{.median = 240, .sigma = 0.35}};

  struct Place {
    std::size_t group;
    std::size_t type;  // within the group's instance types
    Purchase purchase;
  };

  void plan_placement(config::Section& in, FleetPlan& plan, Place place, ZoneId zone, std::optional<ZoneId> home) {
    const GroupConfig& group = plan.groups[place.group];
    const config::Located<std::string>& type_name = group.instance_types[place.type];
    const std::optional<InstanceType> type = catalog_.type(type_name.value);
    if (!type) {
      in.error_at(type_name.where,
                             fmt::format("instance type '{}' is not in the catalogue", type_name.value),
                             catalog_.type_help(type_name.value));
      return;
    }
    const std::string region = topology_.name(topology_.region_of(zone));
    if (const auto refusal = catalog_.refusal(type_name.value, region, as_of_)) {
      if (report_unpriced_region(regions_, catalog_, region, diagnostics_)) return;
      in.error_at(type_name.where, refusal->problem, refusal->help);
      return;
    }
    PlacementPlan placement;
    placement.power = catalog_.power(type_name.value);
    placement.group = place.group;
    placement.weight = plan.allocations[place.group].weights[place.type];
    placement.config = {.group = {},
                        .instance_type = type->name,
                        .zone = topology_.name(zone),
                        .purchase = place.purchase,
                        .vcpus = static_cast<int>(type->vcpus),
                        .performance_factor = type->performance_factor,
                        .instance_warmup = group.instance_warmup,
                        .home_round_trip = {},
                        .in_home_zone = !home || *home == zone};
    if (home && *home != zone) {
      placement.config.home_round_trip = topology_.round_trip(zone, *home);
      placement.transfer_price_out = topology_.transfer_price_out(zone, *home);
      placement.transfer_price_in = topology_.transfer_price_in(zone, *home);
    }
    placement.os = plan.operating_systems[place.group];
    if (placement.os == OperatingSystem::windows && !plan.config.boot_time_given) placement.config.boot_time = windows_boot;
    const PriceKey key{.region = region, .instance_type = type->name, .os = std::string(to_name(placement.os))};
    const Purchase listed = place.purchase == Purchase::spot ? Purchase::on_demand : place.purchase;
    const std::optional<InstancePrice> price = catalog_.price_with_licence(key, listed, as_of_);
    if (!price) {
      if (report_unpriced_region(regions_, catalog_, region, diagnostics_)) return;
      in.error_at(type_name.where,
                             fmt::format("instance type '{}' is not priced in Region '{}' as {}{}", type_name.value,
                                         region, to_name(listed),
                                         placement.os == OperatingSystem::linux
                                             ? ""
                                             : fmt::format(" with {}", to_name(placement.os))),
                             catalog_.price_help(key, listed));
      return;
    }
    placement.price = price->instance;
    placement.licence = price->licence;
    set_credits(in, plan, place, *type, placement);
    if (place.purchase == Purchase::spot) {
      const std::optional<UsdPerHour>& max_price = plan.max_prices[place.group];
      // The Spot price of a system has its licence in it, and so has the on-demand price that it is compared with.
      const UsdPerHour on_demand = price->instance + price->licence;
      placement.price = on_demand;
      placement.licence = {};
      placement.max_price = max_price ? *max_price * placement.weight : on_demand;
      if (const auto& ec2_fleet = plan.ec2_fleets[place.group]; ec2_fleet && ec2_fleet->unit_price_max) {
        placement.max_price = std::min(placement.max_price, *ec2_fleet->unit_price_max * placement.weight);
      }
      placement.pool = pools_.find_or_add(placement.config.zone, type->name, placement.os, on_demand, type_name.where);
    }
    plan.placements.push_back(std::move(placement));
  }

  void set_credits(config::Section& in, const FleetPlan& plan, Place place, const InstanceType& type,
                   PlacementPlan& placement) const {
    const CreditMode mode = plan.credit_modes[place.group];
    const config::Location& where = plan.groups[place.group].instance_types[place.type].where;
    if (!type.cpu_credits) {
      if (mode == CreditMode::of_its_family) return;
      in.error_at(where, fmt::format("instance type '{}' has no CPU credits, which the group speaks of", type.name),
                  "leave cpu_credits out, or choose a T2, T3, T3a or T4g type");
      return;
    }
    if (plan.config.requests && plan.config.requests->model == RequestModel::each) {
      diagnostics_.warning(where, fmt::format("instance type '{}' runs on CPU credits, which requests one by one do not know: it "
                                              "is taken to have enough", type.name),
                           "write requests: {model: fluid} to see it slow down");
      return;
    }
    const bool unlimited =
        mode == CreditMode::of_its_family ? type.cpu_credits->unlimited_by_default : mode == CreditMode::unlimited;
    placement.config.cpu_credits = CpuCreditConfig{.earned_per_hour = type.cpu_credits->earned_per_hour,
                                                   .accrued_max = type.cpu_credits->accrued_max,
                                                   .launch = unlimited ? 0 : type.cpu_credits->launch,
                                                   .unlimited = unlimited,
                                                   .kept_when_stopped = type.cpu_credits->kept_when_stopped};
    placement.surplus_credits = catalog_.surplus_credit_price(type.name, placement.os);
  }

  const TopologyConfig& regions_;
  const Topology& topology_;
  const Catalog& catalog_;
  const std::vector<DemandConfig>& demands_;
  SpotPools& pools_;
  const GivenNames& given_;
  RunDays days_;
  std::chrono::sys_days as_of_;  // what prices and types there are
  bool replaces_old_;
  config::Diagnostics& diagnostics_;
  bool zones_known_;
};

}  // namespace

FleetPlan plan_fleet(config::Section& in, FleetPlan plan, const FleetSurroundings& around, config::Diagnostics& diagnostics) {
  return FleetPlanner(around, diagnostics).plan(in, std::move(plan));
}

}  // namespace fleetsim::scenario
