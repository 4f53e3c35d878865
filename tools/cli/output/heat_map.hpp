#pragma once
/// The age of the data that a disaster would find, by the hour of the week in which it strikes.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

inline constexpr std::array<const char*, 7> days_of_week{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/// Means over the replications in seconds, Monday first; empty for an hour in which no replication had a usable point.
struct HeatMap {
  std::array<std::array<std::optional<double>, 24>, 7> hours;
  double least = 0, most = 0;
  /// Whether the hours differ by no more than people would round away.
  bool flat() const { return most - least <= 0.02 * most; }
  /// Where between the least and the most, from 0 to 1; 0 of a map whose hours are all alike.
  double share(double seconds) const { return most > least ? (seconds - least) / (most - least) : 0; }
};

/// From the metrics `recovery.<plan>.rpa_by_hour.…`; empty if the plan has none, or no hour had a point.
std::optional<HeatMap> heat_map_of(const RunResult& result, const PlanSummary& plan);

/// A line a day with two characters an hour, darker for older data, and what the shades stand for.
std::vector<std::string> heat_map_lines(const HeatMap& map, const TextStyle& style);

/// The same as a picture; each cell's title tells its age.
std::string heat_map_svg(const HeatMap& map, const std::string& title);

}  // namespace fleetsim::cli
