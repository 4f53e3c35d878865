#pragma once
/// Bids for units of a pool in the order in which they are served: the highest price first, of equal ones the one that
/// came first.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include "fleetsim/units.hpp"

namespace fleetsim::spot_market {

/// For one unit.
struct Bid {
  static constexpr std::uint32_t nobody = 0xFFFF'FFFF;

  UsdPerHour price;
  std::uint64_t arrival = 0;      ///< no two bids for the same unit number share it
  std::uint32_t unit = 0;         ///< of those that one bidder asks for at a time
  std::uint32_t lease = nobody;   ///< slot of the lease that it is for; nobody: a competitor's

  bool operator<(const Bid& other) const {
    if (price != other.price) return price > other.price;
    if (arrival != other.arrival) return arrival < other.arrival;
    return unit < other.unit;
  }
};

/// Every call takes O(log size). Nothing is allocated once the book has had its largest size: the nodes of bids that
/// left are kept for those to come.
class BidBook {
 public:
  std::size_t size() const { return bids_.size(); }
  /// Requires: no equal bid is in the book.
  void add(const Bid& bid);
  /// Requires: an equal bid is in the book.
  void remove(const Bid& bid);
  /// How many bids are served before this one, which need not be in the book.
  std::size_t rank(const Bid& bid) const { return bids_.lower_bound_rank(bid); }
  /// Requires: rank < size().
  const Bid& at(std::size_t rank) const { return *bids_.nth(rank); }

 private:
  using Bids = boost::multi_index_container<
      Bid, boost::multi_index::indexed_by<boost::multi_index::ranked_unique<boost::multi_index::identity<Bid>>>>;

  Bids bids_;
  std::vector<Bids::node_type> spare_;
};

}  // namespace fleetsim::spot_market
