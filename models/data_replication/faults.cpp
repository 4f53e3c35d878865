/// What faults do to data.

#include <algorithm>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

void Engine::region_lost(RegionId region) {
  if (region_lost_[region.index]) return;
  catch_up(sim_.now() - 1_ns);
  region_lost_[region.index] = true;
  for (std::uint32_t s = 0; s < series_.size(); ++s) {
    if (config_.site_region[series_[s].places.front().site.index] == region) kill_pending(s);
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) {
    const Lane& lane = lanes_[l];
    if (config_.site_region[lane.from.index] == region || config_.site_region[lane.to.index] == region) fail_running(l);
  }
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (config_.site_region[stores_[s].config->home.index] == region) apply_write_rate(s);
  }
  cut_where(true, [&](SiteId site) { return config_.site_region[site.index] == region; });
  hold_failbacks(region);
  solve_links();
}

void Engine::region_back(RegionId region) {
  if (!region_lost_[region.index]) return;
  catch_up(sim_.now() - 1_ns);
  region_lost_[region.index] = false;
  cut_where(false, [&](SiteId site) { return config_.site_region[site.index] == region; });
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (config_.site_region[stores_[s].config->home.index] == region) apply_write_rate(s);
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) try_start(l);
  hold_failbacks(region);
  solve_links();
}

void Engine::zone_changed(ZoneId zone, bool lost) {
  if (zone_lost_[zone.index] == lost) return;
  zone_lost_[zone.index] = lost;
  const auto write = [&] {
    for (std::size_t s = 0; s < stores_.size(); ++s) {
      if (stores_[s].config->zone == zone) apply_write_rate(s);
    }
  };
  if (lost) write();
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    const std::vector<std::uint32_t>& members = config_.data[replicas_[r].config->data.index].stores;
    const bool from = std::any_of(members.begin(), members.end(), [&](std::uint32_t s) { return stores_[s].config->zone == zone; });
    if (from || replicas_[r].config->zone == zone) set_cut(r, lost);
  }
  if (!lost) write();
  solve_links();
}

/// One more, or one less, that holds up the replicas which begin or end at such a site. A place is lost when nothing is
/// written there any more, and back before something is: so a mirror in sync stays so.
void Engine::cut_where(bool cut, const std::function<bool(SiteId)>& there) {
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    const SiteId from = stores_[config_.data[replicas_[r].config->data.index].stores.front()].config->home;
    if (there(from) || there(replicas_[r].config->site)) set_cut(r, cut);
  }
}

/// Another volume stands where this one was: its first snapshot and its first copies are full, and its replicas send all of it.
void Engine::replace(std::size_t id) {
  Store& store = stores_[id];
  store.replaced.push_back(sim_.now());
  store.next_full = true;
  for (const std::uint32_t r : store.replicas) {
    Replica& replica = replicas_[r];
    if (replica.state == ReplicaState::primary) continue;  // the other volume is filled from it
    settle(replica);
    replica.state = ReplicaState::resync;
    replica.backlog = static_cast<NanoBytes>(data_size(replica.config->data, sim_.now()).count()) * nanoseconds_per_second;
  }
}

/// A lost volume sends nothing; what takes its place is another one.
void Engine::set_lost(std::size_t id, bool lost) {
  Store& store = stores_[id];
  if (store.lost == lost) return;
  store.lost = lost;
  if (lost) apply_write_rate(id);
  if (!lost) replace(id);
  for (const std::uint32_t r : store.replicas) set_cut(r, lost);
  if (!lost) apply_write_rate(id);
}

void Engine::account_compromised(std::uint32_t account) {
  if (account_lost_[account]) return;
  catch_up(sim_.now() - 1_ns);
  account_lost_[account] = true;
  const auto in_account = [&](SiteId site) { return config_.site_account[site.index] == account; };
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
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (in_account(stores_[s].config->home)) apply_write_rate(s);
  }
  cut_where(true, in_account);
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    Replica& replica = replicas_[r];
    if (!in_account(replica.config->site)) continue;
    settle(replica);
    replica.state = ReplicaState::resync;
    replica.whole = false;
    note(replica);
    replica.destroyed.push_back({sim_.now()});
    PointHistory& history = replica.points.history;
    for (std::size_t i = history.points().size(); i-- > 0;) history.mark_gone(i, sim_.now());
    for (std::size_t s = 0; s < replica.chains.size(); ++s) {
      replica.chains[s].clear();
      replica.stored[s].set(0, sim_.now());
    }
  }
  solve_links();
}

void Engine::account_back(std::uint32_t account) {
  if (!account_lost_[account]) return;
  catch_up(sim_.now() - 1_ns);
  account_lost_[account] = false;
  const auto in_account = [&](SiteId site) { return config_.site_account[site.index] == account; };
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (in_account(stores_[s].config->home)) replace(s);
  }
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) {
    Replica& replica = replicas_[r];
    if (!in_account(replica.config->site)) continue;
    settle(replica);
    replica.backlog = static_cast<NanoBytes>(data_size(replica.config->data, sim_.now()).count()) * nanoseconds_per_second;
    // What arrives in the time of the latency was sent before.
    replica.destroyed.back().to = sim_.now() + replica.config->latency;
  }
  cut_where(false, in_account);
  for (std::size_t s = 0; s < stores_.size(); ++s) {
    if (in_account(stores_[s].config->home)) apply_write_rate(s);
  }
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) try_start(l);
  solve_links();
}

void Engine::volume_changed(DataId data, bool lost) {
  catch_up(sim_.now() - 1_ns);
  for (const std::uint32_t s : config_.data[data.index].stores) set_lost(s, lost);
  for (std::uint32_t id = 0; id < series_.size(); ++id) {
    const std::vector<std::uint32_t>& members = config_.data[series_[id].data.index].stores;
    if (std::any_of(members.begin(), members.end(), [&](std::uint32_t s) { return stores_[s].lost; })) kill_pending(id);
  }
  solve_links();
}

void Engine::set_link(RegionId from, RegionId to, Ratio share) {
  catch_up(sim_.now() - 1_ns);
  links_.set_share(from, to, share, sim_.now());
  // A mirror with nothing to send would not hear of a cut by its rate.
  for (std::uint32_t r = 0; r < replicas_.size(); ++r) follow(r);
  for (Lane& lane : lanes_) keep_time(lane);
  solve_links();
}

void Engine::control_plane(RegionId region, bool up) {
  catch_up(sim_.now() - 1_ns);
  control_down_[region.index] = !up;
  if (!up) return;
  for (std::uint32_t l = 0; l < lanes_.size(); ++l) try_start(l);
}

/// While an application runs at another site its writes go on there, and nothing is sent from home; on its way there it
/// writes nowhere, even if its home comes back. Writes stop before the replicas do, so a mirror in sync stays so.
void Engine::move(DataId data, Lives lives, std::optional<SiteId> promoted_at) {
  const bool is_home = lives == Lives::at_home;
  std::vector<std::uint32_t> moved;
  for (const std::uint32_t s : config_.data[data.index].stores) {
    Store& store = stores_[s];
    if (store.lives == lives) continue;
    moved.push_back(s);
    const bool was_home = store.lives == Lives::at_home;
    store.lives = lives;
    store.promoted_at = promoted_at;
    if (is_home) set_lost(s, false);  // what failed back was written to a volume that is whole
    if (!is_home) apply_write_rate(s);
    if (was_home != is_home) {
      for (const std::uint32_t r : store.replicas) set_cut(r, !is_home);
    }
  }
  for (const std::uint32_t s : moved) {
    for (const std::uint32_t r : stores_[s].replicas) is_home ? take_back(r) : promote(r);
  }
  if (is_home) {
    for (const std::uint32_t s : moved) apply_write_rate(s);
  }
  solve_links();
}

/// The application runs on the replica from now on, if it holds all of the data that has moved there.
void Engine::promote(std::uint32_t id) {
  Replica& replica = replicas_[id];
  const std::vector<std::uint32_t>& members = config_.data[replica.config->data.index].stores;
  const bool moved = std::all_of(members.begin(), members.end(), [&](std::uint32_t s) {
    return stores_[s].lives == Lives::elsewhere && stores_[s].promoted_at == replica.config->site;
  });
  if (!moved || !replica.whole || replica.state == ReplicaState::primary) return;
  settle(replica);
  replica.state = ReplicaState::primary;
  replica.backlog = 0;  // what had not been sent is lost
  follow(id);
}

/// The application is back at its source, and the replica is one again.
void Engine::take_back(std::uint32_t id) {
  Replica& replica = replicas_[id];
  const std::vector<std::uint32_t>& members = config_.data[replica.config->data.index].stores;
  const bool back = std::all_of(members.begin(), members.end(), [&](std::uint32_t s) { return stores_[s].lives == Lives::at_home; });
  if (!back || replica.state != ReplicaState::primary) return;
  settle(replica);
  switch (replica.config->after_return) {
    case AfterReturn::continues:
      replica.state = ReplicaState::replicating;
      replica.sent = replica.log.total(sim_.now());
      break;
    case AfterReturn::rescanned:
      replica.state = ReplicaState::paused;
      break;
    case AfterReturn::copied_anew:
      replica.state = ReplicaState::resync;
      replica.sent = replica.log.total(sim_.now());
      replica.backlog = static_cast<NanoBytes>(data_size(replica.config->data, sim_.now()).count()) * nanoseconds_per_second;
      ++replica.copied_anew;
      break;
  }
  follow(id);
}

}  // namespace fleetsim
