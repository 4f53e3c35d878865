#pragma once
/// One error for a Region in which nothing has a price, most often a misspelt name, in place of one for each thing in it.

#include <string>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/topology.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim::scenario {

/// To be called where a price was looked for in vain. True, and reported where the Region is named, if neither the catalogue
/// nor the scenario prices anything there; equal reports are shown once.
bool report_unpriced_region(const TopologyConfig& topology, const Catalog& catalog, const std::string& region,
                            config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
