#include "tools/cli/output/heat_map.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/svg.hpp"

namespace fleetsim::cli {

std::optional<HeatMap> heat_map_of(const RunResult& result, const PlanSummary& plan) {
  HeatMap map;
  bool any = false;
  for (std::size_t day = 0; day < map.hours.size(); ++day) {
    for (std::size_t hour = 0; hour < map.hours[day].size(); ++hour) {
      const Metric* metric =
          result.find(fmt::format("recovery.{}.rpa_by_hour.{}-{:02}", plan.name, days_of_week[day], hour));
      if (metric == nullptr || metric->n == 0) continue;
      map.hours[day][hour] = metric->mean;
      map.least = any ? std::min(map.least, metric->mean) : metric->mean;
      map.most = any ? std::max(map.most, metric->mean) : metric->mean;
      any = true;
    }
  }
  return any ? std::optional(map) : std::nullopt;
}

std::vector<std::string> heat_map_lines(const HeatMap& map, const TextStyle& style) {
  if (map.flat()) {
    return {wrapped(fmt::format("At every hour of the week a disaster finds data {} old in the mean.",
                                time_in_words((map.least + map.most) / 2)))};
  }
  constexpr std::array<const char*, 5> blocks{"· ", "░░", "▒▒", "▓▓", "██"};
  constexpr std::array<const char*, 5> letters{". ", "::", "++", "**", "##"};
  const auto& shades = style.utf8 ? blocks : letters;
  std::vector<std::string> lines;
  std::string head = "UTC ";
  for (int hour = 0; hour < 24; hour += 3) head += fmt::format("{:02}    ", hour);
  head.erase(head.find_last_not_of(' ') + 1);
  lines.push_back(head);
  bool gaps = false;
  for (std::size_t day = 0; day < map.hours.size(); ++day) {
    std::string line = fmt::format("{} ", days_of_week[day]);
    for (const std::optional<double>& age : map.hours[day]) {
      gaps = gaps || !age;
      const auto shade = age ? static_cast<std::size_t>(std::min(4.0, std::floor(map.share(*age) * 5))) : 0;
      line += age ? shades[shade] : "? ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line);
  }
  std::string legend = "Mean age of the data that a disaster in that hour finds: ";
  for (std::size_t shade = 0; shade < shades.size(); ++shade) {
    const double from = map.least + (map.most - map.least) * static_cast<double>(shade) / 5;
    std::string mark = shades[shade];
    mark.erase(mark.find_last_not_of(' ') + 1);
    legend += fmt::format("{}{} from {}", shade == 0 ? "" : ", ", mark, time_in_words(from));
  }
  legend += fmt::format(" to {}{}.", time_in_words(map.most), gaps ? "; ? without any copy" : "");
  lines.push_back(wrapped(legend));
  return lines;
}

namespace {

constexpr double cell_width = 27, cell_height = 24, left = 48;

/// From pale to dark as the age grows; lightness falls evenly, so that the order shows without colour too.
std::string color_of(double share) {
  constexpr std::array<double, 3> pale{236, 242, 249}, dark{12, 52, 97};
  const auto mixed = [&](std::size_t c) { return static_cast<int>(std::lround(pale[c] + (dark[c] - pale[c]) * share)); };
  return fmt::format("#{:02x}{:02x}{:02x}", mixed(0), mixed(1), mixed(2));
}

/// The unit in which the greatest age has one to three digits before the point.
std::pair<double, const char*> unit_for(double seconds) {
  if (seconds >= 2 * 86400) return {86400, "days"};
  if (seconds >= 2 * 3600) return {3600, "hours"};
  if (seconds >= 120) return {60, "minutes"};
  return {1, "seconds"};
}

}  // namespace

std::string heat_map_svg(const HeatMap& map, const std::string& title) {
  const double top = svg::title_bottom(title) + 36, height = top + 7 * cell_height + 56;
  const auto [unit, unit_name] = unit_for(map.most);
  const auto in_cell = [&, unit = unit](double seconds) {
    const double value = seconds / unit;
    return map.most / unit < 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
  };
  std::string body = svg::text_at(left, top - 22, fmt::format("mean age of the data in {}, hour of the disaster in UTC", unit_name));
  for (int hour = 0; hour < 24; ++hour) {
    body += svg::text_at(left + (hour + 0.5) * cell_width, top - 6, fmt::format("{:02}", hour), {.anchor = "middle", .size = 11});
  }
  for (std::size_t day = 0; day < map.hours.size(); ++day) {
    const double y = top + static_cast<double>(day) * cell_height;
    body += svg::text_at(left - 8, y + cell_height / 2 + 4, days_of_week[day], {.anchor = "end"});
    for (std::size_t hour = 0; hour < map.hours[day].size(); ++hour) {
      const std::optional<double>& age = map.hours[day][hour];
      const double x = left + static_cast<double>(hour) * cell_width;
      const double share = age ? map.share(*age) : 0;
      const std::string tip = fmt::format("{} {:02}:00 to {:02}:00, {}", days_of_week[day], hour, hour + 1, age ? time_in_words(*age) : "no copy");
      body += svg::rectangle(x, y, cell_width - 1, cell_height - 1, age ? color_of(share).c_str() : "#f3d9d4", tip);
      body += svg::text_at(x + (cell_width - 1) / 2, y + cell_height / 2 + 4, age ? in_cell(*age) : "-",
                           {.anchor = "middle", .size = 10, .color = share > 0.5 ? "#ffffff" : "#111827"});
    }
  }
  const double y = top + 7 * cell_height + 16;
  for (int part = 0; part < 5; ++part) {
    body += svg::rectangle(left + part * cell_width, y, cell_width, 12, color_of(part / 4.0).c_str(), "");
  }
  body += svg::text_at(left, y + 27, time_in_words(map.least), {.size = 11}) +
          svg::text_at(left + 5 * cell_width, y + 27, time_in_words(map.most), {.anchor = "end", .size = 11});
  return svg::picture(height, title, body);
}

}  // namespace fleetsim::cli
