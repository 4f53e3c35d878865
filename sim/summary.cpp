#include "fleetsim/sim/summary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Summary summarize_present(std::vector<double> values) {
  Tally tally;  // in the order of the replications, before they are sorted
  for (const double value : values) tally.add(value);
  std::sort(values.begin(), values.end());
  const auto quantile = [&values](double p) { return values.empty() ? not_a_number : sample_quantile(values, p); };
  return {.mean = tally.mean(),
          .ci95 = mean_interval(tally, 0.95),
          .stddev = tally.standard_deviation(),
          .min = tally.min(),
          .p05 = quantile(0.05),
          .p50 = quantile(0.50),
          .p95 = quantile(0.95),
          .max = tally.max(),
          .n = tally.count()};
}

}  // namespace

Summary summarize(std::span<const double> by_replication) {
  std::vector<double> present;
  present.reserve(by_replication.size());
  for (const double value : by_replication)
    if (!std::isnan(value)) present.push_back(value);
  return summarize_present(std::move(present));
}

Summary summarize(std::span<const std::optional<double>> by_replication) {
  std::vector<double> present;
  present.reserve(by_replication.size());
  for (const auto& value : by_replication)
    if (value && !std::isnan(*value)) present.push_back(*value);
  return summarize_present(std::move(present));
}

PairedComparison compare_paired(std::span<const double> baseline, std::span<const double> variant, double coverage) {
  invariant(baseline.size() == variant.size(), "paired variants have the same replications");
  Tally base, other, difference;
  std::vector<double> differences;
  for (std::size_t k = 0; k < baseline.size(); ++k) {
    if (std::isnan(baseline[k]) || std::isnan(variant[k])) continue;
    base.add(baseline[k]);
    other.add(variant[k]);
    differences.push_back(variant[k] - baseline[k]);
    difference.add(differences.back());
  }
  PairedComparison result{.difference = summarize_present(std::move(differences)),
                          .interval = mean_interval(difference, coverage),
                          .relative = relative_change(baseline, variant, coverage)};
  result.variance_reduction =
      (base.variance() + other.variance()) / (result.difference.stddev * result.difference.stddev);
  return result;
}

}  // namespace fleetsim
