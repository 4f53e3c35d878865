#pragma once
/// Objectives as numbers, one a replication, whose mean is at most zero where the objective holds.

#include <cstdint>
#include <string>
#include <vector>

#include "models/scenario/study/answers.hpp"

namespace fleetsim::scenario {

class Constraints {
 public:
  /// Requires: has_excess() of each objective.
  Constraints(const StudyPlan& plan, const experiment::Runner& runner);

  std::size_t count() const { return items_.size(); }
  /// Throws std::runtime_error if the replication did not observe the metric.
  double excess(std::size_t design, std::size_t constraint, std::uint64_t replication) const;
  std::vector<double> tolerances() const;
  /// What the variance of excess() is where the objective just holds, of one on a share of the replications; else 0.
  std::vector<double> least_variances() const;

 private:
  struct Item {
    const Objective* objective;
    std::size_t metric;
    std::optional<std::size_t> relative_to;
    std::string unit;
    double tolerance;
  };
  const StudyPlan& plan_;
  const experiment::Runner& runner_;
  std::vector<Item> items_;
};

/// A value that a procedure cannot do without; throws std::runtime_error if it is not-a-number, or a divisor and zero.
double observed_value(const StudyPlan& plan, const experiment::Runner& runner, std::size_t design, std::size_t metric,
                      std::uint64_t replication, bool is_divisor = false);

}  // namespace fleetsim::scenario
