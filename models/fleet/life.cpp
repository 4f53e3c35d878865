// The parts of an instance's life that not every group has: failures that EC2 sees, and warm pools.

#include <algorithm>

#include "models/fleet/state.hpp"

namespace fleetsim {

using fleet::Instance;
using fleet::InstanceState;
using fleet::Placement;

void Fleet::fail(InstanceId id, bool stopped) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.state == InstanceState::in_service, "only an instance in service fails");
  if (s.targets && !stopped) {
    s.sim.cancel(s.standings[id.index].failure);  // it does not recover
    target_fails(id);
    return;
  }
  s.sim.cancel(instance.next_event);
  if (!s.counts_as_leaving(instance)) s.count_leaving(id, +1);
  leave_service(id, stopped ? InstanceState::halted : InstanceState::impaired);
  cut_requests(id);
  if (!stopped) return;
  s.placement_of(id).running.change(s.sim.now(), -1);
  s.owner.instance_stopped(id, instance.placement, EndedBy::owner);  // its own system shut down
}

InstanceId Fleet::launch_to_pool(PlacementId placement, PoolState pool_state) {
  State& s = *state_;
  s.integrate();
  const InstanceId id = s.instances.add(placement);
  ++s.launched;
  s.instances[id].in_pool = true;
  s.instances[id].pool_state = pool_state;
  become_pending(id);
  return id;
}

void Fleet::enter_pool(InstanceId id) {
  State& s = *state_;
  Instance& instance = s.instances[id];
  instance.booted = true;
  instance.memory_kept = instance.pool_state == PoolState::hibernated;
  instance.next_event = {};
  instance.state = InstanceState::pooled;
  if (instance.pool_state != PoolState::running) {
    instance.state = InstanceState::stopped;
    s.placement_of(id).running.change(s.sim.now(), -1);
    s.owner.instance_stopped(id, instance.placement, EndedBy::owner);
  }
  s.scaling.instance_pooled(instance.placement, id);
}

void Fleet::take_from_pool(InstanceId id) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.in_pool && (instance.state == InstanceState::pooled || instance.state == InstanceState::stopped),
            "only an instance that waits in the pool is taken from it");
  instance.in_pool = false;
  instance.asked = false;
  Placement& placement = s.placement_of(id);
  s.change_capacity(placement, +1);
  if (instance.state == InstanceState::stopped) {
    instance.state = InstanceState::pending;
    const Duration start = placement.times.warm_start.next();
    instance.next_event = s.sim.schedule(*this, std::max(start, 1_ns), InstanceRunning{id});
    return;
  }
  instance.state = InstanceState::booting;
  if (s.targets) s.add_standing(id).booted_after = 1_ns;
  instance.next_event = s.sim.schedule(*this, 1_ns, InstanceInService{id});
}

void Fleet::return_to_pool(InstanceId id, PoolState pool_state) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.state == InstanceState::in_service && !instance.noticed,
            "only an instance in service that EC2 does not take back returns to the pool");
  s.sim.cancel(instance.next_event);
  leave_capacity(id);
  leave_service(id, InstanceState::booting);
  instance.in_pool = true;
  instance.pool_state = pool_state;
  instance.asked = true;
  const Duration drain = s.drain_time_of(id);
  instance.next_event = s.sim.schedule(*this, std::max(drain, 1_ns), InstanceInService{id});
}

void Fleet::terminate_pooled(InstanceId id) {
  State& s = *state_;
  s.integrate();
  Instance& instance = s.instances[id];
  invariant(instance.in_pool, "an instance of the pool is in it");
  s.sim.cancel(instance.next_event);
  end(id, instance.running(), EndedBy::owner);
}

}  // namespace fleetsim
