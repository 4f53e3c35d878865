#pragma once
/// Turns the names of a fleet into the things they name.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/models/topology.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "models/scenario/group_network.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

std::vector<std::string> zone_names(const TopologyConfig& topology);

/// The Spot pools that the groups of all fleets use, each made once, in the order of their first use.
class SpotPools {
 public:
  SpotPools(const SpotMarketSettings& settings, const RunSettings& run, config::Diagnostics& diagnostics)
      : settings_(settings), run_(run), diagnostics_(diagnostics) {}

  /// `where` is the group that uses it, with instances of this system.
  PoolId find_or_add(const std::string& zone, const std::string& type, OperatingSystem os, UsdPerHour on_demand,
                     const config::Location& where);

  std::vector<SpotPoolConfig> pools;

 private:
  const SpotMarketSettings& settings_;
  const RunSettings& run_;
  config::Diagnostics& diagnostics_;
  std::map<std::pair<std::string, std::string>, PoolId> by_name_;
  std::vector<OperatingSystem> systems_;  // by pool
};

/// The names that the file gives, whether or not what they name could be read.
struct GivenNames {
  std::vector<std::string> demands;
  std::vector<std::string> regions;
};

/// What a fleet's names can name.
struct FleetSurroundings {
  const TopologyConfig& regions;
  const Topology& topology;
  const Catalog& catalog;
  const std::vector<DemandConfig>& demands;
  SpotPools& pools;
  GivenNames given;
  RunDays days;
  bool replaces_previous_generation;
};

/// The plan with its placements and prices; every name that names nothing, and everything that cannot be launched, is
/// reported. `in` is the fleet's section.
FleetPlan plan_fleet(config::Section& in, FleetPlan plan, const FleetSurroundings& around, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
