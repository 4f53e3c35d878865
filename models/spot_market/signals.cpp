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
  const Lease& lease = state_->leases.at(event.lease);
  if (!lease.marked && !lease.warned) tell(event.lease);
}

/// Something is to be told: at once, or when the holder next asks, at which time all is told that there is by then.
void SpotMarket::tell(LeaseId id) {
  Lease& lease = state_->leases.at(id);
  if (lease.told) return;
  if (state_->config.poll == Duration{}) return on(SignalsSeen{id});
  lease.told = true;
  state_->sim.cancel(lease.signal);
  Stream& signals = state_->pool(lease.pool).signals;
  // Whoever is noticed without time to spare is gone before its holder asks.
  if (lease.noticed && notice_of({lease.hibernates}) == Duration{}) return signals.skip();
  // An agent asks at regular times, which fall anywhere between two of its questions.
  const double share = signals.uniform();
  const Duration wait = Duration::of(std::llround(share * static_cast<double>(state_->config.poll.count())));
  lease.signal = state_->sim.schedule(*this, wait, SignalsSeen{id});
}

/// A risk that is no longer to come; what is on its way to the holder stays.
void SpotMarket::cancel_signal(Lease& lease) {
  if (!lease.told) state_->sim.cancel(lease.signal);
}

void SpotMarket::on(const SignalsSeen& event) {
  Lease& lease = state_->leases.at(event.lease);
  lease.told = false;
  const SpotHolderId holder = lease.holder;
  const bool noticed = lease.noticed;
  if (state_->config.rebalance && !lease.warned) {
    lease.warned = true;
    Pool& pool = state_->pool(lease.pool);
    if (pool.signals.chance(state_->config.rebalance->sent.value)) {
      ++pool.counts.recommendations;
      state_->holder.rebalance_recommended(holder);
    }
  }
  if (noticed && state_->leases.held(event.lease)) state_->holder.interruption_noticed(holder);
}

}  // namespace fleetsim
