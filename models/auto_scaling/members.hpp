#pragma once
/// The instances of a fleet's groups as their groups know them, by instance number, and for each place of a group those
/// that scale-in may end, in the order of their launch.

#include <cstdint>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim::auto_scaling {

inline constexpr std::uint32_t no_member = 0xffff'ffff;

struct Member {
  std::uint32_t older = no_member;   // of its place's list
  std::uint32_t newer = no_member;
  std::uint32_t place = no_member;   // within its group; no_member: the number is of no group's instance
  bool listed = false;
  bool in_service = false;
  Time launched;
};

/// One (zone, instance type, purchase option) of a group.
struct Place {
  std::uint32_t oldest = no_member;
  std::uint32_t newest = no_member;
  std::int64_t instances = 0;        // listed or not
};

class MemberTable {
 public:
  Member& operator[](InstanceId id) { return members_[id.index]; }
  Member& operator[](std::uint32_t index) { return members_[index]; }

  /// Allocates only for a number that is larger than all before.
  void add(InstanceId id, std::uint32_t place_index, Place& place, Time now) {
    if (id.index >= members_.size()) members_.resize(id.index + std::size_t{1});
    members_[id.index] = {.place = place_index, .listed = true, .launched = now};
    members_[id.index].older = place.newest;
    (place.newest == no_member ? place.oldest : members_[place.newest].newer) = id.index;
    place.newest = id.index;
    ++place.instances;
  }
  /// Scale-in may no longer end it.
  void unlist(InstanceId id, Place& place) {
    Member& member = members_[id.index];
    if (!member.listed) return;
    (member.older == no_member ? place.oldest : members_[member.older].newer) = member.newer;
    (member.newer == no_member ? place.newest : members_[member.newer].older) = member.older;
    member.older = member.newer = no_member;
    member.listed = false;
  }
  void remove(InstanceId id, Place& place) {
    unlist(id, place);
    --place.instances;
    members_[id.index].place = no_member;
  }

 private:
  std::vector<Member> members_;
};

}  // namespace fleetsim::auto_scaling
