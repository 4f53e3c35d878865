/// Replication in reverse in a branch of a run: as in the run itself, with its logs instead of what happens.

#include <algorithm>

#include "models/data_replication/engine.hpp"
#include "models/data_replication/failback.hpp"

namespace fleetsim {

using Engine = ReplicationEngine;

namespace {

constexpr Int128 ns = nanoseconds_per_second;

std::optional<Time> sooner(std::optional<Time> a, std::optional<Time> b) { return a && b ? std::min(*a, *b) : a ? a : b; }

}  // namespace

struct BranchWritesChanged { static constexpr std::string_view name = "data_replication.branch_writes_changed"; };
struct BranchTrafficChanged { static constexpr std::string_view name = "data_replication.branch_traffic_changed"; };
struct BranchLinksChanged { static constexpr std::string_view name = "data_replication.branch_links_changed"; };

class FailbackCourse final
    : public EventHandler<FailbackCourse, FailbackCaughtUp, BranchWritesChanged, BranchTrafficChanged, BranchLinksChanged> {
 public:
  FailbackCourse(Simulation& course, const Engine& past, const BranchLinks& faults, FailbackListener& listener)
      : EventHandler(course), sim_(course), past_(past), faults_(faults), listener_(listener), links_(past.config_.links) {}

  Bytes fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most) {
    const auto id = static_cast<std::uint32_t>(failbacks_.size());
    const Bytes bytes =
        resync == Resync::full ? past_.data_size(data, sim_.now()) : past_.diverged(data, since, sim_.now());
    const RegionId from_region = past_.config_.site_region[from.index], to_region = past_.config_.site_region[to.index];
    Failback& failback = failbacks_.emplace_back();
    failback.data = data;
    failback.from = from;
    failback.to = to;
    failback.most = most;
    failback.flow = add_flow(from_region, to_region, id);
    failback.left = static_cast<NanoBytes>(bytes.count()) * ns;
    failback.since = sim_.now();
    replay(from_region, to_region);
    apply_faults(failback);
    rate_changed(id);
    solve();
    if (!sim_.pending(next_writes_)) schedule_writes();
    if (!sim_.pending(next_traffic_)) schedule_traffic();
    if (!sim_.pending(next_links_)) schedule_links();
    return bytes;
  }

  void on(const FailbackCaughtUp& event) {
    Failback& failback = failbacks_[event.failback];
    failback.go_on(sim_.now(), 0, 0);
    failback.done = true;
    links_.set_demand(failback.flow, {}, sim_.now());
    const DataId data = failback.data;
    solve();
    listener_.failback_in_sync(data);
  }

  void on(const BranchWritesChanged&) {
    for (std::uint32_t id = 0; id < failbacks_.size(); ++id) rate_changed(id);
    schedule_writes();
  }

  void on(const BranchTrafficChanged&) {
    for (const Traffic& traffic : traffic_) links_.set_demand(traffic.flow, asked(traffic, sim_.now()), sim_.now());
    solve();
    schedule_traffic();
  }

  void on(const BranchLinksChanged&) {
    for (Failback& failback : failbacks_) {
      if (!failback.done) apply_faults(failback);
    }
    solve();
    schedule_links();
  }

 private:
  /// A flow of the run, as it was.
  struct Traffic {
    std::uint32_t flow, of_run;
  };
  static constexpr std::uint32_t of_the_run = 0xFFFF'FFFF;

  bool over() const {
    return std::all_of(failbacks_.begin(), failbacks_.end(), [](const Failback& failback) { return failback.done; });
  }
  std::uint32_t add_flow(RegionId from, RegionId to, std::uint32_t owner) {
    owner_.push_back(owner);
    return links_.add_flow(from, to);
  }
  BytesPerSecond asked(const Traffic& traffic, Time at) const {
    if (at >= past_.sim_.now() && !past_.goes_on(traffic.of_run)) return {};
    return past_.links_.demand_at(traffic.of_run, at);
  }

  /// What the run sends over the link is sent here too.
  void replay(RegionId from, RegionId to) {
    const std::pair link(from, to);
    if (std::find(replayed_.begin(), replayed_.end(), link) != replayed_.end()) return;
    replayed_.push_back(link);
    for (const std::uint32_t of_run : past_.links_.sharing(from, to)) {
      const Traffic& traffic = traffic_.emplace_back(Traffic{add_flow(from, to, of_the_run), of_run});
      links_.set_demand(traffic.flow, asked(traffic, sim_.now()), sim_.now());
    }
  }

  void apply_faults(Failback& failback) {
    const Ratio left = faults_.left(failback.from, failback.to, sim_.now());
    links_.set_share(past_.config_.site_region[failback.from.index], past_.config_.site_region[failback.to.index], left, sim_.now());
    links_.set_demand(failback.flow, left.value > 0 ? failback.most : BytesPerSecond{}, sim_.now());
  }

  const std::vector<std::uint32_t>& stores_of(const Failback& failback) const {
    return past_.config_.data[failback.data.index].stores;
  }

  void solve() {
    links_.solve([this](std::uint32_t flow) {
      if (owner_[flow] != of_the_run) rate_changed(owner_[flow]);
    });
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

  void schedule_writes() {
    std::optional<Time> next;
    for (const Failback& failback : failbacks_) {
      if (failback.done) continue;
      for (const std::uint32_t s : stores_of(failback)) next = sooner(next, past_.stores_[s].log.next_change(sim_.now()));
    }
    next_writes_ = next ? sim_.schedule_at(*this, *next, BranchWritesChanged{}) : EventHandle{};
  }

  void schedule_traffic() {
    std::optional<Time> next;
    if (!over()) {
      const Time end = past_.sim_.now();
      for (const Traffic& traffic : traffic_) {
        next = sooner(next, past_.links_.next_demand(traffic.of_run, sim_.now()));
        if (sim_.now() < end && !past_.goes_on(traffic.of_run)) next = sooner(next, end);
      }
    }
    next_traffic_ = next ? sim_.schedule_at(*this, *next, BranchTrafficChanged{}) : EventHandle{};
  }

  void schedule_links() {
    const std::optional<Time> next = over() ? std::nullopt : faults_.next_change(sim_.now());
    next_links_ = next ? sim_.schedule_at(*this, *next, BranchLinksChanged{}) : EventHandle{};
  }

  Simulation& sim_;
  const Engine& past_;
  const BranchLinks& faults_;
  FailbackListener& listener_;
  Links links_;
  std::vector<std::uint32_t> owner_;  // by flow: the failback
  std::vector<Failback> failbacks_;
  std::vector<Traffic> traffic_;
  std::vector<std::pair<RegionId, RegionId>> replayed_;
  EventHandle next_writes_, next_traffic_, next_links_;
};

FailbackBranch::FailbackBranch(Simulation& course, const DataReplication& past, const BranchLinks& faults, FailbackListener& listener)
    : course_(std::make_unique<FailbackCourse>(course, *past.engine_, faults, listener)) {}
FailbackBranch::~FailbackBranch() = default;

Bytes FailbackBranch::fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most) {
  return course_->fail_back(data, from, to, resync, since, most);
}

}  // namespace fleetsim
