#pragma once
/// Searches the alternatives of one machine: what cannot do alone is ruled out, the rest is simulated by rising cost.

#include <cstdint>
#include <optional>

#include "fleetsim/advice.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

struct MachineSearchResult {
  std::optional<MachineAdvice> advice;  ///< empty if it was interrupted
  std::uint64_t considered = 0, simulated = 0;
};
MachineSearchResult search_machine(const ScenarioData& data, const AdviceOptions& options,
                                   const StorageMachineSettings& machine);

}  // namespace fleetsim::scenario
