#pragma once
/// Runs one replication of one design of a study.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "fleetsim/scenario.hpp"
#include "models/scenario/study/plan.hpp"

namespace fleetsim::scenario {

/// Loads a design's scenario when it is first asked for and keeps the last few.
class Evaluator {
 public:
  /// `designs` may grow while nobody runs. Both outlive the evaluator.
  Evaluator(const StudyPlan& plan, const std::vector<experiment::Design>& designs) : plan_(plan), designs_(designs) {}

  /// The study's metrics in their order. May be called from several threads. Throws std::runtime_error, with the
  /// diagnostics, if the design's settings can't be had together.
  std::vector<double> operator()(std::size_t design, std::uint64_t replication);

 private:
  std::shared_ptr<const Scenario> load(std::size_t design);

  const StudyPlan& plan_;
  const std::vector<experiment::Design>& designs_;
  std::mutex mutex_;  // guards what follows
  std::list<std::size_t> recent_;
  std::unordered_map<std::size_t, std::shared_ptr<const Scenario>> loaded_;
};

}  // namespace fleetsim::scenario
