#include <algorithm>
#include <cmath>
#include <vector>

#include "fleetsim/sim/experiment/estimate.hpp"
#include "fleetsim/sim/experiment/store.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "fleetsim/sim/summary.hpp"

namespace fleetsim::experiment {

Statistics statistics_of(std::span<const double> values, bool antithetic_pairs) {
  const Summary summary = summarize(values);
  Statistics result{.n = summary.n,
                    .mean = summary.mean,
                    .interval = {},
                    .stddev = summary.stddev,
                    .min = summary.min,
                    .p05 = summary.p05,
                    .p50 = summary.p50,
                    .p95 = summary.p95,
                    .max = summary.max,
                    .p95_interval = {}};
  std::optional<Interval> interval = summary.ci95;
  if (antithetic_pairs) {
    const Estimate estimate = estimate_mean(values, {.antithetic_pairs = true});
    interval = estimate.interval;
    if (estimate.n > 0) result.mean = estimate.mean;
  }
  if (interval) result.interval = {interval->low, interval->high};
  // The members of a pair depend on each other: order statistics are taken of one of each.
  std::vector<double> sample;
  for (std::size_t k = 0; k < values.size(); k += antithetic_pairs ? 2 : 1)
    if (!std::isnan(values[k])) sample.push_back(values[k]);
  std::sort(sample.begin(), sample.end());
  if (const auto of_p95 = quantile_interval(sample, 0.95)) result.p95_interval = {of_p95->low, of_p95->high};
  return result;
}

}  // namespace fleetsim::experiment
