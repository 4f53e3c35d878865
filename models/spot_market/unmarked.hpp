#pragma once
/// The leases of one pool that nobody is about to take back, and which of them EC2 takes next.

#include <cstdint>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/spot_market/leases.hpp"

namespace fleetsim::spot_market {

/// Adding, removing and picking take a time that does not grow with the number of leases.
class Unmarked {
 public:
  explicit Unmarked(ReclaimOrder order) : order_(order) {}

  std::size_t size() const { return size_; }

  /// Requires: the lease is younger than those added before it.
  void add(Leases& leases, std::uint32_t slot) {
    ++size_;
    if (order_ == ReclaimOrder::random) {
      leases.slot(slot).position = static_cast<std::uint32_t>(slots_.size());
      slots_.push_back(slot);
      return;
    }
    leases.slot(slot).older = newest_;
    leases.slot(slot).newer = none;
    (newest_ == none ? oldest_ : leases.slot(newest_).newer) = slot;
    newest_ = slot;
  }

  void remove(Leases& leases, std::uint32_t slot) {
    --size_;
    const Lease& lease = leases.slot(slot);
    if (order_ == ReclaimOrder::random) {
      const std::uint32_t last = slots_.back();
      slots_[lease.position] = last;
      leases.slot(last).position = lease.position;
      slots_.pop_back();
      return;
    }
    (lease.older == none ? oldest_ : leases.slot(lease.older).newer) = lease.newer;
    (lease.newer == none ? newest_ : leases.slot(lease.newer).older) = lease.older;
  }

  /// The slot of the lease to take next. `victims` is drawn from if the order is random. Requires: size() > 0.
  std::uint32_t pick(Stream& victims) const {
    switch (order_) {
      case ReclaimOrder::random: return slots_[victims.below(slots_.size())];
      case ReclaimOrder::oldest: return oldest_;
      case ReclaimOrder::newest: break;
    }
    return newest_;
  }

  /// Calls `use(slot)` for each lease. `use` adds and removes none.
  template <class Use>
  void for_each(Leases& leases, Use use) const {
    for (const std::uint32_t slot : slots_) use(slot);
    for (std::uint32_t slot = oldest_; slot != none; slot = leases.slot(slot).newer) use(slot);
  }

 private:
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  ReclaimOrder order_;
  std::size_t size_ = 0;
  std::vector<std::uint32_t> slots_;  // if the order is random, in an order that means nothing; else a list by age
  std::uint32_t oldest_ = none;
  std::uint32_t newest_ = none;
};

}  // namespace fleetsim::spot_market
