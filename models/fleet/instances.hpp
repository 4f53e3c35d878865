#pragma once
/// The table of a fleet's instances: slots that are reused.

#include <cstdint>
#include <vector>

#include "fleetsim/models/fleet.hpp"
#include "fleetsim/sim/free_numbers.hpp"

namespace fleetsim::fleet {

enum class InstanceState : std::uint8_t {
  none,        ///< the slot is free
  pending,     ///< launched
  booting,     ///< running, and billed from here on
  in_service,  ///< the load balancer sends it requests
  leaving,     ///< out of service until EC2 takes it back
  impaired,    ///< out of service until its owner ends it
  halted,      ///< as impaired, but it stopped
  pooled,      ///< runs and waits in a warm pool; not part of the group's capacity
  hibernating, ///< writing its memory to disk, and billed while it does
  stopped,     ///< keeps its number and its disks; not part of the group's capacity, as while it hibernates
  draining     ///< out of service until its owner's termination is done; no longer part of the group's capacity
};

/// A million instances have a million of these, so flags are bits.
struct Instance {
  InstanceState state = InstanceState::none;
  bool noticed : 1 = false;         ///< EC2 will take it back
  bool warm : 1 = false;            ///< in service and counted in its group's metric
  bool booted : 1 = false;          ///< its application has served since it last booted
  bool memory_kept : 1 = false;     ///< it resumes from hibernation and does not boot
  bool in_pool : 1 = false;         ///< of a warm pool, ready or on its way there
  bool asked : 1 = false;           ///< since it last booted, how long something keeps it from service
  PoolState pool_state = PoolState::stopped;
  PlacementId placement;
  std::uint32_t host = 0;           ///< class of hosts that it belongs to now
  EventHandle next_event;           ///< of its life; at most one is ever scheduled

  bool failed() const { return state == InstanceState::impaired || state == InstanceState::halted; }
  bool running() const {
    return state != InstanceState::none && state != InstanceState::pending && state != InstanceState::stopped &&
           state != InstanceState::halted;
  }
};

class InstanceTable {
 public:
  Instance& operator[](InstanceId id) { return instances_[id.index]; }
  const Instance& operator[](InstanceId id) const { return instances_[id.index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(instances_.size()); }

  /// The slot that the next call of add() gives.
  InstanceId next() const { return {free_.empty() ? size() : free_.next()}; }
  /// A slot for a pending instance. Allocates only when none is free.
  InstanceId add(PlacementId placement);
  /// Frees the slot.
  void remove(InstanceId id);

 private:
  std::vector<Instance> instances_;
  FreeNumbers free_;
};

}  // namespace fleetsim::fleet
