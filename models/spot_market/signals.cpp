#include <cmath>

#include "models/spot_market/market_state.hpp"
#include "models/spot_market/risks.hpp"

namespace fleetsim {

using spot_market::Lease;
using spot_market::Pool;

/// The pool will give notices `until` from now: tells its instances of the risk, early or not, and of risks that are none.
void SpotMarket::warn_of_reclaim(PoolId id, Duration until) {
  if (!state_->config.rebalance) return;
  const auto risk = spot_market::foresee(*state_->config.rebalance, state_->pool(id).risks, until);
  if (risk) state_->sim.schedule(*this, *risk, PoolAtRisk{id});
}

void SpotMarket::on(const PoolAtRisk& event) {
  Pool& pool = state_->pool(event.pool);
  std::vector<LeaseId>& at_risk = state_->at_risk;
  at_risk.clear();
  pool.unmarked.for_each(state_->leases, [&](std::uint32_t slot) { at_risk.push_back(state_->leases.id(slot)); });
  // A holder that hears of one may release others.
  for (const LeaseId lease : at_risk) {
    if (state_->leases.held(lease)) on(LeaseAtRisk{lease});
  }
}

void SpotMarket::on(const LeaseAtRisk& event) {
  Lease& lease = state_->leases.at(event.lease);
  if (lease.marked || lease.warned) return;
  if (state_->config.poll > Duration{}) {
    state_->sim.cancel(lease.signal);
    lease.signal = state_->sim.schedule(*this, until_seen(lease.pool), SignalSeen{event.lease});
  } else {
    recommend_rebalance(event.lease);
  }
}

void SpotMarket::on(const SignalSeen& event) { recommend_rebalance(event.lease); }

/// Tells the holder, unless it was told before or the signal is lost.
void SpotMarket::recommend_rebalance(LeaseId id) {
  if (!state_->config.rebalance) return;
  Lease& lease = state_->leases.at(id);
  if (lease.warned) return;
  lease.warned = true;
  Pool& pool = state_->pool(lease.pool);
  if (!pool.signals.chance(state_->config.rebalance->sent.value)) return;
  ++pool.counts.recommendations;
  state_->holder.rebalance_recommended(lease.holder);
}

/// An agent asks at regular times, which fall anywhere between two of its questions.
Duration SpotMarket::until_seen(PoolId pool) {
  const double share = state_->pool(pool).signals.uniform();
  return Duration::of(std::llround(share * static_cast<double>(state_->config.poll.count())));
}

void SpotMarket::on(const NoticeSeen& event) {
  recommend_rebalance(event.lease);
  if (state_->leases.held(event.lease)) state_->holder.interruption_noticed(state_->leases.at(event.lease).holder);
}

}  // namespace fleetsim
