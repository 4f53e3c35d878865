/// Copying snapshots to other Regions and accounts: one at a time for a store and a destination, twenty at once to a
/// destination, over links that others use too.

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"
#include "models/data_replication/engine.hpp"
#include "models/data_replication/timing.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

std::uint32_t Engine::lane_of(std::uint32_t store, SiteId from, SiteId to) {
  const auto [known, added] = lane_ids_.try_emplace({store, from, to}, static_cast<std::uint32_t>(lanes_.size()));
  if (!added) return known->second;
  const StoreConfig& config = *stores_[store].config;
  const std::string way = (from == config.home ? "" : config_.site_names[from.index] + "/") + config_.site_names[to.index];
  Lane lane(stores_[store].blocks, sim_.stream("data_replication/" + config.name + "/" + way + "/copy_rate"));
  lane.store = store;
  lane.from = from;
  lane.to = to;
  lane.flow = links_.add_flow(config_.site_region[lane.from.index], config_.site_region[to.index]);
  owners_.push_back({Owner::lane, static_cast<std::uint32_t>(lanes_.size())});
  lanes_.push_back(std::move(lane));
  return known->second;
}

/// The copies of a point that has become usable at a place.
void Engine::ask_for_copies(std::uint32_t id, std::uint32_t from, std::uint32_t point) {
  const Series& series = series_[id];
  for (std::uint32_t p = from + 1; p < series.places.size(); ++p) {
    if (series.places[p].source != from) continue;
    for (std::uint32_t s = 0; s < series.places[p].lanes.size(); ++s) {
      ask(series.places[p].lanes[s], {.series = id, .place = p, .point = point, .store = s, .asked = now()});
    }
  }
}

void Engine::ask(std::uint32_t id, CopyJob job) {
  Lane& lane = lanes_[id];
  if (lane.head > 16 && lane.head * 2 > lane.queue.size()) {
    lane.queue.erase(lane.queue.begin(), lane.queue.begin() + static_cast<std::ptrdiff_t>(lane.head));
    lane.head = 0;
  }
  lane.queue.push_back(job);
  try_start(id);
}

bool Engine::can_copy(const Lane& lane) const {
  const RegionId from = config_.site_region[lane.from.index], to = config_.site_region[lane.to.index];
  return !region_lost_[from.index] && !region_lost_[to.index] &&
         !control_down_[to.index] && !account_lost_[config_.site_account[lane.from.index]] &&
         !account_lost_[config_.site_account[lane.to.index]];
}

/// Whether a request is granted now: a slot of the destination, and for a time-based copy some of its quota.
bool Engine::slot_for(const Lane& lane, const CopyConfig& copy) const {
  if (destinations_[lane.to.index].running >= config_.copies_max) return false;
  return !copy.complete_within || pair_time_based_[region_pair(lane.from, lane.to)] < config_.time_based_pair_rate_max;
}

/// Takes the copy at the lane's head back: its point at the destination never comes to be.
void Engine::drop(std::uint32_t id) {
  Lane& lane = lanes_[id];
  const CopyJob job = lane.queue[lane.head++];
  ++statistics_[series_[job.series].policy].copies_dropped;
  remove_point(job.series, job.place, job.point);
}

void Engine::try_start(std::uint32_t id) {
  Lane& lane = lanes_[id];
  if (lane.refused_since) return;  // the next attempt is scheduled, or waits for a slot
  while (!lane.running && lane.waiting() && can_copy(lane)) {
    const CopyJob job = lane.queue[lane.head];
    const Series& series = series_[job.series];
    const Place& place = series.places[job.place];
    // A snapshot deleted before its copy began cannot be copied; a set of which a part failed is of no use.
    if (series.places[place.source].history[job.point].gone != Time::max() || place.history[job.point].gone != Time::max()) {
      drop(id);
      continue;
    }
    const CopyConfig& copy = copy_of(job);
    if (slot_for(lane, copy)) {
      if (key_denied(copy)) {
        // The request is accepted; the copy then goes into error.
        ++lane.head;
        ++statistics_[series.policy].copies_failed;
        remove_point(job.series, job.place, job.point);
        continue;
      }
      begin_copy(id, job);
      continue;
    }
    if (!copy.queued) ++statistics_[series.policy].copies_refused;
    lane.refused_since = lane.last_attempt = now();
    destinations_[lane.to.index].refused.push_back(id);
    return;
  }
}

bool Engine::key_denied(const CopyConfig& copy) const {
  return std::any_of(copy.key_denied.begin(), copy.key_denied.end(),
                     [at = now()](const PauseConfig& denied) { return at >= denied.at && at - denied.at < denied.length; });
}

void Engine::begin_copy(std::uint32_t id, const CopyJob& job) {
  Lane& lane = lanes_[id];
  const CopyConfig& copy = copy_of(job);
  const Store& store = stores_[lane.store];
  const Time now = this->now();
  const Time point = series_[job.series].places[job.place].history[job.point].point;
  const auto key = static_cast<std::size_t>(
      std::upper_bound(copy.key_changes.begin(), copy.key_changes.end(), now) - copy.key_changes.begin());
  const bool kept = !lane.chain.empty() && lane.chain.newest_id() == lane.newest_copy;
  const auto volume_at = [&](Time at) { return std::upper_bound(store.replaced.begin(), store.replaced.end(), at); };
  const bool same_volume = volume_at(point) == volume_at(lane.newest_point);
  // RDS copies a copy in full each time.
  const bool copied_whole = copy.from && store.config->database;
  lane.full = copied_whole || !copy_is_incremental(lane.copied_before && same_volume, kept, key == lane.key);
  lane.key = key;
  const std::int64_t mark = store.log.mark(point);
  const Bytes data = store.blocks.block() * lane.chain.next_blocks(mark, lane.full);

  ++destinations_[lane.to.index].running;
  lane.running = true;
  lane.since = now;
  PolicyStatistics& counted = statistics_[series_[job.series].policy];
  counted.copy_wait += now - job.asked;
  counted.copies_full += lane.full ? 1 : 0;
  const DataVolume volume = volume_of(data);
  transferred_[pair(lane.from, lane.to)] += volume;
  lane.time_based = copy.complete_within.has_value();
  lane.shared = false;
  lane.timed = copy.whole && !copy.complete_within;
  lane.rate = {};
  if (lane.timed) {
    lane.left = static_cast<NanoBytes>(copy.whole->sample(lane.rates).count()) * nanoseconds_per_second;
    keep_time(lane);
    return;
  }
  BytesPerSecond rate;
  if (copy.complete_within) {
    time_based_[series_[job.series].policy][job.place - 1] += volume;
    const Int128 needed = (static_cast<Int128>(data.count()) * nanoseconds_per_second + copy.complete_within->count() - 1) /
                          copy.complete_within->count();
    BytesPerSecond& used = pair_time_based_[region_pair(lane.from, lane.to)];
    const BytesPerSecond left = config_.time_based_pair_rate_max - used;
    rate = BytesPerSecond::of(static_cast<std::int64_t>(std::max<Int128>(1, needed)));
    rate = std::min({rate, left, config_.time_based_rate_max});
    used += rate;
  } else {
    rate = draw_rate(copy.rate, lane.rates);
  }
  lane.wanted = rate;
  lane.left = static_cast<NanoBytes>(data.count()) * nanoseconds_per_second;
  if (lane.from == lane.to || data == Bytes{}) {
    lane.left = 0;
    lane.ending = true;
    lane.end = expect(lane.timeline, now, CopyEnded{id});
    return;
  }
  lane.shared = true;
  set_copy_demand(lane, rate);
}

/// A copy that takes a time whatever its data has that of a whole link: of its nanoseconds the link's share passes in each.
void Engine::keep_time(Lane& lane) {
  const auto rate = BytesPerSecond::of(std::llround(links_.share(lane.flow) * static_cast<double>(nanoseconds_per_second)));
  if (lane.running && lane.timed && rate != lane.rate) set_copy_rate(lane, rate);
}

void Engine::copy_rate_changed(Lane& lane, BytesPerSecond rate) {
  if (lane.running && lane.shared) set_copy_rate(lane, rate);
}

/// On a line that nobody shares a copy has its rate at once.
void Engine::set_copy_demand(Lane& lane, BytesPerSecond rate) {
  if (!links_.shared(lane.flow)) return copy_rate_changed(lane, links_.set_demand_alone(lane.flow, rate));
  links_.set_demand(lane.flow, rate, sim_.now());
  solve_links();
}

void Engine::set_copy_rate(Lane& lane, BytesPerSecond rate) {
  const Time now = this->now();
  lane.left -= static_cast<NanoBytes>(lane.rate.count()) * (now - lane.since).count();
  lane.left = std::max<NanoBytes>(lane.left, 0);
  lane.since = now;
  lane.rate = rate;
  cancel_end(lane);
  if (rate.count() <= 0) return;
  const Int128 ns = (lane.left + rate.count() - 1) / rate.count();
  constexpr Int128 longest = Int128{1} << 61U;
  const auto id = static_cast<std::uint32_t>(&lane - lanes_.data());
  if (ns >= longest) return;
  lane.ending = true;
  lane.end = expect(lane.timeline, now + Duration::of(static_cast<std::int64_t>(ns)), CopyEnded{id});
}

void Engine::cancel_end(Lane& lane) {
  if (!lane.ending) return;
  lane.ending = false;
  if (timelines_[lane.timeline].own) timelines_[lane.timeline].forget_copy(static_cast<std::uint32_t>(&lane - lanes_.data()));
  sim_.cancel(lane.end);
  lane.end = {};
}

/// The running copy gives back its slot and its rate.
void Engine::end_lane_copy(Lane& lane) {
  lane.running = false;
  lane.timed = false;
  --destinations_[lane.to.index].running;
  cancel_end(lane);
  if (lane.time_based) pair_time_based_[region_pair(lane.from, lane.to)] -= lane.wanted;
  lane.time_based = false;
  if (lane.shared) {
    lane.shared = false;
    set_copy_demand(lane, {});
  }
}

void Engine::on(const CopyEnded& event) {
  Lane& lane = lanes_[event.lane];
  const CopyJob job = lane.queue[lane.head++];
  lane.ending = false;
  end_lane_copy(lane);
  Place& place = series_[job.series].places[job.place];
  if (place.history[job.point].gone == Time::max()) {
    const Time point = place.history[job.point].point;
    lane.newest_copy = id_of(job.series, job.place, job.point);
    lane.copied_before = true;
    lane.newest_point = point;
    lane.chain.add(point, stores_[lane.store].log.mark(point), lane.newest_copy, lane.full);
    lane.stored.set(lane.chain.stored(), now());
    ++statistics_[series_[job.series].policy].copies;
    if (--place.parts_missing[job.point] == 0) {
      usable(job.series, job.place, job.point);
      ask_for_copies(job.series, job.place, job.point);
    }
  }
  const SiteId site = lane.to;
  try_start(event.lane);
  serve_refused(site);
}

/// A planner asks again every `retry_after` since it was first refused: the attempts in between that find no slot are
/// counted, not simulated.
Time Engine::next_attempt(const Lane& lane, Time from) const {
  const CopyConfig& copy = copy_of(lane.queue[lane.head]);
  if (copy.queued) return from;
  const std::int64_t step = copy.retry_after.count();
  const std::int64_t waited = (from - *lane.refused_since).count() + (lane.last_attempt == from ? 1 : 0);
  return *lane.refused_since + copy.retry_after * std::max<std::int64_t>(1, (waited + step - 1) / step);
}

/// Schedules the attempts that will find the free slots, the earliest first.
void Engine::serve_refused(SiteId site) {
  Destination& destination = destinations_[site.index];
  if (destination.refused.empty()) return;
  std::int64_t scheduled = 0;
  for (const std::uint32_t l : destination.refused) scheduled += sim_.pending(lanes_[l].retry) ? 1 : 0;
  while (destination.running + scheduled < config_.copies_max) {
    std::uint32_t best = 0;
    Time earliest = Time::max();
    for (const std::uint32_t l : destination.refused) {
      if (sim_.pending(lanes_[l].retry)) continue;
      const Time at = next_attempt(lanes_[l], sim_.now());
      if (at < earliest) {
        earliest = at;
        best = l;
      }
    }
    if (earliest == Time::max()) return;
    lanes_[best].retry = sim_.schedule_at(*this, earliest, CopyRetried{best});
    ++scheduled;
  }
}

void Engine::on(const CopyRetried& event) {
  Lane& lane = lanes_[event.lane];
  Destination& destination = destinations_[lane.to.index];
  const CopyJob& job = lane.queue[lane.head];
  const CopyConfig& copy = copy_of(job);
  const Duration waited = sim_.now() - *lane.refused_since;
  const bool given_up = copy.give_up_after && waited > *copy.give_up_after;
  lane.last_attempt = sim_.now();
  if (given_up || slot_for(lane, copy)) {
    destination.refused.erase(std::find(destination.refused.begin(), destination.refused.end(), event.lane));
    // Each attempt between the first and this one was refused.
    if (!copy.queued) {
      statistics_[series_[job.series].policy].copies_refused += std::max<std::int64_t>(0, waited.count() / copy.retry_after.count() - 1);
    }
    lane.refused_since.reset();
    if (given_up) drop(event.lane);
    try_start(event.lane);
  }
  serve_refused(lane.to);
}

void Engine::fail_running(std::uint32_t id) {
  Lane& lane = lanes_[id];
  if (!lane.running) return;
  const CopyJob job = lane.queue[lane.head++];
  end_lane_copy(lane);
  ++statistics_[series_[job.series].policy].copies_dropped;
  remove_point(job.series, job.place, job.point);
}

}  // namespace fleetsim
