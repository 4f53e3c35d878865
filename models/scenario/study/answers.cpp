#include "models/scenario/study/answers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/sim/experiment/frontier.hpp"
#include "fleetsim/sim/summary.hpp"

namespace fleetsim::scenario {

namespace {

std::string setting_of(const experiment::Design& design, const std::string& name) {
  for (const experiment::Setting& setting : design.settings)
    if (setting.name == name) return setting.value;
  return "";
}

/// The design's metrics as a run would report them, for its objectives.
std::vector<Metric> as_run_metrics(const Evidence& evidence, std::size_t design) {
  std::vector<Metric> metrics;
  for (std::size_t m = 0; m < evidence.plan.metrics.size(); ++m) {
    const std::span<const double> values = evidence.values(design, m);
    const Summary summary = summarize(values);
    Metric metric;
    metric.name = evidence.plan.metrics[m].column.source;
    metric.unit = evidence.plan.metrics[m].column.unit;
    metric.mean = summary.mean;
    metric.n = summary.n;
    metric.values.assign(values.begin(), values.end());
    metrics.push_back(std::move(metric));
  }
  std::sort(metrics.begin(), metrics.end(), [](const Metric& a, const Metric& b) { return a.name < b.name; });
  return metrics;
}

double statistic_of(const experiment::Statistics& statistics, Statistic which) {
  switch (which) {
    case Statistic::mean: return statistics.mean;
    case Statistic::p05: return statistics.p05;
    case Statistic::p50: return statistics.p50;
    case Statistic::p95: return statistics.p95;
    case Statistic::min: return statistics.min;
    case Statistic::max: return statistics.max;
  }
  return 0;
}

/// Of two designs, replication by replication as far as both go; over pairs where the replications are antithetic.
Summary difference(const Evidence& evidence, std::size_t metric, std::size_t from, std::size_t to) {
  const std::uint64_t both = std::min(evidence.replications[from], evidence.replications[to]);
  const std::span<const double> a = evidence.values(from, metric).subspan(0, both);
  const std::span<const double> b = evidence.values(to, metric).subspan(0, both);
  const std::size_t step = evidence.plan.antithetic_pairs ? 2 : 1;
  std::vector<double> differences;
  for (std::size_t k = 0; k + step <= both; k += step) {
    double sum = 0;
    for (std::size_t i = k; i < k + step; ++i) sum += b[i] - a[i];
    differences.push_back(sum / static_cast<double>(step));
  }
  return summarize(differences);
}

void mark_dominated(const Evidence& evidence, std::vector<StudyDesignResult>& results) {
  // Within each world: a design is not dominated by one in better circumstances.
  std::vector<std::string> worlds;
  for (const StudyDesignResult& result : results)
    if (std::find(worlds.begin(), worlds.end(), result.world) == worlds.end()) worlds.push_back(result.world);
  for (const std::string& world : worlds) {
    std::vector<std::size_t> here;
    std::vector<std::vector<double>> means;
    for (std::size_t d = 0; d < results.size(); ++d) {
      if (results[d].world != world || results[d].metrics.empty()) continue;
      here.push_back(d);
      means.emplace_back();
      for (const FrontierAxis& axis : evidence.plan.frontier) {
        const double value = statistic_of(results[d].metrics[axis.metric].plain, axis.statistic);
        means.back().push_back(axis.larger_is_better ? -value : value);
      }
    }
    const auto dominated = experiment::dominated_by(means);
    for (std::size_t i = 0; i < here.size(); ++i)
      if (dominated[i]) results[here[i]].dominated_by = results[here[*dominated[i]]].name;
  }
}

}  // namespace

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
      if (base) {
        const Summary against = difference(evidence, m, *base, d);
        metric.difference = against.mean;
        metric.against_first = against.ci95;
      }
      result.metrics.push_back(std::move(metric));
    }
    if (!plan.objectives.empty()) {
      const std::vector<Metric> metrics = as_run_metrics(evidence, d);
      for (const Objective& objective : plan.objectives) {
        result.objectives.push_back(judge(objective, metrics));
        result.meets_all = result.meets_all && result.objectives.back().met;
      }
    }
    results.push_back(std::move(result));
  }
  if (!plan.frontier.empty()) mark_dominated(evidence, results);
  return results;
}

std::vector<PrecisionResult> precision_results(const Evidence& evidence) {
  std::vector<PrecisionResult> results;
  for (const WantedPrecision& wanted : evidence.plan.precision) {
    PrecisionResult result{.what = wanted.words, .reached = true};
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
                                                         : fmt::format("{:.3g}", *found.half_width);
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<WorldResult> world_results(const Evidence& evidence, const std::vector<StudyDesignResult>& results) {
  const std::size_t metric = evidence.plan.minimize;
  std::vector<WorldResult> worlds;
  for (const Variant& variant : evidence.plan.worlds) {
    WorldResult world{.world = variant.name};
    std::vector<std::size_t> here;
    for (std::size_t d = 0; d < results.size(); ++d)
      if (results[d].world == variant.name && !results[d].metrics.empty() && results[d].metrics[metric].plain.n > 0)
        here.push_back(d);
    if (here.empty()) continue;
    std::vector<std::size_t> meeting;
    for (const std::size_t d : here)
      if (results[d].meets_all) meeting.push_back(d);
    world.any_meets = !meeting.empty();
    if (world.any_meets) here = meeting;
    const auto mean = [&](std::size_t d) { return results[d].metrics[metric].plain.mean; };
    std::stable_sort(here.begin(), here.end(), [&](std::size_t a, std::size_t b) { return mean(a) < mean(b); });
    world.best = here.front();
    if (here.size() > 1) {
      world.second = here[1];
      const Summary gap = difference(evidence, metric, here[0], here[1]);
      world.gap = gap.mean;
      world.gap_interval = gap.ci95;
      world.decided = gap.ci95 && gap.ci95->low > 0;
    } else {
      world.decided = true;
    }
    worlds.push_back(std::move(world));
  }
  return worlds;
}

}  // namespace fleetsim::scenario
