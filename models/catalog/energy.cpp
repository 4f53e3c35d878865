#include "fleetsim/models/catalog/energy.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/models/catalog/performance.hpp"

namespace fleetsim {

const std::vector<EnergyPreset>& energy_presets() {
  static const std::vector<std::string_view> graviton2 = performance_presets().front().families;
  static const std::vector<EnergyPreset> presets{
      {"graviton2_2x", graviton2, 2},
      {"graviton2_3.5x", graviton2, 3.5},
  };
  return presets;
}

std::optional<EnergyConfig> read_energy(config::Section& catalog) {
  std::optional<EnergyConfig> energy;
  catalog.optional_section("energy", "report the energy that fleets take", [&](config::Section& in) {
    energy.emplace();
    in.optional("idle_watts_per_vcpu", energy->vcpu.idle).not_negative().doc("power of a vCPU that does nothing, in watts");
    const bool given = in.optional("busy_watts_per_vcpu", energy->vcpu.busy)
                           .positive()
                           .doc("power of a vCPU at full utilization, in watts")
                           .given();
    if (energy->vcpu.idle > energy->vcpu.busy) {
      in.error(given ? "busy_watts_per_vcpu" : "idle_watts_per_vcpu",
               fmt::format("busy_watts_per_vcpu: {:g} is below idle_watts_per_vcpu, {:g}", energy->vcpu.busy, energy->vcpu.idle),
               "a busy vCPU draws at least what an idle one does");
    }
    std::vector<std::string> known;
    for (const EnergyPreset& preset : energy_presets()) known.emplace_back(preset.name);
    std::vector<config::Located<std::string>> names;
    in.optional("performance_per_watt", names)
        .doc(fmt::format("statements about performance per watt that are taken at their word: {}", fmt::join(known, ", ")));
    for (const config::Located<std::string>& name : names) {
      const auto& presets = energy_presets();
      const auto preset = std::find_if(presets.begin(), presets.end(),
                                       [&](const EnergyPreset& p) { return p.name == name.value; });
      if (preset == presets.end()) {
        in.error_at(name.where, fmt::format("there is no statement '{}' about performance per watt", name.value),
                    fmt::format("write one of {}", fmt::join(known, ", ")));
        continue;
      }
      for (const std::string_view family : preset->families) {
        if (energy->performance_per_watt.try_emplace(std::string(family), preset->performance_per_watt).second) continue;
        in.error_at(name.where, fmt::format("'{}' says something else of {} than the statement before", name.value, family),
                    "take one of the two");
        break;
      }
    }
  });
  return energy;
}

}  // namespace fleetsim
