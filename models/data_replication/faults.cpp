/// What faults do to data, and replication in reverse after a failover.

#include <algorithm>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

void Engine::region_lost(RegionId region) {
  if (region_lost_[region.index]) return;
  region_lost_[region.index] = true;
  for (std::uint32_t s = 0; s < series_.size(); ++s) {
    if (config_.site_region[series_[s].places.front().site.index] == region) kill_pending(s);
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) {
    const Lane& lane = lanes_[l];
    if (config_.site_region[lane.from.index] == region || config_.site_region[lane.to.index] == region) fail_running(l);
  }
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    if (config_.site_region[replicas_[r].config->site.index] == region) set_cut(r, true);
  }
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (config_.site_region[stores_[s].config->home.index] == region) apply_write_rate(s);
  }
  solve_links();
}

void Engine::region_back(RegionId region) {
  if (!region_lost_[region.index]) return;
  region_lost_[region.index] = false;
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    if (config_.site_region[replicas_[r].config->site.index] == region) set_cut(r, false);
  }
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (config_.site_region[stores_[s].config->home.index] == region) apply_write_rate(s);
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) try_start(l);
  solve_links();
}

void Engine::zone_changed(ZoneId zone, bool lost) {
  if (zone_lost_[zone.index] == lost) return;
  zone_lost_[zone.index] = lost;
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    if (replicas_[r].config->zone == zone) set_cut(r, lost);
  }
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (stores_[s].config->zone == zone) apply_write_rate(s);
  }
  solve_links();
}

void Engine::account_compromised(std::uint32_t account) {
  if (account_lost_[account]) return;
  account_lost_[account] = true;
  const auto in_account = [&](SiteId site) { return config_.site_account[site.index] == account; };
  for (std::size_t site = 0; site < destinations_.size(); ++site) {
    if (config_.site_account[site] == account) destinations_[site].lost = true;
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) {
    if (in_account(lanes_[l].from) || in_account(lanes_[l].to)) fail_running(l);
  }
  for (std::uint32_t s = 0; s < series_.size(); ++s) {
    if (in_account(series_[s].places.front().site)) kill_pending(s);
    for (std::uint32_t p = 0; p < series_[s].places.size(); ++p) {
      const Place& place = series_[s].places[p];
      if (!in_account(place.site)) continue;
      for (std::size_t i = place.history.points().size(); i-- > place.oldest;) remove_point(s, p, static_cast<std::uint32_t>(i));
    }
  }
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    Replica& replica = replicas_[r];
    if (!in_account(replica.config->site)) continue;
    set_cut(r, true);
    replica.destroyed = std::min(replica.destroyed, sim_.now());
    PointHistory& history = replica.points.history;
    for (std::size_t i = history.points().size(); i-- > 0;) history.mark_gone(i, sim_.now());
    for (std::size_t s = 0; s < replica.chains.size(); ++s) {
      replica.chains[s].clear();
      replica.stored[s].set(0, sim_.now());
    }
  }
  solve_links();
}

void Engine::volume_lost(DataId data) {
  for (const std::uint32_t s : config_.data[data.index].stores) stores_[s].lost = true;
  for (std::uint32_t id = 0; id < series_.size(); ++id) {
    const std::vector<std::uint32_t>& members = config_.data[series_[id].data.index].stores;
    if (std::any_of(members.begin(), members.end(), [&](std::uint32_t s) { return stores_[s].lost; })) kill_pending(id);
  }
  for (const std::uint32_t s : config_.data[data.index].stores) apply_write_rate(s);
  solve_links();
}

void Engine::set_link(RegionId from, RegionId to, Ratio share) {
  links_.set_share(from, to, share);
  // A mirror with nothing to send would not hear of a cut by its rate.
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) follow(r);
  solve_links();
}

void Engine::control_plane(RegionId region, bool up) {
  control_down_[region.index] = !up;
  if (!up) return;
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) try_start(l);
}

/// While an application runs at another site its writes go on there, and nothing is sent from home.
void Engine::written_elsewhere(DataId data, bool elsewhere) {
  for (const std::uint32_t s : config_.data[data.index].stores) {
    if (stores_[s].elsewhere == elsewhere) continue;
    stores_[s].elsewhere = elsewhere;
    for (const std::uint32_t r : stores_[s].replicas) set_cut(r, elsewhere);
    apply_write_rate(s);
  }
  solve_links();
}

void Engine::fail_back(DataId data, SiteId from, SiteId to, Resync resync, Time changed_since) {
  const auto id = static_cast<std::uint32_t>(failbacks_.size());
  Failback& failback = failbacks_.emplace_back();
  failback.data = data;
  failback.flow = links_.add_flow(config_.site_region[from.index], config_.site_region[to.index]);
  owners_.push_back({Owner::failback, id});
  const Bytes bytes = resync == Resync::full ? data_size(data, sim_.now()) : changed_between(data, changed_since, sim_.now());
  failback.left = static_cast<NanoBytes>(bytes.count()) * nanoseconds_per_second;
  failback.since = sim_.now();
  for (const std::uint32_t s : config_.data[data.index].stores) {
    stores_[s].failbacks.push_back(id);
    failback.write += stores_[s].wanted.count();
  }
  transferred_[pair(from, to)] += volume_of(bytes);
  links_.set_demand(failback.flow, config_.failback_rate);
  solve_links();
  if (failback.left == 0) failback_rate_changed(id);
}

void Engine::failback_rate_changed(std::uint32_t id) {
  Failback& failback = failbacks_[id];
  if (failback.done) return;
  const Time now = sim_.now();
  const NanoBytes net = static_cast<NanoBytes>(failback.rate - failback.write) * (now - failback.since).count();
  failback.left = std::max<NanoBytes>(0, failback.left - net);
  failback.since = now;
  failback.rate = links_.rate(failback.flow).count();
  failback.write = 0;
  for (const std::uint32_t s : config_.data[failback.data.index].stores) failback.write += stores_[s].wanted.count();
  sim_.cancel(failback.end);
  failback.end = {};
  if (failback.rate <= failback.write && failback.left > 0) return;  // never in sync at these rates
  const Int128 ns = failback.left == 0 ? 0 : (failback.left + (failback.rate - failback.write) - 1) / (failback.rate - failback.write);
  if (ns < (Int128{1} << 61U)) failback.end = sim_.schedule(*this, Duration::of(static_cast<std::int64_t>(ns)), FailbackCaughtUp{id});
}

void Engine::on(const FailbackCaughtUp& event) {
  Failback& failback = failbacks_[event.failback];
  failback.done = true;
  links_.set_demand(failback.flow, {});
  solve_links();
  if (failback_listener_ != nullptr) failback_listener_->failback_in_sync(failback.data);
}

}  // namespace fleetsim
