#include <algorithm>
#include <cmath>

#include "models/spot_market/market_state.hpp"

namespace fleetsim {

using spot_market::Lease;
using spot_market::Pool;

/// Marks `count` leases of the pool to be taken back, of those not yet marked and in the order of reclaims.
void SpotMarket::take_back(PoolId id, std::int64_t count) {
  Pool& pool = state_->pool(id);
  for (; count > 0; --count) {
    const LeaseId victim = state_->leases.id(pool.unmarked.pick(pool.victims));
    Lease& lease = state_->mark(victim);
    state_->sim.cancel(lease.next_event);
    cancel_signal(lease);
    const double spread = static_cast<double>(state_->config.reclaim_spread.count());
    const Duration delay = Duration::of(std::llround(pool.notices.uniform() * spread));
    lease.next_event = state_->sim.schedule(*this, delay, NoticeGiven{victim});
  }
  if (pool.auction) clear_auction_later(id);
}

/// Gives their notice to the instances whose maximum the price exceeds, the lowest maximum first.
void SpotMarket::take_priced_out(PoolId id) {
  Pool& pool = state_->pool(id);
  while (const auto victim = pool.limits.take_below(state_->leases, pool.price)) take_for_price(*victim);
}

void SpotMarket::take_for_price(LeaseId victim) {
  Lease& lease = state_->mark(victim);
  lease.priced_out = true;
  state_->sim.cancel(lease.next_event);
  cancel_signal(lease);
  state_->holder.priced_out(lease.holder);
  give_notice(victim);
}

void SpotMarket::on(const LifeEnded& event) {
  const PoolId id = state_->mark(event.lease).pool;
  if (const auto& closed_after = state_->config.pools[id.index].life->closed_after) {
    Pool& pool = state_->pool(id);
    pool.record(state_->sim.now());
    ++pool.closings;
    state_->sim.schedule(*this, closed_after->sample(pool.closed_times), PoolReopened{id});
  }
  if (state_->pool(id).auction) clear_auction_later(id);
  end_lease(event.lease);
}

void SpotMarket::on(const PoolReopened& event) { reopen(event.pool); }

Duration SpotMarket::notice_of(const SpotTerms& terms) const { return terms.hibernates ? Duration{} : state_->config.notice; }

void SpotMarket::on(const NoticeGiven& event) { end_lease(event.lease); }

/// Gives notice; where that leaves no time and nothing comes between, the unit is taken back at once. The last that a
/// handler does.
void SpotMarket::end_lease(LeaseId id) {
  if (notice_of({state_->leases.at(id).hibernates}) > Duration{} || state_->sim.more_now()) return give_notice(id);
  tell_of_notice(id);
  if (state_->leases.held(id)) on(UnitReclaimed{id});
}

void SpotMarket::give_notice(LeaseId id) {
  Lease& lease = state_->leases.at(id);
  // Scheduled first: the holder may release the lease at once, which takes this event back.
  lease.next_event = state_->sim.schedule(*this, notice_of({lease.hibernates}), UnitReclaimed{id});
  tell_of_notice(id);
}

void SpotMarket::tell_of_notice(LeaseId id) {
  Lease& lease = state_->leases.at(id);
  lease.noticed = true;
  state_->holder.notice_given(lease.holder);
  if (state_->leases.held(id)) tell(id);
}

bool SpotMarket::take(LeaseId id) {
  Lease& lease = state_->leases.at(id);
  if (lease.noticed) return false;
  if (!lease.marked) {
    state_->mark(id);
    if (state_->pool(lease.pool).auction) clear_auction_later(lease.pool);
  }
  lease.peer_lost = true;
  state_->sim.cancel(lease.next_event);
  cancel_signal(lease);
  give_notice(id);
  return true;
}

void SpotMarket::prefetch_lease(LeaseId id, Lookahead when) const {
  if (when == Lookahead::far) state_->leases.prefetch(id);
  else if (state_->leases.held(id)) state_->holder.prefetch(state_->leases.at(id).holder);
}

void SpotMarket::on(const UnitReclaimed& event) {
  const Lease& lease = state_->leases.at(event.lease);
  const PoolId id = lease.pool;
  const SpotHolderId holder = lease.holder;
  Pool& pool = state_->pool(id);
  state_->sim.cancel(lease.signal);
  --pool.in_use;
  ++pool.counts.interruptions;
  if (lease.priced_out) ++pool.counts.priced_out;
  if (lease.peer_lost) ++pool.counts.peers_lost;
  // Given back first: the holder may launch a replacement at once.
  state_->leases.give_back(event.lease);
  state_->holder.interrupted(holder);
  announce_room(id);
}

}  // namespace fleetsim
