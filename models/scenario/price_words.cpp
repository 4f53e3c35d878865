#include "models/scenario/price_words.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/number_words.hpp"

namespace fleetsim::scenario {

namespace {

std::string credits_in_words(const PlacementPlan& placement) {
  const CpuCreditConfig& credits = *placement.config.cpu_credits;
  const double earned = static_cast<double>(credits.earned_per_hour) / 1e6;
  return fmt::format("  {} earns {:g} CPU credits/h, enough for {:g} % of its vCPUs, and holds {:g}; without them it {}",
                     placement.config.instance_type, earned, earned / placement.config.vcpus / 60 * 100,
                     static_cast<double>(credits.accrued_max) / 1e6,
                     credits.unlimited ? fmt::format("pays {} a vCPU", placement.surplus_credits)
                                       : std::string("slows down to that"));
}

}  // namespace

std::vector<std::string> surcharges_in_words(const FleetPlan& fleet) {
  std::vector<std::string> lines;
  const auto add = [&](std::string line) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  };
  if (fleet.config.load_balancer) {
    const BalancerCharges& charges = fleet.config.load_balancer->charges;
    const auto bytes = static_cast<double>((fleet.config.network_in_per_request + fleet.config.network_out_per_request).count());
    const double units = capacity_unit_hours(charges, 3600, bytes);
    std::string line = fmt::format("  the load balancer costs {}", fleet.balancer_price);
    if (units > 0) line += fmt::format(", and {} for each {} requests/s", charges.lcu_price,
                                      grouped(std::llround(1 / units)));
    add(std::move(line));
  }
  for (const PlacementPlan& placement : fleet.placements) {
    if (placement.power) {
      add(fmt::format("  a vCPU of {} draws {:.3g} W idle and {:.3g} W busy", placement.config.instance_type,
                      placement.power->idle, placement.power->busy));
    }
    if (placement.config.cpu_credits) add(credits_in_words(placement));
    if (placement.licence > UsdPerHour{}) {
      add(fmt::format("  {} with {} pays {} for the licence beside its price", placement.config.instance_type,
                      to_name(placement.os), placement.licence));
    }
  }
  return lines;
}

std::vector<std::string> successors_in_words(const ScenarioData& data) {
  const Catalog catalog(data.catalog);
  std::vector<std::string> lines;
  const auto add = [&](const std::string& type, bool of_group) {
    const std::optional<Successor> successor = successor_of(catalog, type);
    if (!successor) return;
    std::string line = fmt::format("{} is of an old generation: AWS names {} as the successor", type,
                                   successor->type ? *successor->type : successor->family);
    if (of_group && successor->type) line += "; catalog.replace_previous_generation tries it";
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
  };
  for (const FleetPlan& fleet : data.fleets) {
    for (const PlacementPlan& placement : fleet.placements) add(placement.config.instance_type, true);
  }
  for (const StoragePlan& machine : data.storages) add(machine.instance_type, false);
  return lines;
}

std::vector<std::string> commitments_in_words(const std::vector<CommitmentConfig>& commitments) {
  std::vector<std::string> lines;
  for (const CommitmentConfig& commitment : commitments) {
    const char* term = commitment.term == CommitmentTerm::one_year ? "one year" : "three years";
    std::string line = fmt::format("commitment {} for {}: ", commitment.name, term);
    if (commitment.kind == CommitmentKind::reserved_instances) {
      line += fmt::format("{} reserved {} in {} at {} each, used or not", commitment.count, commitment.instance_type,
                          commitment.zone.empty() ? commitment.region : commitment.zone, commitment.hourly);
    } else {
      line += fmt::format("a Savings Plan of {}, used or not, for {}", commitment.hourly,
                          commitment.family.empty() ? "any instances" : commitment.family);
      if (commitment.discount) line += fmt::format(" at {} less", *commitment.discount);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace fleetsim::scenario
