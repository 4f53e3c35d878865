#pragma once
/// One alternative of a machine, simulated: what its loads get and what they lack.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/advice.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

struct Trial {
  std::vector<AdvisedLoad> loads;
  std::vector<double> held_back;     ///< by replication: of the load that is held back most
  bool network_busy = false;         ///< the network was at 80 % or more for 5 % of the time, in any replication
  bool network_idle_ebs_busy = false;
  std::string behind;                ///< work that does not keep up, in words; empty: all does
  bool too_slow = false;             ///< a load's mean latency is above what is asked for
  bool finished = true;              ///< false: interrupted
};

/// What a closed loop would do today without limits, by load and replication.
using ClosedLoopWants = std::map<std::string, std::vector<double>>;

/// Runs the machine of `plan` alone, with the scenario's demands and random numbers.
class TrialRuns {
 public:
  TrialRuns(const ScenarioData& data, const AdviceOptions& options) : data_(data), options_(options) {}

  Trial run(const StoragePlan& plan);
  /// Every later trial judges the closed loops by these. Empty until the machine of today has run.
  void set_wants(ClosedLoopWants wants) { wants_ = std::move(wants); }
  /// Of the last trial.
  const ClosedLoopWants& offered() const { return offered_; }
  std::uint64_t count() const { return count_; }

 private:
  const ScenarioData& data_;
  const AdviceOptions& options_;
  ClosedLoopWants wants_, offered_;
  std::uint64_t count_ = 0;
};

}  // namespace fleetsim::scenario
