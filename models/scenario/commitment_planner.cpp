#include "models/scenario/commitment_planner.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "models/scenario/region_prices.hpp"

namespace fleetsim::scenario {

namespace {

/// What a Compute Savings Plan for a year takes off: Convertible reservations of m5.large and m6i.large, 0.071 and
/// 0.07053 of 0.096 USD/h, which stand for it; AWS publishes rates by type that we do not have.
constexpr Ratio compute_discount_1y{0.26};

class Planner {
 public:
  Planner(const Topology& topology, const TopologyConfig& regions, const Catalog& catalog, config::Diagnostics& diagnostics)
      : topology_(topology), regions_(regions), catalog_(catalog), diagnostics_(diagnostics) {}

  CommitmentConfig plan(const CommitmentSettings& settings) {
    CommitmentConfig config{.name = settings.name.value, .kind = settings.kind, .term = settings.term,
                            .region = {}, .zone = settings.zone.value, .instance_type = settings.instance_type.value,
                            .os = settings.os, .vcpus = 1, .family = settings.family.value, .count = settings.count,
                            .hourly = settings.commitment, .discount = settings.discount};
    if (config.kind != CommitmentKind::compute_savings_plan) find_region(settings, config);
    if (config.kind == CommitmentKind::reserved_instances) price_reservation(settings, config);
    if (config.kind == CommitmentKind::instance_savings_plan) check_family(settings.family);
    if (config.kind == CommitmentKind::compute_savings_plan && !config.discount) {
      if (config.term == CommitmentTerm::one_year) {
        config.discount = compute_discount_1y;
      } else {
        diagnostics_.error(settings.name.where,
                           fmt::format("commitment {}: the rates of a Compute Savings Plan for three years are not built in",
                                       config.name),
                           "add its discount, such as discount: 45%");
      }
    }
    return config;
  }

  /// What a Savings Plan pays for an instance on demand; empty where it does not cover it.
  std::optional<UsdPerHour> rate(const CommitmentConfig& commitment, const CommittedUse& use) const {
    if (commitment.kind == CommitmentKind::reserved_instances) return std::nullopt;
    if (commitment.kind == CommitmentKind::instance_savings_plan &&
        (commitment.region != use.region || family_of(use.instance_type) != commitment.family)) {
      return std::nullopt;
    }
    if (commitment.discount) {
      return usd_per_hour(to_usd_per_hour(use.on_demand) * (1 - commitment.discount->value));
    }
    return catalog_.price(price_key(use.region, use.instance_type, use.os), purchase_of(commitment));
  }

  void check_use(const CommitmentSettings& settings, const CommitmentConfig& commitment, std::size_t number,
                 const std::vector<CommittedUse>& uses) {
    const bool reserves = commitment.kind == CommitmentKind::reserved_instances;
    const auto can_use = [&](const CommittedUse& use) {
      if (!reserves) return use.plan_rates[number].has_value();
      return settle({commitment}, {use}, {nanoseconds_per_hour}, 1_h).covered[0][0] > 0;
    };
    if (std::any_of(uses.begin(), uses.end(), can_use)) return;
    diagnostics_.warning(settings.name.where,
                         fmt::format("commitment {} is paid and never used: nothing in the scenario that is bought on demand is "
                                     "what it covers", commitment.name),
                         reserves ? "compare its instance type, operating_system, Region and zone with the groups'"
                                  : "compare its family and Region with the groups'; where a price list has no reserved "
                                    "price, give a discount");
  }

 private:
  /// Of the system's own price where a price list has one; else its licence is paid apart, and the rest is Linux's.
  PriceKey price_key(const std::string& region, const std::string& type, OperatingSystem os) const {
    const PriceKey own{.region = region, .instance_type = type, .os = std::string(to_name(os))};
    if (catalog_.price(own, Purchase::on_demand)) return own;
    return {.region = region, .instance_type = type, .os = "linux"};
  }

  static Purchase purchase_of(const CommitmentConfig& commitment) {
    return commitment.term == CommitmentTerm::one_year ? Purchase::reserved_1y : Purchase::reserved_3y;
  }

  void find_region(const CommitmentSettings& settings, CommitmentConfig& config) {
    std::vector<std::string> names;
    for (const RegionConfig& region : regions_.regions) names.push_back(region.name.value);
    if (std::find(names.begin(), names.end(), settings.region.value) != names.end()) {
      config.region = settings.region.value;
    } else if (!settings.region.value.empty()) {
      diagnostics_.error(settings.region.where, fmt::format("there is no Region '{}'", settings.region.value),
                         config::name_help("Region", settings.region.value, names));
    } else if (names.size() == 1) {
      config.region = names.front();
    }
    if (!settings.zone.value.empty()) return find_zone(settings, config);
    if (!settings.region.value.empty() || !config.region.empty()) return;
    diagnostics_.error(settings.name.where, fmt::format("commitment {} does not say in which Region it holds", config.name),
                       fmt::format("add region: {}", names.empty() ? "us-east-1" : names.front()));
  }

  void find_zone(const CommitmentSettings& settings, CommitmentConfig& config) {
    const std::string& name = settings.zone.value;
    if (const std::optional<ZoneId> zone = topology_.zone(name)) {
      const std::string& region = topology_.name(topology_.region_of(*zone));
      if (config.region.empty()) config.region = region;
      if (config.region == region) return;
      diagnostics_.error(settings.zone.where, fmt::format("zone '{}' is in Region {}, not in {}", name, region, config.region),
                         "leave region out: a reservation with a zone holds in the zone's Region");
      return;
    }
    std::vector<std::string> zones;
    for (const RegionConfig& region : regions_.regions) {
      for (const auto& known : region.zones) zones.push_back(known.value);
    }
    diagnostics_.error(settings.zone.where, fmt::format("there is no zone '{}'", name), config::name_help("zone", name, zones));
  }

  void check_family(const config::Located<std::string>& family) {
    std::vector<std::string> families;
    for (const std::string& type : catalog_.type_names()) families.emplace_back(family_of(type));
    families.erase(std::unique(families.begin(), families.end()), families.end());
    if (std::find(families.begin(), families.end(), family.value) != families.end()) return;
    const std::string similar = config::name_help("family", family.value, families);
    diagnostics_.error(family.where, fmt::format("no instance type of the catalogue is of the family '{}'", family.value),
                       similar.empty() ? "name what stands before the dot of a type, such as m5" : similar);
  }

  void price_reservation(const CommitmentSettings& settings, CommitmentConfig& config) {
    if (config.instance_type.empty()) return;  // reported
    const std::optional<InstanceType> type = catalog_.type(config.instance_type);
    if (!type) {
      diagnostics_.error(settings.instance_type.where,
                         fmt::format("instance type '{}' is not in the catalogue", config.instance_type),
                         catalog_.type_help(config.instance_type));
      return;
    }
    config.vcpus = type->vcpus;
    config.family = family_of(config.instance_type);
    if (config.region.empty()) return;  // reported
    const PriceKey key = price_key(config.region, config.instance_type, config.os);
    const std::optional<UsdPerHour> price = settings.price ? settings.price : catalog_.price(key, purchase_of(config));
    if (price) {
      config.hourly = *price;
    } else if (!report_unpriced_region(regions_, catalog_, config.region, diagnostics_)) {
      diagnostics_.error(settings.instance_type.where,
                         fmt::format("instance type '{}' with {} is not priced in Region '{}' as {}", config.instance_type,
                                     key.os, config.region, to_name(purchase_of(config))),
                         "add the commitment's price, such as price: 0.1 USD/h");
    }
  }

  const Topology& topology_;
  const TopologyConfig& regions_;
  const Catalog& catalog_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

CommittedUse committed_use(const FleetPlan& fleet, const PlacementPlan& placement) {
  return {.region = fleet.config.region,
          .zone = placement.config.zone,
          .instance_type = placement.config.instance_type,
          .os = placement.os,
          .vcpus = placement.config.vcpus,
          .on_demand = placement.price,
          .plan_rates = placement.plan_rates};
}

CommittedUse committed_use(const StoragePlan& machine) {
  return {.region = machine.region,
          .zone = {},
          .instance_type = machine.instance_type,
          .os = machine.operating_system,
          .vcpus = machine.vcpus,
          .on_demand = machine.price.instance,
          .plan_rates = machine.plan_rates};
}

std::vector<CommitmentConfig> plan_commitments(const std::vector<CommitmentSettings>& all, const Topology& topology,
                                               const TopologyConfig& regions, const Catalog& catalog,
                                               std::vector<FleetPlan>& fleets, std::vector<StoragePlan>& machines,
                                               config::Diagnostics& diagnostics) {
  Planner planner(topology, regions, catalog, diagnostics);
  std::vector<CommitmentConfig> commitments;
  for (const CommitmentSettings& settings : all) commitments.push_back(planner.plan(settings));
  std::vector<CommittedUse> uses;
  const auto find_rates = [&](CommittedUse use) {
    for (const CommitmentConfig& commitment : commitments) use.plan_rates.push_back(planner.rate(commitment, use));
    uses.push_back(use);
    return use.plan_rates;
  };
  for (FleetPlan& fleet : fleets) {
    for (PlacementPlan& placement : fleet.placements) {
      if (placement.config.purchase != Purchase::on_demand) continue;
      placement.plan_rates = find_rates(committed_use(fleet, placement));
    }
  }
  for (StoragePlan& machine : machines) machine.plan_rates = find_rates(committed_use(machine));
  if (diagnostics.has_errors()) return commitments;
  for (std::size_t c = 0; c < all.size(); ++c) planner.check_use(all[c], commitments[c], c, uses);
  return commitments;
}

}  // namespace fleetsim::scenario
