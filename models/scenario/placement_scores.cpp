#include "models/scenario/placement_scores.hpp"

#include "models/auto_scaling/choices.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

namespace {

/// Half a step of the score is 5.6 points of probability; the standard error of 100 beginnings is at most 5.
constexpr std::uint64_t beginnings = 100;

/// A market that nobody launches from.
struct Nobody final : public SpotHolder, public SpotPriceListener {
  void interruption_noticed(std::uint32_t) override {}
  void interrupted(std::uint32_t) override {}
  void spot_price_changed(PoolId, UsdPerHour) override {}
};

/// Spot units that a group begins with.
std::int64_t spot_units(const FleetPlan& plan, std::size_t g) {
  const GroupConfig& group = plan.groups[g];
  if (group.purchases.back() != Purchase::spot) return 0;
  if (plan.ec2_fleets[g]) return plan.ec2_fleets[g]->target - plan.ec2_fleets[g]->on_demand;
  if (plan.spot_requests[g]) return plan.spot_requests[g]->count;
  const std::int64_t units = group.initial.value_or(group.min);
  return group.purchases.size() == 1 ? units : units - auto_scaling::on_demand_count(group.mix, units);
}

/// A score with the pools it is about.
struct Request {
  PlacementScore score;
  std::size_t instance_types = 0;
  std::vector<const PlacementPlan*> placements;
  std::uint64_t fulfilled = 0;
};

std::vector<Request> requests(const ScenarioData& scenario) {
  std::vector<Request> result;
  for (const FleetPlan& plan : scenario.fleets) {
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
      const GroupConfig& group = plan.groups[g];
      const std::int64_t units = spot_units(plan, g);
      if (units == 0) continue;
      std::vector<std::string> zones = {""};
      for (const auto& zone : group.zones) {
        if (group.zones.size() > 1) zones.push_back(zone.value);
      }
      for (const std::string& zone : zones) {
        Request request;
        request.score.group = plan.config.name + "/" + group.name;
        request.score.zone = zone;
        request.score.units = units;
        request.instance_types = group.instance_types.size();
        for (const PlacementPlan& placement : plan.placements) {
          const bool in_zone = zone.empty() || placement.config.zone == zone;
          if (placement.group == g && placement.pool && in_zone) request.placements.push_back(&placement);
        }
        result.push_back(std::move(request));
      }
    }
  }
  return result;
}

}  // namespace

std::vector<PlacementScore> placement_scores(const ScenarioData& scenario) {
  std::vector<Request> asked = requests(scenario);
  if (asked.empty()) return {};
  Nobody nobody;
  for (std::uint64_t replication = 0; replication < beginnings; ++replication) {
    Simulation sim({.seed = scenario.run.seed, .replication = replication});
    SpotMarket market(sim, scenario.spot_market, scenario.run.duration, nobody, nobody);
    market.start();
    for (Request& request : asked) {
      std::int64_t free = 0;
      for (const PlacementPlan* placement : request.placements) {
        const SpotTerms terms{.max_price = placement->max_price};
        if (market.has_room(*placement->pool, terms)) free += market.free_units(*placement->pool, terms) * placement->weight;
      }
      if (free >= request.score.units) ++request.fulfilled;
    }
  }
  std::vector<PlacementScore> scores;
  for (Request& request : asked) {
    request.score.probability = static_cast<double>(request.fulfilled) / static_cast<double>(beginnings);
    request.score.score = placement_score(request.score.probability, request.instance_types);
    scores.push_back(std::move(request.score));
  }
  return scores;
}

}  // namespace fleetsim::scenario
