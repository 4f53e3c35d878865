#pragma once
/// Reading a trace, and checking a demand against the run it is for.

#include "fleetsim/models/demand.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim::demand {

/// Reads `trace` and the keys that go with it.
void read_trace(config::Section& in, DemandConfig& demand);

/// Reports a trace that ends before the run, a mean for a stretch without demand, and demand above demand_max.
void check_against_run(config::Section& in, const DemandConfig& demand, const DemandRun& run);

}  // namespace fleetsim::demand
