/// Replication in reverse after a failover, in the run itself and in branches of it.

#include "models/data_replication/failback.hpp"

#include <algorithm>

#include "models/data_replication/engine.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

namespace {

constexpr Int128 ns = nanoseconds_per_second;

}  // namespace

Bytes Engine::fail_back(DataId data, SiteId from, SiteId to, Resync resync, Time changed_since, BytesPerSecond most) {
  const auto id = static_cast<std::uint32_t>(failbacks_.size());
  const Bytes bytes = resync == Resync::full ? data_size(data, sim_.now()) : changed_between(data, changed_since, sim_.now());
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
    links_.set_demand(failback.flow, held ? BytesPerSecond{} : failback.most);
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
  links_.set_demand(failback.flow, {});
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

struct BranchWritesChanged { static constexpr std::string_view name = "data_replication.branch_writes_changed"; };

/// The failbacks of a branch: as those of the engine, with the run's log of writes instead of a demand.
class FailbackCourse final : public EventHandler<FailbackCourse, FailbackCaughtUp, BranchWritesChanged> {
 public:
  FailbackCourse(Simulation& course, const Engine& past, FailbackListener& listener)
      : EventHandler(course), sim_(course), past_(past), listener_(listener), links_(past.config_.links) {}

  Bytes fail_back(DataId data, SiteId from, SiteId to, Resync resync, Time changed_since, BytesPerSecond most) {
    const auto id = static_cast<std::uint32_t>(failbacks_.size());
    const Bytes bytes =
        resync == Resync::full ? past_.data_size(data, sim_.now()) : past_.changed_between(data, changed_since, sim_.now());
    Failback& failback = failbacks_.emplace_back();
    failback.data = data;
    failback.flow = links_.add_flow(past_.config_.site_region[from.index], past_.config_.site_region[to.index]);
    failback.left = static_cast<NanoBytes>(bytes.count()) * ns;
    failback.since = sim_.now();
    links_.set_demand(failback.flow, most);
    rate_changed(id);
    solve();
    if (!sim_.pending(next_change_)) schedule_change();
    return bytes;
  }

  void on(const FailbackCaughtUp& event) {
    Failback& failback = failbacks_[event.failback];
    failback.go_on(sim_.now(), 0, 0);
    failback.done = true;
    links_.set_demand(failback.flow, {});
    const DataId data = failback.data;
    solve();
    listener_.failback_in_sync(data);
  }

  void on(const BranchWritesChanged&) {
    for (std::uint32_t id = 0; id < failbacks_.size(); ++id) rate_changed(id);
    schedule_change();
  }

 private:
  const std::vector<std::uint32_t>& stores_of(const Failback& failback) const {
    return past_.config_.data[failback.data.index].stores;
  }

  void solve() {
    links_.solve([this](std::uint32_t flow) { rate_changed(flow); });  // flows are numbered as the failbacks
  }

  void rate_changed(std::uint32_t id) {
    Failback& failback = failbacks_[id];
    if (failback.done) return;
    std::int64_t write = 0;
    for (const std::uint32_t s : stores_of(failback)) write += past_.stores_[s].log.rate(sim_.now()).count();
    failback.go_on(sim_.now(), links_.rate(failback.flow).count(), write);
    sim_.cancel(failback.end);
    failback.end = {};
    if (const auto after = failback.catches_up_after()) failback.end = sim_.schedule(*this, *after, FailbackCaughtUp{id});
  }

  void schedule_change() {
    std::optional<Time> next;
    for (const Failback& failback : failbacks_) {
      if (failback.done) continue;
      for (const std::uint32_t s : stores_of(failback)) {
        const std::optional<Time> change = past_.stores_[s].log.next_change(sim_.now());
        if (change && (!next || *change < *next)) next = change;
      }
    }
    next_change_ = next ? sim_.schedule_at(*this, *next, BranchWritesChanged{}) : EventHandle{};
  }

  Simulation& sim_;
  const Engine& past_;
  FailbackListener& listener_;
  Links links_;
  std::vector<Failback> failbacks_;
  EventHandle next_change_;
};

FailbackBranch::FailbackBranch(Simulation& course, const DataReplication& past, FailbackListener& listener)
    : course_(std::make_unique<FailbackCourse>(course, *past.engine_, listener)) {}
FailbackBranch::~FailbackBranch() = default;

Bytes FailbackBranch::fail_back(DataId data, SiteId from, SiteId to, Resync resync, Time changed_since, BytesPerSecond most) {
  return course_->fail_back(data, from, to, resync, changed_since, most);
}

}  // namespace fleetsim
