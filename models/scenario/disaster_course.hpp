#pragma once
/// What follows from one disaster, from several that overlap, or from one drill, on a clock of its own: the plans that answer are
/// carried out beside each other, and share people and what their target sites take.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/models/recovery/execution.hpp"
#include "fleetsim/models/recovery/failback.hpp"
#include "models/scenario/disaster_data.hpp"
#include "models/scenario/protected_points.hpp"
#include "models/scenario/surroundings.hpp"

namespace fleetsim::scenario {

/// A plan that answers. `hit`: by resource, whether the fault struck it.
struct PlanAnswer {
  const RecoveryPlanData* plan;
  std::vector<bool> hit;
  std::string stream_prefix;
  bool keep_course = false;
  std::optional<Time> grey_until = {};  ///< the disaster is one that health checks do not see, and ends then
  bool source_stops = true;             ///< with the disaster; else it is written to until users are redirected
};

struct PlanAnswered {
  RecoveryOutcome outcome;
  std::optional<FailbackOutcome> failback;  ///< in a branch; empty: none is planned, or the source never comes back
  std::optional<FailbackOutcome> way_back = {};  ///< in the run, once it has ended
};

/// The way back in a branch: nothing of the run itself is moved.
class BranchWayBack final : public WayBack, public FailbackListener {
 public:
  BranchWayBack(Simulation& course, const DataReplication& past, const BranchLinks& faults) : branch_(course, past, faults, *this) {}
  void add(PlanFailback& failback) { failbacks_.push_back(&failback); }
  Bytes send_back(DataId data, SiteId from, SiteId to, bool full, const Divergence& since, BytesPerSecond most) override;
  void failback_in_sync(DataId data) override;

 private:
  FailbackBranch branch_;
  std::vector<PlanFailback*> failbacks_;
};

/// The plans that answer one disaster.
struct Answers {
  Time at;
  std::vector<PlanAnswer> plans;
};

class DisasterCourse {
 public:
  /// Begins at `at`, which may lie in the past of the run. `protection` may be null.
  DisasterCourse(const Simulation& run, const DisasterData& data, config::UtcTime run_start, const DataReplication* protection,
                 Time at, const FaultSurroundings& surroundings, const Clusters* clusters);

  /// Carries out the plans that answer each of the disasters, to their ends; by disaster, in the order of its plans. What happens
  /// up to an instant depends on no disaster after it. Requires: ordered by time, none before the beginning.
  std::vector<std::vector<PlanAnswered>> carry_out(std::span<const Answers* const> disasters, bool drill);
  /// The ways back of the plans, in a branch of the run.
  void fail_back(const std::vector<PlanAnswer>& answers, std::vector<PlanAnswered>& results);
  std::uint64_t fingerprint() const { return course_.fingerprint(); }

 private:
  Simulation course_;
  const DisasterData& data_;
  const config::UtcTime run_start_;
  const DataReplication* protection_;
  const FaultSurroundings& surroundings_;
  const Clusters* clusters_;
};

/// Whether plans that are carried out at the same time have anything to share: people, or what their sites take.
bool anything_shared(const DisasterData& data);
/// Whether the plan moves its application elsewhere, and how it comes back is planned.
bool comes_back(const RecoveryPlan& plan);
/// Whether the resource is made of a recovery point; else a replica of it is promoted.
bool restores(const RecoveryPlan& plan, std::size_t resource);
/// The outcome of a plan that was carried out in full.
Departure departure(const PlanAnswer& answer, const RecoveryOutcome& outcome);
/// By resource, what of its data the way back after the outcome has to send.
std::vector<SentBack> sent_back(const RecoveryPlan& plan, const RecoveryOutcome& outcome);

}  // namespace fleetsim::scenario
