#pragma once
/// A pool whose price clears its capacity: bids of competitors, who come and go, and of this scenario's instances.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/free_numbers.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "models/spot_market/auction/bid_book.hpp"

namespace fleetsim::spot_market {

/// It says who comes when and what follows; whoever owns it schedules it.
class Auction {
 public:
  /// Its streams are named stream_prefix + "bidders/<place in the list>/…".
  Auction(const BiddingPrice& process, const Simulation& sim, const std::string& stream_prefix);

  struct Competitor {
    std::uint32_t index = 0;  ///< for `leave`; used again after that
    Duration stay;
  };
  std::size_t classes() const { return classes_.size(); }
  /// Competitors of a class that are there when the run begins. The stay of each is drawn whole.
  std::uint64_t present_at_start(std::size_t of_class);
  Duration until_next_arrival(std::size_t of_class);
  /// A competitor comes and bids.
  Competitor arrive(std::size_t of_class);
  void leave(std::uint32_t competitor);

  /// Bids up to `max` (empty: without a limit) for an instance with this lease. Requires: it has none in the book.
  void bid_for(std::uint32_t lease, std::optional<UsdPerHour> max);
  /// Takes the bid of a lease back. Requires: it is in the book.
  void withdraw(std::uint32_t lease);
  /// The lease of this scenario's whose bid is served last, if it is not served any more.
  std::optional<std::uint32_t> outbid() const;

  /// Units to be shared out from now on.
  void set_units(std::int64_t units) { units_ = units; }
  /// The lowest bid that is served, if all units are taken; else the floor. The cap while there are no units.
  UsdPerHour price() const;
  /// Units that further bids up to `max` would be served with now.
  std::int64_t units_for(std::optional<UsdPerHour> max) const;
  UsdPerHour cap() const { return cap_; }

 private:
  struct Class {
    BidderClass config;
    std::uint32_t units = 1;  // that each bids for
    double arrivals_per_second = 0;
    DurationDistribution between_arrivals;
    Stream presences, arrivals, stays, bids;
  };
  UsdPerHour bid_of(Class& bidders) const;

  std::vector<Class> classes_;
  UsdPerHour on_demand_, floor_, cap_;
  std::int64_t units_ = 0;
  std::uint64_t arrivals_ = 0;        // of bids, ours included
  BidBook book_;                      // bids at the floor or above
  BidBook own_;                       // of them those of this scenario
  std::vector<Bid> competitors_;      // by index: their first bid
  std::vector<std::uint32_t> units_of_;      // by index: how many units it bids for
  FreeNumbers free_;                         // indices of those that left
  std::vector<Bid> bid_of_lease_;     // by slot
};

}  // namespace fleetsim::spot_market
