#include "models/scenario/study/read.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "models/scenario/study/base.hpp"

namespace fleetsim::scenario {

namespace {

using config::Located;
using config::Section;

/// Names become columns of the store.
constexpr std::size_t metrics_max = 100;

bool is_column_name(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Variant read_variant(const Located<std::string>& name, Section& in) {
  Variant variant{.name = name.value, .where = name.where, .file = {}, .sets = {}};
  in.optional("scenario", variant.file).doc("another scenario file, from the study's folder");
  in.named_values("set", "path", "values that it changes, by their path in the scenario",
                  [&](const Located<std::string>& path, Section& values) {
                    Located<std::string> value;
                    values.required(path.value, value);
                    variant.sets.emplace_back(path.value, value);
                  });
  return variant;
}

/// Reports values that are given twice, in whatever words: each would be run as a design of its own.
void check_repeated(Section& in, const Parameter& parameter) {
  std::map<std::pair<std::string, double>, const Located<std::string>*> amounts;
  std::map<std::string, const Located<std::string>*> texts;
  for (const Located<std::string>& value : parameter.values) {
    const std::optional<Amount> amount = amount_of(value.value);
    const Located<std::string>* first = nullptr;
    if (amount) {
      // Twelve digits, beyond which 82 / 100 and 0.82 may differ.
      const double rounded = std::stod(fmt::format("{:.12g}", amount->value));
      first = amounts.try_emplace({amount->unit, rounded}, &value).first->second;
    } else {
      first = texts.try_emplace(value.value, &value).first->second;
    }
    if (first == &value) continue;
    const std::string again = first->value == value.value ? "is given twice" : fmt::format("is {} once more", first->value);
    in.error_at(value.where, fmt::format("parameter {}: {} {}", parameter.name, value.value, again),
                "leave one of them out: equal values are one design");
  }
}

void read_levels(Section& in, Parameter& parameter) {
  std::optional<Located<std::string>> from, to;
  bool logarithmic = false;
  int levels = 5;
  in.optional("values", parameter.values).doc("the values it takes");
  in.optional("from", from).doc("low end of a range, with its unit");
  in.optional("to", to).doc("high end of the range");
  in.when(in.has("from"), "from is given", [&](Section& of_range) {
    of_range.optional_choice<bool>("scale", logarithmic, {{"linear", false}, {"log", true}});
    of_range.optional("levels", levels).between(2, 10'000).doc("values at equal distances, for a grid");
  });
  in.exactly_one_of({"values", "from"});
  if (in.has("values") && parameter.values.empty()) {
    in.error("values", fmt::format("values of {} are empty", parameter.name), "list one or more, such as [70%, 75%]");
  }
  check_repeated(in, parameter);
  if (from.has_value() != to.has_value()) {
    in.error(from ? "from" : "to", fmt::format("parameter {} has one end of a range, from or to, without the other", parameter.name),
             "give both, such as from: 60%, to: 90%");
  }
  if (!from || !to) return;
  std::string problem;
  parameter.range = ValueRange::parse(from->value, to->value, logarithmic, problem);
  if (!parameter.range) {
    in.error_at(from->where, fmt::format("parameter {}: {}", parameter.name, problem),
                "write two values of one kind, the smaller first, such as from: 60%, to: 90%");
    return;
  }
  for (int level = 0; level < levels; ++level) {
    const std::string value = parameter.range->level(static_cast<std::size_t>(level), static_cast<std::size_t>(levels));
    if (parameter.values.empty() || parameter.values.back().value != value)
      parameter.values.push_back({value, from->where});
  }
  if (!in.has("levels")) return;
  parameter.levels_written = static_cast<std::size_t>(levels);
  if (parameter.values.size() < parameter.levels_written)
    in.warning("levels", fmt::format("parameter {}: between {} and {} there are no {} values, only {}", parameter.name, from->value,
                                     to->value, levels, parameter.values.size()),
               fmt::format("levels: {} says the same", parameter.values.size()));
}

Parameter read_parameter(const Located<std::string>& name, Section& in) {
  Parameter parameter{.name = name.value, .where = name.where, .paths = {}, .values = {}, .range = {}};
  std::optional<Located<std::string>> path, base;
  in.optional("path", path).doc("what it sets in the scenario, as --set has it; its name if not given");
  in.optional("paths", parameter.paths).doc("several that get the same value");
  in.at_most_one_of({"path", "paths"});
  if (path) parameter.paths = {*path};
  if (parameter.paths.empty()) parameter.paths = {name};
  read_levels(in, parameter);
  in.optional("base", base)
      .doc("its value in one_at_a_time and in a tornado; if not given the scenario's own, where that is one of the values or lies in "
           "the range, else the middle one");
  parameter.base = parameter.values.empty() ? 0 : (parameter.values.size() - 1) / 2;
  parameter.base_written = base.has_value();
  if (base && !parameter.values.empty()) {
    const auto found = std::find_if(parameter.values.begin(), parameter.values.end(),
                                    [&](const auto& value) { return is_same_value(value.value, base->value); });
    if (found == parameter.values.end() && parameter.range && !lies_in(*parameter.range, base->value)) {
      const std::string low = parameter.range->at(0), high = parameter.range->at(1);
      in.error_at(base->where, fmt::format("base {} is not in the range of {}, from {} to {}", base->value, parameter.name, low, high),
                  "take a value in the range, or widen it: the base is what its two ends are compared with");
    } else if (found == parameter.values.end() && parameter.range) {
      add_base(parameter, *base);
    } else if (found == parameter.values.end()) {
      in.error("base", fmt::format("base {} is none of the values of {}", base->value, parameter.name), "let it be one of them");
    } else {
      parameter.base = static_cast<std::size_t>(found - parameter.values.begin());
    }
  }
  return parameter;
}

/// The metrics by the names that the study gives them.
class MetricNames {
 public:
  explicit MetricNames(const StudyPlan& plan) {
    for (const StudyMetric& metric : plan.metrics) names_.push_back(metric.column.name);
  }
  /// Reports a name that is none.
  std::size_t find(Section& in, const Located<std::string>& name) const {
    const auto found = std::find(names_.begin(), names_.end(), name.value);
    if (found != names_.end()) return static_cast<std::size_t>(found - names_.begin());
    if (!names_.empty()) {
      in.error_at(name.where, fmt::format("the study has no metric '{}'", name.value),
                  config::name_help("metric", name.value, names_));
    }
    return 0;
  }

 private:
  std::vector<std::string> names_;
};

/// Columns are alike whose names differ in the case of letters only.
std::string lower_case(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return name;
}

/// Reports metrics whose columns would have the same name: those of x and x_p95 have x_p95_low in common.
void check_columns(Section& root, const std::vector<StudyMetric>& metrics) {
  for (const StudyMetric& metric : metrics) {
    const std::string name = lower_case(metric.column.name);
    for (const StudyMetric& other : metrics) {
      if (&other == &metric) continue;
      const std::string others = lower_case(other.column.name);
      if (name == others + "_p95" || (name == others && &metric > &other))
        root.error_at(metric.where, fmt::format("metrics {} and {} would have columns of one name", other.column.name, metric.column.name),
                      "give one of them another name");
    }
  }
}

void read_metrics(Section& root, StudyPlan& plan) {
  const std::set<std::string> reserved{"design", "replication", "replications", "session"};
  root.named_values("metrics", "metric", "what is measured: a name for the answers, and the metric as `run` reports it",
                    [&](const Located<std::string>& name, Section& in) {
                      Located<std::string> source;
                      in.required(name.value, source);
                      StudyMetric metric{.column = {.name = name.value, .source = source.value}, .where = source.where};
                      if (!is_column_name(name.value) || reserved.contains(lower_case(name.value))) {
                        in.error_at(name.where, fmt::format("'{}' cannot name a metric of a study", name.value),
                                    "use letters, digits and '_', and none of design, replication, replications, session");
                      }
                      plan.metrics.push_back(std::move(metric));
                    });
  check_columns(root, plan.metrics);
  // What is there but no mapping, or under a name near to this, is told as that.
  const bool told = (root.has("metrics") && !root.has_section("metrics")) || root.has("metric");
  if (plan.metrics.empty() && !told) {
    root.error("metrics", "a study measures one metric or more", "add metrics: {cost: cost.total}");
  } else if (plan.metrics.size() > metrics_max) {
    root.error("metrics", fmt::format("a study measures {} metrics at most, found {}", metrics_max, plan.metrics.size()));
  }
}

/// An amount above zero, with its unit; empty after an error.
std::optional<Bound> read_amount(Section& in, std::string_view key, const Located<std::string>& text) {
  std::optional<Bound> bound = parse_bound(text.value);
  if (bound && bound->value > 0) {
    bound->where = text.where;
    return bound;
  }
  in.error_at(text.where, fmt::format("{}: cannot read '{}'", key, text.value),
              "write an amount above zero with its unit, such as 0.01%, 2m or 50 USD");
  return std::nullopt;
}

WantedPrecision read_precision(Section& in, const StudyPlan& plan) {
  WantedPrecision wanted;
  Located<std::string> metric;
  std::optional<Ratio> quantile, relative;
  std::optional<Located<std::string>> absolute;
  in.required("metric", metric);
  in.optional("quantile", quantile).between(Ratio{0.001}, Ratio{0.999}).doc("of the replications' values; else their mean");
  in.optional("relative", relative).positive().doc("half of the interval, as a share of the estimate");
  in.optional("absolute", absolute).doc("half of the interval, in the metric's unit");
  in.exactly_one_of({"relative", "absolute"});
  wanted.precision.metric = MetricNames(plan).find(in, metric);
  const std::string of = quantile ? fmt::format("{:g}th percentile of {}", quantile->value * 100, metric.value)
                                  : fmt::format("mean of {}", metric.value);
  if (quantile) wanted.precision.quantile = quantile->value;
  if (relative) {
    wanted.precision.half_width = relative->value;
    wanted.precision.relative = true;
    wanted.words = fmt::format("{} within {:g} %", of, relative->value * 100);
  } else if (absolute) {
    wanted.absolute = read_amount(in, "absolute", *absolute);
    wanted.words = fmt::format("{} within {}", of, absolute->value);
  }
  return wanted;
}

void read_stopping(Section& root, StudyPlan& plan) {
  std::int64_t replications = static_cast<std::int64_t>(plan.replications);
  root.optional("replications", replications)
      .between(std::int64_t{2}, std::int64_t{10'000'000})
      .doc("of each design; the first ones where `until` asks for precision");
  plan.replications = static_cast<std::uint64_t>(replications);
  root.optional_section("until", "replications go on until every design is as precise as this", [&](Section& in) {
    Ratio confidence{plan.confidence};
    std::int64_t at_most = 1000;
    in.optional("confidence", confidence).between(Ratio{0.5}, Ratio{0.9999}).doc("of the intervals");
    in.optional("at_most", at_most).between(std::int64_t{2}, std::int64_t{10'000'000}).doc("replications of a design");
    in.list("precision", plan.precision,
            [&](Section& item, WantedPrecision& wanted) { wanted = read_precision(item, plan); })
        .at_least_count(1);
    plan.confidence = confidence.value;
    plan.at_most = static_cast<std::uint64_t>(at_most);
    if (plan.at_most < plan.replications) {
      in.error("at_most", fmt::format("at_most, {}, is below the replications to begin with, {}", at_most, replications));
    }
  });
}

void read_variance_reduction(Section& root, StudyPlan& plan) {
  root.optional_section("variance_reduction", "narrower intervals from as many replications", [&](Section& in) {
    in.optional("common_random_numbers", plan.common_random_numbers)
        .doc("all designs meet the same chances, so that their differences are theirs");
    in.optional("antithetic_pairs", plan.antithetic_pairs).doc("each second replication draws 1 - u for u");
    in.list("controls", plan.controls, [&](Section& item, StudyControl& control) {
      Located<std::string> metric;
      item.required("metric", metric);
      item.required("mean", control.mean).doc("known, in the metric's unit");
      control.metric = MetricNames(plan).find(item, metric);
    });
  });
}

void read_frontier(Section& root, StudyPlan& plan) {
  root.list("frontier", plan.frontier, [&](Section& in, FrontierAxis& axis) {
    Located<std::string> metric;
    in.required("metric", metric);
    in.optional_choice<Statistic>("statistic", axis.statistic,
                                  {{"mean", Statistic::mean}, {"p05", Statistic::p05}, {"p50", Statistic::p50},
                                   {"p95", Statistic::p95}, {"min", Statistic::min}, {"max", Statistic::max}});
    in.optional("larger_is_better", axis.larger_is_better);
    axis.metric = MetricNames(plan).find(in, metric);
  });
  if (!plan.frontier.empty() && (plan.frontier.size() < 2 || plan.frontier.size() > 3)) {
    root.error("frontier", fmt::format("a frontier is of two or three metrics, found {}", plan.frontier.size()));
  }
}

void read_search(Section& root, StudyPlan& plan) {
  root.optional_section("search", "the design that is best in `minimize` among those that meet the objectives", [&](Section& in) {
    SearchSettings search;
    Ratio probability{search.probability};
    std::optional<Located<std::string>> indifference;
    std::optional<Ratio> tolerance, share_tolerance;
    int first = 10, points = 0, further = 30;
    std::int64_t at_most = 1000;
    in.optional_choice<SearchMethod>("method", search.method,
                                     {{"kn", SearchMethod::kn}, {"ocba", SearchMethod::ocba}, {"surrogate", SearchMethod::surrogate}});
    in.optional("indifference", indifference).doc("least difference that matters, in the unit of what is minimized");
    in.when(search.method != SearchMethod::surrogate, "method is kn or ocba", [&](Section& of_selection) {
      of_selection.optional("probability", probability).between(Ratio{0.5}, Ratio{0.9999}).doc("that the selection is right");
      of_selection.optional("tolerance", tolerance).positive().doc("of an objective on a mean, as a share of its bound; default 1%");
      of_selection.optional("share_tolerance", share_tolerance).positive().doc("of an objective on a share of replications; default 2%");
      of_selection.optional("first", first).between(5, 100'000).doc("replications of each design before anything is decided");
      of_selection.optional("at_most", at_most).between(std::int64_t{5}, std::int64_t{10'000'000}).doc("replications of any design");
    });
    in.when(search.method == SearchMethod::surrogate, "method is surrogate", [&](Section& of_surrogate) {
      of_surrogate.optional("points", points).between(3, 10'000).doc("looked at first, spread evenly; default 4 + 4 for each parameter");
      of_surrogate.optional("further_points", further).between(0, 10'000).doc("looked at after those, where most is to be gained");
    });
    search.probability = probability.value;
    search.first = static_cast<std::uint64_t>(first);
    search.at_most = static_cast<std::uint64_t>(at_most);
    search.points = static_cast<std::size_t>(points);
    search.further_points = static_cast<std::size_t>(further);
    if (search.at_most < search.first)
      in.error("at_most", fmt::format("at_most, {}, is below the replications before anything is decided, {}", at_most, first),
               "raise at_most, or lower first");
    if (tolerance) search.tolerance = tolerance->value;
    if (share_tolerance) search.share_tolerance = share_tolerance->value;
    if (indifference) {
      search.indifference_written = read_amount(in, "indifference", *indifference);
    } else if (search.method == SearchMethod::kn) {
      in.error("indifference", "indifference is missing: KN needs the least difference that matters",
               "add it in the unit of what is minimized, such as indifference: 100 USD");
    }
    plan.search = search;
  });
}

void read_sensitivity(Section& root, StudyPlan& plan) {
  root.optional_section("sensitivity", "which parameters move the metrics, and by how much", [&](Section& in) {
    SensitivitySettings sensitivity;
    std::vector<Located<std::string>> metrics;
    int trajectories = 10, base_points = 64;
    in.optional_choice<SensitivityMethod>("method", sensitivity.method,
                                          {{"tornado", SensitivityMethod::tornado}, {"morris", SensitivityMethod::morris},
                                           {"sobol", SensitivityMethod::sobol}});
    in.optional("metrics", metrics).doc("those looked at; all if not given");
    in.when(sensitivity.method == SensitivityMethod::morris, "method is morris", [&](Section& of_morris) {
      of_morris.optional("trajectories", trajectories).between(2, 10'000);
    });
    in.when(sensitivity.method == SensitivityMethod::sobol, "method is sobol", [&](Section& of_sobol) {
      // The first points of the sequence's two halves go together: below 32 an input may not be varied at all.
      of_sobol.optional("base_points", base_points).between(32, 1'000'000).doc("a power of two spreads them best");
    });
    sensitivity.trajectories = static_cast<std::size_t>(trajectories);
    sensitivity.base_points = static_cast<std::size_t>(base_points);
    for (const auto& metric : metrics) sensitivity.metrics.push_back(MetricNames(plan).find(in, metric));
    if (metrics.empty())
      for (std::size_t m = 0; m < plan.metrics.size(); ++m) sensitivity.metrics.push_back(m);
    plan.sensitivity = sensitivity;
  });
}

void read_design(Section& root, StudyPlan& plan) {
  root.optional_section("design", "which combinations of the parameters' values are run", [&](Section& in) {
    in.optional_choice<DesignKind>("kind", plan.design,
                                   {{"grid", DesignKind::grid}, {"one_at_a_time", DesignKind::one_at_a_time},
                                    {"latin_hypercube", DesignKind::latin_hypercube}, {"sobol", DesignKind::sobol}});
    const bool spread = plan.design == DesignKind::latin_hypercube || plan.design == DesignKind::sobol;
    std::int64_t points = 0;
    in.when(spread, "kind is latin_hypercube or sobol", [&](Section& of_points) {
      of_points.required("points", points).between(std::int64_t{1}, std::int64_t{100'000'000});
    });
    plan.points = static_cast<std::size_t>(points);
  });
}

/// Objectives name metrics as the study does; the rest of the program knows them by their names in the scenario.
void resolve_objectives(Section& root, StudyPlan& plan) {
  const auto resolve = [&](config::Located<std::string>& name) {
    for (const StudyMetric& metric : plan.metrics) {
      if (metric.column.source == name.value) return;
    }
    name.value = plan.metrics.empty() ? name.value : plan.metrics[MetricNames(plan).find(root, name)].column.source;
  };
  for (Objective& objective : plan.objectives) {
    for (auto& metric : objective.metrics) resolve(metric);
    if (objective.relative_to) resolve(*objective.relative_to);
  }
}

}  // namespace

StudyText read_study(Section& root, StudyPlan& plan) {
  StudyText text;
  std::string description;
  root.required("name", plan.name).doc("what the study asks, in a few words");
  root.optional("description", description).doc("what to expect, for readers");
  root.optional("scenario", text.scenario).doc("the scenario file, from the study's folder");
  std::optional<std::int64_t> seed;
  root.optional("seed", seed).not_negative().doc("of all random numbers; the scenario's if not given");
  if (seed) plan.seed = static_cast<std::uint64_t>(*seed);
  root.named_values("set", "path", "values that are changed in every design",
                    [&](const Located<std::string>& path, Section& in) {
                      std::string value;
                      in.required(path.value, value);
                      plan.sets.push_back(path.value + "=" + value);
                      plan.set_places.emplace_back(path.value, path.where);
                    });
  read_metrics(root, plan);
  root.named("designs", "design", "alternatives with names of their own",
             [&](const Located<std::string>& name, Section& in) { plan.variants.push_back(read_variant(name, in)); });
  root.named("worlds", "world", "circumstances in which every design is run",
             [&](const Located<std::string>& name, Section& in) { plan.worlds.push_back(read_variant(name, in)); });
  root.named("parameters", "parameter", "values of the scenario that are varied",
             [&](const Located<std::string>& name, Section& in) {
               if (name.value == "design" || name.value == "world" || name.value == "replications") {
                 in.error_at(name.where, fmt::format("a parameter cannot be called {}", name.value), "give it another name, and the path in path:");
               }
               plan.parameters.push_back(read_parameter(name, in));
             });
  read_design(root, plan);
  read_stopping(root, plan);
  read_variance_reduction(root, plan);
  root.list("objectives", plan.objectives, [](Section& in, Objective& objective) { objective = read_objective(in); })
      .doc("what a design is expected to keep to; metrics by their names in the study");
  resolve_objectives(root, plan);
  root.optional("minimize", text.minimize).doc("the metric by which designs are ranked; the first if not given");
  if (text.minimize) plan.minimize = MetricNames(plan).find(root, *text.minimize);
  read_frontier(root, plan);
  read_search(root, plan);
  read_sensitivity(root, plan);
  root.at_most_one_of({"search", "sensitivity"});
  return text;
}

}  // namespace fleetsim::scenario
