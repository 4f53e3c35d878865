#include "fleetsim/models/spot_market.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "models/spot_market/hazard.hpp"
#include "models/spot_market/leases.hpp"
#include "models/spot_market/pool.hpp"
#include "models/spot_market/replay_offset.hpp"

namespace fleetsim {

using spot_market::Lease;
using spot_market::Pool;
using spot_market::PoolCounts;

namespace {

struct OutageStreams {
  Stream starts;
  Stream durations;
  Stream risks;
};

}  // namespace

struct SpotMarket::State {
  Simulation& sim;
  SpotMarketConfig config;
  SpotHolder& holder;
  SpotPriceListener& prices;
  std::vector<Pool> pools;
  std::vector<OutageStreams> outage_streams;
  spot_market::Leases leases;
  std::vector<LeaseId> at_risk;  // scratch
  SpotRoomListener* waiting = nullptr;

  Pool& pool(PoolId id) { return pools[id.index]; }

  /// The lease is to be taken back: no other cause may take it too.
  Lease& mark(LeaseId id) {
    Lease& lease = leases.at(id);
    pool(lease.pool).unmarked.remove(leases, id.slot);
    lease.marked = true;
    return lease;
  }
};

namespace {

/// When, until a reclaim is noticed `until` from now, its risk is told: early, or falsely before that; empty if neither.
std::optional<Duration> foresee(const RebalanceSignals& signals, Stream& risks, Duration until) {
  // All are drawn each time, so that other settings leave later draws as they are.
  const bool early = risks.chance(signals.early.value);
  const Duration lead = signals.lead.sample(risks);
  const bool false_alarm = risks.chance(signals.false_alarms.value);
  const double share = risks.uniform();
  std::optional<Duration> at;
  if (false_alarm) at = Duration::of(std::llround(share * static_cast<double>(until.count())));
  if (early) at = std::min(at.value_or(until), std::max(Duration{}, until - lead));
  return at;
}

Pool make_pool(const Simulation& sim, const SpotPoolConfig& config, ReclaimOrder order,
               std::unique_ptr<spot_market::CapacityWorld> capacity_world, Duration price_offset, Duration run_length) {
  const std::string name = config.zone + "/" + config.instance_type;
  const std::string streams = "spot_market/" + name + "/";
  return {.name = name,
          .capacity_world = std::move(capacity_world),
          .price_world = spot_market::make_price_world(config.price, sim, streams, price_offset, run_length),
          .victims = sim.stream(streams + "victims"),
          .notices = sim.stream(streams + "notices"),
          .launch_failures = sim.stream(streams + "launch_failures"),
          .reclaims = sim.stream(streams + "reclaims"),
          .lives = sim.stream(streams + "lives"),
          .closed_times = sim.stream(streams + "closed_times"),
          .risks = sim.stream(streams + "risks"),
          .signals = sim.stream(streams + "signals"),
          .unmarked = spot_market::Unmarked(order),
          .hazard = spot_market::hazard_per_hour(config)};
}

}  // namespace

SpotMarket::SpotMarket(Simulation& sim, SpotMarketConfig config, Duration run_length, SpotHolder& holder,
                       SpotPriceListener& prices)
    : EventHandler(sim), state_(new State{sim, std::move(config), holder, prices, {}, {}, {}, {}, nullptr}) {
  const auto offsets = spot_market::draw_replay_offsets(sim, state_->config, run_length);
  spot_market::CapacityWorldMaker worlds(sim, run_length);
  for (std::size_t p = 0; p < state_->config.pools.size(); ++p) {
    const SpotPoolConfig& pool = state_->config.pools[p];
    state_->pools.push_back(make_pool(sim, pool, state_->config.reclaim_order, 
                                      worlds.make(pool, offsets.capacity[p], offsets.recorded_together[p]),
                                      offsets.price[p], run_length));
  }
  for (std::size_t i = 0; i < state_->config.outages.size(); ++i) {
    const std::string streams = "spot_market/outages/" + std::to_string(i) + "/";
    state_->outage_streams.push_back({sim.stream(streams + "starts"), sim.stream(streams + "durations"),
                                      sim.stream(streams + "risks")});
  }
}

SpotMarket::~SpotMarket() = default;

void SpotMarket::start() {
  for (std::uint32_t i = 0; i < state_->pools.size(); ++i) {
    Pool& pool = state_->pools[i];
    pool.units = pool.capacity_world->initial_units();
    pool.price = pool.price_world->initial_price();
    pool.counts = {.from = state_->sim.now(), .to = state_->sim.now()};
    state_->prices.spot_price_changed(PoolId{i}, pool.price);
    schedule_next_capacity(PoolId{i});
    schedule_next_price(PoolId{i});
  }
  for (std::uint32_t i = 0; i < state_->config.outages.size(); ++i) {
    const SpotOutage& outage = state_->config.outages[i];
    schedule_outage(i, outage.every ? outage.every->sample(state_->outage_streams[i].starts) : outage.at);
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

void SpotMarket::schedule_outage(std::uint32_t index, Duration delay) {
  state_->sim.schedule(*this, delay, OutageBegan{index});
  if (!state_->config.rebalance) return;
  const auto risk = foresee(*state_->config.rebalance, state_->outage_streams[index].risks, delay);
  if (!risk) return;
  for (const PoolId pool : state_->config.outages[index].pools) state_->sim.schedule(*this, *risk, PoolAtRisk{pool});
}

void SpotMarket::schedule_next_price(PoolId id) {
  Pool& pool = state_->pool(id);
  if (const auto step = pool.price_world->next()) {
    pool.next_price = step->price;
    state_->sim.schedule_at(*this, step->at, PriceChanged{id});
  }
}

Duration SpotMarket::notice_of(SpotTerms terms) const { return terms.hibernates ? Duration{} : state_->config.notice; }

std::size_t SpotMarket::pool_count() const { return state_->pools.size(); }
UsdPerHour SpotMarket::price(PoolId pool) const { return state_->pool(pool).price; }
std::int64_t SpotMarket::free_units(PoolId pool) const { return state_->pool(pool).free_units(); }
double SpotMarket::hazard(PoolId pool) const { return state_->pool(pool).hazard; }
std::int64_t SpotMarket::units_in_use(PoolId pool) const { return state_->pool(pool).in_use; }

std::optional<LeaseId> SpotMarket::launch(PoolId id, std::uint32_t holder, SpotTerms terms) {
  Pool& pool = state_->pool(id);
  if (price_too_low(id, terms)) {
    ++pool.counts.failed_launches;
    ++pool.counts.priced_out_launches;
    return std::nullopt;
  }
  if (pool.free_units() == 0 || pool.launch_failures.chance(state_->config.launch_failure.value)) {
    ++pool.counts.failed_launches;
    return std::nullopt;
  }
  const LeaseId lease = state_->leases.take(id, holder);
  state_->leases.at(lease).hibernates = terms.hibernates;
  pool.unmarked.add(state_->leases, lease.slot);
  if (terms.max_price && *terms.max_price < pool.price_world->highest()) {
    pool.limits.add(state_->leases, *terms.max_price, lease, pool.unmarked.size());
  }
  if (const auto& life = state_->config.pools[id.index].life) {
    // Scaling launches while an instant is observed, so what follows comes in a later one.
    const Duration to_notice = std::max(1_ns, life->life.sample(pool.lives) - notice_of(terms));
    state_->leases.at(lease).next_event = state_->sim.schedule(*this, to_notice, LifeEnded{lease});
    if (state_->config.rebalance) {
      const auto risk = foresee(*state_->config.rebalance, pool.risks, to_notice);
      if (risk) state_->leases.at(lease).signal = state_->sim.schedule(*this, std::max(1_ns, *risk), LeaseAtRisk{lease});
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
  if (!lease.marked) pool.unmarked.remove(state_->leases, id.slot);
  --pool.in_use;
  const PoolId pool_id = lease.pool;
  state_->leases.give_back(id);
  announce_room(pool_id);
}

void SpotMarket::watch(PoolId id, SpotRoomListener& listener) {
  state_->waiting = &listener;
  state_->pool(id).watched = true;
  announce_room(id);
}

/// Call when the pool may have got a unit to give. What is waiting hears of it when the present change is done.
void SpotMarket::announce_room(PoolId id) {
  Pool& pool = state_->pool(id);
  if (!pool.watched || pool.free_units() == 0) return;
  pool.watched = false;
  wake_listener(id);
}

void SpotMarket::wake_listener(PoolId id) {
  state_->sim.schedule(*this, 1_ns, RoomMade{id});  // the present instant may already be observed
}

void SpotMarket::watch_price(PoolId id, SpotRoomListener& listener) {
  state_->waiting = &listener;
  state_->pool(id).price_watched = true;
}

bool SpotMarket::price_too_low(PoolId id, SpotTerms terms) const {
  return terms.max_price && *terms.max_price < state_->pool(id).price;
}

void SpotMarket::on(const RoomMade& event) { state_->waiting->spot_room(event.pool); }

/// Marks `count` leases of the pool to be taken back, of those not yet marked and in the order of reclaims.
void SpotMarket::take_back(PoolId id, std::int64_t count) {
  Pool& pool = state_->pool(id);
  for (; count > 0; --count) {
    const LeaseId victim = state_->leases.id(pool.unmarked.pick(pool.victims));
    Lease& lease = state_->mark(victim);
    state_->sim.cancel(lease.next_event);
    state_->sim.cancel(lease.signal);
    const double spread = static_cast<double>(state_->config.reclaim_spread.count());
    const Duration delay = Duration::of(std::llround(pool.notices.uniform() * spread));
    lease.next_event = state_->sim.schedule(*this, delay, NoticeGiven{victim});
  }
}

void SpotMarket::on(const CapacityChanged& event) {
  Pool& pool = state_->pool(event.pool);
  pool.record(state_->sim.now());
  pool.units = pool.next_units;
  schedule_next_capacity(event.pool);
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
  Pool& pool = state_->pool(event.pool);
  pool.record(state_->sim.now());
  const bool fallen = pool.next_price < pool.price;
  pool.price = pool.next_price;
  schedule_next_price(event.pool);
  state_->prices.spot_price_changed(event.pool, pool.price);
  take_priced_out(event.pool);
  if (fallen && std::exchange(pool.price_watched, false)) wake_listener(event.pool);
}

/// Gives their notice to the instances whose maximum the price exceeds, the lowest maximum first.
void SpotMarket::take_priced_out(PoolId id) {
  Pool& pool = state_->pool(id);
  while (const auto victim = pool.limits.take_below(state_->leases, pool.price)) {
    Lease& lease = state_->mark(*victim);
    lease.priced_out = true;
    state_->sim.cancel(lease.next_event);
    state_->sim.cancel(lease.signal);
    state_->holder.priced_out(lease.holder);
    give_notice(*victim);
  }
}

void SpotMarket::on(const OutageBegan& event) {
  const SpotOutage& outage = state_->config.outages[event.outage];
  for (const PoolId id : outage.pools) {
    Pool& pool = state_->pool(id);
    pool.record(state_->sim.now());
    ++pool.closings;
    const double share = outage.share.value * static_cast<double>(pool.unmarked.size());
    take_back(id, static_cast<std::int64_t>(std::llround(share)));
  }
  OutageStreams& streams = state_->outage_streams[event.outage];
  state_->sim.schedule(*this, outage.duration.sample(streams.durations), OutageEnded{event.outage});
  if (outage.every) schedule_outage(event.outage, outage.every->sample(streams.starts));
}

void SpotMarket::on(const OutageEnded& event) {
  for (const PoolId id : state_->config.outages[event.outage].pools) {
    Pool& pool = state_->pool(id);
    pool.record(state_->sim.now());
    --pool.closings;
    announce_room(id);
  }
}

void SpotMarket::on(const LifeEnded& event) {
  const PoolId id = state_->mark(event.lease).pool;
  if (const auto& closed_after = state_->config.pools[id.index].life->closed_after) {
    Pool& pool = state_->pool(id);
    pool.record(state_->sim.now());
    ++pool.closings;
    state_->sim.schedule(*this, closed_after->sample(pool.closed_times), PoolReopened{id});
  }
  give_notice(event.lease);
}

void SpotMarket::on(const PoolReopened& event) {
  Pool& pool = state_->pool(event.pool);
  pool.record(state_->sim.now());
  --pool.closings;
  announce_room(event.pool);
}

void SpotMarket::on(const NoticeGiven& event) { give_notice(event.lease); }

void SpotMarket::give_notice(LeaseId id) {
  Lease& lease = state_->leases.at(id);
  // Scheduled first: the holder may release the lease at once, which takes this event back.
  lease.next_event = state_->sim.schedule(*this, notice_of({lease.hibernates}), UnitReclaimed{id});
  if (state_->config.poll > Duration{}) {
    state_->sim.cancel(lease.signal);
    lease.signal = state_->sim.schedule(*this, until_seen(lease.pool), NoticeSeen{id});
  } else {
    on(NoticeSeen{id});
  }
}

void SpotMarket::on(const NoticeSeen& event) {
  recommend_rebalance(event.lease);
  if (state_->leases.held(event.lease)) state_->holder.interruption_noticed(state_->leases.at(event.lease).holder);
}

// --- rebalance recommendations

/// The pool will give notices `until` from now: tells its instances of the risk, early or not, and of risks that are none.
void SpotMarket::warn_of_reclaim(PoolId id, Duration until) {
  if (!state_->config.rebalance) return;
  const auto risk = foresee(*state_->config.rebalance, state_->pool(id).risks, until);
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

void SpotMarket::on(const UnitReclaimed& event) {
  const Lease lease = state_->leases.at(event.lease);
  Pool& pool = state_->pool(lease.pool);
  state_->sim.cancel(lease.signal);
  --pool.in_use;
  ++pool.counts.interruptions;
  if (lease.priced_out) ++pool.counts.priced_out;
  // Given back first: the holder may launch a replacement at once.
  state_->leases.give_back(event.lease);
  state_->holder.interrupted(lease.holder);
  announce_room(lease.pool);
}

void SpotMarket::begin_measurement() {
  for (Pool& pool : state_->pools) pool.counts = {.from = state_->sim.now(), .to = state_->sim.now()};
}

void SpotMarket::report(MetricSink& sink) const {
  PoolCounts all;
  for (const Pool& pool : state_->pools) {
    const PoolCounts counts = pool.counted_to(state_->sim.now());
    all.launches += counts.launches;
    all.failed_launches += counts.failed_launches;
    all.priced_out_launches += counts.priced_out_launches;
    all.interruptions += counts.interruptions;
    all.priced_out += counts.priced_out;
    all.recommendations += counts.recommendations;

    const std::string prefix = "spot.pool." + pool.name + ".";
    const Duration measured = counts.to - counts.from;
    std::optional<double> open_fraction;
    std::optional<double> price_mean;
    if (measured > Duration{}) {
      open_fraction = counts.open_time / measured;
      price_mean = static_cast<double>(counts.price_integral.count()) / static_cast<double>(measured.count()) * 1e-9;
    }
    sink.add(prefix + "interruptions", "1", static_cast<double>(counts.interruptions));
    sink.add(prefix + "interruptions_by_price", "1", static_cast<double>(counts.priced_out));
    sink.add(prefix + "open_fraction", "1", open_fraction);
    sink.add(prefix + "price_mean", "USD/h", price_mean);
  }
  sink.add("spot.interruptions", "1", static_cast<double>(all.interruptions));
  sink.add("spot.interruptions.by_capacity", "1", static_cast<double>(all.interruptions - all.priced_out));
  sink.add("spot.interruptions.by_price", "1", static_cast<double>(all.priced_out));
  sink.add("spot.launch_failures", "1", static_cast<double>(all.failed_launches));
  sink.add("spot.launch_failures.by_price", "1", static_cast<double>(all.priced_out_launches));
  sink.add("spot.launches", "1", static_cast<double>(all.launches));
  sink.add("spot.rebalance_recommendations", "1", static_cast<double>(all.recommendations));
}

}  // namespace fleetsim
