/// Replication in reverse after a failover, in the run itself and in branches of it.

#include "models/data_replication/failback.hpp"

#include <algorithm>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

namespace {

constexpr Int128 ns = nanoseconds_per_second;

}  // namespace

Bytes Engine::fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most) {
  const auto id = static_cast<std::uint32_t>(failbacks_.size());
  const Bytes bytes = resync == Resync::full ? data_size(data, sim_.now()) : diverged(data, since, sim_.now());
  Failback& failback = failbacks_.emplace_back();
  failback.data = data;
  failback.from = from;
  failback.to = to;
  failback.most = most;
  failback.flow = links_.add_flow(config_.site_region[from.index], config_.site_region[to.index]);
  owners_.push_back({Owner::failback, id});
  failback.left = static_cast<NanoBytes>(bytes.count()) * ns;
  failback.since = sim_.now();
  for (const std::uint32_t s : config_.data[data.index].stores) stores_[s].failbacks.push_back(id);
  failback_rate_changed(id);
  hold_failbacks(config_.site_region[from.index]);
  solve_links();
  return bytes;
}

/// Nothing moves from or to a Region that is lost.
void Engine::hold_failbacks(RegionId region) {
  for (const Failback& failback : failbacks_) {
    const RegionId from = config_.site_region[failback.from.index], to = config_.site_region[failback.to.index];
    if (failback.done || (from != region && to != region)) continue;
    const bool held = region_lost_[from.index] || region_lost_[to.index];
    links_.set_demand(failback.flow, held ? BytesPerSecond{} : failback.most, sim_.now());
  }
}

void Engine::failback_rate_changed(std::uint32_t id) {
  Failback& failback = failbacks_[id];
  if (failback.done) return;
  std::int64_t write = 0;
  for (const std::uint32_t s : config_.data[failback.data.index].stores) write += stores_[s].wanted.count();
  failback.go_on(sim_.now(), links_.rate(failback.flow).count(), write);
  sim_.cancel(failback.end);
  failback.end = {};
  if (const auto after = failback.catches_up_after()) failback.end = sim_.schedule(*this, *after, FailbackCaughtUp{id});
}

void Engine::on(const FailbackCaughtUp& event) {
  Failback& failback = failbacks_[event.failback];
  failback.go_on(sim_.now(), 0, 0);
  failback.done = true;
  transferred_[pair(failback.from, failback.to)] += DataVolume::of(failback.moved / ns);
  links_.set_demand(failback.flow, {}, sim_.now());
  const DataId data = failback.data;
  solve_links();
  if (failback_listener_ != nullptr) failback_listener_->failback_in_sync(data);
}

DataVolume Engine::transferred(SiteId from, SiteId to) const {
  DataVolume sum = transferred_[pair(from, to)];
  for (const Failback& failback : failbacks_) {
    if (!failback.done && failback.from == from && failback.to == to) sum += DataVolume::of(failback.moved_by(sim_.now()) / ns);
  }
  return sum;
}

}  // namespace fleetsim
