#include "models/scenario/commitment_planner.hpp"

#include <algorithm>

#include <fmt/format.h>

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
  std::optional<UsdPerHour> rate(const CommitmentConfig& commitment, const std::string& region, const std::string& type,
                                 UsdPerHour on_demand) const {
    if (commitment.kind == CommitmentKind::reserved_instances) return std::nullopt;
    if (commitment.kind == CommitmentKind::instance_savings_plan &&
        (commitment.region != region || family_of(type) != commitment.family)) {
      return std::nullopt;
    }
    if (commitment.discount) {
      return usd_per_hour(to_usd_per_hour(on_demand) * (1 - commitment.discount->value));
    }
    return catalog_.price({region, type, "linux"}, purchase_of(commitment));
  }

 private:
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
    // Where no price list has the system's own price, its licence is paid apart and the reservation is that of Linux.
    PriceKey key{.region = config.region, .instance_type = config.instance_type, .os = std::string(to_name(config.os))};
    if (!catalog_.price(key, Purchase::on_demand)) key.os = "linux";
    const std::optional<UsdPerHour> price = settings.price ? settings.price : catalog_.price(key, purchase_of(config));
    if (price) {
      config.hourly = *price;
    } else {
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

std::vector<CommitmentConfig> plan_commitments(const std::vector<CommitmentSettings>& all, const Topology& topology,
                                               const TopologyConfig& regions, const Catalog& catalog,
                                               std::vector<FleetPlan>& fleets, std::vector<StoragePlan>& machines,
                                               config::Diagnostics& diagnostics) {
  Planner planner(topology, regions, catalog, diagnostics);
  std::vector<CommitmentConfig> commitments;
  for (const CommitmentSettings& settings : all) commitments.push_back(planner.plan(settings));
  for (FleetPlan& fleet : fleets) {
    for (PlacementPlan& placement : fleet.placements) {
      for (const CommitmentConfig& commitment : commitments) {
        const bool covered = placement.config.purchase == Purchase::on_demand;
        placement.plan_rates.push_back(
            covered ? planner.rate(commitment, fleet.config.region, placement.config.instance_type, placement.price)
                    : std::nullopt);
      }
    }
  }
  for (StoragePlan& machine : machines) {
    for (const CommitmentConfig& commitment : commitments) {
      machine.plan_rates.push_back(planner.rate(commitment, machine.region, machine.instance_type, machine.price.instance));
    }
  }
  return commitments;
}

}  // namespace fleetsim::scenario
