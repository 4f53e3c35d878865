#include "fleetsim/sim/experiment/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "fleetsim/sim/summary.hpp"
#include "models/scenario/study/answers.hpp"

namespace fleetsim::scenario {

namespace {

/// The number of each design by its name.
std::map<std::string, std::size_t> numbers_of(const Evidence& evidence) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t d = 0; d < evidence.replications.size(); ++d) numbers.emplace(evidence.designs[d].name, d);
  return numbers;
}

double mean_of(const Evidence& evidence, std::size_t design, std::size_t metric) {
  return summarize(evidence.values(design, metric)).mean;
}

/// From the base to each end of each parameter's values, with common random numbers by paired differences.
std::vector<SensitivityRow> tornado(const Evidence& evidence, std::size_t metric) {
  const StudyPlan& plan = evidence.plan;
  const std::map<std::string, std::size_t> numbers = numbers_of(evidence);
  std::vector<std::string> base;
  for (const Parameter& parameter : plan.parameters) base.push_back(parameter.values[parameter.base].value);
  const std::size_t base_design = numbers.at(make_design(plan, 0, 0, base).name);
  const auto change = [&](std::size_t design) {
    return paired_comparison(evidence, metric, base_design, design).difference;
  };
  std::vector<SensitivityRow> rows;
  for (std::size_t p = 0; p < plan.parameters.size(); ++p) {
    const Parameter& parameter = plan.parameters[p];
    SensitivityRow row{.parameter = parameter.name, .low_value = base[p], .high_value = base[p],
                       .base = base[p], .low_design = base_design, .high_design = base_design};
    std::vector<SensitivityEnd> all;
    std::size_t lowest = parameter.base, highest = parameter.base;
    for (std::size_t v = 0; v < parameter.values.size(); ++v) {
      const std::string& value = parameter.values[v].value;
      if (v == parameter.base) {
        all.push_back({.value = value, .is_base = true});
        continue;
      }
      std::vector<std::string> values = base;
      values[p] = value;
      const std::size_t design = numbers.at(make_design(plan, 0, 0, values).name);
      const Summary difference = change(design);
      all.push_back({.value = value, .change = difference.mean, .interval = difference.ci95});
      if (difference.mean < row.low) {
        row.low = difference.mean;
        row.low_interval = difference.ci95;
        row.low_value = value;
        row.low_design = design;
        lowest = v;
      }
      if (difference.mean > row.high) {
        row.high = difference.mean;
        row.high_interval = difference.ci95;
        row.high_value = value;
        row.high_design = design;
        highest = v;
      }
    }
    // A base between the levels of a range stands last, and is no end.
    const std::size_t last = all.size() - (parameter.base_is_no_level ? 2 : 1);
    for (std::size_t v = 0; v < all.size(); ++v) {
      const bool extreme = v != parameter.base && (v == lowest || v == highest);
      if (v == 0 || v == last || extreme) row.ends.push_back(all[v]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The outputs at the analysis's points, in their order; several points may have been rounded to one design.
std::vector<double> outputs(const Evidence& evidence, const std::vector<std::vector<double>>& points, std::size_t metric) {
  const std::map<std::string, std::size_t> numbers = numbers_of(evidence);
  std::vector<double> means;
  for (const auto& point : points) means.push_back(mean_of(evidence, numbers.at(design_at(evidence.plan, point).name), metric));
  return means;
}

std::vector<SensitivityRow> morris(const Evidence& evidence, const std::vector<std::vector<double>>& points,
                                   std::size_t metric) {
  const StudyPlan& plan = evidence.plan;
  std::vector<std::vector<double>> places;
  for (const auto& point : points) places.push_back(place_of(plan, point));
  const auto effects = experiment::morris_effects(places, outputs(evidence, points, metric), plan.parameters.size());
  std::vector<SensitivityRow> rows;
  for (std::size_t p = 0; p < effects.size(); ++p)
    rows.push_back({.parameter = plan.parameters[p].name, .low = effects[p].mean, .high = effects[p].mean_absolute,
                    .high_interval = effects[p].interval, .spread = effects[p].spread});
  return rows;
}

std::vector<SensitivityRow> sobol(const Evidence& evidence, const std::vector<std::vector<double>>& points,
                                  std::size_t metric) {
  const StudyPlan& plan = evidence.plan;
  Stream stream(plan.seed, 0, "study/sobol-indices/bootstrap");
  const auto indices = experiment::sobol_indices(plan.sensitivity->base_points, plan.parameters.size(),
                                                 outputs(evidence, points, metric), stream);
  std::vector<SensitivityRow> rows;
  for (std::size_t p = 0; p < indices.size(); ++p)
    rows.push_back({.parameter = plan.parameters[p].name, .low = indices[p].first, .high = indices[p].total,
                    .low_interval = indices[p].first_interval, .high_interval = indices[p].total_interval});
  return rows;
}

/// Whether the first row is ahead of another beyond doubt.
bool surely_ahead(const Evidence& evidence, const SensitivityResult& result, std::size_t other) {
  const SensitivityRow &first = result.rows[0], &second = result.rows[other];
  if (result.method != "tornado")
    return first.high_interval && second.high_interval && first.high_interval->low > second.high_interval->high;
  const auto values = [&](std::size_t design) { return evidence.values(design, result.metric); };
  const std::size_t step = evidence.plan.antithetic_pairs ? 2 : 1;
  const std::size_t count = std::min({values(first.low_design).size(), values(first.high_design).size(),
                                      values(second.low_design).size(), values(second.high_design).size()});
  std::vector<double> ahead;
  for (std::size_t k = 0; k + step <= count; k += step) {
    double sum = 0;
    for (std::size_t i = k; i < k + step; ++i)
      sum += values(first.high_design)[i] - values(first.low_design)[i] - values(second.high_design)[i] + values(second.low_design)[i];
    ahead.push_back(sum / static_cast<double>(step));
  }
  const Summary summary = summarize(ahead);
  return summary.ci95 && summary.ci95->low > 0;
}

}  // namespace

std::vector<SensitivityResult> sensitivity_results(const Evidence& evidence) {
  const StudyPlan& plan = evidence.plan;
  if (!plan.sensitivity) return {};
  const SensitivityMethod method = plan.sensitivity->method;
  std::vector<std::vector<double>> points;
  if (method != SensitivityMethod::tornado) points = unit_points(plan);
  std::vector<SensitivityResult> results;
  for (const std::size_t metric : plan.sensitivity->metrics) {
    SensitivityResult result{.metric = metric};
    switch (method) {
      case SensitivityMethod::tornado:
        result.method = "tornado";
        result.rows = tornado(evidence, metric);
        break;
      case SensitivityMethod::morris:
        result.method = "Morris";
        result.rows = morris(evidence, points, metric);
        break;
      case SensitivityMethod::sobol:
        result.method = "Sobol";
        result.rows = sobol(evidence, points, metric);
        break;
    }
    const auto importance = [&](const SensitivityRow& row) {
      return method == SensitivityMethod::tornado ? row.high - row.low : row.high;
    };
    std::stable_sort(result.rows.begin(), result.rows.end(), [&](const SensitivityRow& a, const SensitivityRow& b) {
      return importance(a) > importance(b);
    });
    for (std::size_t row = 1; row < result.rows.size(); ++row)
      if (!surely_ahead(evidence, result, row)) result.rivals.push_back(row);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace fleetsim::scenario
