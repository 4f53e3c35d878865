#pragma once
/// What follows from one disaster, or one drill, on a clock of its own: the plans that answer it are carried out beside each
/// other, and share people and what their target sites take.

#include <memory>
#include <optional>
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
  bool grey = false;  ///< the disaster is one that health checks do not see
};

struct PlanAnswered {
  RecoveryOutcome outcome;
  std::optional<FailbackOutcome> failback;  ///< empty: not asked for, none is planned, or the source never comes back
};

/// The way back in a branch: nothing of the run itself is moved.
class BranchWayBack final : public WayBack, public FailbackListener {
 public:
  BranchWayBack(Simulation& course, const DataReplication& past) : branch_(course, past, *this) {}
  void add(PlanFailback& failback) { failbacks_.push_back(&failback); }
  Bytes send_back(DataId data, SiteId from, SiteId to, bool full, Time changed_since, BytesPerSecond most) override;
  void failback_in_sync(DataId data) override;

 private:
  FailbackBranch branch_;
  std::vector<PlanFailback*> failbacks_;
};

class DisasterCourse {
 public:
  /// Begins at `at`, which may lie in the past of the run. `protection` may be null.
  DisasterCourse(const Simulation& run, const DisasterData& data, config::UtcTime run_start, const DataReplication* protection,
                 Time at, const FaultSurroundings& surroundings);

  /// Carries the plans out to their ends. `with_failback`: and their ways back, in a branch of the run.
  std::vector<PlanAnswered> carry_out(const std::vector<PlanAnswer>& answers, bool drill, bool with_failback);
  std::uint64_t fingerprint() const { return course_.fingerprint(); }

 private:
  void fail_back(const std::vector<PlanAnswer>& answers, std::vector<PlanAnswered>& results);

  Simulation course_;
  const DisasterData& data_;
  const config::UtcTime run_start_;
  const DataReplication* protection_;
  const FaultSurroundings& surroundings_;
  const ProtectedPoints points_;
};

/// Whether the plan moves its application elsewhere, and how it comes back is planned.
bool comes_back(const RecoveryPlan& plan);
/// By resource, what of its data the way back after the outcome has to send.
std::vector<SentBack> sent_back(const RecoveryOutcome& outcome);

}  // namespace fleetsim::scenario
