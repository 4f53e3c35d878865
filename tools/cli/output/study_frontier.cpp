// The designs that no other dominates.

#include <algorithm>

#include <fmt/format.h>

#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli {

namespace {

/// A statistic of a metric's values, with its interval where there is one.
std::string statistic_cell(const experiment::MetricColumn& column, const StudyMetricResult& metric,
                           const std::string& statistic, const TextStyle& style) {
  const experiment::Statistics& plain = metric.plain;
  std::optional<Interval> interval;
  if (statistic == "mean") interval = metric.estimate.interval;
  if (statistic == "p95" && plain.p95_interval) interval = Interval{plain.p95_interval->first, plain.p95_interval->second};
  const double value = statistic == "mean"  ? metric.estimate.mean
                       : statistic == "p05" ? plain.p05
                       : statistic == "p50" ? plain.p50
                       : statistic == "p95" ? plain.p95
                       : statistic == "min" ? plain.min
                                            : plain.max;
  const int decimals = shown_as(column, value, interval).decimals;
  const auto text = [&](double x) {
    ShownMetric number = shown_as(column, x, std::nullopt);
    number.decimals = decimals;
    return number.mean_text();
  };
  if (!interval) return text(value);
  if (statistic == "mean") return text(value) + " " + shown_as(column, value, interval).half_width_text(style);
  return fmt::format("{} ({} to {})", text(value), text(interval->low), text(interval->high));
}

}  // namespace

std::string frontier_section(const StudyResult& result, const std::vector<std::size_t>& shown, const TextStyle& style) {
  if (result.frontier.empty()) return "";
  std::string axes;
  LabelledTable table(std::vector<Align>(result.frontier.size() + 1, Align::left));
  std::vector<std::string> header;
  for (const auto& [metric, statistic] : result.frontier) {
    axes += fmt::format("{}{} of {}", axes.empty() ? "" : " against ", statistic, result.metrics[metric].name);
    const experiment::MetricColumn& column = result.metrics[metric];
    // Long names are in the sentence above, in this order.
    constexpr std::size_t name_width_max = 12;
    const std::string of = width_of(column.name) <= name_width_max ? " of " + column.name : "";
    header.push_back(titled(statistic + of, unit_of(column)));
  }
  header.push_back("");
  table.add(label_header(result), header);
  std::size_t dominated = 0, open = 0, undecided = 0, hidden = 0;
  for (std::size_t d = 0; d < result.designs.size(); ++d) {
    const StudyDesignResult& design = result.designs[d];
    if (!is_shown(design)) continue;
    if (design.dominated_by) {
      ++dominated;
      if (!design.domination_decided) ++open;
      continue;
    }
    if (!design.domination_decided) ++undecided;
    if (std::find(shown.begin(), shown.end(), d) == shown.end()) {
      ++hidden;
      continue;
    }
    std::vector<std::string> cells;
    for (const auto& [metric, statistic] : result.frontier)
      cells.push_back(statistic_cell(result.metrics[metric], design.metrics[metric], statistic, style));
    cells.push_back(design.domination_decided ? "" : "?");
    table.add(label_of(design), cells);
  }
  const std::string beaten = dominated == 0   ? "No design is dominated."
                             : dominated == 1 ? fmt::format("1 design is dominated{}.", open == 0 ? "" : ", though not beyond doubt")
                                              : fmt::format("{} designs are dominated{}.", dominated,
                                                            open == 0 ? "" : fmt::format(", {} of them beyond doubt", dominated - open));
  std::string text = "\n" + paragraph(fmt::format("Frontier, {}: the designs that no other dominates, with 95 % intervals where they "
                                                  "are known. {}", axes, beaten)) + table.text();
  if (hidden > 0) text += paragraph(fmt::format("{} more are on the frontier.", hidden));
  if (undecided > 0)
    text += paragraph("?: another design may be as good in each, as far as these replications can tell.");
  return text;
}

}  // namespace fleetsim::cli
