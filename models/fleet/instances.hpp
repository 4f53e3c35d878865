#pragma once
/// The table of a fleet's instances: slots that are reused, and for each placement the instances that may be
/// terminated, in the order of their launch.

#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/models/fleet.hpp"

namespace fleetsim::fleet {

inline constexpr std::uint32_t no_instance = 0xffff'ffff;

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

struct Instance {
  InstanceState state = InstanceState::none;
  bool noticed = false;             ///< EC2 will take it back
  bool warm = false;                ///< in service and counted in its group's metric
  bool booted = false;              ///< its application has served since it last booted
  bool memory_kept = false;         ///< it resumes from hibernation and does not boot
  bool in_pool = false;             ///< of a warm pool, ready or on its way there
  bool asked = false;               ///< since it last booted, how long something keeps it from service
  PoolState pool_state = PoolState::stopped;
  PlacementId placement;
  std::uint32_t host = 0;           ///< class of hosts that it belongs to now
  EventHandle next_event;           ///< of its life; at most one is ever scheduled
  std::uint32_t older = no_instance;
  std::uint32_t newer = no_instance;

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

  /// A slot for a pending instance, listed as the newest of its placement. Allocates only when no slot is free.
  InstanceId add(PlacementId placement);
  /// Puts an instance that was unlisted back on its placement's list, as the newest.
  void list(InstanceId id);
  /// Takes the instance off its placement's list: it can no longer be terminated.
  void unlist(InstanceId id);
  /// Frees the slot. Requires: unlisted.
  void remove(InstanceId id);
  /// The listed instance that was launched first.
  std::optional<InstanceId> oldest(PlacementId placement) const;
  void add_placement() { ends_.push_back({}); }

 private:
  struct Ends {
    std::uint32_t oldest = no_instance;
    std::uint32_t newest = no_instance;
  };
  std::vector<Instance> instances_;
  std::vector<std::uint32_t> free_;
  std::vector<Ends> ends_;  // by placement
};

}  // namespace fleetsim::fleet
