#pragma once
/// What a group says of buying on Spot and of being launched other than by an Auto Scaling group, and what AWS limits
/// there beyond one key.
///
/// Source: SpotMarketOptions of the Amazon EC2 API; Amazon EC2 user guide, fleet quotas, and hibernate interrupted Spot
///         Instances (2023-05-31).

#include <optional>
#include <string_view>
#include <vector>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Most that a group pays for a unit; empty: on demand.
std::optional<UsdPerHour> read_max_price(config::Section& group, bool buys_spot);

/// Appends the group's EC2 Fleet and Spot requests to the plan, empty where it has none. Returns the key that stands in
/// for the Auto Scaling group, or nothing. Requires: the group's allocation is the plan's last.
std::string_view read_how_launched(config::Section& group, const GroupConfig& config, FleetPlan& plan);

/// Whether some group of the fleet acts on rebalance recommendations.
bool hears_rebalance_recommendations(const FleetPlan& plan);

/// Reports instance types with too much memory to hibernate, in groups whose instances do.
void check_hibernation(const FleetPlan& plan, const Catalog& catalog, config::Diagnostics& diagnostics);

/// Reports the first EC2 Fleet whose target lifts those of its Region above the quota. Requires: fleets have their Region.
void check_fleet_quota(const std::vector<FleetPlan>& fleets, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
