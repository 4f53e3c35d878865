// Whether the choice holds in other worlds.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli {

std::string world_section(const StudyResult& result, const TextStyle& style) {
  if (result.worlds.empty()) return "";
  const experiment::MetricColumn& column = result.metrics[result.minimized];
  const auto choice = [&](std::size_t design) {
    // The design without its world.
    std::string name;
    for (const experiment::Setting& setting : result.designs[design].settings) {
      if (setting.name == "world") continue;
      name += (name.empty() ? "" : ", ") + (setting.name == "design" ? setting.value : setting.name + " " + setting.value);
    }
    return name;
  };
  std::map<std::string, std::size_t> wins;
  std::size_t decided = 0;
  LabelledTable table({Align::left, Align::right, Align::left, Align::left});
  table.add("world", {"best", titled("ahead by", unit_of(column)), "", ""});
  for (const WorldResult& world : result.worlds) {
    if (world.decided) {
      ++decided;
      ++wins[choice(world.best)];
    }
    const ShownMetric value = shown_as(column, world.gap, world.gap_interval);
    table.add(world.world, {choice(world.best), world.second ? value.mean_text() : "", world.second ? value.half_width_text(style) : "",
                            std::string(world.decided ? "" : "not decided") + (world.any_meets ? "" : " (none meets the objectives)")});
  }
  std::string verdict_line;
  if (wins.empty()) {
    verdict_line = "In no world is the choice decided.";
  } else if (wins.size() == 1) {
    const std::size_t open = result.worlds.size() - decided;
    verdict_line = fmt::format("{}: {} is best in {} of {} worlds{}.", open == 0 ? "The choice does not flip" : "The choice may flip",
                               wins.begin()->first, decided, result.worlds.size(),
                               open == 0 ? "" : fmt::format(", {} not decided", open == 1 ? "1 is" : fmt::format("{} are", open)));
  } else {
    verdict_line = "The choice flips:";
    for (const auto& [name, count] : wins) verdict_line += fmt::format(" {} is best in {},", name, counted(static_cast<double>(count), "world"));
    verdict_line.back() = '.';
    if (decided < result.worlds.size())
      verdict_line += fmt::format(" It is open in {}.", counted(static_cast<double>(result.worlds.size() - decided), "world"));
  }
  const bool objectives = std::any_of(result.designs.begin(), result.designs.end(),
                                      [](const StudyDesignResult& design) { return !design.objectives.empty(); });
  return "\n" + style.bold(wrapped(verdict_line)) + "\n" + table.text() +
         paragraph(fmt::format("Best: the least {}{}. Ahead by: the mean difference of the next best to it, replication by replication{}.",
                               column.name, objectives ? " of the designs that meet the objectives there" : "",
                               decided < result.worlds.size()
                                   ? "; not decided where a design that does or may meet the objectives may have less"
                                   : ""));
}

}  // namespace fleetsim::cli
