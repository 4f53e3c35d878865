#include "tools/cli/output/comparison.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

std::string verdict_of(const Metric& base, const Metric& metric, const Summary& difference) {
  if (difference.n > 0 && difference.min == 0 && difference.max == 0) return "the same";
  if (!difference.ci95 || difference.ci95->contains(0)) return "not decided";
  const std::string direction = difference.mean > 0 ? "more" : "less";
  if (shown(metric).unit == "%" || !(base.mean > 0)) return direction;
  double low = 100 * std::abs(difference.ci95->low) / base.mean;
  double high = 100 * std::abs(difference.ci95->high) / base.mean;
  if (low > high) std::swap(low, high);
  const int decimals = std::max(0, decimals_for(low, (high - low) / 2, "%") - 1);
  if (grouped(low, decimals) == grouped(high, decimals)) {
    return fmt::format("{} % {}", grouped(low, decimals), direction);
  }
  return fmt::format("{} to {} % {}", grouped(low, decimals), grouped(high, decimals), direction);
}

/// Nothing if a scenario does not have the metric, or no replication observed it.
void add(std::vector<ComparedMetric>& compared, const std::vector<ComparedRun>& runs, const std::string& name,
         std::string label) {
  ComparedMetric row{std::move(label), {}};
  const Metric* base = runs.front().result.find(name);
  for (const ComparedRun& run : runs) {
    const Metric* metric = run.result.find(name);
    if (metric == nullptr || metric->n == 0) return;
    ComparedValue value{.run = &run,
                        .metric = metric,
                        .against_base = compare_paired(base->values, metric->values),
                        .is_base = &run == &runs.front(),
                        .verdict = {}};
    if (!value.is_base) value.verdict = verdict_of(*base, *metric, value.against_base.difference);
    row.values.push_back(std::move(value));
  }
  compared.push_back(std::move(row));
}

}  // namespace

std::vector<ComparedMetric> compare(const std::vector<ComparedRun>& runs) {
  invariant(runs.size() >= 2, "a comparison has two scenarios or more");
  std::vector<std::string> fleets;
  for (const GroupSummary& group : runs.front().result.groups) {
    if (std::find(fleets.begin(), fleets.end(), group.fleet) == fleets.end()) fleets.push_back(group.fleet);
  }
  std::vector<ComparedMetric> compared;
  add(compared, runs, "cost.total", "Cost");
  for (const std::string& fleet : fleets) {
    add(compared, runs, "fleet." + fleet + ".drop_fraction", "Fleet " + fleet + ": requests dropped");
    add(compared, runs, "fleet." + fleet + ".cost_per_million_requests",
        "Fleet " + fleet + ": cost per million requests");
  }
  return compared;
}

}  // namespace fleetsim::cli
