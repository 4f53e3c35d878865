#include "models/fleet/instances.hpp"

namespace fleetsim::fleet {

InstanceId InstanceTable::add(PlacementId placement) {
  std::uint32_t index = size();
  if (free_.empty()) {
    instances_.emplace_back();
    free_.make_room(instances_.capacity());
  } else {
    index = free_.take();
  }
  Instance& added = instances_[index];  // as new
  added.state = InstanceState::pending;
  added.placement = placement;
  return {index};
}

void InstanceTable::remove(InstanceId id) {
  instances_[id.index] = {};
  free_.give_back(id.index);
}

}  // namespace fleetsim::fleet
