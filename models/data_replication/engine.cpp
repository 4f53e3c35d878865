/// Setting up, what a rate of writing changes, and sums over the stores of one thing.

#include "models/data_replication/engine.hpp"

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

ReplicationEngine::ReplicationEngine(Simulation& sim, const DataReplicationConfig& config, FailbackListener* failback)
    : EventHandler(sim), sim_(sim), config_(config), failback_listener_(failback), links_(config.links) {
  const std::size_t sites = config.site_region.size();
  std::size_t regions = 0, accounts = 0;
  for (const RegionId region : config.site_region) regions = std::max<std::size_t>(regions, region.index + 1);
  for (const std::uint32_t account : config.site_account) accounts = std::max<std::size_t>(accounts, account + 1);
  destinations_.resize(sites);
  transferred_.resize(sites * sites);
  region_lost_.resize(regions);
  control_down_.resize(regions);
  pair_time_based_.resize(regions * regions);
  account_lost_.resize(accounts);
  zone_lost_.resize(config.zone_region.size());

  stores_.reserve(config.stores.size());
  for (const StoreConfig& store : config.stores) stores_.emplace_back(store).log.set_rate(Time{}, store.write_rate);

  const Time horizon = Time::at(config.run_length);
  for (std::uint32_t p = 0; p < config.policies.size(); ++p) {
    const PolicyConfig& policy = config.policies[p];
    const std::string name = "data_replication/" + policy.name;
    clocks_.emplace_back(policy.schedule, policy.time_zone, config.run_start);
    delays_.push_back(sim.stream(name + "/start_delay"));
    durations_.push_back(sim.stream(name + "/snapshot_time"));
    failures_.push_back(sim.stream(name + "/failure"));
    first_delay_.push_back(policy.start_delay.sample(delays_.back()));
    statistics_.emplace_back();
    time_based_.emplace_back(policy.copies.size());
    series_of_policy_.emplace_back();
    const std::size_t points = clocks_.back().count(horizon);
    for (const DataId data : policy.protects) {
      Series series;
      series.policy = p;
      series.data = data;
      const std::vector<std::uint32_t>& members = config.data[data.index].stores;
      series.places.emplace_back();
      series.places.back().site = stores_[members.front()].config->home;
      series.places.back().retention = &policy.retention;
      for (const CopyConfig& copy : policy.copies) {
        Place& place = series.places.emplace_back();
        place.site = copy.site;
        place.retention = &copy.retention;
        place.copy = &copy;
        place.source = copy.from ? static_cast<std::uint32_t>(*copy.from + 1) : 0;
        for (const std::uint32_t store : members) place.lanes.push_back(lane_of(store, series.places[place.source].site, copy.site));
        place.parts_missing.reserve(points);
      }
      series.places.front().parts_missing.reserve(points);
      for (Place& place : series.places) place.history.reserve(points);
      if (policy.archive) {
        Place& place = series.places.emplace_back();
        place.site = series.places.front().site;
        place.source = static_cast<std::uint32_t>(series.places.size() - 1);  // nothing is copied to it
        place.archive = &*policy.archive;
        place.archived.resize(members.size());
        place.deleted_early.resize(members.size());
        place.history.reserve(points / static_cast<std::size_t>(policy.archive->every) + 1);
      }
      series_of_policy_.back().push_back(static_cast<std::uint32_t>(series_.size()));
      series_.push_back(std::move(series));
    }
  }
  replicas_.reserve(config.replicas.size());
  for (std::uint32_t r = 0; r < config.replicas.size(); ++r) {
    const ReplicaConfig& replica = config.replicas[r];
    Replica& made = replicas_.emplace_back(replica);
    const std::vector<std::uint32_t>& members = config.data[replica.data.index].stores;
    std::int64_t rate = 0;
    for (const std::uint32_t s : members) {
      rate += stores_[s].config->write_rate.count();
      stores_[s].replicas.push_back(r);
    }
    made.log.set_rate(Time{}, BytesPerSecond::of(rate));
    made.flow = links_.add_flow(config.site_region[stores_[members.front()].config->home.index],
                                config.site_region[replica.site.index]);
    owners_.push_back({Owner::replica, r});
    if (replica.initial_sync) {
      made.state = ReplicaState::resync;
      made.whole = false;
      made.backlog = static_cast<NanoBytes>(data_size(replica.data, Time{}).count()) * nanoseconds_per_second;
    }
    if (!replica.points_in_time) continue;
    made.points.site = replica.site;
    for (const std::uint32_t s : members) made.chains.emplace_back(stores_[s].blocks);
    made.stored.resize(members.size());
  }
  find_covers();
  find_timelines();
}

void Engine::start() {
  find_own_timelines();
  for (std::uint32_t p = 0; p < clocks_.size(); ++p) schedule_next(p, clocks_[p].first());
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    const ReplicaConfig& replica = *replicas_[r].config;
    follow(r);
    for (const PauseConfig& pause : replica.pauses) {
      sim_.schedule_at(*this, pause.at, ReplicaCut{r, true});
      sim_.schedule_at(*this, pause.at + pause.length, ReplicaCut{r, false});
    }
    if (replica.points_in_time) sim_.schedule(*this, 600_s, PointInTimeTaken{r});
  }
  solve_links();
}

void Engine::begin_measurement() {
  catch_up(sim_.now() - 1_ns);
  measured_from_ = sim_.now();
  for (PolicyStatistics& counted : statistics_) counted = {};
  const auto restart = [&](StoredMeter& meter) {
    meter.set(meter.blocks, sim_.now());
    meter.block_nanoseconds = 0;
  };
  for (Store& store : stores_) restart(store.stored);
  for (Lane& lane : lanes_) restart(lane.stored);
  for (Series& series : series_) {
    for (StoredMeter& meter : series.places.back().archived) restart(meter);
    std::fill(series.places.back().deleted_early.begin(), series.places.back().deleted_early.end(), Int128{0});
  }
  for (Failback& failback : failbacks_) {
    failback.go_on(sim_.now(), failback.rate, failback.write);
    failback.moved = 0;
  }
  for (Replica& replica : replicas_) {
    for (StoredMeter& meter : replica.stored) restart(meter);
    settle(replica);
    replica.moved_at_measurement = replica.moved;
    replica.copied_anew_at_measurement = replica.copied_anew;
  }
  std::fill(transferred_.begin(), transferred_.end(), DataVolume{});
  for (std::vector<DataVolume>& copies : time_based_) std::fill(copies.begin(), copies.end(), DataVolume{});
}

void Engine::set_write_rate(std::size_t store, BytesPerSecond rate) {
  stores_[store].wanted = rate;
  apply_write_rate(store);
  solve_links();
}

/// A store that is lost is not written to.
void Engine::apply_write_rate(std::size_t id) {
  Store& store = stores_[id];
  const StoreConfig& of = *store.config;
  const bool down = store.lives != Lives::elsewhere && (store.lives == Lives::nowhere || store.lost || region_lost_[config_.site_region[of.home.index].index] ||
                                         account_lost_[config_.site_account[of.home.index]] ||
                                         (of.zone && zone_lost_[of.zone->index]));
  const bool was_down = !store.down.empty() && store.down.back().to == Time::max();
  if (down && !was_down) store.down.push_back({sim_.now()});
  if (!down && was_down) store.down.back().to = sim_.now();
  store.log.set_rate(sim_.now(), down ? BytesPerSecond{} : store.wanted);
  for (const std::uint32_t r : store.replicas) write_rate_changed(r);
  for (const std::uint32_t f : store.failbacks) failback_rate_changed(f);
}

Bytes Engine::written_between(DataId data, Time from, Time to) const {
  Bytes sum;
  for (const std::uint32_t s : config_.data[data.index].stores) {
    sum += Bytes::of(static_cast<std::int64_t>((stores_[s].log.total(to) - stores_[s].log.total(from)) / nanoseconds_per_second));
  }
  return sum;
}

Bytes Engine::changed_between(DataId data, Time from, Time to) const {
  Bytes sum;
  for (const std::uint32_t s : config_.data[data.index].stores) {
    const Store& store = stores_[s];
    sum += store.blocks.block() * store.blocks.changed(store.log.mark(from), store.log.mark(to));
  }
  return sum;
}

Bytes Engine::diverged(DataId data, const Divergence& since, Time at) const {
  Bytes sum;
  for (const std::uint32_t s : config_.data[data.index].stores) {
    const Store& store = stores_[s];
    const std::int64_t same = store.log.mark(since.point);
    sum += store.blocks.block() * store.blocks.diverged(same, store.log.mark(since.stopped) - same,
                                                        store.log.mark(at) - store.log.mark(since.resumed));
  }
  return sum;
}

Bytes Engine::data_size(DataId data, Time at) const {
  Bytes sum;
  for (const std::uint32_t s : config_.data[data.index].stores) {
    sum += stores_[s].blocks.block() * stores_[s].blocks.written(stores_[s].log.mark(at));
  }
  return sum;
}

namespace {

/// Adds what a meter has measured up to now; a block has that size.
void add_to(StoredData& sum, StoredMeter meter, Bytes block, Time now) {
  meter.set(meter.blocks, now);
  sum.byte_nanoseconds += meter.block_nanoseconds * block.count();
  sum.now += block * meter.blocks;
}

}  // namespace

StoredData Engine::archived(std::size_t id) const {
  StoredData sum;
  for (const Series& series : series_) {
    const Place& archive = series.places.back();
    const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
    for (std::size_t s = 0; s < archive.archived.size(); ++s) {
      if (members[s] == id) add_to(sum, archive.archived[s], stores_[id].blocks.block(), sim_.now());
    }
  }
  return sum;
}

Int128 Engine::deleted_early(std::size_t id) const {
  Int128 sum = 0;
  for (const Series& series : series_) {
    const Place& archive = series.places.back();
    const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
    for (std::size_t s = 0; s < archive.deleted_early.size(); ++s) {
      if (members[s] == id) sum += archive.deleted_early[s] * stores_[id].blocks.block().count();
    }
  }
  return sum;
}

StoredData Engine::stored(std::size_t id, SiteId site) const {
  StoredData sum;
  const Store& store = stores_[id];
  const auto add = [&](const StoredMeter& meter) { add_to(sum, meter, store.blocks.block(), sim_.now()); };
  if (site == store.config->home) add(store.stored);
  for (const Lane& lane : lanes_) {
    if (lane.store == id && lane.to == site) add(lane.stored);
  }
  for (const Replica& replica : replicas_) {
    if (replica.chains.empty() || replica.config->site != site) continue;
    const std::vector<std::uint32_t>& members = config_.data[replica.config->data.index].stores;
    for (std::size_t s = 0; s < members.size(); ++s) {
      if (members[s] == id) add(replica.stored[s]);
    }
  }
  return sum;
}

}  // namespace fleetsim
