#pragma once
/// Confidence intervals. Each covers the true value with at least (Wilson: on average about) the stated probability,
/// 95 % unless told, provided that the values are independent, as those of replications are. Where the sample is too
/// small for the promise there is no interval.

#include <cstdint>
#include <optional>
#include <span>

#include "fleetsim/sim/statistics.hpp"

namespace fleetsim {

struct Interval {
  double low = 0;
  double high = 0;
  double half_width() const { return (high - low) / 2; }
  bool contains(double x) const { return low <= x && x <= high; }
  bool operator==(const Interval&) const = default;
};

/// Of a mean, by Student's distribution with n - 1 degrees of freedom: mean -+ t * standard error. Exact for normal
/// values, good for others as n grows. None below two values. Requires: 0 < coverage < 1.
std::optional<Interval> mean_interval(const Tally& values, double coverage = 0.95);

/// Of a probability, from `successes` in `trials`: the score interval of Wilson (1927), whose coverage stays near the
/// stated one even for rare events and few trials (Brown, Cai and DasGupta 2001), and which never has width zero.
/// Without trials it is [0, 1]. Requires: successes <= trials, 0 < coverage < 1.
Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double coverage = 0.95);

/// Of the quantile `p` of the distribution a sample comes from, whatever that distribution: two order statistics, with
/// at most half of 1 - coverage outside on each side by the binomial distribution (David and Nagaraja, "Order
/// statistics", 2003, section 7.1). None where the sample is too small, such as below 6 values for a median and below
/// 72 for the 95th percentile. Requires: sorted, 0 < p < 1, 0 < coverage < 1.
std::optional<Interval> quantile_interval(std::span<const double> sorted, double p, double coverage = 0.95);

}  // namespace fleetsim
