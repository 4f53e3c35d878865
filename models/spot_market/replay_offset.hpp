#pragma once
/// Where in their traces the replays of one run begin.

#include <optional>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "models/spot_market/worlds/block_cursor.hpp"

namespace fleetsim::spot_market {

/// By pool; zero for what does not ask for it.
struct ReplayOffsets {
  std::vector<Duration> capacity;
  std::vector<Duration> price;
  /// Of a block bootstrap: the length of the shortest trace among those recorded from the same instant on.
  std::vector<Duration> recorded_together;
  /// Of prices recorded all the time that the pool's capacity was, where that is a block bootstrap: the same blocks.
  std::vector<std::optional<BlockPlan>> price_blocks;
};

/// One draw for all capacities and one for all prices. Pools that were recorded together, from the same instant on,
/// begin on the same day, so that their correlation is kept; a pool of another recording leaves theirs alone.
ReplayOffsets draw_replay_offsets(const Simulation& sim, const SpotMarketConfig& config, Duration run_length);

}  // namespace fleetsim::spot_market
