#pragma once
/// What the replications of one design say of one metric, with less variance where the experiment allows it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "fleetsim/sim/confidence.hpp"

namespace fleetsim::experiment {

/// A metric whose mean is known, measured in the same replications: what chance did to it, it also did to the others.
struct Control {
  std::span<const double> values;
  double mean = 0;
};

struct EstimateOptions {
  double coverage = 0.95;
  /// Replications 2k and 2k + 1 are an antithetic pair: the second drew 1 - u where the first drew u.
  bool antithetic_pairs = false;
  std::vector<Control> controls{};
};

struct Estimate {
  double mean = 0;                   ///< not-a-number without a value
  std::optional<Interval> interval{};  ///< of the mean, of the stated coverage
  /// How many times as many independent replications without controls would give as narrow an interval; 1 for a plain
  /// mean, below 1 where the technique did harm. Not-a-number where that can't be told.
  double gain = 1;
  std::uint64_t n = 0;               ///< replications counted; of pairs, both
};

/// The mean of a metric. Absent values, not-a-number, are left out; of a pair, both go if one is absent.
///
/// Antithetic pairs: the mean of the pairs' means, with Student's interval over the pairs, which are independent.
/// Control variates: mean(Y) - b (mean(C) - known mean), b by least squares; the interval has Student's distribution with
/// n - 1 - q degrees of freedom for q controls, exact for normal values (Lavenberg and Welch, "A perspective on the use
/// of control variables to increase the efficiency of Monte Carlo simulations", Management Science 27(3), 1981). A
/// control that does not vary, or too few values, leaves the plain mean. Both may be asked for together.
/// Requires: as many values of each control.
Estimate estimate_mean(std::span<const double> values, const EstimateOptions& options = {});

/// What an interval is wanted for, and how narrow it is to be.
struct Precision {
  std::size_t metric = 0;
  std::optional<double> quantile{};  ///< of this quantile, by order statistics; empty: of the mean
  double half_width = 0;           ///< wanted; > 0
  bool relative = false;           ///< half_width is a share of the estimate's absolute value
};

/// How far a wanted precision is. A relative one of an estimate of zero is never reached.
struct Attained {
  std::optional<double> half_width{};  ///< what there is, in the terms of the wanted one; empty while there is no interval
  bool reached = false;
};
Attained attained(const Precision& wanted, std::span<const double> values, const EstimateOptions& options = {});

/// Replications that would probably reach it: the half-width falls with the square root of their number. At least one
/// more than there are; empty where that can't be told (no interval yet).
std::optional<std::uint64_t> replications_for(const Precision& wanted, std::span<const double> values,
                                              const EstimateOptions& options = {});

/// How many replications a design is to have next, after `there`: as many as probably reach every wanted precision, but at
/// least ten more and half as many again at most, for such guesses are rough, and never above `at_most`. `there` where
/// all are reached or the cap is. Called again and again it is a sequential procedure whose number of replications
/// depends on the values alone. An interval looked at so often covers a little less than it states, the less the more
/// replications it begins with. `values(metric)` gives the first `there` values.
std::uint64_t next_replications(std::span<const Precision> wanted,
                                const std::function<std::span<const double>(std::size_t metric)>& values,
                                const EstimateOptions& options, std::uint64_t there, std::uint64_t at_most);

}  // namespace fleetsim::experiment
