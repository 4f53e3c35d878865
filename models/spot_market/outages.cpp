#include <cmath>

#include "models/spot_market/market_state.hpp"
#include "models/spot_market/risks.hpp"

namespace fleetsim {

using spot_market::OutageState;
using spot_market::Pool;

void SpotMarket::schedule_outage(std::uint32_t index, Duration delay) {
  state_->sim.schedule(*this, delay, OutageBegan{index});
  if (!state_->config.rebalance) return;
  const auto risk = spot_market::foresee(*state_->config.rebalance, state_->outages[index].risks, delay);
  if (!risk) return;
  for (const PoolId pool : state_->config.outages[index].pools) state_->sim.schedule(*this, *risk, PoolAtRisk{pool});
}

void SpotMarket::close(PoolId id, Ratio share) {
  Pool& pool = state_->pool(id);
  pool.record(state_->sim.now());
  ++pool.closings;
  take_back(id, std::llround(share.value * static_cast<double>(pool.unmarked.size())));
}

void SpotMarket::reopen(PoolId id) {
  Pool& pool = state_->pool(id);
  pool.record(state_->sim.now());
  --pool.closings;
  announce_room(id);
}

void SpotMarket::crowd(PoolId id) { ++state_->pool(id).zones_out; }
void SpotMarket::relieve(PoolId id) { --state_->pool(id).zones_out; }

void SpotMarket::lose_all(PoolId id) {
  for (const LeaseId lease : state_->leases.held_in(id)) {
    // A holder that hears of one may have released others.
    if (!state_->leases.held(lease)) continue;
    if (!state_->leases.at(lease).marked) state_->mark(lease);
    state_->sim.cancel(state_->leases.at(lease).next_event);
    on(UnitReclaimed{lease});
  }
  if (state_->pool(id).auction) clear_auction_later(id);
}

void SpotMarket::on(const OutageBegan& event) {
  const SpotOutage& outage = state_->config.outages[event.outage];
  for (const PoolId id : outage.pools) close(id, outage.share);
  OutageState& own = state_->outages[event.outage];
  if (++own.under_way == 1) {
    for (const PoolId id : outage.elsewhere) crowd(id);
  }
  state_->sim.schedule(*this, outage.duration.sample(own.durations), OutageEnded{event.outage});
  if (outage.every) schedule_outage(event.outage, outage.every->sample(own.starts));
}

void SpotMarket::on(const OutageEnded& event) {
  const SpotOutage& outage = state_->config.outages[event.outage];
  if (--state_->outages[event.outage].under_way == 0) {
    for (const PoolId id : outage.elsewhere) relieve(id);
  }
  for (const PoolId id : outage.pools) reopen(id);
}

}  // namespace fleetsim
