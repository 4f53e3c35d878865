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
/// Hosts, by the cheapest name of their kind, on which the rules of volumes allow what they do not on today's: Nitro
/// instances, and those that run Block Express while others do not. Of types that could take the machine's place.
std::vector<VolumeHost> other_hosts(const InstanceType& today, const StorageMachineSettings& machine, MachinePlans& plans);

/// `today`: the plan of the machine as it is. `hosts`: of whose kinds some types each are wanted.
TypeOptions type_options(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine,
                         const StoragePlan& today, const Wants& wants, const std::vector<VolumeHost>& hosts,
                         MachinePlans& plans, TrialRuns& runs);

}  // namespace fleetsim::scenario
