#pragma once
/// What an instance's network lets through beside its bandwidth, in each direction.
///
/// Source: Amazon EC2 user guide, ec2-instance-network-bandwidth of August 2021, of May 2023 and of today; ena-express.

#include <cstdint>

#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// One connection: 5 Gbps, in a cluster placement group 10, with ENA Express 25.
enum class FlowKind : std::uint8_t { ordinary, cluster_placement_group, ena_express };
BytesPerSecond flow_max(FlowKind kind);
/// Whether there are such connections: the guide of 2021 has no ENA Express, that of May 2023 does. MODEL: from then on, as the
/// day between is not known to us.
bool offered(FlowKind kind, Date as_of);

/// To the internet and, as long as the guide names them, to other Regions, all together.
struct OutsideNetwork {
  BytesPerSecond most;
  bool other_regions = true;
};
/// In 2021 5 Gbps; from May 2023 half of `network` with 32 vCPUs and more, of the current generation only until the present
/// text, and never less than 5 Gbps. MODEL: no more than `network`.
OutsideNetwork outside_network(BytesPerSecond network, std::int64_t vcpus, bool current_generation, Date as_of);

}  // namespace fleetsim
