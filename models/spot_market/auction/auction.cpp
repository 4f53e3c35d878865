#include "models/spot_market/auction/auction.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"
#include "models/spot_market/four_decimals.hpp"

namespace fleetsim::spot_market {

Auction::Auction(const BiddingPrice& process, const Simulation& sim, const std::string& stream_prefix)
    : on_demand_(process.on_demand),
      floor_(to_four_decimals(usd_per_hour(to_usd_per_hour(process.on_demand) * process.floor.value))),
      cap_(to_four_decimals(usd_per_hour(to_usd_per_hour(process.on_demand) * process.cap.value))),
      units_(process.units) {
  for (std::size_t k = 0; k < process.competitors.size(); ++k) {
    const BidderClass& bidders = process.competitors[k];
    const double in_pool = static_cast<double>(process.units);
    const double units = std::max(1.0, std::round(bidders.size.value * in_pool));
    const double at_a_time = bidders.demand * in_pool / units;
    const double arrivals_per_second = at_a_time / bidders.stay.in_seconds().mean();
    const std::string streams = stream_prefix + "bidders/" + std::to_string(k) + "/";
    classes_.push_back({.config = bidders,
                        .units = static_cast<std::uint32_t>(units),
                        .arrivals_per_second = arrivals_per_second,
                        .between_arrivals = DurationDistribution(Exponential{.mean = 1 / arrivals_per_second}),
                        .presences = sim.stream(streams + "presences"),
                        .arrivals = sim.stream(streams + "arrivals"),
                        .stays = sim.stream(streams + "stays"),
                        .bids = sim.stream(streams + "bids")});
  }
}

std::uint64_t Auction::present_at_start(std::size_t of_class) {
  // Arrivals of a Poisson process of rate 1 before the mean number.
  Class& bidders = classes_[of_class];
  const double mean = bidders.arrivals_per_second * bidders.config.stay.in_seconds().mean();
  std::uint64_t count = 0;
  for (double at = -std::log(bidders.presences.uniform()); at < mean; at -= std::log(bidders.presences.uniform())) ++count;
  return count;
}

Duration Auction::until_next_arrival(std::size_t of_class) {
  Class& bidders = classes_[of_class];
  return bidders.between_arrivals.sample(bidders.arrivals);
}

/// The logarithm is uniform between those of the lowest and the highest.
UsdPerHour Auction::bid_of(Class& bidders) const {
  const double low = bidders.config.bid_lowest.value;
  const double share = low * std::pow(bidders.config.bid_highest.value / low, bidders.bids.uniform());
  return std::min(to_four_decimals(usd_per_hour(to_usd_per_hour(on_demand_) * share)), cap_);
}

Auction::Competitor Auction::arrive(std::size_t of_class) {
  Class& bidders = classes_[of_class];
  if (free_.empty()) {
    competitors_.emplace_back();
    units_of_.emplace_back();
    free_.make_room(competitors_.capacity());
    free_.give_back(static_cast<std::uint32_t>(competitors_.size() - 1));
  }
  const std::uint32_t index = free_.take();
  Bid bid{.price = bid_of(bidders), .arrival = ++arrivals_};
  competitors_[index] = bid;
  units_of_[index] = bidders.units;
  // What is below the floor is never served and sets no price.
  if (bid.price >= floor_) {
    for (; bid.unit < units_of_[index]; ++bid.unit) book_.add(bid);
  }
  return {.index = index, .stay = bidders.config.stay.sample(bidders.stays)};
}

void Auction::leave(std::uint32_t competitor) {
  Bid bid = competitors_[competitor];
  if (bid.price >= floor_) {
    for (; bid.unit < units_of_[competitor]; ++bid.unit) book_.remove(bid);
  }
  free_.give_back(competitor);
}

void Auction::bid_for(std::uint32_t lease, std::optional<UsdPerHour> max) {
  if (lease >= bid_of_lease_.size()) bid_of_lease_.resize(lease + 1);
  Bid& bid = bid_of_lease_[lease];
  bid = {.price = std::min(max.value_or(cap_), cap_), .arrival = ++arrivals_, .unit = 0, .lease = lease};
  book_.add(bid);
  own_.add(bid);
}

void Auction::withdraw(std::uint32_t lease) {
  book_.remove(bid_of_lease_[lease]);
  own_.remove(bid_of_lease_[lease]);
}

std::optional<std::uint32_t> Auction::outbid() const {
  if (own_.size() == 0) return std::nullopt;
  const Bid& last = own_.at(own_.size() - 1);
  if (book_.rank(last) < static_cast<std::size_t>(units_)) return std::nullopt;
  return last.lease;
}

UsdPerHour Auction::price() const {
  if (units_ == 0) return cap_;
  const auto units = static_cast<std::size_t>(units_);
  return book_.size() < units ? floor_ : book_.at(units - 1).price;
}

std::int64_t Auction::units_for(std::optional<UsdPerHour> max) const {
  const Bid bid{.price = std::min(max.value_or(cap_), cap_), .arrival = arrivals_ + 1};
  if (bid.price < floor_) return 0;
  return std::max<std::int64_t>(0, units_ - static_cast<std::int64_t>(book_.rank(bid)));
}

}  // namespace fleetsim::spot_market
