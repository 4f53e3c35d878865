#include "models/scenario/data_names.hpp"

#include <set>
#include <string_view>

#include <fmt/format.h>

#include "models/scenario/metric_names.hpp"

namespace fleetsim::scenario {

void check_data_names(const ProtectionSettings& settings, const std::vector<std::string>& sites, config::Diagnostics& diagnostics) {
  std::vector<MeasuredName> names;
  for (const StoreSettings& store : settings.stores) {
    names.push_back({store.config.database ? "database" : "volume", {store.config.name, store.where}});
  }
  for (const SetSettings& set : settings.sets) names.push_back({"set", set.name});
  for (const PolicySettings& policy : settings.policies) names.push_back({"policy", {policy.config.name, policy.where}});
  for (const ReplicaSettings& replica : settings.replicas) names.push_back({"replica", {replica.config.name, replica.where}});
  check_metric_names("data", names, sites, diagnostics);

  std::set<std::string_view> policies;
  for (const PolicySettings& policy : settings.policies) {
    if (policies.insert(policy.config.name).second) continue;
    diagnostics.error(policy.where, fmt::format("'{}' names two policies", policy.config.name),
                      "automated backups of a database are the policy <database>-backup: give the other another name");
  }
}

}  // namespace fleetsim::scenario
