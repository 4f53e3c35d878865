#include "sim/experiment/differences.hpp"

#include <map>

#include <fmt/format.h>

#include "sim/experiment/store_schema.hpp"

namespace fleetsim::experiment {

std::string differences(const StudyIdentity& then, const StudyIdentity& now) {
  std::string text;
  const auto add = [&text](const std::string& line) { text += "\n  " + line; };
  if (then.seed != now.seed) add(fmt::format("the seed was {}, now it is {}", then.seed, now.seed));
  if (then.antithetic_pairs != now.antithetic_pairs)
    add(then.antithetic_pairs ? "replications were antithetic pairs, now they are not"
                               : "replications were no antithetic pairs, now they are");
  if (then.common_random_numbers != now.common_random_numbers)
    add(then.common_random_numbers ? "designs had common random numbers, now they have not"
                                    : "designs had no common random numbers, now they have");
  std::map<std::string, MetricColumn> metrics;
  for (const MetricColumn& metric : then.metrics) metrics.emplace(metric.name, metric);
  for (const MetricColumn& metric : now.metrics) {
    const auto found = metrics.find(metric.name);
    if (found == metrics.end()) {
      add(fmt::format("metric {} is new", metric.name));
      continue;
    }
    if (found->second != metric) add(fmt::format("metric {} was {}, now it is {}", metric.name, found->second.source, metric.source));
    metrics.erase(found);
  }
  for (const auto& [name, metric] : metrics) add(fmt::format("metric {} is gone", name));
  if (text.empty() && then.metrics != now.metrics) add("the metrics have another order");
  if (then.settings != now.settings)
    add(fmt::format("the settings of all designs were {}, now they are {}", settings_to_text(then.settings),
                    settings_to_text(now.settings)));
  std::map<std::string, std::string> meanings;
  for (const Setting& definition : then.definitions) meanings.emplace(definition.name, definition.value);
  for (const Setting& definition : now.definitions) {
    const auto found = meanings.find(definition.name);
    if (found != meanings.end() && found->second != definition.value)
      add(fmt::format("{} was {}, now it is {}", definition.name, found->second, definition.value));
  }
  std::map<std::string, std::string> digests;
  for (const InputFile& input : then.inputs) digests.emplace(input.name, input.digest);
  for (const InputFile& input : now.inputs) {
    const auto found = digests.find(input.name);
    if (found != digests.end() && found->second != input.digest) add(fmt::format("{} has changed", input.name));
  }
  return text;
}

}  // namespace fleetsim::experiment
