#pragma once
/// What changes during a run of a market; its member functions stand by their ideas in the .cpp files of this folder.

#include <algorithm>
#include <utility>
#include <vector>

#include "fleetsim/models/spot_market.hpp"
#include "models/spot_market/leases.hpp"
#include "models/spot_market/pool.hpp"

namespace fleetsim {

namespace spot_market {

struct OutageState {
  Stream starts;
  Stream durations;
  Stream risks;
  int under_way = 0;  // of this outage, which may overlap with itself
};

}  // namespace spot_market

struct SpotMarket::State {
  Simulation& sim;
  SpotMarketConfig config;
  Time end_of_run;
  SpotHolder& holder;
  SpotPriceListener& prices;
  std::vector<spot_market::Pool> pools;
  std::vector<spot_market::OutageState> outages;
  spot_market::Leases leases;
  std::vector<LeaseId> at_risk;  // scratch
  SpotRoomListener* waiting = nullptr;

  spot_market::Pool& pool(PoolId id) { return pools[id.index]; }

  /// The lease is to be taken back: no other cause may take it too.
  spot_market::Lease& mark(LeaseId id) {
    spot_market::Lease& lease = leases.at(id);
    pool(lease.pool).unmarked.remove(leases, id.slot);
    lease.marked = true;
    if (auto& auction = pool(lease.pool).auction) auction->withdraw(id.slot);
    return lease;
  }
};

}  // namespace fleetsim
