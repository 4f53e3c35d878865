/// Data sent as it is written. Between events the rates of writing and sending are constant, so the instants at which a
/// backlog is gone or too long, and at which a resync has caught up, are computed.
///
/// A stream sends in the order of writing: its target is the source as it was when the last byte sent had been written. A
/// mirror acknowledges a write when both sides have it; what it cannot send waits in a short queue, unacknowledged, and when
/// that is full it pauses: what waits is acknowledged as written here alone, and the target stays as it was. After a pause the blocks written meanwhile are sent (resync) while writing goes on;
/// each byte written then counts as one more to send, though some fall on blocks that are still to be sent.

#include <algorithm>

#include "fleetsim/sim/invariant.hpp"
#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

namespace {

constexpr std::int64_t any_rate = std::int64_t{1} << 60U;
constexpr Int128 never = Int128{1} << 61U;

}  // namespace

/// What waits at the clock: what waited, and was written since, less what the line took.
NanoBytes Engine::backlog_now(const Replica& replica) const {
  if (replica.state == ReplicaState::primary) return 0;
  const NanoBytes written = replica.log.total(sim_.now()) - replica.log.total(replica.since);
  const NanoBytes line = static_cast<NanoBytes>(replica.rate) * (sim_.now() - replica.since).count();
  return std::max<NanoBytes>(0, replica.backlog + written - line);
}

NanoBytes Engine::moved_now(const Replica& replica) const {
  if (replica.state == ReplicaState::primary) return replica.moved;
  const NanoBytes written = replica.log.total(sim_.now()) - replica.log.total(replica.since);
  return replica.moved + replica.backlog + written - backlog_now(replica);
}

/// Brings backlog and what was sent to the clock.
void Engine::settle(Replica& replica) {
  const Time now = sim_.now();
  replica.moved = moved_now(replica);
  replica.backlog = backlog_now(replica);
  replica.since = now;
  if (replica.state == ReplicaState::replicating) {
    const bool mirror = replica.config->kind == ReplicaKind::mirror;
    replica.sent = mirror ? replica.log.total(now) : replica.log.total(now) - replica.backlog;
  }
}

void Engine::note(Replica& replica) {
  const Time now = sim_.now();
  const bool mirror = replica.config->kind == ReplicaKind::mirror;
  std::int64_t rate = 0;
  if (replica.state == ReplicaState::replicating) {
    rate = mirror || replica.backlog == 0 ? std::min(replica.log.rate().count(), mirror ? any_rate : replica.rate) : replica.rate;
  }
  const ReplicaKnot knot{.since = now, .sent = replica.sent, .rate = rate, .state = replica.state, .whole = replica.whole};
  if (!replica.knots.empty() && replica.knots.back().since == now) {
    replica.knots.back() = knot;
  } else {
    replica.knots.push_back(knot);
  }
}

NanoBytes Engine::changed_since(const Replica& replica, Time from) const {
  return static_cast<NanoBytes>(changed_between(replica.config->data, from, sim_.now()).count()) * nanoseconds_per_second;
}

/// Asks the link for what the replica can use: as fast as possible while something waits, else as fast as it is written.
void Engine::set_demand(Replica& replica) {
  const bool cut = replica.cuts > 0;
  // Where a share of what is asked for comes, asking for less when all is sent would never settle.
  const bool waiting = replica.backlog > 0 || replica.state == ReplicaState::resync || links_.passes_share(replica.flow) ||
                       links_.rate(replica.flow) < replica.log.rate();
  const bool idle = cut || replica.state == ReplicaState::paused || replica.state == ReplicaState::primary;
  std::int64_t demand = idle ? 0 : waiting ? any_rate : replica.log.rate().count();
  if (replica.config->bandwidth) demand = std::min(demand, replica.config->bandwidth->count());
  if (replica.host != nullptr) {
    // A byte/s more than is needed, so that what the machine rounds off leaves no backlog.
    const std::int64_t wanted = std::max<std::int64_t>(1, waiting ? demand : std::min(demand, any_rate - 1) + 1);
    if (wanted != replica.host_wanted) {
      replica.host_wanted = wanted;
      replica.host->wants(static_cast<std::size_t>(&replica - replicas_.data()), BytesPerSecond::of(wanted));
    }
    demand = std::min(demand, replica.host_rate);
  }
  links_.set_demand(replica.flow, BytesPerSecond::of(demand), sim_.now());
}

/// After any change: moves on to the state that the replica now is in, and schedules the next crossing.
void Engine::follow(std::uint32_t id) {
  Replica& replica = replicas_[id];
  settle(replica);
  const ReplicaState was = replica.state;
  const bool cut = replica.cuts > 0 || links_.cut(replica.flow);
  const bool mirror = replica.config->kind == ReplicaKind::mirror;
  const NanoBytes buffer = replica.config->buffer
                               ? static_cast<NanoBytes>(replica.config->buffer->count()) * nanoseconds_per_second
                               : NanoBytes{-1};
  if (replica.state == ReplicaState::replicating && buffer >= 0 && replica.backlog > 0 && replica.backlog >= buffer) {
    replica.state = ReplicaState::paused;
  }
  // Cut off, a mirror lets the next write through on its own side only.
  if (replica.state == ReplicaState::replicating && mirror && cut && replica.log.rate().count() > 0) {
    replica.state = ReplicaState::paused;
  }
  // What waits in a mirror's queue is written here alone from this moment on.
  if (replica.state == ReplicaState::paused && was == ReplicaState::replicating) {
    replica.sent = replica.log.total(sim_.now()) - replica.backlog;
  }
  if (replica.state == ReplicaState::paused && !cut) {
    // Back on the line: the blocks written since the target's instant are sent.
    replica.state = ReplicaState::resync;
    replica.backlog = changed_since(replica, replica.log.last_instant_with(replica.sent, sim_.now()));
  }
  if (replica.state == ReplicaState::resync && replica.backlog == 0 && !cut) {
    replica.state = ReplicaState::replicating;
    replica.whole = true;
    settle(replica);
  }
  set_demand(replica);
  replica.rate = links_.rate(replica.flow).count();
  note(replica);

  sim_.cancel(replica.crossing);
  replica.crossing = {};
  const std::int64_t write = replica.log.rate().count();
  Int128 ns = never;
  if (replica.state == ReplicaState::primary) return;
  if (replica.state != ReplicaState::paused && replica.backlog > 0 && replica.rate > write) {
    ns = (replica.backlog + (replica.rate - write) - 1) / (replica.rate - write);
  } else if (replica.state == ReplicaState::replicating && buffer >= 0 && write > replica.rate) {
    ns = std::max<Int128>(0, buffer - replica.backlog + (write - replica.rate) - 1) / (write - replica.rate);
  }
  if (ns < never) replica.crossing = sim_.schedule(*this, Duration::of(static_cast<std::int64_t>(ns)), ReplicaCrossed{id});
}

void Engine::host_rate_changed(std::size_t id, BytesPerSecond rate) {
  replicas_[id].host_rate = rate.count();
  follow(static_cast<std::uint32_t>(id));
  solve_links();
}

void Engine::on(const ReplicaCrossed& event) {
  follow(event.replica);
  solve_links();
}

void Engine::write_rate_changed(std::uint32_t id) {
  Replica& replica = replicas_[id];
  settle(replica);
  std::int64_t rate = 0;
  for (const std::uint32_t s : config_.data[replica.config->data.index].stores) rate += stores_[s].log.rate().count();
  replica.log.set_rate(sim_.now(), BytesPerSecond::of(rate));
  follow(id);
}

void Engine::set_cut(std::uint32_t id, bool cut) {
  replicas_[id].cuts += cut ? 1 : -1;
  follow(id);
}

void Engine::on(const ReplicaCut& event) {
  set_cut(event.replica, event.cut);
  solve_links();
}

/// The flows whose share of a link is another than before.
void Engine::solve_links() {
  links_.solve([this](std::uint32_t flow) {
    const FlowOwner owner = owners_[flow];
    switch (owner.kind) {
      case Owner::lane: copy_rate_changed(lanes_[owner.index], links_.rate(flow)); break;
      case Owner::replica: follow(owner.index); break;
      case Owner::failback: failback_rate_changed(owner.index); break;
    }
  });
}

const Engine::ReplicaKnot& Engine::replica_knot(const Replica& replica, Time at) const {
  const auto after = std::upper_bound(replica.knots.begin(), replica.knots.end(), at,
                                      [](Time t, const ReplicaKnot& knot) { return t < knot.since; });
  return after == replica.knots.begin() ? *after : *(after - 1);
}

NanoBytes Engine::replica_sent(const Replica& replica, Time at) const {
  const ReplicaKnot& knot = replica_knot(replica, at);
  const NanoBytes sent = knot.sent + static_cast<NanoBytes>(knot.rate) * std::max(at - knot.since, Duration{}).count();
  return std::min(sent, replica.log.total(at));
}

/// The instant that the target's data is of; empty before the end of an initial sync.
std::optional<Time> Engine::replica_point(const Replica& replica, Time at) const {
  if (is_primary(replica, at)) return at;
  const Time sent_by = at - replica.config->latency;
  if (sent_by < Time{}) return replica.config->initial_sync ? std::nullopt : std::optional{Time{}};
  if (!replica_knot(replica, sent_by).whole) return std::nullopt;
  if (is_primary(replica, sent_by) && replica.config->after_return != AfterReturn::rescanned) {
    // It holds what was written on it, up to the return.
    const auto back = std::find_if(replica.knots.begin(), replica.knots.end(), [&](const ReplicaKnot& knot) {
      return knot.since > sent_by && knot.state != ReplicaState::primary;
    });
    return back->since;
  }
  return replica.log.last_instant_with(replica_sent(replica, sent_by), sent_by);
}

Bytes Engine::replica_backlog(const Replica& replica, Time at) const {
  if (is_primary(replica, at)) return {};
  const NanoBytes missing = replica.log.total(at) - replica_sent(replica, at);
  return Bytes::of(static_cast<std::int64_t>((missing + nanoseconds_per_second - 1) / nanoseconds_per_second));
}

ReplicaStatistics Engine::replica_statistics(const Replica& replica) const {
  ReplicaStatistics result;
  const Time end = sim_.now();
  const Duration latency = replica.config->latency;
  Duration in_sync, observed, primary;
  double integral = 0;
  std::vector<Outage> as_primary;
  for (std::size_t k = 0; k < replica.knots.size(); ++k) {
    if (replica.knots[k].state != ReplicaState::primary) continue;
    const Outage span{replica.knots[k].since, k + 1 < replica.knots.size() ? replica.knots[k + 1].since : end};
    as_primary.push_back(span);
    primary += std::max(std::min(span.to, end) - std::max(span.from, measured_from_), Duration{});
  }
  // The lag is straight where neither the target's rate nor, at the target's instant, the source's changes.
  const auto straight = [&](Time from, Time to) {
    if (from >= to) return;
    const auto first = replica_point(replica, from), last = replica_point(replica, to - 1_ns);
    if (!first || !last) return;
    const Duration a = from - *first, b = to - 1_ns - *last;
    integral += to_seconds(to - from) * (to_seconds(a) + to_seconds(b)) / 2;
    observed += to - from;
    result.lag_max = std::max({result.lag_max, a, b});
  };
  const auto over = [&](Time from, Time to) {
    from = std::max(from, measured_from_);
    to = std::min(to, end);
    for (const Outage& span : as_primary) {
      if (span.to <= from || span.from >= to) continue;
      straight(from, span.from);
      from = span.to;
    }
    straight(from, to);
  };
  over(measured_from_, replica.knots.empty() ? end : replica.knots.front().since + latency);
  for (std::size_t k = 0; k < replica.knots.size(); ++k) {
    const ReplicaKnot& knot = replica.knots[k];
    const Time next = k + 1 < replica.knots.size() ? replica.knots[k + 1].since : end;
    const Time from = std::max(knot.since, measured_from_), to = std::min(next, end);
    if (from < to && knot.state != ReplicaState::primary) {
      if (knot.state == ReplicaState::replicating) in_sync += to - from;
      // The end of a resync lets it fall at once.
      for (const Time at : {from, to - 1_ns, to}) result.backlog_max = std::max(result.backlog_max, replica_backlog(replica, at));
    }
    Time at = knot.since;
    if (knot.rate > 0) {
      for (const WriteLog::Knot& source : replica.log.knots()) {
        if (source.total <= knot.sent || source.since > next) continue;
        const Time reached = knot.since + Duration::of(static_cast<std::int64_t>((source.total - knot.sent + knot.rate - 1) / knot.rate));
        if (reached >= next) break;
        if (reached <= at) continue;
        over(at + latency, reached + latency);
        at = reached;
      }
    }
    over(at + latency, next == end ? end : next + latency);
  }
  if (observed > Duration{}) result.lag_mean = seconds(integral / to_seconds(observed));
  const Duration all = end - measured_from_;
  if (all > primary) result.in_sync = Ratio{to_seconds(in_sync) / to_seconds(all - primary)};
  if (all > Duration{}) result.primary = Ratio{to_seconds(primary) / to_seconds(all)};
  result.copied_anew = replica.copied_anew - replica.copied_anew_at_measurement;
  result.backlog = replica_backlog(replica, end);
  result.sent = DataVolume::of((moved_now(replica) - replica.moved_at_measurement) / nanoseconds_per_second);
  return result;
}

// Points in time that Elastic Disaster Recovery keeps.

void Engine::on(const PointInTimeTaken& event) {
  Replica& replica = replicas_[event.replica];
  constexpr Duration every = Duration::of(600 * nanoseconds_per_second);
  const Time now = sim_.now();
  if (now + every <= Time::at(config_.run_length)) sim_.schedule(*this, every, PointInTimeTaken{event.replica});
  PointHistory& history = replica.points.history;
  const std::optional<Time> point = replica_point(replica, now);
  const std::size_t tick = history.points().size();
  const bool lost = !point || replica.state == ReplicaState::primary || (!replica.destroyed.empty() && now < replica.destroyed.back().to);
  const Time before = history.points().empty() ? Time{} : history.points().back().point;
  history.begin(lost ? before : *point);
  if (lost) {
    history.mark_gone(tick, now);
  } else {
    history.mark_usable(tick, now);
    const std::vector<std::uint32_t>& members = config_.data[replica.config->data.index].stores;
    for (std::size_t s = 0; s < members.size(); ++s) {
      replica.chains[s].add(*point, stores_[members[s]].log.mark(*point), tick, false);
    }
  }
  thin(event.replica, tick);
}

void Engine::thin(std::uint32_t id, std::size_t tick) {
  Replica& replica = replicas_[id];
  PointHistory& history = replica.points.history;
  constexpr std::size_t hour = 6, day = 144;
  const auto forget = [&](std::size_t age, std::size_t unless) {
    if (tick < age) return;
    const std::size_t old = tick - age;
    if ((unless != 0 && old % unless == 0) || history[old].gone != Time::max()) return;
    history.mark_gone(old, sim_.now());
    for (SnapshotChain& chain : replica.chains) chain.remove(history[old].point, old);
  };
  forget(hour + 1, hour);
  forget(day + 1, day);
  forget(day * static_cast<std::size_t>(replica.config->points_in_time->days) + 1, 0);
  for (std::size_t s = 0; s < replica.chains.size(); ++s) replica.stored[s].set(replica.chains[s].stored(), sim_.now());
}

}  // namespace fleetsim
