#include "fleetsim/models/spot_market.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "models/spot_market/hazard.hpp"
#include "models/spot_market/market_state.hpp"
#include "models/spot_market/replay_offset.hpp"
#include "models/spot_market/risks.hpp"

namespace fleetsim {

using spot_market::Lease;
using spot_market::Pool;

namespace {

std::optional<spot_market::Auction> make_auction(const SpotPoolConfig& config, const Simulation& sim,
                                                 const std::string& streams) {
  const auto* bidding = std::get_if<BiddingPrice>(&config.price);
  return bidding == nullptr ? std::nullopt : std::optional<spot_market::Auction>(std::in_place, *bidding, sim, streams);
}

Pool make_pool(const Simulation& sim, const SpotPoolConfig& config, const SpotMarketConfig& market,
               std::unique_ptr<spot_market::CapacityWorld> capacity_world, Duration price_offset,
               const std::optional<spot_market::BlockPlan>& price_blocks, Duration run_length) {
  const std::string name = config.zone + "/" + config.instance_type;
  const std::string streams = "spot_market/" + name + "/";
  return {.name = name,
          .capacity_world = std::move(capacity_world),
          .price_world = spot_market::make_price_world(config.price, sim, streams, price_offset, price_blocks, run_length),
          .auction = make_auction(config, sim, streams),
          .victims = sim.stream(streams + "victims"),
          .notices = sim.stream(streams + "notices"),
          .launch_failures = sim.stream(streams + "launch_failures"),
          .reclaims = sim.stream(streams + "reclaims"),
          .lives = config.life ? std::optional(DurationDraws(config.life->life, sim.stream(streams + "lives")))
                               : std::nullopt,
          .closed_times = sim.stream(streams + "closed_times"),
          .risks = sim.stream(streams + "risks"),
          .signals = sim.stream(streams + "signals"),
          .unmarked = spot_market::Unmarked(market.reclaim_order),
          .hazard = spot_market::hazard_per_hour(config, market.reclaim_whole)};
}

}  // namespace

SpotMarket::SpotMarket(Simulation& sim, SpotMarketConfig config, Duration run_length, SpotHolder& holder,
                       SpotPriceListener& prices)
    : EventHandler(sim), state_(new State{sim, std::move(config), Time::at(run_length), holder, prices, {}, {}, {}, {}, nullptr}) {
  const auto offsets = spot_market::draw_replay_offsets(sim, state_->config, run_length);
  spot_market::CapacityWorldMaker worlds(sim, run_length);
  for (std::size_t p = 0; p < state_->config.pools.size(); ++p) {
    const SpotPoolConfig& pool = state_->config.pools[p];
    state_->pools.push_back(make_pool(sim, pool, state_->config,
                                      worlds.make(pool, offsets.capacity[p], offsets.recorded_together[p]),
                                      offsets.price[p], offsets.price_blocks[p], run_length));
  }
  for (std::size_t i = 0; i < state_->config.outages.size(); ++i) {
    const std::string streams = "spot_market/outages/" + std::to_string(i) + "/";
    state_->outages.push_back({sim.stream(streams + "starts"), sim.stream(streams + "durations"),
                                      sim.stream(streams + "risks")});
  }
}

SpotMarket::~SpotMarket() = default;

void SpotMarket::start() {
  for (std::uint32_t i = 0; i < state_->pools.size(); ++i) {
    Pool& pool = state_->pools[i];
    pool.units = pool.capacity_world->initial_units();
    if (pool.auction) open_auction(PoolId{i});
    pool.price = pool.auction ? pool.auction->price() : pool.price_world->initial_price();
    pool.counts = {.from = state_->sim.now(), .to = state_->sim.now()};
    state_->prices.spot_price_changed(PoolId{i}, pool.price);
    schedule_next_capacity(PoolId{i});
    if (!pool.auction) schedule_next_price(PoolId{i});
  }
  for (std::uint32_t i = 0; i < state_->config.outages.size(); ++i) {
    const SpotOutage& outage = state_->config.outages[i];
    schedule_outage(i, outage.every ? outage.every->sample(state_->outages[i].starts) : outage.at);
  }
}

void SpotMarket::schedule_next_capacity(PoolId id) {
  Pool& pool = state_->pool(id);
  if (const auto change = pool.capacity_world->next()) {
    pool.next_units = change->units;
    state_->sim.schedule_at(*this, change->at, CapacityChanged{id});
    if (change->units < pool.units) warn_of_reclaim(id, change->at - state_->sim.now());
  }
}

void SpotMarket::schedule_next_price(PoolId id) {
  Pool& pool = state_->pool(id);
  if (const auto step = pool.price_world->next()) {
    pool.next_price = step->price;
    state_->sim.schedule_at(*this, step->at, PriceChanged{id});
  }
}

std::size_t SpotMarket::pool_count() const { return state_->pools.size(); }
UsdPerHour SpotMarket::price(PoolId pool) const { return state_->pool(pool).price; }
std::int64_t SpotMarket::free_units(PoolId pool, const SpotTerms& terms) const {
  return state_->pool(pool).free_units(terms.max_price);
}
double SpotMarket::hazard(PoolId pool) const { return state_->pool(pool).hazard; }
std::int64_t SpotMarket::units_in_use(PoolId pool) const { return state_->pool(pool).in_use; }

Maybe<LeaseId> SpotMarket::launch(PoolId id, SpotHolderId holder, const SpotTerms& terms) {
  Pool& pool = state_->pool(id);
  if (price_too_low(id, terms)) {
    ++pool.counts.failed_launches;
    ++pool.counts.priced_out_launches;
    return std::nullopt;
  }
  double succeeds = 1 - state_->config.launch_failure.value;
  for (int i = 0; i < pool.zones_out; ++i) succeeds *= state_->config.launches_elsewhere.value;
  if (pool.free_units(terms.max_price) == 0 || pool.launch_failures.chance(1 - succeeds)) {
    ++pool.counts.failed_launches;
    return std::nullopt;
  }
  const LeaseId lease = state_->leases.take(id, holder);
  Lease& taken = state_->leases.slot(lease.slot);
  taken.hibernates = terms.hibernates;
  pool.unmarked.add(state_->leases, lease.slot);
  if (pool.auction) {
    pool.auction->bid_for(lease.slot, terms.max_price);
    clear_auction_later(id);
  } else if (terms.max_price && *terms.max_price < pool.price_world->highest()) {
    pool.limits.add(state_->leases, *terms.max_price, lease, pool.unmarked.size());
  }
  if (pool.lives) {
    // Scaling launches while an instant is observed, so what follows comes in a later one.
    const Duration to_notice = std::max(1_ns, pool.lives->next() - notice_of(terms));
    taken.next_event = state_->sim.schedule(*this, to_notice, LifeEnded{lease});
    if (state_->config.rebalance) {
      const auto risk = spot_market::foresee(*state_->config.rebalance, pool.risks, to_notice);
      if (risk) taken.signal = state_->sim.schedule(*this, std::max(1_ns, *risk), LeaseAtRisk{lease});
    }
  }
  ++pool.in_use;
  ++pool.counts.launches;
  return lease;
}

void SpotMarket::release(LeaseId id) {
  const Lease& lease = state_->leases.at(id);
  Pool& pool = state_->pool(lease.pool);
  state_->sim.cancel(lease.next_event);
  state_->sim.cancel(lease.signal);
  if (!lease.marked) {
    pool.unmarked.remove(state_->leases, id.slot);
    if (pool.auction) pool.auction->withdraw(id.slot);
  }
  --pool.in_use;
  const PoolId pool_id = lease.pool;
  state_->leases.give_back(id);
  if (pool.auction) clear_auction_later(pool_id);
  announce_room(pool_id);
}

void SpotMarket::watch(PoolId id, const SpotTerms& terms, SpotRoomListener& listener) {
  state_->waiting = &listener;
  std::optional<SpotTerms>& watched = state_->pool(id).watched;
  const bool replaces = !watched || (watched->max_price && (!terms.max_price || *watched->max_price <= *terms.max_price));
  if (replaces) watched = terms;
  announce_room(id);
}

/// Call when the pool may have got a unit to give or its price may have fallen. What is waiting hears of it when the
/// present change is done.
void SpotMarket::announce_room(PoolId id) {
  Pool& pool = state_->pool(id);
  if (!pool.watched || !has_room(id, *pool.watched)) return;
  pool.watched.reset();
  state_->sim.schedule(*this, 1_ns, RoomMade{id});  // the present instant may already be observed
}

bool SpotMarket::price_too_low(PoolId id, const SpotTerms& terms) const {
  const Pool& pool = state_->pool(id);
  // The price that is published follows the bids of this instant a nanosecond later.
  return terms.max_price && *terms.max_price < (pool.auction ? pool.auction->price() : pool.price);
}

bool SpotMarket::has_room(PoolId id, const SpotTerms& terms) const {
  return !price_too_low(id, terms) && free_units(id, terms) > 0;
}

void SpotMarket::on(const RoomMade& event) { state_->waiting->spot_room(event.pool); }

void SpotMarket::on(const CapacityChanged& event) {
  Pool& pool = state_->pool(event.pool);
  pool.record(state_->sim.now());
  pool.units = pool.next_units;
  schedule_next_capacity(event.pool);
  if (pool.auction) {
    pool.auction->set_units(pool.units);
    clear_auction(event.pool);
    return;
  }
  announce_room(event.pool);
  const auto running = static_cast<std::int64_t>(pool.unmarked.size());
  if (pool.units > 0) {
    take_back(event.pool, running - pool.units);
    return;
  }
  // Both are drawn at every closing, so that the draws of later ones do not depend on what this one was.
  const bool whole = pool.reclaims.chance(state_->config.reclaim_whole.value);
  const double share = pool.reclaims.uniform();
  take_back(event.pool, whole ? running : std::llround(share * static_cast<double>(running)));
}

void SpotMarket::on(const PriceChanged& event) {
  const UsdPerHour price = state_->pool(event.pool).next_price;
  schedule_next_price(event.pool);
  set_price(event.pool, price);
  take_priced_out(event.pool);
  announce_room(event.pool);
}

void SpotMarket::set_price(PoolId id, UsdPerHour price) {
  Pool& pool = state_->pool(id);
  pool.record(state_->sim.now());
  pool.price = price;
  state_->prices.spot_price_changed(id, price);
}

}  // namespace fleetsim
