#include "fleetsim/sim/confidence.hpp"

#include <algorithm>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"
#include "sim/special_functions.hpp"

namespace fleetsim {
namespace {

/// The share below the upper end of a two-sided interval.
double upper_share(double coverage) {
  invariant(coverage > 0 && coverage < 1, "a coverage lies between 0 and 1");
  return (1 + coverage) / 2;
}

/// The least k with P(B <= k) >= share, B the successes in n trials of probability p.
std::uint64_t binomial_quantile(double share, std::uint64_t n, double p) {
  std::uint64_t low = 0;
  std::uint64_t high = n;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (special::binomial_cdf(middle, n, p) >= share) high = middle;
    else low = middle + 1;
  }
  return low;
}

}  // namespace

std::optional<Interval> mean_interval(const Tally& values, double coverage) {
  const double share = upper_share(coverage);
  if (values.count() < 2) return std::nullopt;
  const double half_width =
      special::student_t_quantile(share, static_cast<double>(values.count() - 1)) * values.standard_error();
  return Interval{values.mean() - half_width, values.mean() + half_width};
}

Interval wilson_interval(std::uint64_t successes, std::uint64_t trials, double coverage) {
  invariant(successes <= trials, "there are no more successes than trials");
  const double share = upper_share(coverage);
  if (trials == 0) return {0, 1};
  const double z = special::normal_quantile(share);
  const double n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double shrink = 1 + z * z / n;
  const double center = (p + z * z / (2 * n)) / shrink;
  const double half_width = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink;
  // The ends are exact where nothing or everything succeeded; rounding would miss them.
  return {successes == 0 ? 0 : std::max(0.0, center - half_width),
          successes == trials ? 1 : std::min(1.0, center + half_width)};
}

std::optional<Interval> quantile_interval(std::span<const double> sorted, double p, double coverage) {
  invariant(p > 0 && p < 1, "a quantile's share lies between 0 and 1");
  const double share = upper_share(coverage);
  const std::uint64_t n = sorted.size();
  if (n == 0) return std::nullopt;
  // With B values below the true quantile, the order statistic of rank r (from 1) lies above it when B < r.
  // Low rank: the greatest r with P(B <= r - 1) <= 1 - share. High rank: the least s with P(B <= s - 1) >= share.
  std::uint64_t low_rank = binomial_quantile(1 - share, n, p);
  if (special::binomial_cdf(low_rank, n, p) <= 1 - share) ++low_rank;
  const std::uint64_t high_rank = binomial_quantile(share, n, p) + 1;
  if (low_rank < 1 || high_rank > n) return std::nullopt;
  return Interval{sorted[low_rank - 1], sorted[high_rank - 1]};
}

}  // namespace fleetsim
