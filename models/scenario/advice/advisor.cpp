#include "fleetsim/advice.hpp"
#include "models/scenario/advice/machine_search.hpp"
#include "models/scenario/result_head.hpp"

namespace fleetsim {

std::string_view to_name(AdviceVerdict verdict) {
  switch (verdict) {
    case AdviceVerdict::chosen: return "chosen";
    case AdviceVerdict::enough: return "enough";
    case AdviceVerdict::too_little: return "too_little";
    case AdviceVerdict::undecided: return "undecided";
    case AdviceVerdict::ruled_out: return "ruled_out";
  }
  return "";
}

bool has_machines(const Scenario& scenario) { return !scenario.data().storage.machines.empty(); }

Advice advise(const Scenario& scenario, const AdviceOptions& options) {
  const ScenarioData& data = scenario.data();
  Advice advice;
  scenario::fill_head(advice, data, options);
  advice.replications = options.replications.value_or(data.run.replications);
  advice.held_back_max = options.held_back_max;
  advice.latency_max = options.latency_max;
  for (const StorageMachineSettings& machine : data.storage.machines) {
    scenario::MachineSearchResult found = scenario::search_machine(data, options, machine);
    advice.considered += found.considered;
    advice.simulated += found.simulated;
    if (!found.advice) {
      advice.interrupted = true;
      break;
    }
    advice.machines.push_back(std::move(*found.advice));
  }
  return advice;
}

}  // namespace fleetsim
