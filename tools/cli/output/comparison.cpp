#include "tools/cli/output/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"
#include "tools/cli/output/change.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

/// The half-width falls with the square root of the replications, and must come below the difference.
std::optional<std::uint64_t> more_to_decide(const PairedComparison& comparison) {
  const Summary& difference = comparison.difference;
  if (!comparison.interval || !comparison.interval->contains(0) || difference.mean == 0) return std::nullopt;
  const double times = std::pow(comparison.interval->half_width() / difference.mean, 2);
  const double more = static_cast<double>(difference.n) * times - static_cast<double>(difference.n);
  constexpr double beyond_any_budget = 1e6;
  if (!(more < beyond_any_budget)) return std::nullopt;
  // Two digits: it is a guess.
  const double step = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(more, 1.0))) - 1));
  return static_cast<std::uint64_t>(std::max(1.0, std::ceil(more / step) * step));
}

/// Nothing if a scenario does not have the metric, or no replication observed it.
void add(std::vector<ComparedMetric>& compared, const Comparison& comparison, const std::string& name, std::string label) {
  const std::vector<ComparedRun>& runs = comparison.runs;
  ComparedMetric row{std::move(label), {}};
  const Metric* base = runs.front().result.find(name);
  for (const ComparedRun& run : runs) {
    const Metric* metric = run.result.find(name);
    if (metric == nullptr || metric->n == 0) return;
    ComparedValue value{.run = &run,
                        .metric = metric,
                        .against_base = compare_paired(base->values, metric->values, comparison.confidence),
                        .is_base = &run == &runs.front(),
                        .verdict = {}};
    if (!value.is_base) {
      value.verdict = in_words(value.against_base, shown(*metric).unit);
      if (value.verdict == "not decided") value.more_to_decide = more_to_decide(value.against_base);
    }
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

std::optional<Expectation> parse_expectation(const std::string& text, std::string& problem) {
  const std::size_t equals = text.rfind('=');
  const std::string relation = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (equals == 0 || (relation != "less" && relation != "more")) {
    problem = fmt::format("'{}' is no expectation; write a metric and less or more, such as cost.total=less", text);
    return std::nullopt;
  }
  return Expectation{text.substr(0, equals), relation == "less"};
}

std::vector<std::string> unmet(const Comparison& comparison, const std::vector<Expectation>& expectations) {
  const std::vector<ComparedRun>& runs = comparison.runs;
  std::vector<std::string> sentences;
  const std::vector<std::string> labels = labels_of(runs);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    for (const Expectation& expected : expectations) {
      const Metric* base = runs.front().result.find(expected.metric);
      const Metric* metric = runs[i].result.find(expected.metric);
      const char* relation = expected.less ? "less" : "more";
      if (base == nullptr || metric == nullptr) {
        sentences.push_back(fmt::format("{}: there is no {} to compare.", labels[i], expected.metric));
        continue;
      }
      const std::optional<Interval> interval = compare_paired(base->values, metric->values, comparison.confidence).interval;
      const bool kept = interval && (expected.less ? interval->high < 0 : interval->low > 0);
      if (kept) continue;
      const bool undecided = !interval || interval->contains(0);
      sentences.push_back(fmt::format("{}: {} is not {} than that of {}{}.", labels[i], expected.metric, relation, labels.front(),
                                      undecided ? " as far as this budget can tell" : ""));
    }
    for (const ObjectiveResult& objective : runs[i].result.objectives)
      if (!objective.met) sentences.push_back(fmt::format("{} misses its objective: {}.", labels[i], objective.name));
  }
  return sentences;
}

bool is_decided(const std::vector<ComparedRun>& runs, const std::vector<std::string>& metrics, double confidence) {
  for (const std::string& name : metrics) {
    const Metric* base = runs.front().result.find(name);
    for (std::size_t i = 1; i < runs.size(); ++i) {
      const Metric* metric = runs[i].result.find(name);
      if (base == nullptr || metric == nullptr) continue;
      const PairedComparison comparison = compare_paired(base->values, metric->values, confidence);
      const bool same = comparison.difference.min == 0 && comparison.difference.max == 0;
      if (!same && (!comparison.interval || comparison.interval->contains(0))) return false;
    }
  }
  return true;
}

std::vector<ComparedMetric> compare(const Comparison& comparison) {
  const std::vector<ComparedRun>& runs = comparison.runs;
  invariant(runs.size() >= 2, "a comparison has two scenarios or more");
  const std::vector<std::string> fleets = fleets_of(runs.front().result);
  std::vector<ComparedMetric> compared;
  const bool plans = !runs.front().result.plans.empty();
  add(compared, comparison, "cost.total", plans ? "Cost of the whole run" : "Cost");
  if (plans) {
    for (const auto& [name, of] : {std::pair("cost.protection", "copies of data"), std::pair("cost.standby", "standing by"),
                                   std::pair("cost.failover", "running at a recovery site"), std::pair("cost.drills", "drills")}) {
      const bool any = std::any_of(runs.begin(), runs.end(), [&, name = name](const ComparedRun& run) {
        const Metric* metric = run.result.find(name);
        return metric != nullptr && metric->n > 0 && metric->mean != 0;
      });
      if (any) add(compared, comparison, name, fmt::format("Of it: {}", of));
    }
  }
  for (const std::string& fleet : fleets) {
    add(compared, comparison, "fleet." + fleet + ".drop_fraction", "Fleet " + fleet + ": requests dropped");
    add(compared, comparison, "fleet." + fleet + ".cost_per_million_requests",
        "Fleet " + fleet + ": cost per million requests");
  }
  for (const PlanSummary& plan : runs.front().result.plans) {
    const std::string prefix = "recovery." + plan.name + ".", label = "Plan " + plan.name + ": ";
    add(compared, comparison, prefix + "rpa", label + "age of the data (RPA)");
    add(compared, comparison, prefix + "rpa.p95", label + "95 % of the ages");
    add(compared, comparison, prefix + "rpo_missed_probability", label + "recovery point objective missed");
    add(compared, comparison, prefix + "rta", label + "until users are served (RTA)");
    add(compared, comparison, prefix + "rta.p95", label + "95 % of these times");
    add(compared, comparison, prefix + "rto_missed_probability", label + "recovery time objective missed");
    add(compared, comparison, prefix + "degraded_time", label + "served, but not at full speed");
    add(compared, comparison, prefix + "failed_probability", label + "plan fails");
    add(compared, comparison, prefix + "outage_cost", label + "cost of each outage, in no bill");
  }
  return compared;
}

}  // namespace fleetsim::cli
