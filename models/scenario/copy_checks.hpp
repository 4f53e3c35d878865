#pragma once
/// What a copy of a policy needs of the others, and of the encryption of what it copies.

#include <cstddef>
#include <optional>

#include "fleetsim/models/data_replication/settings.hpp"
#include "fleetsim/models/topology.hpp"

namespace fleetsim::scenario {

/// The copy of `policy` that another one is a copy of: an earlier one, which lies at `from`. Reports that there is none.
std::optional<std::size_t> find_source(const CopySettings& copied, const PolicyConfig& policy, SiteId from, const Topology& topology,
                                       config::Diagnostics& diagnostics);

/// Another account reads a snapshot that is shared with it, and the key that it is encrypted with. Reports what cannot be.
void check_encryption(const CopySettings& copied, const PolicyConfig& policy, const DataReplicationConfig& config, SiteId from, SiteId to,
                      const Topology& topology, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
