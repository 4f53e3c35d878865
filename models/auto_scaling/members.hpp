#pragma once
/// The instances of a fleet's groups as their groups know them, by instance number, and for each place of a group those
/// that scale-in may end, in the order of their launch.

#include <cstdint>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::auto_scaling {

inline constexpr std::uint32_t no_member = 0xffff'ffff;

/// What is due for a member.
enum class Due : std::uint8_t { nothing, abandoned, found_unhealthy };

struct Member {
  std::uint32_t older = no_member;   // of its place's list
  std::uint32_t newer = no_member;
  std::uint32_t place = no_member;   // within its group; no_member: the number is of no group's instance
  std::uint32_t group = 0;
  std::uint16_t version = 0;         // of the launch template
  bool listed = false;               // scale-in may end it
  bool in_service = false;
  bool began_warm = false;           // it was there when the run began
  bool failed = false;               // it serves nothing any more
  bool target_unhealthy = false;     // the load balancer sends it nothing
  bool unhealthy = false;            // and the group knows it
  bool doomed = false;               // it counts no longer, and ends when others serve in its place
  bool noticed = false;              // EC2 takes it back
  bool is_protected = false;         // from scale-in
  bool pooled = false;               // of the warm pool, ready or on its way there; or in standby or detached
  bool is_standby = false;
  Due due = Due::nothing;
  std::uint8_t failure = 0;          // of the failures that it may have, the one that comes first
  Time launched;
  Time serves_since;
  Time due_at;
  EventHandle timer;                 // of what is due
  EventHandle failure_timer;

  bool serves() const { return in_service && !failed && !target_unhealthy; }
};

/// One (zone, instance type, purchase option) of a group.
struct Place {
  std::uint32_t oldest = no_member;
  std::uint32_t newest = no_member;
  std::int64_t instances = 0;        // listed or not; without those that are doomed or pooled
};

class MemberTable {
 public:
  Member& operator[](InstanceId id) { return members_[id.index]; }
  Member& operator[](std::uint32_t index) { return members_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(members_.size()); }
  /// Whether the number is of an instance of some group.
  bool contains(InstanceId id) const { return id.index < members_.size() && members_[id.index].place != no_member; }

  /// Not yet listed. Allocates only for a number that is larger than all before.
  Member& add(InstanceId id, std::uint32_t group, std::uint32_t place, Time now) {
    if (id.index >= members_.size()) members_.resize(id.index + std::size_t{1});
    members_[id.index] = {};
    members_[id.index].group = group;
    members_[id.index].place = place;
    members_[id.index].launched = now;
    return members_[id.index];
  }
  void list(std::uint32_t index, Place& place) {
    Member& member = members_[index];
    if (member.listed) return;
    member.listed = true;
    member.older = place.newest;
    (place.newest == no_member ? place.oldest : members_[place.newest].newer) = index;
    place.newest = index;
  }
  /// Scale-in may no longer end it.
  void unlist(std::uint32_t index, Place& place) {
    Member& member = members_[index];
    if (!member.listed) return;
    (member.older == no_member ? place.oldest : members_[member.older].newer) = member.newer;
    (member.newer == no_member ? place.newest : members_[member.newer].older) = member.older;
    member.older = member.newer = no_member;
    member.listed = false;
  }

 private:
  std::vector<Member> members_;
};

}  // namespace fleetsim::auto_scaling
