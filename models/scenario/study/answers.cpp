#include "models/scenario/study/answers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/sim/summary.hpp"

namespace fleetsim {

bool StudyDesignResult::surely_meets() const {
  return std::all_of(objectives.begin(), objectives.end(),
                     [](const ObjectiveResult& objective) { return objective.met && objective.decided; });
}

bool StudyDesignResult::may_meet() const {
  return std::all_of(objectives.begin(), objectives.end(),
                     [](const ObjectiveResult& objective) { return objective.met || !objective.decided; });
}

}  // namespace fleetsim

namespace fleetsim::scenario {

namespace {

std::string setting_of(const experiment::Design& design, const std::string& name) {
  for (const experiment::Setting& setting : design.settings)
    if (setting.name == name) return setting.value;
  return "";
}

/// The design's metrics as a run would report them, for its objectives. Of antithetic pairs, which depend on each other,
/// the pairs' means for an objective on a mean, else one of each.
std::vector<Metric> as_run_metrics(const Evidence& evidence, std::size_t design, bool for_mean) {
  std::vector<Metric> metrics;
  const std::size_t step = evidence.plan.antithetic_pairs ? 2 : 1;
  for (std::size_t m = 0; m < evidence.plan.metrics.size(); ++m) {
    const std::span<const double> values = evidence.values(design, m);
    Metric metric;
    metric.name = evidence.plan.metrics[m].column.source;
    metric.unit = evidence.plan.metrics[m].column.unit;
    for (std::size_t k = 0; k + step <= values.size(); k += step)
      metric.values.push_back(for_mean ? (values[k] + values[k + step - 1]) / 2 : values[k]);
    const Summary summary = summarize(metric.values);
    metric.mean = summary.mean;
    metric.n = summary.n;
    metrics.push_back(std::move(metric));
  }
  std::sort(metrics.begin(), metrics.end(), [](const Metric& a, const Metric& b) { return a.name < b.name; });
  return metrics;
}

/// So many times an amount, in the unit that it is written in; where that is not a number and one unit, in the metric's own.
std::string in_terms_of(const Bound& wanted, double times, double amount, const std::string& unit) {
  double number = 0;
  const auto [end, error] = std::from_chars(wanted.text.data(), wanted.text.data() + wanted.text.size(), number);
  const std::string rest = wanted.text.substr(static_cast<std::size_t>(end - wanted.text.data()));
  if (error == std::errc{} && rest.find_first_of("0123456789.,") == std::string::npos) {
    const std::string shown = fmt::format("{:.3g}", number * times);
    return rest == "%" ? shown + " %" : shown + rest;
  }
  return fmt::format("{:.3g}{}", amount, unit == "1" ? "" : " " + unit);
}

}  // namespace

PairedComparison paired_comparison(const Evidence& evidence, std::size_t metric, std::size_t from, std::size_t to) {
  const std::uint64_t both = std::min(evidence.replications[from], evidence.replications[to]);
  const std::size_t step = evidence.plan.antithetic_pairs ? 2 : 1;
  const auto observations = [&](std::size_t design) {
    const std::span<const double> values = evidence.values(design, metric);
    std::vector<double> means;
    for (std::size_t k = 0; k + step <= both; k += step) means.push_back((values[k] + values[k + step - 1]) / 2);
    return means;
  };
  return compare_paired(observations(from), observations(to));
}

experiment::EstimateOptions Evidence::estimate_options(std::size_t design) const {
  experiment::EstimateOptions options{.coverage = 0.95, .antithetic_pairs = plan.antithetic_pairs};
  for (const StudyControl& control : plan.controls) options.controls.push_back({values(design, control.metric), control.mean});
  return options;
}

std::vector<StudyDesignResult> design_results(const Evidence& evidence) {
  const StudyPlan& plan = evidence.plan;
  std::vector<StudyDesignResult> results;
  // The first design of each world is what the others there are compared with.
  std::vector<std::pair<std::string, std::size_t>> first;
  for (std::size_t d = 0; d < evidence.replications.size(); ++d) {
    StudyDesignResult result{.name = evidence.designs[d].name, .settings = evidence.designs[d].settings,
                             .world = setting_of(evidence.designs[d], "world"), .replications = evidence.replications[d]};
    if (result.replications == 0) {
      results.push_back(std::move(result));
      continue;
    }
    const auto found = std::find_if(first.begin(), first.end(), [&](const auto& entry) { return entry.first == result.world; });
    std::optional<std::size_t> base;
    if (found != first.end()) base = found->second;
    else first.emplace_back(result.world, d);
    for (std::size_t m = 0; m < plan.metrics.size(); ++m) {
      StudyMetricResult metric;
      metric.plain = experiment::statistics_of(evidence.values(d, m), plan.antithetic_pairs);
      experiment::EstimateOptions options = evidence.estimate_options(d);
      std::erase_if(options.controls, [&](const experiment::Control& control) {
        return control.values.data() == evidence.values(d, m).data();  // a control of itself has no news
      });
      metric.estimate = experiment::estimate_mean(evidence.values(d, m), options);
      if (base) metric.against_first = paired_comparison(evidence, m, *base, d);
      result.metrics.push_back(std::move(metric));
    }
    if (!plan.objectives.empty()) {
      const std::vector<Metric> means = as_run_metrics(evidence, d, true), singles = as_run_metrics(evidence, d, false);
      for (const Objective& objective : plan.objectives) {
        const bool on_mean = !misses_allowed(objective) && objective.statistic == Statistic::mean;
        result.objectives.push_back(judge(objective, on_mean ? means : singles));
        result.meets_all = result.meets_all && result.objectives.back().met;
      }
    }
    results.push_back(std::move(result));
  }
  if (!plan.frontier.empty()) mark_frontier(evidence, results);
  return results;
}

void compare_with_chosen(const Evidence& evidence, std::size_t chosen, std::vector<StudyDesignResult>& results) {
  for (std::size_t d = 0; d < results.size(); ++d)
    for (std::size_t m = 0; d != chosen && m < results[d].metrics.size(); ++m)
      results[d].metrics[m].against_chosen = paired_comparison(evidence, m, chosen, d);
}

std::optional<std::size_t> best_meeting(const Evidence& evidence, const std::vector<StudyDesignResult>& results) {
  const std::size_t metric = evidence.plan.minimize;
  const auto mean = [&](std::size_t d) { return results[d].metrics[metric].plain.mean; };
  std::optional<std::size_t> best;
  for (std::size_t d = 0; d < results.size(); ++d) {
    if (results[d].metrics.empty() || results[d].objectives.empty() || !results[d].meets_all || std::isnan(mean(d))) continue;
    if (!best || mean(d) < mean(*best)) best = d;
  }
  return best;
}

std::optional<std::size_t> best_undecided(const Evidence& evidence, const SearchResult& search,
                                          const std::vector<StudyDesignResult>& results) {
  std::optional<std::size_t> best;
  if (search.best && results[*search.best].meets_all) best = search.best;
  for (const std::size_t d : search.survivors) {
    if (results[d].metrics.empty() || !results[d].surely_meets()) continue;
    if (!best || paired_comparison(evidence, evidence.plan.minimize, *best, d).difference.mean < 0) best = d;
  }
  return best ? best : search.best;
}

std::vector<PrecisionResult> precision_results(const Evidence& evidence) {
  std::vector<PrecisionResult> results;
  for (const WantedPrecision& wanted : evidence.plan.precision) {
    PrecisionResult result{.what = wanted.words, .reached = true, .at_most = evidence.plan.at_most};
    const experiment::MetricColumn& column = evidence.plan.metrics[wanted.precision.metric].column;
    double farthest = -1;
    for (std::size_t d = 0; d < evidence.replications.size(); ++d) {
      if (evidence.replications[d] == 0) continue;
      experiment::EstimateOptions options = evidence.estimate_options(d);
      options.coverage = evidence.plan.confidence;
      const std::span<const double> values = evidence.values(d, wanted.precision.metric);
      const experiment::Attained found = experiment::attained(wanted.precision, values, options);
      const double distance = found.half_width ? *found.half_width / wanted.precision.half_width
                                               : std::numeric_limits<double>::infinity();
      result.reached = result.reached && found.reached;
      if (!(distance > farthest)) continue;
      farthest = distance;
      result.worst = evidence.designs[d].name;
      result.needed = experiment::replications_for(wanted.precision, values, options);
      result.half_width = !found.half_width              ? ""
                          : wanted.precision.relative    ? fmt::format("{:.3g} %", *found.half_width * 100)
                                                         : in_terms_of(*wanted.absolute, distance, *found.half_width, column.unit);
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<WorldResult> world_results(const Evidence& evidence, const std::vector<StudyDesignResult>& results) {
  const std::size_t metric = evidence.plan.minimize;
  const auto mean = [&](std::size_t d) { return results[d].metrics[metric].plain.mean; };
  std::vector<WorldResult> worlds;
  for (const Variant& variant : evidence.plan.worlds) {
    WorldResult world{.world = variant.name};
    std::vector<std::size_t> here;
    for (std::size_t d = 0; d < results.size(); ++d)
      if (results[d].world == variant.name && !results[d].metrics.empty() && results[d].metrics[metric].plain.n > 0)
        here.push_back(d);
    if (here.empty()) continue;
    std::stable_sort(here.begin(), here.end(), [&](std::size_t a, std::size_t b) { return mean(a) < mean(b); });
    std::vector<std::size_t> meeting;
    for (const std::size_t d : here)
      if (results[d].meets_all) meeting.push_back(d);
    world.any_meets = !meeting.empty();
    const std::vector<std::size_t>& ranked = world.any_meets ? meeting : here;
    world.best = ranked.front();
    if (ranked.size() > 1) {
      world.second = ranked[1];
      const Summary gap = paired_comparison(evidence, metric, ranked[0], ranked[1]).difference;
      world.gap = gap.mean;
      world.gap_interval = gap.ci95;
    }
    world.decided = results[world.best].surely_meets() && std::all_of(here.begin(), here.end(), [&](std::size_t d) {
      if (d == world.best || !results[d].may_meet()) return true;
      const auto ahead = paired_comparison(evidence, metric, world.best, d).interval;
      return ahead && ahead->low > 0;
    });
    worlds.push_back(std::move(world));
  }
  return worlds;
}

}  // namespace fleetsim::scenario
