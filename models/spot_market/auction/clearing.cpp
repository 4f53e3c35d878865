#include "models/spot_market/market_state.hpp"

namespace fleetsim {

using spot_market::Auction;
using spot_market::Pool;

// --- competitors

void SpotMarket::open_auction(PoolId id) {
  Auction& auction = *state_->pool(id).auction;
  auction.set_units(state_->pool(id).units);
  for (std::uint32_t k = 0; k < auction.classes(); ++k) {
    for (std::uint64_t present = auction.present_at_start(k); present > 0; --present) admit_competitor(id, k);
    schedule_next_competitor(id, k);
  }
}

void SpotMarket::admit_competitor(PoolId id, std::uint32_t of_class) {
  const Auction::Competitor competitor = state_->pool(id).auction->arrive(of_class);
  if (competitor.stay >= state_->end_of_run - state_->sim.now()) return;
  state_->sim.schedule(*this, competitor.stay, CompetitorLeft{id, competitor.index});
}

void SpotMarket::schedule_next_competitor(PoolId id, std::uint32_t of_class) {
  const Duration wait = state_->pool(id).auction->until_next_arrival(of_class);
  if (wait < state_->end_of_run - state_->sim.now()) state_->sim.schedule(*this, wait, CompetitorCame{id, of_class});
}

void SpotMarket::on(const CompetitorCame& event) {
  admit_competitor(event.pool, event.of_class);
  schedule_next_competitor(event.pool, event.of_class);
  clear_auction(event.pool);
}

void SpotMarket::on(const CompetitorLeft& event) {
  state_->pool(event.pool).auction->leave(event.competitor);
  clear_auction(event.pool);
}

// --- the price

void SpotMarket::clear_auction(PoolId id) {
  Pool& pool = state_->pool(id);
  // A pool without units has no price; the last one stands.
  const UsdPerHour price = pool.units > 0 ? pool.auction->price() : pool.price;
  if (price != pool.price) set_price(id, price);
  while (const auto slot = pool.auction->outbid()) take_for_price(state_->leases.id(*slot));
  announce_room(id);
}

/// Launches and releases may come while an instant is observed; what follows from them comes in a later one.
void SpotMarket::clear_auction_later(PoolId id) {
  if (std::exchange(state_->pool(id).clearing_due, true)) return;
  state_->sim.schedule(*this, 1_ns, BidsChanged{id});
}

void SpotMarket::on(const BidsChanged& event) {
  state_->pool(event.pool).clearing_due = false;
  clear_auction(event.pool);
}

}  // namespace fleetsim
