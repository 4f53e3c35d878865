#pragma once
/// Plans for variants of a scenario's machines.

#include <optional>
#include <string>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

class MachinePlans {
 public:
  explicit MachinePlans(const ScenarioData& data);

  /// Empty if a rule refuses it; refusal() is the first reason.
  std::optional<StoragePlan> plan(const StorageMachineSettings& machine);
  const std::string& refusal() const { return refusal_; }
  const Catalog& catalog() const { return catalog_; }
  /// Whose rules and prices hold.
  Date date() const;
  std::string region_of(const StorageMachineSettings& machine) const;

 private:
  const ScenarioData& data_;
  const Catalog catalog_;
  std::vector<std::string> demand_names_;
  std::string refusal_;  // of the last plan
};

}  // namespace fleetsim::scenario
