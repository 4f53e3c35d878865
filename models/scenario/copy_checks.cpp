#include "models/scenario/copy_checks.hpp"

#include <string>

#include <fmt/format.h>

namespace fleetsim::scenario {

std::optional<std::size_t> find_source(const CopySettings& copied, const PolicyConfig& policy, SiteId from, const Topology& topology,
                                       config::Diagnostics& diagnostics) {
  std::optional<std::size_t> found;
  std::string made;
  for (std::size_t c = 0; c < policy.copies.size(); ++c) {
    if (policy.copies[c].site == from) found = c;
    made += (made.empty() ? "" : ", ") + topology.name(policy.copies[c].site);
  }
  if (!found) {
    diagnostics.error(copied.from_where, fmt::format("from: policy '{}' makes no copy at {} before this one", policy.name, topology.name(from)),
                      made.empty() ? "list that copy first, or leave from out: a copy of the snapshot"
                                   : fmt::format("copies before it are at {}", made));
  }
  return found;
}

void check_encryption(const CopySettings& copied, const PolicyConfig& policy, const DataReplicationConfig& config, SiteId from, SiteId to,
                      const Topology& topology, config::Diagnostics& diagnostics) {
  if (topology.account_of(from) == topology.account_of(to)) return;
  const std::string& account = topology.accounts()[topology.account_of(to)];
  for (const DataId data : policy.protects) {
    for (const std::uint32_t s : config.data[data.index].stores) {
      const StoreConfig& store = config.stores[s];
      if (store.encryption == Encryption::aws_managed_key) {
        diagnostics.error(copied.where,
                          fmt::format("account '{}' cannot copy snapshots of '{}': they are encrypted with the AWS managed key, which "
                                      "cannot be shared", account, store.name),
                          "write encryption: customer_managed_key, or copy within the account");
      } else if (store.database && store.encryption != Encryption::none && topology.region_of(from) != topology.region_of(to)) {
        diagnostics.error(copied.where,
                          fmt::format("account '{}' can copy snapshots of '{}' only within {}: a shared encrypted snapshot of a database "
                                      "cannot leave its Region", account, store.name, topology.name(from)),
                          "copy it to the other Region first, and from there to the account, with from");
      }
    }
  }
}

}  // namespace fleetsim::scenario
