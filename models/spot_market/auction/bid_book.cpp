#include "models/spot_market/auction/bid_book.hpp"

#include <utility>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::spot_market {

void BidBook::add(const Bid& bid) {
  if (spare_.empty()) {
    const bool added = bids_.insert(bid).second;
    invariant(added, "no two bids are equal");
    if (spare_.capacity() < bids_.size()) spare_.reserve(2 * bids_.size());  // each node that leaves finds its place
    return;
  }
  Bids::node_type node = std::move(spare_.back());
  spare_.pop_back();
  node.value() = bid;
  const bool added = bids_.insert(std::move(node)).inserted;
  invariant(added, "no two bids are equal");
}

void BidBook::remove(const Bid& bid) {
  const auto found = bids_.find(bid);
  invariant(found != bids_.end(), "a bid that leaves is in the book");
  spare_.push_back(bids_.extract(found));
}

}  // namespace fleetsim::spot_market
