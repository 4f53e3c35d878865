#include <algorithm>
#include <bit>
#include <cmath>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/experiment/selection.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "sim/experiment/screening.hpp"

namespace fleetsim::experiment {
namespace {

/// One constraint of one design: the sum of its observations runs until it leaves a triangle.
struct Constraint {
  double sum = 0;
  double variance = 0;  // of the first observations
  Tally seen;
  Feasibility answer = Feasibility::undecided;
};

}  // namespace

FeasibilityResult check_feasibility(
    std::size_t designs, const std::function<bool(const std::vector<std::uint64_t>&)>& bring_to,
    const std::function<double(std::size_t design, std::size_t constraint, std::uint64_t k)>& value,
    const FeasibilityOptions& options) {
  const std::size_t constraints = options.tolerances.size();
  FeasibilityResult result;
  result.designs.assign(designs, constraints == 0 ? Feasibility::feasible : Feasibility::undecided);
  result.replications.assign(designs, constraints == 0 ? 0 : options.first);
  if (constraints == 0 || designs == 0) return result;
  invariant(options.first >= 2, "a variance needs two replications");
  // Half of the error goes to the triangle, half to Student's intervals at numbers of replications that double: those tell
  // at once a mean that is far away, which a small tolerance makes slow for the triangle.
  const double error = (1 - options.probability) / static_cast<double>(designs * constraints) / 2;

  std::vector<Constraint> state;
  std::uint64_t first = options.first;
  while (true) {
    if (!bring_to(result.replications)) {
      result.end = SelectionEnd::interrupted;
      return result;
    }
    state.assign(designs * constraints, {});
    bool all_vary = true;
    for (std::size_t d = 0; d < designs; ++d) {
      for (std::size_t c = 0; c < constraints; ++c) {
        Tally tally;
        Constraint& constraint = state[d * constraints + c];
        for (std::uint64_t k = 0; k < first; ++k) {
          tally.add(value(d, c, k));
          constraint.sum += value(d, c, k);
        }
        constraint.seen = tally;
        constraint.variance = std::max(tally.variance(), options.least_variances.empty() ? 0 : options.least_variances[c]);
        all_vary = all_vary && constraint.variance > 0;
      }
    }
    const std::uint64_t more = more_first(first, options.at_most);
    if (all_vary || more == first) break;
    first = more;
    result.replications.assign(designs, first);
  }
  const double h2 = squared_h(std::min(error, 0.499), first);
  double looks = 1;
  for (std::uint64_t n = first; n < options.at_most; n *= 2) ++looks;

  // Decides what can be after `seen` observations of the design; one constraint that is broken settles the design.
  const auto judge = [&](std::size_t d, std::uint64_t seen) {
    bool all = true;
    for (std::size_t c = 0; c < constraints; ++c) {
      Constraint& constraint = state[d * constraints + c];
      const double tolerance = options.tolerances[c];
      const double bound = std::max(0.0, h2 * constraint.variance / (2 * tolerance) -
                                             tolerance * static_cast<double>(seen) / 2);
      if (constraint.answer == Feasibility::undecided && std::abs(constraint.sum) >= bound)
        constraint.answer = constraint.sum <= 0 ? Feasibility::feasible : Feasibility::infeasible;
      // Not of shares, which are no normal values.
      const bool of_mean = options.least_variances.empty() || options.least_variances[c] == 0;
      const bool look = seen % first == 0 && std::has_single_bit(seen / first);
      if (constraint.answer == Feasibility::undecided && of_mean && look && constraint.variance > 0) {
        const Interval interval = mean_interval(constraint.seen, 1 - 2 * std::min(error, 0.499) / looks).value();
        if (interval.high < 0) constraint.answer = Feasibility::feasible;
        if (interval.low > 0) constraint.answer = Feasibility::infeasible;
      }
      if (constraint.answer == Feasibility::infeasible) result.designs[d] = Feasibility::infeasible;
      all = all && constraint.answer == Feasibility::feasible;
    }
    if (all) result.designs[d] = Feasibility::feasible;
  };

  for (std::size_t d = 0; d < designs; ++d) judge(d, first);
  const auto undecided = [&](std::size_t d) { return result.designs[d] == Feasibility::undecided; };
  for (std::uint64_t seen = first; seen < options.at_most;) {
    const std::uint64_t next = std::min(seen + look_ahead, options.at_most);
    bool any = false;
    for (std::size_t d = 0; d < designs; ++d) {
      if (!undecided(d)) continue;
      result.replications[d] = next;
      any = true;
    }
    if (!any) return result;
    if (!bring_to(result.replications)) {
      result.end = SelectionEnd::interrupted;
      return result;
    }
    for (std::size_t d = 0; d < designs; ++d) {
      for (std::uint64_t k = seen; k < next && undecided(d); ++k) {
        for (std::size_t c = 0; c < constraints; ++c) {
          state[d * constraints + c].sum += value(d, c, k);
          state[d * constraints + c].seen.add(value(d, c, k));
        }
        judge(d, k + 1);
      }
    }
    seen = next;
  }
  for (std::size_t d = 0; d < designs; ++d)
    if (undecided(d)) result.end = SelectionEnd::budget;
  return result;
}

}  // namespace fleetsim::experiment
