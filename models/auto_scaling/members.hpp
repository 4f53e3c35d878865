#pragma once
/// The instances of a fleet's groups as their groups know them, by instance number, and for each place of a group those
/// that scale-in may end, in the order of their launch.

#include <cstdint>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/prefetch.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::auto_scaling {

inline constexpr std::uint32_t no_member = 0xffff'ffff;

/// A million instances have a million of these: flags are bits, and what few groups need is in Ahead.

struct Member {
  std::uint32_t older = no_member;   // of its place's list
  std::uint32_t newer = no_member;
  std::uint32_t place = no_member;   // within its group; no_member: the number is of no group's instance
  std::uint32_t group = 0;
  std::uint16_t version = 0;         // of the launch template
  bool listed : 1 = false;           // scale-in may end it
  bool in_service : 1 = false;
  bool began_warm : 1 = false;       // it was there when the run began
  bool failed : 1 = false;           // it serves nothing any more
  bool target_unhealthy : 1 = false; // the load balancer sends it nothing
  bool unhealthy : 1 = false;        // and the group knows it
  bool doomed : 1 = false;           // it counts no longer, and ends when others serve in its place
  bool noticed : 1 = false;          // EC2 takes it back
  bool is_protected : 1 = false;     // from scale-in
  bool pooled : 1 = false;           // of the warm pool, ready or on its way there; or in standby or detached
  bool is_standby : 1 = false;
  Time launched;
  Time serves_since;

  bool serves() const { return in_service && !failed && !target_unhealthy; }
};

/// What is due for a member.
enum class Due : std::uint8_t { nothing, abandoned, found_unhealthy };

/// What lies ahead of a member besides the end of its life: failures, checks and hooks.
struct Ahead {
  Due due = Due::nothing;
  std::uint8_t failure = 0;          // of the failures that it may have, the one that comes first
  Time due_at;
  EventHandle timer;                 // of what is due
  EventHandle failure_timer;
};

/// One (zone, instance type, purchase option) of a group.
struct Place {
  std::uint32_t oldest = no_member;
  std::uint32_t newest = no_member;
  std::int64_t instances = 0;        // listed or not; without those that are doomed or pooled
  std::int64_t weight = 1;           // units that an instance counts
  std::size_t division = 0;          // (zone, purchase option), an index into the group's zone_units
};

class MemberTable {
 public:
  Member& operator[](InstanceId id) { return members_[id.index]; }
  Member& operator[](std::uint32_t index) { return members_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(members_.size()); }
  /// Whether the number is of an instance of some group.
  bool contains(InstanceId id) const { return id.index < members_.size() && members_[id.index].place != no_member; }

  /// Fetches the row into the cache, if there is one of that number.
  void prefetch(InstanceId id) const {
    if (id.index < members_.size()) prefetch_object(members_[id.index]);
  }

  /// Not yet listed. Allocates only for a number that is larger than all before.
  Member& add(InstanceId id, std::uint32_t group, std::uint32_t place, Time now) {
    if (id.index >= members_.size()) members_.resize(id.index + std::size_t{1});
    members_[id.index] = {};
    if (id.index < ahead_.size()) ahead_[id.index] = {};
    members_[id.index].group = group;
    members_[id.index].place = place;
    members_[id.index].launched = now;
    return members_[id.index];
  }
  /// Of a member, to be changed. Allocates for the first number that needs it and for one that is larger than all before.
  Ahead& ahead(std::uint32_t index) {
    if (index >= ahead_.size()) ahead_.resize(members_.size());
    return ahead_[index];
  }
  /// Null where nothing has ever been ahead of it.
  Ahead* find_ahead(std::uint32_t index) { return index < ahead_.size() ? &ahead_[index] : nullptr; }

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
  std::vector<Ahead> ahead_;         // by instance; empty in a fleet whose instances neither fail nor wait for hooks
};

}  // namespace fleetsim::auto_scaling
