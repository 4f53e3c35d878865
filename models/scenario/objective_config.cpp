// Reads one item of `objectives` and puts it into words.

#include <fmt/format.h>

#include "models/scenario/objective.hpp"

namespace fleetsim::scenario {

namespace {

bool read_bound_text(const std::string& text, Bound& bound) {
  bound.text = text;
  bound.kind = BoundKind::number;
  Ratio ratio;
  Duration duration;
  Usd cost;
  if (config::parse_scalar(text, false, bound.value).ok()) return true;
  if (config::parse_scalar(text, false, ratio).ok()) {
    bound.value = ratio.value;
    bound.kind = BoundKind::percentage;
    return true;
  }
  if (config::parse_scalar(text, false, duration).ok()) {
    bound.value = to_seconds(duration);
    bound.kind = BoundKind::duration;
    return true;
  }
  if (config::parse_scalar(text, false, cost).ok()) {
    bound.value = to_usd(cost);
    bound.kind = BoundKind::money;
    return true;
  }
  return false;
}

/// Reports a bound that cannot be read.
bool check_bound(config::Section& in, std::string_view key, const config::Located<std::string>& text, Bound& bound) {
  bound.where = text.where;
  if (read_bound_text(text.value, bound)) return true;
  in.error_at(text.where, fmt::format("{}: cannot read '{}'", key, text.value),
              "write a number, a percentage such as 0.1%, a duration such as 45m or an amount such as 4100 USD");
  return false;
}

void read_bound(config::Section& in, std::string_view key, std::string_view doc, Bound& bound) {
  std::optional<config::Located<std::string>> text;
  in.optional(key, text).doc(doc);
  if (text) check_bound(in, key, *text, bound);
}

/// Reads what is particular to an objective on one metric. How it is compared is for read_relation.
void read_metric(config::Section& in, Objective& objective) {
  in.optional("relative_to", objective.relative_to)
      .doc("a second metric that the first is divided by, replication by replication");
  in.when(!in.has("with_probability"), "with_probability is not given", [&](config::Section& of_summary) {
    of_summary.optional_choice<Statistic>("statistic", objective.statistic,
                                          {{"mean", Statistic::mean}, {"p05", Statistic::p05}, {"p50", Statistic::p50},
                                           {"p95", Statistic::p95}, {"min", Statistic::min}, {"max", Statistic::max}})
        .doc("what of the replications' values is compared");
  });
}

void read_between(config::Section& in, Objective& objective) {
  std::vector<config::Located<std::string>> ends;
  const bool given =
      in.optional("between", ends).doc("the metric is to lie between these two, ends included").given();
  if (!given) return;
  if (ends.size() != 2) {
    in.error("between", fmt::format("between: found {} value{}, expected 2", ends.size(), ends.size() == 1 ? "" : "s"),
             "write the lower and the upper end, such as [70%, 75%]");
    return;
  }
  const bool low = check_bound(in, "between", ends[0], objective.bound);
  const bool high = check_bound(in, "between", ends[1], objective.upper);
  if (low && high && objective.bound.value > objective.upper.value) {
    in.error("between", fmt::format("between: the lower end, {}, is above the upper end, {}", ends[0].value,
                                    ends[1].value),
             "write the smaller value first");
  }
}

/// One of below, above, equals and between.
void read_relation(config::Section& in, Objective& objective) {
  Bound below, above, equals;
  read_bound(in, "below", "the metric is to be below this", below);
  read_bound(in, "above", "the metric is to be above this", above);
  read_bound(in, "equals", "the metric is to be this, give or take `within`", equals);
  Bound within{.value = 0, .kind = BoundKind::number, .text = "0", .where = {}};
  in.when(in.has("equals"), "equals is given", [&](config::Section& of_equals) {
    read_bound(of_equals, "within", "tolerance; default 0", within);
    if (within.value < 0) of_equals.error("within", fmt::format("within: {} is below zero", within.text));
  });
  if (in.has("below")) {
    objective.relation = Relation::below;
    objective.bound = below;
  } else if (in.has("above")) {
    objective.relation = Relation::above;
    objective.bound = above;
  } else if (in.has("equals")) {
    objective.relation = Relation::equals;
    objective.bound = equals;
    objective.upper = within;
  } else {
    objective.relation = Relation::between;
  }
  read_between(in, objective);
  in.exactly_one_of({"below", "above", "equals", "between"});
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

std::optional<Bound> parse_bound(const std::string& text) {
  Bound bound;
  if (!read_bound_text(text, bound)) return std::nullopt;
  return bound;
}

std::string bound_in_words(const Objective& objective) {
  const bool share = !objective.relative_to && !objective.metrics.empty() && is_share(objective.metrics.front().value, "1");
  const auto words = [&](const Bound& bound) {
    const bool bare = share && bound.kind == BoundKind::number && bound.value != 0;
    return bare ? fmt::format("{} ({:.6g}%)", bound.text, bound.value * 100) : bound.text;
  };
  switch (objective.relation) {
    case Relation::below: return "below " + words(objective.bound);
    case Relation::above: return "above " + words(objective.bound);
    case Relation::between: return "between " + words(objective.bound) + " and " + words(objective.upper);
    case Relation::equals:
      return "equal to " + words(objective.bound) + (objective.upper.value > 0 ? " within " + words(objective.upper) : "");
    case Relation::ordering: return "rising";
  }
  return "";
}

Objective read_objective(config::Section& in) {
  Objective objective;
  std::optional<config::Located<std::string>> metric;
  in.optional("name", objective.name).doc("the expectation in words; made from the rest if not given");
  in.optional("metric", metric).doc("name of the metric, as `run` reports it; compared by one of below, above, equals and between");
  const bool ordered =
      in.optional("ordering", objective.metrics)
          .doc("names of metrics that must rise from each to the next: in their means, or with with_probability in each "
               "replication")
          .given();
  in.exactly_one_of({"metric", "ordering"});
  in.when(in.has("metric") || !in.has("ordering"), "metric is given", [&](config::Section& of_metric) {
    read_metric(of_metric, objective);
    read_relation(of_metric, objective);
  });
  std::optional<Ratio> probability;
  in.optional("with_probability", probability)
      .between(Ratio{0}, Ratio{1})
      .doc("share of the replications that must satisfy the objective");
  if (probability) objective.probability = probability->value;

  if (in.has("ordering")) {
    objective.relation = Relation::ordering;
    if (ordered && objective.metrics.size() < 2) {
      in.error("ordering", fmt::format("ordering: at least 2 metrics are needed, found {}", objective.metrics.size()),
               "list the metrics in rising order");
    }
  } else if (metric) {
    objective.metrics = {*metric};
  }
  if (objective.name.empty()) objective.name = in_words(objective);
  return objective;
}

}  // namespace fleetsim::scenario
