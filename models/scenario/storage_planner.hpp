#pragma once
/// Turns what a scenario says about machines with volumes into their limits, loads and prices.

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/storage/config.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Uses data.run, data.topology and data.demands. Every name that names nothing and every rule of volumes that is broken
/// becomes an error.
std::vector<StoragePlan> plan_storage(const StorageSettings& settings, const ScenarioData& data,
                                      const Catalog& catalog, const std::vector<std::string>& demands_given,
                                      config::Diagnostics& diagnostics);

/// The date whose rules hold for volumes.
Date storage_rules_date(const StorageSettings& settings, config::UtcTime run_start);

}  // namespace fleetsim::scenario
