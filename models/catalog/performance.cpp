#include "fleetsim/models/catalog/performance.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fleetsim {

const std::vector<PerformancePreset>& performance_presets() {
  // Graviton2 has two statements of one company that contradict each other: 40 % more performance at a price 20 % lower
  // is 75 % more for the money, not 40 %.
  static const std::vector<std::string_view> graviton2{"c6g", "c6gd", "c6gn", "m6g", "m6gd", "r6g", "r6gd", "t4g", "x2gd"};
  static const std::vector<PerformancePreset> presets{
      {"graviton2_performance", graviton2, 1.4},
      {"graviton2_price_performance", graviton2, 1.4 * 0.8},
      {"m6i_price_performance", {"m6i"}, 1.15},
  };
  return presets;
}

std::string_view family_of(std::string_view instance_type) { return instance_type.substr(0, instance_type.find('.')); }

std::map<std::string, double> read_performance(config::Section& catalog) {
  std::vector<config::Located<std::string>> names;
  const std::vector<PerformancePreset>& presets = performance_presets();
  std::vector<std::string> known;
  for (const PerformancePreset& preset : presets) known.emplace_back(preset.name);
  catalog.optional("performance", names)
      .doc(fmt::format("statements about the performance of a vCPU that are taken at their word: {}", fmt::join(known, ", ")));
  std::map<std::string, double> factors;
  for (const config::Located<std::string>& name : names) {
    const auto preset = std::find_if(presets.begin(), presets.end(),
                                     [&](const PerformancePreset& p) { return p.name == name.value; });
    if (preset == presets.end()) {
      catalog.error_at(name.where, fmt::format("there is no statement '{}' about performance", name.value),
                       fmt::format("write one of {}, or performance_factor of an instance type", fmt::join(known, ", ")));
      continue;
    }
    for (const std::string_view family : preset->families) {
      if (factors.try_emplace(std::string(family), preset->factor).second) continue;
      catalog.error_at(name.where, fmt::format("'{}' says something else of {} than the statement before", name.value, family),
                       "take one of the two");
      break;
    }
  }
  return factors;
}

}  // namespace fleetsim
