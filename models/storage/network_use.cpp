// What a load takes of the instance's network, in each of its directions.

#include <cmath>

#include "fleetsim/models/storage.hpp"
#include "models/storage/capacity_units.hpp"

namespace fleetsim {
namespace {

constexpr std::int64_t micro = 1'000'000;

}  // namespace

void StorageMachine::draw_on_network(const StorageLoadConfig& load, bool volumes_there,
                                     std::vector<MaxMinSharing::Use>& uses) {
  const InstanceStorageLimits& given = config_.limits;
  const std::int64_t bytes = load.io_size.count();
  std::optional<NetworkUse> use = load.network;
  if (!load.volume && !use) use.emplace();
  const auto steady = [&](BytesPerSecond rate, StorageLimit which) {
    const std::int64_t most = in_units(rate.count(), micro);
    return add_limit({.base = most, .max = most, .full = which, .empty = which, .bucket = {}});
  };
  for (const NetworkDirection direction : {NetworkDirection::out, NetworkDirection::in}) {
    const bool out = direction == NetworkDirection::out;
    NetworkLimits& limits = network_[out ? 0 : 1];
    std::int64_t amount = 0;
    if (volumes_there) {
      // What is read comes in and what is written goes out; where they are not told apart, everything does both.
      const double share = !load.reads ? 1 : out ? 1 - load.reads->value : load.reads->value;
      amount = static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) * share));
    }
    const bool sent = use && (use->direction == direction || use->direction == NetworkDirection::both);
    if (sent) amount += bytes;
    if (given.network && amount > 0) {
      if (!limits.all) limits.all = add_instance_limit(given.network, given.network_burst_time, StorageLimit::network);
      uses.push_back({*limits.all, amount});
    }
    const bool outside = use && (use->peer == NetworkPeer::internet ||
                                 (use->peer == NetworkPeer::other_region && given.other_regions_outside));
    if (given.network_outside && sent && outside) {
      if (!limits.outside) limits.outside = steady(*given.network_outside, StorageLimit::network_outside);
      uses.push_back({*limits.outside, bytes});
    }
  }
  if (use && use->flows_max) uses.push_back({steady(*use->flows_max, StorageLimit::network_flow), bytes});
}

}  // namespace fleetsim
