// What the faults of a run do to fleets, Spot pools and protected data.

#include <algorithm>

#include "models/scenario/disaster_node.hpp"

namespace fleetsim::scenario {

std::vector<std::string_view> DisasterNode::zones_of(const FaultConfig& fault) const {
  std::vector<std::string_view> names;
  for (const ZoneId zone : fault.zone_ids) names.push_back(topology_.name(zone));
  for (const RegionId region : fault.region_ids) {
    for (const ZoneId zone : topology_.zones_of(region)) names.push_back(topology_.name(zone));
  }
  return names;
}

bool DisasterNode::changes(FaultKind kind, std::uint32_t place, bool begins) {
  int& depth = depth_[{kind, place}];
  depth += begins ? 1 : -1;
  return depth == (begins ? 1 : 0);
}

std::vector<std::string_view> DisasterNode::all_zones() const {
  std::vector<std::string_view> names;
  for (std::uint32_t z = 0; z < topology_.zone_count(); ++z) names.push_back(topology_.name(ZoneId{z}));
  return names;
}

/// The largest share of any grey fault that strikes the zone now.
Ratio DisasterNode::grey_share(std::string_view zone_name) const {
  Ratio share{0};
  const std::optional<ZoneId> zone = topology_.zone(zone_name);
  if (!zone) return share;
  const FaultPlace place{.region = topology_.region_of(*zone), .zone = *zone, .account = {}, .resource = {}};
  for (const Fault* fault : active_) {
    const FaultConfig& config = faults_->timeline().config(*fault);
    if (config.kind == FaultKind::grey && strikes(config, place)) share = std::max(share, config.share);
  }
  return share;
}

void DisasterNode::tell_fleets(const FaultConfig& fault, bool begins) {
  switch (fault.kind) {
    case FaultKind::zone:
    case FaultKind::region:
      for (const std::string_view zone : zones_of(fault)) begins ? fleets_.zone_lost(zone) : fleets_.zone_back(zone);
      break;
    case FaultKind::account:
      // Fleets run in the first account.
      if (!strikes(fault, {.region = {}, .zone = {}, .account = topology_.accounts().front(), .resource = {}})) break;
      for (const std::string_view zone : all_zones()) begins ? fleets_.zone_lost(zone) : fleets_.zone_back(zone);
      break;
    case FaultKind::volume:
      for (const auto& name : fault.resources) fleets_.volume_changed(name.value, begins);
      break;
    case FaultKind::grey:
      for (const std::string_view zone : zones_of(fault)) fleets_.grey(zone, grey_share(zone));
      break;
    case FaultKind::spot_drought:
      for (const std::string_view zone : zones_of(fault)) {
        begins ? fleets_.spot_drought_began(zone, fault.share.value) : fleets_.spot_drought_ended(zone);
      }
      break;
    default: break;
  }
}

/// The least that any of the faults leaves which strike the link now.
Ratio DisasterNode::link_left(RegionId from, RegionId to) const {
  Ratio left{1};
  for (const Fault* fault : active_) {
    const FaultConfig& config = faults_->timeline().config(*fault);
    const auto& regions = config.region_ids;
    const auto has = [&](RegionId region) { return std::find(regions.begin(), regions.end(), region) != regions.end(); };
    if (config.kind == FaultKind::link && has(from) && has(to) && config.share.value < left.value) left = config.share;
  }
  return left;
}

void DisasterNode::tell_protection(const FaultConfig& fault, bool begins) {
  if (protection_ == nullptr) return;
  switch (fault.kind) {
    case FaultKind::region:
      for (const RegionId region : fault.region_ids) {
        if (changes(fault.kind, region.index, begins)) begins ? protection_->region_lost(region) : protection_->region_back(region);
      }
      break;
    case FaultKind::zone:
      for (const ZoneId zone : fault.zone_ids) {
        if (changes(fault.kind, zone.index, begins)) begins ? protection_->zone_lost(zone) : protection_->zone_back(zone);
      }
      break;
    case FaultKind::control_plane:
      for (const RegionId region : fault.region_ids) {
        if (changes(fault.kind, region.index, begins)) protection_->control_plane(region, !begins);
      }
      break;
    case FaultKind::link:
      for (const auto& [from, to] : {std::pair(0U, 1U), std::pair(1U, 0U)}) {
        protection_->set_link(fault.region_ids[from], fault.region_ids[to], link_left(fault.region_ids[from], fault.region_ids[to]));
      }
      break;
    case FaultKind::account:
      for (const auto& name : fault.accounts) {
        const auto& accounts = topology_.accounts();
        const auto account = static_cast<std::uint32_t>(std::find(accounts.begin(), accounts.end(), name.value) - accounts.begin());
        if (changes(fault.kind, account, begins)) begins ? protection_->account_compromised(account) : protection_->account_back(account);
      }
      break;
    case FaultKind::volume:
      for (const EnvironmentConfig& environment : data_.disasters.environments) {
        for (const DataStoreConfig& store : environment.stores) {
          const bool hit = std::any_of(fault.resources.begin(), fault.resources.end(),
                                       [&](const auto& name) { return name.value == store.name.value; });
          const auto data = data_.protection->config.find(store.protected_as.value);
          if (!hit || !data || !changes(fault.kind, data->index, begins)) continue;
          begins ? protection_->volume_lost(*data) : protection_->volume_back(*data);
        }
      }
      break;
    default: break;
  }
}

bool DisasterNode::allows(std::string_view zone_name, std::string_view instance_type) const {
  if (allows_all()) return true;
  const std::optional<ZoneId> zone = topology_.zone(zone_name);
  if (!zone) return true;
  const FaultPlace place{.region = topology_.region_of(*zone), .zone = *zone, .account = topology_.accounts().front(),
                         .resource = {}};
  return std::none_of(active_.begin(), active_.end(), [&](const Fault* fault) {
    const FaultConfig& config = faults_->timeline().config(*fault);
    switch (config.kind) {
      case FaultKind::zone:
      case FaultKind::region:
      case FaultKind::account:
      case FaultKind::control_plane: return strikes(config, place);
      case FaultKind::capacity_shortage: return strikes(config, place) && faults_->timeline().short_of(*fault, instance_type);
      default: return false;
    }
  });
}

}  // namespace fleetsim::scenario
