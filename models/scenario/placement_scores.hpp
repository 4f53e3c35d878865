#pragma once
/// How well the Spot pools of each group could fulfil it at once, as AWS's placement score says it.

#include <cstdint>
#include <string>
#include <vector>

namespace fleetsim {
struct ScenarioData;
}

namespace fleetsim::scenario {

struct PlacementScore {
  std::string group;        ///< "<fleet>/<group>"
  std::string zone;         ///< empty: all zones of the group together
  std::int64_t units = 0;   ///< Spot units that the group begins with; > 0
  double probability = 0;   ///< that the pools have all of them
  int score = 1;            ///< from 1 to 10
};

/// Of every group that buys Spot: all its zones, then each alone if there are several. Begins 100 markets.
std::vector<PlacementScore> placement_scores(const ScenarioData& scenario);

}  // namespace fleetsim::scenario
