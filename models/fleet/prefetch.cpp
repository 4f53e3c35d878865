// Fetching what the events of an instance's life need before their turn.

#include "fleetsim/sim/prefetch.hpp"
#include "models/fleet/state.hpp"

namespace fleetsim {

namespace {

/// The cache lines from `first` to before `end`, two members of one object.
template <class First, class End>
void prefetch_between(const First& first, const End& end) {
  const auto* const from = reinterpret_cast<const char*>(&first);
  prefetch_lines(from, static_cast<std::size_t>(reinterpret_cast<const char*>(&end) - from));
}

}  // namespace

void Fleet::State::prefetch(PlacementId id) const {
  prefetch_between(instances, targets);
  const fleet::Placement& placement = placements[id.index];
  prefetch_between(placement, placement.times);
  const fleet::Group& group = groups[placement.group];
  prefetch_between(group, group.metric_sum);
}

void Fleet::prefetch(PlacementId placement, InstanceId instance) const {
  const State& s = *state_;
  prefetch_object(s.instances[instance]);
  s.prefetch(placement);
}

void Fleet::prefetch(const InstanceInService& event, Lookahead when) const {
  const State& s = *state_;
  if (when == Lookahead::far) prefetch_object(s.instances[event.instance]);
  else s.scaling.prefetch(s.instances[event.instance].placement, event.instance);
}

void Fleet::prefetch(const InstanceWarmed& event, Lookahead when) const {
  const State& s = *state_;
  if (when == Lookahead::far) prefetch_object(s.instances[event.instance]);
  else s.prefetch(s.instances[event.instance].placement);
}

}  // namespace fleetsim
