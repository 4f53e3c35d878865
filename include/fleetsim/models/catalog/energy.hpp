#pragma once
/// The electric power that instances draw, and statements about performance per watt as ratios by name.
///
/// Truth:      at equal utilization a family with r times the performance per watt takes 1/r of the energy for the same
///             work, whatever its performance.
/// Leaves out: memory, disks, network and cooling; AWS publishes no power, so absolute figures are as good as the watts
///             that the scenario gives.
/// Source:     [1] Cloud Carbon Footprint, methodology, "compute": 0.74 and 3.5 W a vCPU, the averages over AWS's
///             processors; the presets as docs/models/catalog.md quotes them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

/// What a vCPU draws: idle at no utilization, busy at full, in between on the straight line. Watts.
struct PowerDraw {
  double idle = 0.74;
  double busy = 3.5;
};

struct EnergyPreset {
  std::string_view name;
  std::vector<std::string_view> families;
  double performance_per_watt = 1;  ///< against other families
};
const std::vector<EnergyPreset>& energy_presets();

struct EnergyConfig {
  PowerDraw vcpu;                                     ///< of families that no preset speaks of
  std::map<std::string, double> performance_per_watt; ///< by family
};
/// Reads `energy` of the scenario's catalogue; empty without it. Errors: a name that is none, two presets of one family.
std::optional<EnergyConfig> read_energy(config::Section& catalog);

}  // namespace fleetsim
