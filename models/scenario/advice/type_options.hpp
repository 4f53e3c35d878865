#pragma once
/// The instance types that could take the place of a machine's.

#include <cstdint>
#include <string>
#include <vector>

#include "models/scenario/advice/machine_plans.hpp"
#include "models/scenario/advice/trial.hpp"
#include "models/scenario/advice/wants.hpp"

namespace fleetsim::scenario {

/// An instance type that is enough with volumes without limits.
struct TypeOption {
  std::string name;
  double monthly = 0;  ///< USD, on demand with the licence
};
struct TypeOptions {
  std::vector<TypeOption> types;  ///< cheapest first
  std::string words;              ///< a sentence on the types that are left out
  std::uint64_t considered = 0;
};
/// `today`: the plan of the machine as it is.
TypeOptions type_options(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine,
                         const StoragePlan& today, const Wants& wants, MachinePlans& plans, TrialRuns& runs);

}  // namespace fleetsim::scenario
