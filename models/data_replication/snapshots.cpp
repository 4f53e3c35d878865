/// Taking snapshots on their schedules, and deleting them by their retention.

#include <algorithm>
#include <cmath>
#include <utility>

#include "fleetsim/sim/invariant.hpp"
#include "models/data_replication/engine.hpp"
#include "models/data_replication/timing.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

void Engine::schedule_next(std::uint32_t policy, std::optional<Time> at) {
  if (at && *at <= Time::at(config_.run_length)) sim_.schedule_at(*this, *at, PolicyFired{policy});
}

void Engine::on(const PolicyFired& event) {
  const PolicyConfig& policy = config_.policies[event.policy];
  const Duration delay = policy.scheduler == Scheduler::dlm ? first_delay_[event.policy]
                                                            : policy.start_delay.sample(delays_[event.policy]);
  if (delay > Duration{}) {
    sim_.schedule(*this, delay, SnapshotsStarted{event.policy});
  } else {
    on(SnapshotsStarted{event.policy});
  }
  // After the snapshots, so that one that takes as long as the interval ends before the next begins.
  schedule_next(event.policy, clocks_[event.policy].next(sim_.now()));
}

void Engine::on(const SnapshotsStarted& event) {
  for (const std::uint32_t series : series_of_policy_[event.policy]) {
    catch_up(series_[series].timeline, sim_.now());
    take(series);
  }
}

bool Engine::source_up(const Series& series) const {
  const SiteId site = series.places.front().site;
  const RegionId region = config_.site_region[site.index];
  if (region_lost_[region.index] || control_down_[region.index] || account_lost_[config_.site_account[site.index]]) return false;
  for (const std::uint32_t store : config_.data[series.data.index].stores) {
    const StoreConfig& of = *stores_[store].config;
    if (stores_[store].lost || stores_[store].lives != Lives::at_home || (of.zone && zone_lost_[of.zone->index])) return false;
  }
  return true;
}

void Engine::take(std::uint32_t id) {
  Series& series = series_[id];
  const PolicyConfig& policy = config_.policies[series.policy];
  PolicyStatistics& counted = statistics_[series.policy];
  if (!source_up(series)) {
    ++counted.snapshots_skipped;
    return;
  }
  const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
  const bool full = std::any_of(members.begin(), members.end(), [&](std::uint32_t s) {
    return stores_[s].pending >= stores_[s].config->snapshots_pending_max;
  });
  if (full) {
    ++counted.snapshots_refused;
    return;
  }
  const Time now = sim_.now();
  const auto point = static_cast<std::uint32_t>(series.places.front().history.begin(now));
  for (std::size_t p = 1; p < series.places.size(); ++p) {
    if (series.places[p].archive != nullptr) continue;
    series.places[p].history.begin(now);
    series.places[p].parts_missing.push_back(static_cast<std::uint16_t>(members.size()));
  }
  Duration longest;
  std::uint16_t parts = 1;  // the longest time, and each store that is read on a machine
  for (const std::uint32_t s : members) {
    Store& store = stores_[s];
    ++store.pending;
    const std::int64_t blocks = store.chain.add(now, store.log.mark(now), id_of(id, 0, point), std::exchange(store.next_full, false));
    store.stored.set(store.chain.stored(), now);
    const Bytes data = store.blocks.block() * blocks;
    const SnapshotTime time = snapshot_time(policy.timing, data, durations_[series.policy]);
    longest = std::max(longest, time.at_least);
    if (store.host == nullptr || data == Bytes{}) continue;
    ++parts;
    store.reads.push_back({.series = id, .point = point, .data = data, .rate = time.rate, .after = time.after});
    if (store.reads.size() == 1) read_next(s);
  }
  series.places.front().parts_missing.push_back(parts);
  expect(series.timeline, now + longest, SnapshotEnded{id, point});
}

void Engine::read_next(std::size_t store) {
  const SnapshotRead& read = stores_[store].reads.front();
  stores_[store].host->read_snapshot(store, read.data, read.rate);
}

void Engine::snapshot_read(std::size_t id) {
  Store& store = stores_[id];
  if (store.reads.empty()) return;  // given up in this instant
  const SnapshotRead done = store.reads.front();
  store.reads.erase(store.reads.begin());
  sim_.schedule(*this, done.after, SnapshotEnded{done.series, done.point});
  if (!store.reads.empty()) read_next(id);
}

void Engine::on(const SnapshotEnded& event) {
  Series& series = series_[event.series];
  Place& home = series.places.front();
  if (home.history[event.point].gone != Time::max()) return;  // its source was lost meanwhile
  if (--home.parts_missing[event.point] > 0) return;
  const PolicyConfig& policy = config_.policies[series.policy];
  const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
  for (const std::uint32_t s : members) --stores_[s].pending;
  if (policy.failure.value > 0 && failures_[series.policy].chance(policy.failure.value)) {
    // One failure puts the whole set in error.
    ++statistics_[series.policy].snapshots_failed;
    remove_point(event.series, 0, event.point);
    return;
  }
  ++statistics_[series.policy].snapshots;
  usable(event.series, 0, event.point);
  ask_for_copies(event.series, 0, event.point);
}

void Engine::usable(std::uint32_t series, std::uint32_t p, std::uint32_t point) {
  Place& place = series_[series].places[p];
  place.history.mark_usable(point, now());
  ++place.kept;
  retire(series, p);
}

void Engine::retire(std::uint32_t series, std::uint32_t p) {
  Place& place = series_[series].places[p];
  const RetentionConfig& retention = *place.retention;
  if (!retention.count && !retention.age) return;
  const PointHistory& history = place.history;
  const std::size_t size = history.points().size();
  const auto kept = [&](std::size_t i) { return history[i].usable != Time::max() && history[i].gone == Time::max(); };
  for (std::size_t i = place.oldest; i < size && place.kept > 1; ++i) {
    if (!kept(i)) continue;
    const bool too_many = retention.count && place.kept > *retention.count;
    const bool too_old = retention.age && now() - history[i].point >= *retention.age;
    if (!too_many && !too_old) break;
    const std::optional<ArchiveConfig>& archive = config_.policies[series_[series].policy].archive;
    if (p == 0 && archive && static_cast<std::int64_t>(i) % archive->every == 0) archive_point(series, static_cast<std::uint32_t>(i));
    remove_point(series, p, static_cast<std::uint32_t>(i));
  }
  while (place.oldest < size && history[place.oldest].gone != Time::max()) ++place.oldest;
  if (!retention.age || place.kept <= 1 || place.expiring) return;
  std::size_t next = place.oldest;
  while (next < size && !kept(next)) ++next;
  const Time at = history[next].point + *retention.age;
  if (at > Time::at(config_.run_length)) return;
  place.expiring = true;
  expect(series_[series].timeline, at, PointExpired{series, p});
}

void Engine::on(const PointExpired& event) {
  Place& place = series_[event.series].places[event.place];
  place.expiring = false;
  if (place.archive != nullptr) return expire_archived(event.series);
  retire(event.series, event.place);
}

void Engine::remove_point(std::uint32_t id, std::uint32_t p, std::uint32_t point) {
  Series& series = series_[id];
  Place& place = series.places[p];
  if (place.archive != nullptr) return remove_archived(series, point);
  const KeptPoint& kept = place.history[point];
  if (kept.gone != Time::max()) return;
  const bool was_usable = kept.usable != Time::max();
  if (was_usable) --place.kept;
  place.history.mark_gone(point, now());
  const std::vector<std::uint32_t>& members = config_.data[series.data.index].stores;
  for (std::size_t s = 0; s < members.size(); ++s) {
    SnapshotChain& chain = p == 0 ? stores_[members[s]].chain : lanes_[place.lanes[s]].chain;
    StoredMeter& meter = p == 0 ? stores_[members[s]].stored : lanes_[place.lanes[s]].stored;
    chain.remove(kept.point, id_of(id, p, point));
    meter.set(chain.stored(), now());
  }
  if (was_usable) return;
  // What never was cannot be copied.
  for (std::uint32_t copy = 1; copy < series.places.size(); ++copy) {
    if (series.places[copy].source == p) remove_point(id, copy, point);
  }
}

void Engine::kill_pending(std::uint32_t id) {
  Series& series = series_[id];
  const Place& home = series.places.front();
  for (std::size_t i = home.history.points().size(); i-- > home.oldest;) {
    const KeptPoint& point = home.history[i];
    if (point.usable != Time::max() || point.gone != Time::max()) continue;
    for (const std::uint32_t s : config_.data[series.data.index].stores) --stores_[s].pending;
    ++statistics_[series.policy].snapshots_failed;
    remove_point(id, 0, static_cast<std::uint32_t>(i));
  }
  // Its stores may be read for other series too, whose snapshots go on.
  for (const std::uint32_t s : config_.data[series.data.index].stores) {
    std::vector<SnapshotRead>& reads = stores_[s].reads;
    const bool reading = !reads.empty() && reads.front().series == id;
    std::erase_if(reads, [id](const SnapshotRead& read) { return read.series == id; });
    if (!reading) continue;
    stores_[s].host->give_up_snapshot(s);
    if (!reads.empty()) read_next(s);
  }
}

}  // namespace fleetsim
