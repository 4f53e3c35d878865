#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/cli/bench/suite.hpp"

namespace fleetsim::cli::bench {

namespace {
std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }
/// The shortest form that reads back as the same value.
std::string number(double value) { return fmt::format("{}", value); }
}  // namespace

std::string to_json(const Baseline& baseline) {
  std::string text = fmt::format(
      "{{\"fleetsim_baseline\": 1, \"fleetsim\": {},\n\"build\": {}, \"processor\": {}, \"cases\": {{",
      quoted(baseline.version), quoted(baseline.build), quoted(baseline.processor));
  const char* next_case = "\n";
  for (const auto& [name, recorded] : baseline.cases) {
    text += fmt::format("{}{}: {{\n  \"seed\": \"{}\", \"replications\": {}, \"fingerprint\": {}", next_case,
                        quoted(name), recorded.seed, recorded.replications, quoted(recorded.fingerprint));
    if (recorded.loops) text += fmt::format(",\n  \"loops\": {:.4g}", *recorded.loops);
    if (!recorded.counted_by.empty()) {
      text += fmt::format(", \"instructions\": {:.0f}, \"counted_by\": {}", recorded.instructions,
                          quoted(recorded.counted_by));
    }
    text += ",\n  \"metrics\": [";
    const char* next_metric = "\n";
    for (const RecordedMetric& metric : recorded.metrics) {
      text += fmt::format("{}    {{\"name\": {}, \"unit\": {}, \"mean\": {}", next_metric, quoted(metric.name),
                          quoted(metric.unit), number(metric.mean));
      if (metric.tolerance.value > 0) text += fmt::format(", \"tolerance\": {}", number(metric.tolerance.value));
      text += "}";
      next_metric = ",\n";
    }
    text += "]}";
    next_case = ",\n";
  }
  return text + "}}\n";
}

}  // namespace fleetsim::cli::bench
