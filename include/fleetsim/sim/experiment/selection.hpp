#pragma once
/// Ranking and selection: which of several designs has the least mean, with a stated probability that the answer is right.
///
/// A design's observation k is a number that the caller computes from its replication k; the least mean is the best, so
/// what is to be large is given with its sign turned.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace fleetsim::experiment {

/// Replications in growing numbers, and what they are worth.
/// What has not varied in so many replications is taken for constant. A variance of zero would decide at once, and a metric
/// made of rare events, such as failures, has often not varied in ten.
inline constexpr std::uint64_t constants_taken_after = 160;

struct Observer {
  std::size_t designs = 0;
  /// Makes sure of the first `wanted[d]` replications of each design; false to stop.
  std::function<bool(const std::vector<std::uint64_t>& wanted)> bring_to;
  /// Observation k of a design. Requires: it is there. Finite.
  std::function<double(std::size_t design, std::uint64_t k)> value;
};

enum class SelectionEnd : std::uint8_t {
  decided,      ///< with the stated probability
  budget,       ///< the cap came first: the best so far is no more than that
  interrupted   ///< bring_to said so
};

struct SelectionOptions {
  double probability = 0.95;        ///< wanted, of a correct selection
  double indifference = 0;          ///< least difference of means that matters; > 0
  std::uint64_t first = 10;         ///< replications of each design before anything is decided; >= 2
  std::uint64_t at_most = 100'000;  ///< replications of any one design
};

struct Selection {
  SelectionEnd end = SelectionEnd::decided;
  std::size_t best = 0;                     ///< of those not eliminated the one with the least mean so far
  std::vector<std::size_t> survivors{};       ///< not eliminated, rising; of a decided selection the best alone
  std::vector<std::uint64_t> replications{};  ///< by design, that the decision stands on
  /// OCBA: a lower bound, by Bonferroni, of the probability that `best` is the best (normal approximation).
  /// KN: the wanted probability where it is decided, else 0.
  double probability = 0;
};

/// The fully sequential procedure KN (Kim and Nelson, "A fully sequential procedure for indifference-zone selection in
/// simulation", TOMACS 11(3), 2001), with c = 1. While the first observations of two designs do not differ in their
/// differences, twice as many count as first, up to constants_taken_after. If the best mean is smaller than all others by `indifference` or more, it
/// is selected with at least `probability`; else one within `indifference` of it is. Normal observations are assumed,
/// their variances unknown and unequal. Common random numbers are allowed and make it faster, for it stands on the
/// variances of differences. Requires: a design or more.
Selection select_kn(const Observer& observer, const SelectionOptions& options);

/// Optimal computing budget allocation (Chen, Lin, Yucesan and Chick, "Simulation budget allocation for further enhancing
/// the efficiency of ordinal optimization", Discrete Event Dynamic Systems 10, 2000): replications go where they most
/// raise the probability of a correct selection; ends when the bound of that probability reaches the wanted one.
/// `indifference` widens every difference from the best; it may be 0. It promises nothing for finite samples, as KN
/// does, and takes far fewer replications where most designs are plainly worse. Independent designs are assumed.
Selection select_ocba(const Observer& observer, const SelectionOptions& options);

enum class Feasibility : std::uint8_t { feasible, infeasible, undecided };

struct FeasibilityOptions {
  double probability = 0.95;        ///< that all answers are right together
  std::vector<double> tolerances{};   ///< by constraint; > 0
  /// By constraint: what its variance is taken for at least, as that of a share which is known at the bound; empty: 0.
  std::vector<double> least_variances{};
  std::uint64_t first = 10;
  std::uint64_t at_most = 100'000;
};

struct FeasibilityResult {
  SelectionEnd end = SelectionEnd::decided;
  std::vector<Feasibility> designs{};
  std::vector<std::uint64_t> replications{};
};

/// Which designs have a mean of at most 0 in every constraint (Andradottir and Kim, "Fully sequential procedures for
/// comparing constrained systems via simulation", Naval Research Logistics 57(5), 2010, phase I): one below -tolerance is
/// called feasible and one above +tolerance infeasible, all of them with at least `probability`; in between either may
/// be. `value(design, constraint, k)` is observation k. While the first observations of a constraint do not vary, twice as
/// many count as first, up to constants_taken_after. Promised for values near normal; a share's variance is bounded from
/// below by `least_variances`.
FeasibilityResult check_feasibility(
    std::size_t designs, const std::function<bool(const std::vector<std::uint64_t>&)>& bring_to,
    const std::function<double(std::size_t design, std::size_t constraint, std::uint64_t k)>& value,
    const FeasibilityOptions& options);

}  // namespace fleetsim::experiment
