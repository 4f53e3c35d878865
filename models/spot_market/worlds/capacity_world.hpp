#pragma once
/// What a pool has to give, change by change. A world is asked for its next change only when the last one has come, so
/// worlds that share a cause (a Region's state, say) may share a generator behind this interface.

#include <cstdint>
#include <memory>
#include <optional>

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

/// `stream_prefix` names the world's random streams, such as "spot_market/us-east-1a/c5.2xlarge/"; `replay_offset` is
/// where in its trace a replay begins.
std::unique_ptr<CapacityWorld> make_capacity_world(const CapacityProcess& process, const Simulation& sim,
                                                   const std::string& stream_prefix, Duration replay_offset,
                                                   Duration run_length);

}  // namespace fleetsim::spot_market
