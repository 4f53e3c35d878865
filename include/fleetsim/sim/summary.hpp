#pragma once
/// What a study says of a metric over its replications, and of the difference between two variants.

#include <cstdint>
#include <optional>
#include <span>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/relative_change.hpp"

namespace fleetsim {

/// A metric that a replication could not observe (no failover happened) is absent from it: not-a-number in a span of
/// numbers. Absent values are left out and do not count in `n`.
/// Mean and extremes are not-a-number for n = 0, the standard deviation and the interval are missing for n < 2: one
/// run is no answer.
struct Summary {
  double mean = 0;
  std::optional<Interval> ci95;  ///< of the mean
  double stddev = 0;             ///< between replications; not-a-number for n < 2
  double min = 0;
  double p05 = 0;  ///< quantiles by sample_quantile
  double p50 = 0;
  double p95 = 0;
  double max = 0;
  std::uint64_t n = 0;
};

/// Requires: each value is finite or not-a-number.
Summary summarize(std::span<const double> by_replication);
/// The same, with absent values empty.
Summary summarize(std::span<const std::optional<double>> by_replication);

/// Two variants that ran with common random numbers: replication k of both draws the same numbers where they draw for
/// the same use, so what they share cancels in the difference.
struct PairedComparison {
  Summary difference;               ///< variant - baseline, where both have a value
  std::optional<Interval> interval;  ///< of the mean difference, of the stated coverage; empty below two pairs
  RelativeChange relative;          ///< of the means, of the stated coverage
  /// How many times as many replications independent runs would need for the same interval:
  /// (variance of variant + variance of baseline) / variance of the difference. Not-a-number below two pairs; infinite
  /// where every pair differs by the same amount.
  double variance_reduction = 0;
};

/// Requires: as many values of each, in the order of the replications; each finite or not-a-number; 0 < coverage < 1.
PairedComparison compare_paired(std::span<const double> baseline, std::span<const double> variant, double coverage = 0.95);

}  // namespace fleetsim
