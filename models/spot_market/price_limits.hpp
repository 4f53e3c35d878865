#pragma once
/// The maximum prices of one pool's instances, and whom a rising price takes next.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "models/spot_market/leases.hpp"

namespace fleetsim::spot_market {

/// A heap with the lowest maximum on top. A lease that has ended or is to be taken back for another reason stays in it
/// until it comes to the top or outweighs those that count, so that nothing need be found in the middle.
class PriceLimits {
 public:
  /// `counting` leases of the pool, this one included, are held and not marked.
  void add(Leases& leases, UsdPerHour max_price, LeaseId lease, std::size_t counting) {
    if (limits_.size() > 2 * counting + 64) {
      std::erase_if(limits_, [&](const Limit& limit) { return !counts(leases, limit.lease); });
      std::make_heap(limits_.begin(), limits_.end(), taken_later);
    }
    limits_.push_back({max_price, launched_++, lease});
    std::push_heap(limits_.begin(), limits_.end(), taken_later);
  }

  /// The lease with the lowest maximum below `price`, of equal ones the oldest; it is dropped from here.
  Maybe<LeaseId> take_below(Leases& leases, UsdPerHour price) {
    while (!limits_.empty() && limits_.front().max_price < price) {
      const LeaseId lease = limits_.front().lease;
      std::pop_heap(limits_.begin(), limits_.end(), taken_later);
      limits_.pop_back();
      if (counts(leases, lease)) return lease;
    }
    return std::nullopt;
  }

 private:
  struct Limit {
    UsdPerHour max_price;
    std::uint64_t launched;  // number of the launch
    LeaseId lease;
  };
  static bool taken_later(const Limit& a, const Limit& b) {
    return a.max_price != b.max_price ? a.max_price > b.max_price : a.launched > b.launched;
  }
  static bool counts(Leases& leases, LeaseId lease) { return leases.held(lease) && !leases.at(lease).marked; }

  std::vector<Limit> limits_;
  std::uint64_t launched_ = 0;
};

}  // namespace fleetsim::spot_market
