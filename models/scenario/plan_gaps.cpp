// What a plan leaves behind: data that no step restores, instances that no step launches.

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "models/scenario/disaster_planner.hpp"

namespace fleetsim::scenario {

namespace {

/// Whether a step of a kind that brings it names the resource.
bool brought(const RecoveryPlanConfig& config, const PlanResource& resource) {
  return std::any_of(config.steps.begin(), config.steps.end(), [&](const StepConfig& step) {
    const bool brings = step.kind == StepKind::custom ||
                        (resource.kind == ResourceKind::instances ? step.kind == StepKind::boot
                                                                  : step.kind == StepKind::restore || step.kind == StepKind::promote);
    return brings && std::any_of(step.of.begin(), step.of.end(), [&](const auto& name) { return name.value == resource.name; });
  });
}

}  // namespace

void DisasterPlanner::warn_of_gaps(const RecoveryPlan& plan) {
  std::string data, instances;
  for (const PlanResource& resource : plan.resources()) {
    if (brought(plan.config(), resource)) continue;
    const auto add = [&](std::string& names) { names += (names.empty() ? "" : ", ") + resource.name; };
    if (resource.kind != ResourceKind::instances) {
      if (resource.data) add(data);  // of what nothing protects a warning of its own tells
    } else if (resource.standing < resource.count) {
      add(instances);
    }
  }
  const config::Location& where = plan.config().where;
  if (!data.empty()) {
    diagnostics_.warning(where,
                         fmt::format("no step of plan '{}' restores or promotes {}: users are said to be served without it",
                                     plan.config().name.value, data),
                         "name it in a step of kind restore or promote, or leave it out of the clone");
  }
  if (!instances.empty()) {
    diagnostics_.warning(where,
                         fmt::format("no step of plan '{}' launches {}: users are said to be served without them",
                                     plan.config().name.value, instances),
                         "name them in a step of kind boot, let all of them stand, or leave them out of the clone");
  }
}

}  // namespace fleetsim::scenario
