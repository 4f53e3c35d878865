// Reads one item of `objectives` and puts it into words.

#include <fmt/format.h>

#include "models/scenario/objective.hpp"

namespace fleetsim::scenario {

namespace {

/// A plain number, a percentage, a duration or an amount of money.
bool parse_bound(const std::string& text, Bound& bound) {
  bound.text = text;
  bound.duration = false;
  Ratio ratio;
  Duration duration;
  Usd cost;
  if (config::parse_scalar(text, false, bound.value).ok()) return true;
  if (config::parse_scalar(text, false, ratio).ok()) {
    bound.value = ratio.value;
    return true;
  }
  if (config::parse_scalar(text, false, duration).ok()) {
    bound.value = to_seconds(duration);
    bound.duration = true;
    return true;
  }
  if (config::parse_scalar(text, false, cost).ok()) {
    bound.value = to_usd(cost);
    return true;
  }
  return false;
}

void read_bound(config::Section& in, std::string_view key, std::string_view doc, Bound& bound) {
  std::optional<std::string> text;
  in.optional(key, text).doc(doc);
  if (text && !parse_bound(*text, bound)) {
    in.error(key, fmt::format("{}: cannot read '{}'", key, *text),
             "write a number, a percentage such as 0.1%, a duration such as 45m or an amount such as 4100 USD");
  }
}

std::string metric_in_words(const Objective& objective) {
  std::string words = objective.metrics.empty() ? "" : objective.metrics.front().value;
  if (objective.relative_to) words += " / " + objective.relative_to->value;
  switch (objective.statistic) {
    case Statistic::mean: return words;
    case Statistic::p05: return "5th percentile of " + words;
    case Statistic::p50: return "median of " + words;
    case Statistic::p95: return "95th percentile of " + words;
    case Statistic::min: return "least " + words;
    case Statistic::max: return "greatest " + words;
  }
  return words;
}

std::string in_words(const Objective& objective) {
  std::string words;
  if (objective.relation == Relation::ordering) {
    for (const auto& metric : objective.metrics) words += (words.empty() ? "" : " < ") + metric.value;
  } else {
    words = metric_in_words(objective) + " " + bound_in_words(objective);
  }
  if (objective.probability) words += fmt::format(" with probability {:g}%", *objective.probability * 100);
  return words;
}

}  // namespace

std::string bound_in_words(const Objective& objective) {
  switch (objective.relation) {
    case Relation::below: return "below " + objective.bound.text;
    case Relation::above: return "above " + objective.bound.text;
    case Relation::between: return "between " + objective.bound.text + " and " + objective.upper.text;
    case Relation::equals:
      return "equal to " + objective.bound.text + (objective.upper.value > 0 ? " within " + objective.upper.text : "");
    case Relation::ordering: return "rising";
  }
  return "";
}

Objective read_objective(config::Section& in) {
  Objective objective;
  std::optional<config::Located<std::string>> metric;
  in.optional("name", objective.name).doc("the expectation in words; made from the rest if not given");
  in.optional("metric", metric).doc("name of the metric, as `run` reports it");
  in.optional("relative_to", objective.relative_to)
      .doc("a second metric that the first is divided by, replication by replication");
  in.optional("ordering", objective.metrics).doc("names of metrics that must rise from each to the next: in their means, or with with_probability in each replication");
  in.exactly_one_of({"metric", "ordering"});
  read_bound(in, "below", "the metric is to be below this", objective.bound);
  if (in.has("below")) objective.relation = Relation::below;
  Bound above, equals, low, high;
  read_bound(in, "above", "the metric is to be above this", above);
  read_bound(in, "equals", "the metric is to be this, give or take `within`", equals);
  Bound within{.value = 0, .duration = false, .text = "0"};
  read_bound(in, "within", "tolerance of `equals`", within);
  std::vector<std::string> between;
  in.optional("between", between).doc("the metric is to lie between these two, ends included");
  if (in.has("above")) {
    objective.relation = Relation::above;
    objective.bound = above;
  } else if (in.has("equals")) {
    objective.relation = Relation::equals;
    objective.bound = equals;
    objective.upper = within;
  } else if (in.has("between")) {
    objective.relation = Relation::between;
    if (between.size() != 2 || !parse_bound(between[0], objective.bound) || !parse_bound(between[1], objective.upper)) {
      in.error("between", "between needs two values", "write the lower and the upper end, such as [70%, 75%]");
    } else if (objective.bound.value > objective.upper.value) {
      in.error("between", "the lower end is above the upper end", "write the smaller value first");
    }
  }
  in.optional_choice<Statistic>("statistic", objective.statistic,
                                {{"mean", Statistic::mean}, {"p05", Statistic::p05}, {"p50", Statistic::p50},
                                 {"p95", Statistic::p95}, {"min", Statistic::min}, {"max", Statistic::max}})
      .doc("what of the replications' values is compared, unless with_probability is given");
  std::optional<Ratio> probability;
  in.optional("with_probability", probability)
      .between(Ratio{0}, Ratio{1})
      .doc("share of the replications that must satisfy the objective");
  if (probability) objective.probability = probability->value;

  if (in.has("ordering")) {
    objective.relation = Relation::ordering;
    if (objective.metrics.size() < 2) {
      in.error("ordering", "an ordering needs at least two metrics", "list the metrics in rising order");
    }
    in.at_most_one_of({"ordering", "below"});
  } else {
    if (metric) objective.metrics = {*metric};
    in.exactly_one_of({"below", "above", "equals", "between"});
  }
  if (objective.name.empty()) objective.name = in_words(objective);
  return objective;
}

}  // namespace fleetsim::scenario
