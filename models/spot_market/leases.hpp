#pragma once
/// The leases of all pools in one slab: slots are reused, so a market whose fleet has reached its largest size
/// allocates nothing.

#include <cstdint>
#include <limits>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/sim/free_numbers.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/prefetch.hpp"

namespace fleetsim::spot_market {

struct Lease {
  PoolId pool;
  SpotHolderId holder;
  std::uint32_t generation = 0;
  // Its place among its pool's leases not marked: in a vector, or between the one before it and the one after it.
  union {
    std::uint32_t position = 0;
    std::uint32_t older;
  };
  std::uint32_t newer = 0;
  bool held : 1 = false;
  bool marked : 1 = false;     // to be taken back
  bool warned : 1 = false;     // told of a risk
  bool hibernates : 1 = false;
  bool priced_out : 1 = false; // marked because of the price
  bool peer_lost : 1 = false;  // marked because its owner's constraint ties it to another
  bool told : 1 = false;       // a signal or notice is on its way from it to its holder, who asks for them
  bool noticed : 1 = false;    // its notice has been given
  EventHandle next_event;  // the end of its own life if it has one; of a marked lease its notice, then its end
  EventHandle signal;      // on its way to the lease, or from it to its holder
};

class Leases {
 public:
  LeaseId take(PoolId pool, SpotHolderId holder) {
    if (free_.empty()) {
      slots_.emplace_back();
      free_.make_room(slots_.capacity());
      free_.give_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t slot = free_.take();
    Lease& lease = slots_[slot];
    // Counting wraps after 2^32 - 1 uses of a slot and passes over 0, which names no lease.
    const std::uint32_t generation =
        lease.generation == std::numeric_limits<std::uint32_t>::max() ? 1 : lease.generation + 1;
    lease = {.pool = pool, .holder = holder, .generation = generation, .position = 0, .newer = 0, .held = true,
             .marked = false, .warned = false, .hibernates = false,
             .priced_out = false, .peer_lost = false, .told = false, .noticed = false, .next_event = {}, .signal = {}};
    return {slot, generation};
  }

  bool held(LeaseId id) const {
    return id.slot < slots_.size() && slots_[id.slot].held && slots_[id.slot].generation == id.generation;
  }

  Lease& at(LeaseId id) {
    invariant(held(id),
              "a lease is used only until it ends");
    return slots_[id.slot];
  }

  /// Fetches the lease into the cache.
  void prefetch(LeaseId id) const { prefetch_object(slots_[id.slot]); }

  /// Requires: the slot is held.
  Lease& slot(std::uint32_t slot) { return slots_[slot]; }
  LeaseId id(std::uint32_t slot) const { return {slot, slots_[slot].generation}; }

  /// The leases held in the pool, by slot.
  std::vector<LeaseId> held_in(PoolId pool) const {
    std::vector<LeaseId> held;
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].held && slots_[slot].pool == pool) held.push_back(id(slot));
    }
    return held;
  }

  void give_back(LeaseId id) {
    at(id).held = false;
    free_.give_back(id.slot);
  }

 private:
  std::vector<Lease> slots_;
  FreeNumbers free_;
};

}  // namespace fleetsim::spot_market
