#include "models/scenario/fast_restores.hpp"

#include <algorithm>

#include "fleetsim/models/storage/restore.hpp"

namespace fleetsim::scenario {

std::vector<FastRestore> fast_restores_of(const ScenarioData& data) {
  std::vector<FastRestore> all;
  if (!data.protection) return all;
  const DataReplicationConfig& config = data.protection->config;
  for (std::size_t p = 0; p < config.policies.size(); ++p) {
    const PolicyConfig& policy = config.policies[p];
    for (const DataId protected_data : policy.protects) {
      // Of a set each volume has a snapshot of its own; the largest has its credit last.
      constexpr std::int64_t gib = std::int64_t{1} << 30U;
      std::int64_t size_gib = 1;
      for (const std::uint32_t s : config.data[protected_data.index].stores) {
        size_gib = std::max(size_gib, (config.stores[s].blocks.size.count() + gib - 1) / gib);
      }
      if (size_gib > fast_restore_gib_max) continue;
      const auto add = [&](SiteId site, std::int64_t zones) {
        if (zones > 0) all.push_back({p, protected_data, site, zones, fast_restore_first_credit(size_gib)});
      };
      add(config.stores[config.data[protected_data.index].stores.front()].home, policy.fast_restore_zones);
      for (const CopyConfig& copy : policy.copies) add(copy.site, copy.fast_restore_zones);
    }
  }
  return all;
}

}  // namespace fleetsim::scenario
