#pragma once
/// Recorded block I/O as loads of fixed size, each with a demand that steps from window to window.

#include <memory>
#include <vector>

#include "fleetsim/models/demand/config.hpp"
#include "fleetsim/models/storage/config.hpp"
#include "fleetsim/models/storage/machine_config.hpp"

namespace fleetsim::scenario {

struct TracedLoad {
  StorageLoadConfig config;
  std::shared_ptr<const DemandConfig> demand;
};

/// A recording has requests and bytes of a window, reads apart from writes, so no more than a mean size. Two loads of
/// each, of small and of large I/Os, are offered so that every window has its requests and its bytes: of n requests of b
/// bytes together (b - n x small) / (large - small) are large. Small is 4 KiB and large 256 KiB, or what the smallest and
/// largest mean of a window need. A load that would offer nothing is left out.
std::vector<TracedLoad> traced_loads(const StorageLoadSettings& load, Duration run_length);

}  // namespace fleetsim::scenario
