#pragma once
/// Statements about how much more one family of instance types does than another, as factors of a vCPU, by name, so that
/// a what-if is one line.
///
/// Leaves out: whether a statement holds: it is its author's, "up to" included, and for no workload in particular.
/// Source:     docs/models/catalog.md, which quotes each.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

struct PerformancePreset {
  std::string_view name;
  std::vector<std::string_view> families;  ///< of instance types: "m6g"
  double factor = 1;                       ///< of one vCPU, against the family that the statement compares with
};
const std::vector<PerformancePreset>& performance_presets();

/// "m6g" of "m6g.large".
std::string_view family_of(std::string_view instance_type);

/// Reads `performance` of the scenario's catalogue, a list of presets; gives the factors by family. Errors: a name that
/// is none, two presets that speak of one family.
std::map<std::string, double> read_performance(config::Section& catalog);

}  // namespace fleetsim
