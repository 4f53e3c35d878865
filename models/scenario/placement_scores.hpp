#pragma once
/// How well Spot pools could fulfil a target at once, as AWS's placement scores say it: of each group, and of what a
/// scenario asks in `spot_market.placement_scores`.
///
/// Leaves out: instance types by attributes; see docs/models/allocation.md.
/// Source:     Amazon EC2 user guide, Spot placement score (2023-05-31).

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim {
class Catalog;
struct ScenarioData;
}

namespace fleetsim::scenario {

struct PlacementScore {
  std::string place;        ///< a Region or a zone
  double probability = 0;   ///< that the pools there have all of the target
  int score = 1;            ///< from 1 to 10
};
/// The scores of one target.
struct PlacementScores {
  std::string of;           ///< "<fleet>/<group>", or the instance types of a question
  std::string target;       ///< in words
  std::vector<PlacementScore> places;
};

/// Looks up what the scenario asks scores for and makes the pools of it, into `scenario`. Requires: Regions have been read.
void plan_placement_questions(const SpotMarketSettings& settings, const Catalog& catalog, std::chrono::sys_days as_of,
                              ScenarioData& scenario, config::Diagnostics& diagnostics);

/// Of every group that buys Spot: its Region, then each of its zones alone if there are several. Then of every question:
/// the ten best places, the best first. Begins 100 markets.
std::vector<PlacementScores> placement_scores(const ScenarioData& scenario);

}  // namespace fleetsim::scenario
