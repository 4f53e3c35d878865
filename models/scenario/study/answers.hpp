#pragma once
/// What a study answers, from the values of its replications.

#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/sim/experiment/runner.hpp"
#include "models/scenario/study/plan.hpp"

namespace fleetsim::scenario {

/// The values that an answer stands on: the first `replications[d]` of each design d.
struct Evidence {
  const StudyPlan& plan;
  const experiment::Runner& runner;
  const std::vector<experiment::Design>& designs;
  std::vector<std::uint64_t> replications;
  std::vector<std::size_t> numbers{};              ///< of each design in the store; empty: its place

  std::span<const double> values(std::size_t design, std::size_t metric) const {
    return runner.values(numbers.empty() ? design : numbers[design], metric, replications[design]);
  }
  experiment::EstimateOptions estimate_options(std::size_t design) const;
};

/// Of two designs, replication by replication as far as both go; over pairs where the replications are antithetic.
PairedComparison paired_comparison(const Evidence& evidence, std::size_t metric, std::size_t from, std::size_t to);

/// All designs with their metrics, objectives and place beside the frontier. Those without a replication have no metrics.
std::vector<StudyDesignResult> design_results(const Evidence& evidence);
/// Adds what each design is against the chosen one.
void compare_with_chosen(const Evidence& evidence, std::size_t chosen, std::vector<StudyDesignResult>& results);
/// The design with the least mean of what is minimized among those with objectives that they meet in these replications.
std::optional<std::size_t> best_meeting(const Evidence& evidence, const std::vector<StudyDesignResult>& results);
/// What to name of a selection that has not decided: its own test of the objectives is stricter than the intervals that the
/// results show, and holds back designs that these show to be cheaper.
std::optional<std::size_t> best_undecided(const Evidence& evidence, const SearchResult& search,
                                          const std::vector<StudyDesignResult>& results);
/// Which designs of each world another dominates, and whether chance leaves that open.
void mark_frontier(const Evidence& evidence, std::vector<StudyDesignResult>& results);
std::vector<PrecisionResult> precision_results(const Evidence& evidence);
std::vector<SensitivityResult> sensitivity_results(const Evidence& evidence);
/// The best design of each world, by paired differences where the random numbers are common. `results` are those of
/// design_results().
std::vector<WorldResult> world_results(const Evidence& evidence, const std::vector<StudyDesignResult>& results);

}  // namespace fleetsim::scenario
