#include "models/scenario/objective.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/summary.hpp"

namespace fleetsim::scenario {

std::optional<double> in_unit(const Bound& bound, std::string_view unit) {
  switch (bound.kind) {
    case BoundKind::number:
      // Zero is the same in every unit.
      if (bound.value != 0 && (unit == "USD" || unit == "s" || unit == "h")) return std::nullopt;
      return bound.value;
    case BoundKind::percentage:
      if (unit == "1") return bound.value;
      if (unit == "%") return bound.value * 100;
      return std::nullopt;
    case BoundKind::duration:
      if (unit == "s") return bound.value;
      if (unit == "h") return bound.value / 3600;
      return std::nullopt;
    case BoundKind::money:
      if (unit == "USD") return bound.value;
      return std::nullopt;
  }
  return std::nullopt;
}

std::string help_for_bound(const Bound& bound, std::string_view unit) {
  const bool bare = bound.kind == BoundKind::number;
  if (unit == "USD") return bare ? fmt::format("write {} USD", bound.text) : "write an amount such as 4100 USD";
  if (unit == "s" || unit == "h") {
    return bare ? fmt::format("write a duration such as {}{}", bound.text, unit) : "write a duration such as 45m";
  }
  return unit == "1" ? "write a number, or a percentage such as 0.1%" : fmt::format("write a number of {}", unit);
}

namespace {

/// The values that an objective compares, one a replication; NaN where one of them was not observed, or it is divided by
/// zero.
std::vector<double> values_of(const Metric& metric, const Metric* relative_to) {
  std::vector<double> values = metric.values;
  if (relative_to != nullptr) {
    for (std::size_t r = 0; r < values.size(); ++r) {
      const double divisor = relative_to->values[r];
      values[r] = divisor == 0 ? std::numeric_limits<double>::quiet_NaN() : values[r] / divisor;
    }
  }
  return values;
}

std::vector<double> observed(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  return values;
}

std::vector<double> sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

double statistic_of(Statistic statistic, const std::vector<double>& values) {
  const Summary summary = summarize(values);
  switch (statistic) {
    case Statistic::mean: return summary.mean;
    case Statistic::p05: return summary.p05;
    case Statistic::p50: return summary.p50;
    case Statistic::p95: return summary.p95;
    case Statistic::min: return summary.min;
    case Statistic::max: return summary.max;
  }
  return 0;
}

/// 95 % interval of the mean or of a quantile; empty where the values are too few, and for the extremes.
std::optional<Interval> interval_of(Statistic statistic, const std::vector<double>& values) {
  switch (statistic) {
    case Statistic::mean: return summarize(values).ci95;
    case Statistic::p05: return quantile_interval(sorted(values), 0.05);
    case Statistic::p50: return quantile_interval(sorted(values), 0.50);
    case Statistic::p95: return quantile_interval(sorted(values), 0.95);
    case Statistic::min:
    case Statistic::max: return std::nullopt;
  }
  return std::nullopt;
}

/// Whether one value satisfies the relation.
bool holds(const Objective& objective, double value, double bound, double upper) {
  switch (objective.relation) {
    case Relation::below: return value < bound;
    case Relation::above: return value > bound;
    case Relation::between: return value >= bound && value <= upper;
    case Relation::equals: return std::abs(value - bound) <= upper;
    case Relation::ordering: return false;
  }
  return false;
}

/// An objective on single replications is met when enough of them satisfy it; decided when the Wilson interval of their
/// share lies on one side of the wanted one. A wanted share of 1 can only be refuted, never decided.
void judge_share(ObjectiveResult& result, double wanted, std::uint64_t successes, std::uint64_t n) {
  result.target = wanted;
  result.probability = n > 0 ? static_cast<double>(successes) / static_cast<double>(n) : 0;
  result.met = n > 0 && result.probability >= wanted;
  if (n == 0) {
    result.decided = false;
    return;
  }
  const Interval share = wilson_interval(successes, n);
  result.decided = result.met ? share.low >= wanted : share.high < wanted;
}

/// Differences between one metric and the one before it, where both were observed.
std::vector<double> differences(const Metric& before, const Metric& after) {
  std::vector<double> values = after.values;
  for (std::size_t r = 0; r < values.size(); ++r) values[r] -= before.values[r];
  return observed(std::move(values));
}

/// Without a wanted probability an ordering is one of means: each paired difference is above zero in the mean.
void judge_mean_order(ObjectiveResult& result, const std::vector<const Metric*>& ordered) {
  result.met = true;
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    const Summary difference = summarize(differences(*ordered[i - 1], *ordered[i]));
    const bool rises = difference.n > 0 && difference.mean > 0;
    const bool decided = difference.ci95 && (rises ? difference.ci95->low > 0 : difference.ci95->high < 0);
    // One pair that surely falls settles the whole.
    if (!rises && decided) {
      result.met = false;
      result.decided = true;
      return;
    }
    result.met = result.met && rises;
    result.decided = result.decided && decided;
  }
}

ObjectiveResult judge_ordering(const Objective& objective, const std::vector<Metric>& metrics) {
  ObjectiveResult result;
  result.name = objective.name;
  std::vector<const Metric*> ordered;
  for (const auto& name : objective.metrics) ordered.push_back(find_metric(metrics, name.value));
  std::uint64_t n = 0, successes = 0;
  for (std::size_t r = 0; r < ordered.front()->values.size(); ++r) {
    bool all = true, rising = true;
    for (std::size_t i = 0; i < ordered.size(); ++i) {
      all = all && !std::isnan(ordered[i]->values[r]);
      if (i > 0) rising = rising && ordered[i - 1]->values[r] < ordered[i]->values[r];
    }
    n += all;
    successes += all && rising;
  }
  result.n = n;
  result.measured = ordered.front()->mean;
  result.unit = ordered.front()->unit;
  result.bound = bound_in_words(objective);
  for (const Metric* metric : ordered) result.ordering.push_back(metric->name);
  if (objective.probability) {
    judge_share(result, *objective.probability, successes, n);
    return result;
  }
  result.probability = n > 0 ? static_cast<double>(successes) / static_cast<double>(n) : 0;
  judge_mean_order(result, ordered);
  return result;
}

/// Reports a bound that no share can pass or fail.
void check_share_bound(const Bound& bound, std::string_view metric, config::Diagnostics& diagnostics) {
  if (bound.value >= 0 && bound.value <= 1) return;
  const bool bare = bound.kind == BoundKind::number && bound.value > 1 && bound.value <= 100;
  diagnostics.error(bound.where, fmt::format("{} is a share, which lies between 0% and 100%; found {}", metric, bound.text),
                    bare ? fmt::format("write {}% if that is meant", bound.text) : "");
}

/// Reports the bound if it cannot be compared with what is measured in `unit`.
void check_bound(const Bound& bound, std::string_view metric, std::string_view unit, config::Diagnostics& diagnostics) {
  if (in_unit(bound, unit)) return;
  const std::string measured = unit == "1" ? "plain numbers" : std::string(unit);
  diagnostics.error(bound.where,
                    fmt::format("'{}' is no value of {}, which is measured in {}", bound.text, metric, measured),
                    help_for_bound(bound, unit));
}

}  // namespace

std::optional<double> misses_allowed(const Objective& objective) {
  if (objective.probability) return 1 - *objective.probability;
  // A quantile is below the bound if that share of the values is, and above it if no more than that share is below.
  const bool below = objective.relation == Relation::below;
  switch (objective.statistic) {
    case Statistic::p05: return below ? 0.95 : 0.05;
    case Statistic::p50: return 0.50;
    case Statistic::p95: return below ? 0.05 : 0.95;
    case Statistic::mean:
    case Statistic::min:
    case Statistic::max: return std::nullopt;
  }
  return std::nullopt;
}

bool has_excess(const Objective& objective) {
  if (objective.relation == Relation::ordering) return false;
  if (objective.probability) return true;
  const bool extreme = objective.statistic == Statistic::min || objective.statistic == Statistic::max;
  return !extreme && (objective.relation == Relation::below || objective.relation == Relation::above);
}

std::optional<double> excess(const Objective& objective, double value, std::string_view unit) {
  if (!has_excess(objective)) return std::nullopt;
  const double bound = in_unit(objective.bound, unit).value();
  if (const std::optional<double> allowed = misses_allowed(objective))
    return holds(objective, value, bound, in_unit(objective.upper, unit).value()) ? -*allowed : 1 - *allowed;
  return objective.relation == Relation::below ? value - bound : bound - value;
}

const Metric* find_metric(const std::vector<Metric>& metrics, std::string_view name) {
  const auto it = std::lower_bound(metrics.begin(), metrics.end(), name,
                                   [](const Metric& metric, std::string_view n) { return metric.name < n; });
  return it != metrics.end() && it->name == name ? &*it : nullptr;
}

void check_objectives(const std::vector<Objective>& objectives, const std::vector<MetricValue>& reported,
                      config::Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const MetricValue& metric : reported) names.push_back(metric.name);
  const auto find = [&](const config::Located<std::string>& name) -> const MetricValue* {
    const auto it = std::lower_bound(names.begin(), names.end(), name.value);
    if (it != names.end() && *it == name.value) return &reported[static_cast<std::size_t>(it - names.begin())];
    const std::string help = config::name_help("metric", name.value, names);
    diagnostics.error(name.where, fmt::format("there is no metric '{}'", name.value),
                      help.empty() ? "`fleetsim run --format json` lists all there are" : help);
    return nullptr;
  };
  for (const Objective& objective : objectives) {
    const MetricValue* metric = nullptr;
    for (const auto& name : objective.metrics) metric = find(name);
    const MetricValue* relative_to = objective.relative_to ? find(*objective.relative_to) : nullptr;
    if (metric == nullptr || objective.relation == Relation::ordering) continue;
    if (objective.relative_to && relative_to == nullptr) continue;
    const std::string_view unit = relative_to != nullptr ? "1" : std::string_view{metric->unit};
    check_bound(objective.bound, metric->name, unit, diagnostics);
    check_bound(objective.upper, metric->name, unit, diagnostics);
    if (relative_to != nullptr || !is_share(metric->name, unit)) continue;
    check_share_bound(objective.bound, metric->name, diagnostics);
    if (objective.relation == Relation::between) check_share_bound(objective.upper, metric->name, diagnostics);
  }
}

ObjectiveResult judge(const Objective& objective, const std::vector<Metric>& metrics) {
  ObjectiveResult result;
  result.name = objective.name;
  if (objective.relation == Relation::ordering) return judge_ordering(objective, metrics);

  const Metric* metric = find_metric(metrics, objective.metrics.front().value);
  const Metric* relative_to = objective.relative_to ? find_metric(metrics, objective.relative_to->value) : nullptr;
  const std::string_view unit = relative_to != nullptr ? "1" : std::string_view{metric->unit};
  const double bound = in_unit(objective.bound, unit).value();
  const double upper = in_unit(objective.upper, unit).value();
  const std::vector<double> values = observed(values_of(*metric, relative_to));
  result.bound = bound_in_words(objective);
  result.unit = unit;
  result.n = values.size();
  if (values.empty()) {
    result.decided = false;
    return result;
  }
  const auto successes = static_cast<std::uint64_t>(std::count_if(
      values.begin(), values.end(), [&](double value) { return holds(objective, value, bound, upper); }));
  result.probability = static_cast<double>(successes) / static_cast<double>(values.size());
  result.measured = statistic_of(objective.statistic, values);
  if (objective.probability) {
    judge_share(result, *objective.probability, successes, values.size());
    return result;
  }
  result.met = holds(objective, result.measured, bound, upper);
  const std::optional<Interval> interval = interval_of(objective.statistic, values);
  // The answer stands if both ends of the interval give it.
  result.decided = interval && holds(objective, interval->low, bound, upper) == result.met &&
                   holds(objective, interval->high, bound, upper) == result.met;
  return result;
}

}  // namespace fleetsim::scenario
