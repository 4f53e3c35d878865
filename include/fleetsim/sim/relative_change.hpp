#pragma once
/// By what share of a baseline's mean a variant's mean differs, where both ran with common random numbers.

#include <optional>
#include <span>

#include "fleetsim/sim/confidence.hpp"

namespace fleetsim {

struct RelativeChange {
  double mean = 0;                   ///< mean of the variant / mean of the baseline - 1; not-a-number without a pair
  std::optional<Interval> interval;  ///< empty below two pairs, and where the baseline's mean may be zero
};

/// Replication k of both is a pair; one that lacks a value (not-a-number) is left out. The baseline's mean is an estimate
/// too, so its error counts: the interval is Fieller's ("Some problems in interval estimation", Journal of the Royal
/// Statistical Society B 16(2), 1954), every ratio r at which Student's test of variant - r * baseline does not reject a
/// mean of zero. It covers exactly as stated for pairs that are jointly normal, for others as the pairs grow many, and
/// excludes no change just where mean_interval() of the differences excludes zero. The interval of the delta method is
/// its limit for a baseline whose mean is known well. Of values none of which is negative, such as costs, the mean can fall
/// by all there is and no more: the interval ends at -1.
/// Requires: as many values of each, each finite or not-a-number; 0 < coverage < 1.
RelativeChange relative_change(std::span<const double> baseline, std::span<const double> variant, double coverage = 0.95);

}  // namespace fleetsim
