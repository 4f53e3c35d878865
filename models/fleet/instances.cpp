#include "models/fleet/instances.hpp"

namespace fleetsim::fleet {

InstanceId InstanceTable::add(PlacementId placement) {
  std::uint32_t index = size();
  if (free_.empty()) {
    instances_.emplace_back();
    if (free_.capacity() < instances_.capacity()) free_.reserve(instances_.capacity());
  } else {
    index = free_.back();
    free_.pop_back();
  }
  instances_[index] = {.state = InstanceState::pending, .placement = placement, .next_event = {}};
  list({index});
  return {index};
}

void InstanceTable::list(InstanceId id) {
  Instance& instance = instances_[id.index];
  Ends& ends = ends_[instance.placement.index];
  instance.older = ends.newest;
  (ends.newest == no_instance ? ends.oldest : instances_[ends.newest].newer) = id.index;
  ends.newest = id.index;
}

void InstanceTable::unlist(InstanceId id) {
  Instance& instance = instances_[id.index];
  Ends& ends = ends_[instance.placement.index];
  (instance.older == no_instance ? ends.oldest : instances_[instance.older].newer) = instance.newer;
  (instance.newer == no_instance ? ends.newest : instances_[instance.newer].older) = instance.older;
  instance.older = instance.newer = no_instance;
}

void InstanceTable::remove(InstanceId id) {
  instances_[id.index] = {};
  free_.push_back(id.index);
}

std::optional<InstanceId> InstanceTable::oldest(PlacementId placement) const {
  const std::uint32_t index = ends_[placement.index].oldest;
  if (index == no_instance) return std::nullopt;
  return InstanceId{index};
}

}  // namespace fleetsim::fleet
