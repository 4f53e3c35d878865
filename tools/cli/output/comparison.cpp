#include "tools/cli/output/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

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

std::vector<std::string> fleets_of(const RunResult& result) {
  std::vector<std::string> fleets;
  for (const GroupSummary& group : result.groups) {
    if (std::find(fleets.begin(), fleets.end(), group.fleet) == fleets.end()) fleets.push_back(group.fleet);
  }
  return fleets;
}

/// All requests offered to the fleets that both have.
double offered(const RunResult& result, const RunResult& base) {
  double sum = 0;
  for (const std::string& fleet : fleets_of(base)) {
    const std::string name = "fleet." + fleet + ".requests_offered";
    const Metric* metric = result.find(name);
    if (metric != nullptr && base.find(name) != nullptr) sum += metric->mean;
  }
  return sum;
}

/// Words about the fleets that only one of the two has.
std::string other_fleets(const std::string& label, const RunResult& result, const RunResult& base) {
  std::string words;
  const auto add = [&](const std::vector<std::string>& fleets, const std::vector<std::string>& others, const char* verb) {
    for (const std::string& fleet : fleets) {
      if (std::find(others.begin(), others.end(), fleet) != others.end()) continue;
      words += fmt::format("{}{} fleet {}", words.empty() ? label + " " : ", ", verb, fleet);
    }
  };
  add(fleets_of(base), fleets_of(result), "lacks");
  add(fleets_of(result), fleets_of(base), "has");
  return words.empty() ? words : words + ": only fleets of one name are compared";
}

}  // namespace

std::vector<std::string> labels_of(const std::vector<ComparedRun>& runs) {
  std::set<std::string> files, names;
  for (const ComparedRun& run : runs) {
    files.insert(run.file);
    names.insert(std::filesystem::path(run.file).stem().string());
  }
  const bool by_path = names.size() < files.size();
  std::vector<std::string> labels;
  std::map<std::string, int> times;
  for (const ComparedRun& run : runs) {
    const std::string label = by_path ? run.file : std::filesystem::path(run.file).stem().string();
    const int time = ++times[label];
    labels.push_back(time == 1 ? label : fmt::format("{} ({})", label, time));
  }
  return labels;
}

std::vector<std::string> comparison_warnings(const std::vector<ComparedRun>& runs) {
  std::vector<std::string> warnings;
  const std::vector<std::string> labels = labels_of(runs);
  const RunResult& base = runs.front().result;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const RunResult& result = runs[i].result;
    if (result.duration != base.duration || result.warm_up != base.warm_up) {
      warnings.push_back(fmt::format("{} is measured over {}, {} over {}: their totals say little.", labels[i],
                                     span_in_words(result.duration - result.warm_up), labels.front(),
                                     span_in_words(base.duration - base.warm_up)));
    } else if (offered(base, base) > 0) {
      const double more = offered(result, base) / offered(base, base) - 1;
      constexpr double noticeable = 1e-4;
      if (std::abs(more) > noticeable) {
        warnings.push_back(fmt::format("{} is offered {:.3g} % {} requests than {}.", labels[i], 100 * std::abs(more),
                                       more > 0 ? "more" : "fewer", labels.front()));
      }
    }
    if (!runs[i].own_settings.empty()) {
      warnings.push_back(fmt::format("{} asks for {}; here it runs as {} does.", labels[i], runs[i].own_settings,
                                     labels.front()));
    }
    if (const std::string words = other_fleets(labels[i], result, base); !words.empty()) warnings.push_back(words + ".");
  }
  return warnings;
}

std::vector<ComparedMetric> compare(const std::vector<ComparedRun>& runs) {
  invariant(runs.size() >= 2, "a comparison has two scenarios or more");
  const std::vector<std::string> fleets = fleets_of(runs.front().result);
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
