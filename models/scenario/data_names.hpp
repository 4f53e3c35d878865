#pragma once
/// The names of protected data and of what protects them.

#include <string>
#include <vector>

#include "fleetsim/models/data_replication/settings.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim::scenario {

/// Reports names with which two metrics "data.<name>.…" would have one name, and those that two policies have. `sites`:
/// the names of all sites, which follow in some of these metrics.
void check_data_names(const ProtectionSettings& settings, const std::vector<std::string>& sites, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
