#pragma once
/// What a unit of a pool costs, change by change. A world is asked for its next change only when the last one has come.

#include <memory>
#include <optional>
#include <string>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "models/spot_market/worlds/block_cursor.hpp"

namespace fleetsim::spot_market {

struct PriceStep {
  Time at;
  UsdPerHour price;
};

class PriceWorld {
 public:
  virtual ~PriceWorld() = default;
  /// The price at the start of the run.
  virtual UsdPerHour initial_price() const = 0;
  /// The price is never above it: who pays that much need not be watched.
  virtual UsdPerHour highest() const = 0;
  /// The change that follows the last one: a later instant, a different price. Empty when none follows before the end
  /// of the run.
  virtual std::optional<PriceStep> next() = 0;
};

/// Null for a price that an auction makes. `stream_prefix` names the world's random streams, such as "spot_market/us-east-1a/c5.2xlarge/"; `replay_offset` is
/// where in its trace a replay begins, `blocks` what a block bootstrap is cut from instead.
std::unique_ptr<PriceWorld> make_price_world(const PriceProcess& process, const Simulation& sim,
                                             const std::string& stream_prefix, Duration replay_offset,
                                             const std::optional<BlockPlan>& blocks, Duration run_length);

}  // namespace fleetsim::spot_market
