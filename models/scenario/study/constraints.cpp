#include "models/scenario/study/constraints.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::scenario {

namespace {

std::size_t metric_of(const StudyPlan& plan, const std::string& source) {
  const auto found = std::find_if(plan.metrics.begin(), plan.metrics.end(),
                                  [&](const StudyMetric& metric) { return metric.column.source == source; });
  return static_cast<std::size_t>(found - plan.metrics.begin());
}

}  // namespace

double observed_value(const StudyPlan& plan, const experiment::Runner& runner, std::size_t design, std::size_t metric,
                      std::uint64_t replication, bool is_divisor) {
  const double value = runner.values(design, metric, replication + 1)[replication];
  if (std::isfinite(value) && !(is_divisor && value == 0)) return value;
  throw std::runtime_error(fmt::format("a search needs {} {}, and replication {} of {} {}\n"
                                       "  help: search by a metric that is always there",
                                       plan.metrics[metric].column.name, is_divisor ? "above zero to divide by" : "in every replication",
                                       replication, runner.design_name(design), is_divisor ? "has none" : "did not observe it"));
}

Constraints::Constraints(const StudyPlan& plan, const experiment::Runner& runner) : plan_(plan), runner_(runner) {
  for (const Objective& objective : plan.objectives) {
    Item item{.objective = &objective, .metric = 0, .relative_to = {}, .unit = "1", .tolerance = 0};
    item.metric = metric_of(plan, objective.metrics.front().value);
    if (objective.relative_to) item.relative_to = metric_of(plan, objective.relative_to->value);
    else item.unit = plan.metrics[item.metric].column.unit;
    invariant(has_excess(objective), "a search decides objectives that a mean over the replications says");
    const double bound = std::abs(in_unit(objective.bound, item.unit).value_or(0));
    const double of_mean = plan.search->tolerance.value_or(0.01) * (bound > 0 ? bound : 1);
    item.tolerance = misses_allowed(objective) ? plan.search->share_tolerance : of_mean;
    items_.push_back(std::move(item));
  }
}

double Constraints::excess(std::size_t design, std::size_t constraint, std::uint64_t replication) const {
  const Item& item = items_[constraint];
  double value = observed_value(plan_, runner_, design, item.metric, replication);
  if (item.relative_to) value /= observed_value(plan_, runner_, design, *item.relative_to, replication, true);
  return scenario::excess(*item.objective, value, item.unit).value();
}

std::vector<double> Constraints::least_variances() const {
  std::vector<double> result;
  for (const Item& item : items_) {
    const double allowed = misses_allowed(*item.objective).value_or(0);
    result.push_back(allowed * (1 - allowed));
  }
  return result;
}

std::vector<double> Constraints::tolerances() const {
  std::vector<double> result;
  for (const Item& item : items_) result.push_back(item.tolerance);
  return result;
}

}  // namespace fleetsim::scenario
