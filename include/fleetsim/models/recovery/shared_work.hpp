#pragma once
/// What executions of plans that go on at the same time share: people, and at each target site the calls that its control
/// plane takes, the restores at once, and the bandwidth over which restored blocks are loaded.
///
/// Truth:      no more than its limit hold a slot at once; those who wait are served in the order in which they came; over any
///             span the calls let through are at most burst + rate x span; loads of one site share its bandwidth max-min fairly,
///             and each loads exactly its bytes.
/// Leaves out: the run's own loads do not draw on a site's restores.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "fleetsim/models/recovery/people.hpp"
#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/sim/fluid/max_min_sharing.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

/// Port: whose tasks wait, and load. Tasks are numbers of its own.
struct TaskOwner {
  virtual ~TaskOwner() = default;
  /// The task waited for a slot, and has it now.
  virtual void slot_granted(std::size_t task) = 0;
  /// All that the task loads is loaded.
  virtual void blocks_loaded(std::size_t task) = 0;
};

/// So many tasks at once; the others wait in line.
class SlotQueue {
 public:
  /// `most` = 0: no limit.
  explicit SlotQueue(std::int64_t most = 0) : most_(most) {}
  /// Whether the task has a slot now. If not, it is in line, and its owner will be told.
  bool take(TaskOwner& owner, std::size_t task);
  /// A slot is free: the first in line has it. Requires: it was taken.
  void give_back();
  /// The task leaves the line, if it is there.
  void forget(const TaskOwner& owner, std::size_t task);

 private:
  struct Waiting {
    TaskOwner* owner;
    std::size_t task;
  };
  std::int64_t most_;
  std::int64_t taken_ = 0;
  std::deque<Waiting> line_;
};

/// What one target site takes: the least that any of the plans states which recover there.
struct SiteLimits {
  SiteId site;
  std::optional<RequestRate> api_rate = {};              ///< empty: no limit
  std::int64_t api_burst = 1;
  std::int64_t restores_max = 0;                         ///< 0: no limit
  std::optional<BytesPerSecond> restore_bandwidth = {};  ///< empty: no limit
};
/// Of the sites where the plans, all of a scenario, recover something. With several rates of calls the burst is that of the least.
std::vector<SiteLimits> limits_of(std::span<const RecoveryPlan* const> plans);

struct BlocksLoaded { static constexpr std::string_view name = "recovery.blocks_loaded"; std::uint32_t load; };

class SharedWork : public EventHandler<SharedWork, BlocksLoaded> {
 public:
  SharedWork(Simulation& sim, const std::vector<PeopleConfig>& people, config::UtcTime run_start,
             const std::vector<SiteLimits>& limits);

  // People, by their row.
  SlotQueue& team(std::size_t team) { return teams_[team]; }
  const Roster& roster(std::size_t team) const { return rosters_[team]; }

  /// When the last of so many calls, made now, is let through: a token bucket that refills at the site's rate. `latest` if
  /// that is sooner. Requires: latest is not past.
  Time calls_let_through(SiteId site, Int128 calls, Time latest);
  SlotQueue& restores(SiteId site) { return site_of(site).restores; }

  /// Loads data at the site, no faster than `most`; the owner is told when all is there. Requires: most > 0.
  void load(TaskOwner& owner, std::size_t task, SiteId site, Bytes data, BytesPerSecond most);
  /// Ends the load of the task, if there is one.
  void stop_loading(const TaskOwner& owner, std::size_t task);

  void on(const BlocksLoaded&);

 private:
  struct Site {
    SiteLimits limits;
    SlotQueue restores;
    Int128 calls_busy_until_ns = 0;  // when the calls made so far are worked off at the permitted rate
    std::uint32_t capacity = 0;  // of the bandwidth, if it is limited
  };
  struct Load {
    TaskOwner* owner = nullptr;
    std::size_t task = 0;
    Int128 left = 0;             // 10^-9 bytes
    std::int64_t rate = 0;       // bytes/s, since
    Time since;
    std::optional<std::uint32_t> flow;  // in sharing_; empty: alone
    EventHandle end;
    bool active = false;
  };
  Site& site_of(SiteId site);
  void share();
  void set_rate(std::uint32_t load, std::int64_t rate);
  void end(std::uint32_t load);

  Simulation& sim_;
  std::vector<SlotQueue> teams_;
  std::vector<Roster> rosters_;
  std::vector<Site> sites_;
  std::vector<Load> loads_;
  std::vector<std::uint32_t> load_of_flow_;
  MaxMinSharing sharing_;
};

}  // namespace fleetsim
