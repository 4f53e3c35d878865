#pragma once
/// One capacity pool during a run: what it has, who holds it, and what was counted.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "fleetsim/models/spot_market.hpp"
#include "fleetsim/sim/duration_draws.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/spot_market/auction/auction.hpp"
#include "models/spot_market/price_limits.hpp"
#include "models/spot_market/unmarked.hpp"
#include "models/spot_market/worlds/capacity_world.hpp"
#include "models/spot_market/worlds/price_world.hpp"

namespace fleetsim::spot_market {

/// What happened since measurement began.
struct PoolCounts {
  Time from;  // measurement began
  Time to;    // the two integrals reach to here
  Duration open_time{};
  PriceIntegral price_integral{};
  std::uint64_t launches = 0;
  std::uint64_t failed_launches = 0;
  std::uint64_t priced_out_launches = 0;  // of the failed ones
  std::uint64_t interruptions = 0;
  std::uint64_t priced_out = 0;           // of the interruptions
  std::uint64_t peers_lost = 0;           // of the interruptions
  std::uint64_t recommendations = 0;
};

struct Pool {
  std::string name;  // "<zone>/<type>"
  std::unique_ptr<CapacityWorld> capacity_world;
  std::unique_ptr<PriceWorld> price_world;  // null if there is an auction
  std::optional<Auction> auction;
  Stream victims;
  Stream notices;
  Stream launch_failures;
  Stream reclaims;       // whether a closing takes all, and which share otherwise
  std::optional<DurationDraws> lives;  // of instances, where they have a life of their own
  Stream closed_times;
  Stream risks;          // when a reclaim is foreseen, and false alarms
  Stream signals;        // whom a recommendation reaches, and when it and notices are seen
  Unmarked unmarked;

  std::int64_t units = 0;       // what the world gives at present
  std::int64_t next_units = 0;  // from the scheduled CapacityChanged on
  UsdPerHour price{};
  UsdPerHour next_price{};
  double hazard = 0;            // reclaims of an instance per hour
  bool clearing_due = false;    // bids have changed while an instant may have been observed
  int zones_out = 0;            // of the Region, for which launches come here
  int closings = 0;             // outages and closed times after a reclaim that keep the pool closed
  std::int64_t in_use = 0;
  std::optional<SpotTerms> watched{};  // on which somebody waits for a unit, and none has come since
  PriceLimits limits{};         // of the leases that the price may come to exceed

  PoolCounts counts{};

  bool open() const { return units > 0 && closings == 0; }

  /// Units that launches up to `max_price` would get now, as far as it is not above the price.
  std::int64_t free_units(std::optional<UsdPerHour> max_price = {}) const {
    if (!open()) return 0;
    if (auction) return auction->units_for(max_price);
    if (units == unlimited_units) return unlimited_units;
    return std::max<std::int64_t>(0, units - in_use);
  }

  /// Brings the time-weighted counts up to `now`. Call before units, closings or price change.
  void record(Time now) { counts = counted_to(now); }
  PoolCounts counted_to(Time now) const {
    PoolCounts to_now = counts;
    if (open()) to_now.open_time += now - counts.to;
    to_now.price_integral += price * (now - counts.to);
    to_now.to = now;
    return to_now;
  }
};

}  // namespace fleetsim::spot_market
