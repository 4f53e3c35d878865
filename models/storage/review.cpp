// What the use of a machine advises, over the whole run and in each review.

#include "fleetsim/models/storage.hpp"

namespace fleetsim {
namespace {

/// A metric is near its maximum if it is so for one twentieth of the time: its 95th percentile is.
constexpr double often = 0.05;

UseShares since(const UseShares& now, const UseShares& before) {
  UseShares shares;
  for (std::size_t band = 0; band < shares.time.size(); ++band) shares.time[band] = now.time[band] - before.time[band];
  return shares;
}

}  // namespace

StorageMachine::Review StorageMachine::review_of(const UseShares& ebs, const UseShares& network, Duration span) const {
  const bool ebs_busy = ebs.of(UseBand::busy) / span >= often;
  return {.larger_network = network.of(UseBand::busy) / span >= often,
          .offload_to_network = ebs_busy && network.of(UseBand::idle) / span >= 1 - often};
}

void StorageMachine::on(const StorageReviewed&) {
  const UseShares ebs = ebs_use(), network = network_use();
  reviewed_.push_back(review_of(since(ebs, ebs_reviewed_), since(network, network_reviewed_), config_.review));
  ebs_reviewed_ = ebs;
  network_reviewed_ = network;
  if (reviewed_.size() < config_.reviews) sim_.schedule(*this, config_.review, StorageReviewed{});
}

}  // namespace fleetsim
