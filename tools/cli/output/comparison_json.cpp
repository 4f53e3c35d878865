#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/cli/output/comparison.hpp"

namespace fleetsim::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json interval(std::optional<double> low, std::optional<double> high) {
  return low && high ? Json::array({*low, *high}) : Json(nullptr);
}

Json interval(const std::optional<Interval>& of) { return of ? Json::array({of->low, of->high}) : Json(nullptr); }

Json to_json(const ComparedValue& value) {
  const Metric& metric = *value.metric;
  Json json{{"metric", metric.name}, {"unit", metric.unit}, {"file", value.run->file},
            {"mean", metric.mean}, {"ci95", interval(metric.ci95_low, metric.ci95_high)}, {"n", metric.n}};
  if (value.is_base) return json;
  const PairedComparison& against = value.against_base;
  json["difference"] = {{"mean", against.difference.mean},
                        {"interval", interval(against.interval)},
                        {"n", against.difference.n},
                        {"variance_reduction", against.variance_reduction}};
  json["change"] = {{"mean", against.relative.mean}, {"interval", interval(against.relative.interval)}};
  json["verdict"] = value.verdict;
  if (value.more_to_decide) json["more_replications_to_decide"] = *value.more_to_decide;
  return json;
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  const std::vector<ComparedRun>& runs = comparison.runs;
  const RunResult& base = runs.front().result;
  std::string scenarios, metrics, warnings, unmet;  // one element a line, so that two results can be compared line by line
  const auto add = [](std::string& lines, const Json& json) {
    lines += (lines.empty() ? "\n    " : ",\n    ") + dump(json);
  };
  for (const ComparedRun& run : runs) {
    add(scenarios, {{"file", run.file},
                    {"scenario", run.result.scenario},
                    {"fingerprint", fmt::format("{:016x}", run.result.fingerprint)}});
  }
  for (const ComparedMetric& compared : compare(comparison)) {
    for (const ComparedValue& value : compared.values) add(metrics, to_json(value));
  }
  for (const std::string& warning : comparison_warnings(runs)) add(warnings, Json(warning));
  for (const std::string& sentence : comparison.unmet) add(unmet, Json(sentence));
  const auto list = [](const std::string& lines) { return lines.empty() ? lines : lines + "\n  "; };
  return fmt::format("{{\n  \"fleetsim\": {},\n  \"seed\": {},\n  \"replications\": {},\n"
                     "  \"confidence\": {},\n"
                     "  \"scenarios\": [{}\n  ],\n  \"metrics\": [{}\n  ],\n  \"warnings\": [{}],\n  \"unmet\": [{}]\n}}\n",
                     dump(base.version), base.seed, base.replications, comparison.confidence, scenarios, metrics,
                     list(warnings), list(unmet));
}

}  // namespace fleetsim::cli
