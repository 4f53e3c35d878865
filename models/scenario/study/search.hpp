#pragma once
/// The search for the best design that meets the objectives.

#include <functional>
#include <vector>

#include "models/scenario/study/answers.hpp"

namespace fleetsim::scenario {

/// What a search runs on. Designs have the numbers of the store.
struct Workbench {
  const StudyPlan& plan;
  experiment::StudyStore& store;
  experiment::Runner& runner;
  std::vector<std::size_t> designs;                ///< of the study, in its order
  std::vector<std::uint64_t> replications;         ///< by design of the store: what was asked for so far

  /// Makes sure of as many replications; false if asked to stop.
  bool bring_to(std::size_t design, std::uint64_t count);
  bool bring_to(const std::vector<std::pair<std::size_t, std::uint64_t>>& wanted);
};

/// Requires: the plan has a search. Throws std::runtime_error where a replication did not observe what is searched by.
SearchResult search(Workbench& bench);

}  // namespace fleetsim::scenario
