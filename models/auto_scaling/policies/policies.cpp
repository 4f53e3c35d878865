#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

ScalingPolicyPtr read_simple(config::Section& in);
ScalingPolicyPtr read_step(config::Section& in);
ScalingPolicyPtr read_target_tracking(config::Section& in);
ScalingPolicyPtr read_predictive(config::Section& in);

const std::vector<PolicyKind>& policy_kinds() {
  static const std::vector<PolicyKind> kinds{
      {"target_tracking", "keeps a metric near a target", read_target_tracking},
      {"step", "adds or removes by how far a metric is from a threshold", read_step},
      {"simple", "adds or removes a fixed amount, then waits for the cooldown", read_simple},
      {"predictive", "launches ahead of the load that the hours of past weeks promise", read_predictive}};
  return kinds;
}

}  // namespace fleetsim::auto_scaling
