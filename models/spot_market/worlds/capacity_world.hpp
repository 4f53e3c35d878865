#pragma once
/// What a pool has to give, change by change. A world is asked for its next change only when the last one has come, so
/// worlds that share a cause (a Region's state, say) may share a generator behind this interface.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::spot_market {

struct CapacityChange {
  Time at;
  std::int64_t units = 0;
};

class CapacityWorld {
 public:
  virtual ~CapacityWorld() = default;
  /// Units at the start of the run.
  virtual std::int64_t initial_units() const = 0;
  /// The change that follows the last one: a later instant, a different number of units. Empty when none follows
  /// before the end of the run.
  virtual std::optional<CapacityChange> next() = 0;
};

class LatentPath;

/// Makes the worlds of a market's pools, and what some of them share. Outlived by the worlds.
class CapacityWorldMaker {
 public:
  CapacityWorldMaker(const Simulation& sim, Duration run_length) : sim_(sim), run_length_(run_length) {}

  /// `replay_offset` is where in its trace a replay begins, `recorded_together` how much of it a block bootstrap cuts its
  /// blocks from. Streams are named spot_market/<zone>/<type>/….
  std::unique_ptr<CapacityWorld> make(const SpotPoolConfig& pool, Duration replay_offset, Duration recorded_together);

 private:
  const Simulation& sim_;
  Duration run_length_;
  std::map<std::string, std::shared_ptr<const LatentPath>> latent_paths_;  // by Region, made with its first pool
};

}  // namespace fleetsim::spot_market
