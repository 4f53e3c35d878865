#include "fleetsim/models/storage/network.hpp"

#include <algorithm>

#include "models/storage/volume_rules.hpp"

namespace fleetsim {
namespace {

constexpr BytesPerSecond gbps(std::int64_t count) { return BytesPerSecond::of(count * 125'000'000); }

}  // namespace

BytesPerSecond flow_max(FlowKind kind) {
  switch (kind) {
    case FlowKind::ordinary: return gbps(5);
    case FlowKind::cluster_placement_group: return gbps(10);
    case FlowKind::ena_express: return gbps(25);
  }
  return {};
}

bool offered(FlowKind kind, Date as_of) { return kind != FlowKind::ena_express || as_of >= storage::day::ena_express; }

OutsideNetwork outside_network(BytesPerSecond network, std::int64_t vcpus, bool current_generation, Date as_of) {
  const bool present = as_of >= storage::day::network_of_today;
  const bool half = as_of >= storage::day::half_of_network && vcpus >= 32 && (current_generation || present);
  const BytesPerSecond most = std::max(gbps(5), half ? BytesPerSecond::of(network.count() / 2) : BytesPerSecond{});
  return {.most = std::min(most, network), .other_regions = !present};
}

}  // namespace fleetsim
