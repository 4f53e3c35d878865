// Which parameters move the metrics.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli {

namespace {

constexpr std::size_t bar_width = 12;

/// The first and the last value of each, and what lies beyond them.
std::string tornado(const StudyResult& result, const SensitivityResult& sensitivity, const TextStyle& style) {
  const experiment::MetricColumn& column = result.metrics[sensitivity.metric];
  double largest = 0;
  bool base_shown = false;
  for (const SensitivityRow& row : sensitivity.rows) {
    for (const SensitivityEnd& end : row.ends) {
      largest = std::max(largest, std::abs(end.change));
      base_shown = base_shown || end.is_base;
    }
  }
  LabelledTable table({Align::left, Align::right, Align::left, Align::left});
  table.add("parameter", {"value", "change", "", ""});
  for (const SensitivityRow& row : sensitivity.rows) {
    for (const SensitivityEnd& end : row.ends) {
      const ShownMetric change = shown_as(column, end.change, end.interval);
      const std::string size = end.is_base ? "base" : (end.change > 0 ? "+" : "") + change.mean_text();
      table.add(&end == &row.ends.front() ? row.parameter : "",
                {end.value, size, end.is_base ? "" : change.half_width_text(style),
                 bar(largest > 0 ? std::abs(end.change) / largest : 0, bar_width, style.utf8)});
    }
  }
  std::string bases;
  for (const SensitivityRow& row : sensitivity.rows) bases += fmt::format("{}{} {}", bases.empty() ? "" : ", ", row.parameter, row.base);
  return table.text() + paragraph(fmt::format("One parameter at a time at the ends of its values, the others at their base: {}{}.", bases,
                                              base_shown ? "; where an end is the base, nothing changes" : ""));
}

std::string morris(const StudyResult& result, const SensitivityResult& sensitivity, double largest, const TextStyle& style) {
  const experiment::MetricColumn& column = result.metrics[sensitivity.metric];
  LabelledTable table({Align::right, Align::left, Align::right, Align::left});
  table.add("parameter", {"effect", "", "spread", ""});
  for (const SensitivityRow& row : sensitivity.rows) {
    const ShownMetric size = shown_as(column, row.high, row.high_interval);
    ShownMetric spread = shown_as(column, row.spread, std::nullopt);
    spread.decimals = size.decimals;
    table.add(row.parameter, {size.mean_text(), size.half_width_text(style), spread.mean_text(),
                              bar(row.high / largest, bar_width, style.utf8)});
  }
  return table.text() +
         paragraph("Effect: the mean change, signs apart, as a parameter goes over its whole range from points all over the "
                   "others' ranges. Spread: its standard deviation between those points; as large as the effect, it means "
                   "that the effect bends or depends on other parameters.");
}

std::string sobol(const SensitivityResult& sensitivity, const TextStyle& style) {
  const auto percent = [](double share) { return grouped_or_zero(share * 100, 0); };
  const auto between = [&](const std::optional<Interval>& interval) {
    return interval ? fmt::format("({} to {})", percent(interval->low), percent(interval->high)) : "";
  };
  LabelledTable table({Align::right, Align::left, Align::right, Align::left, Align::left});
  table.add("parameter", {"alone, %", "", "in all, %", "", ""});
  for (const SensitivityRow& row : sensitivity.rows)
    table.add(row.parameter, {percent(row.low), between(row.low_interval), percent(row.high), between(row.high_interval),
                              bar(row.high, bar_width, style.utf8)});
  return table.text() +
         paragraph("Alone: the share of the variance that goes, in the mean, once this parameter is known. In all: the share that "
                   "stays while all others are known; it adds what the parameter does together with others, so these shares "
                   "may sum to more than 100 %. Intervals are of 95 %; estimates may lie below 0 or above 100 % by chance.");
}

/// "spot, load or vcpu"
std::string first_or_rivals(const SensitivityResult& sensitivity) {
  std::string words = sensitivity.rows.front().parameter;
  for (const std::size_t row : sensitivity.rivals)
    words += (row == sensitivity.rivals.back() ? " or " : ", ") + sensitivity.rows[row].parameter;
  return words;
}

}  // namespace

std::string sensitivity_section(const StudyResult& result, const TextStyle& style) {
  std::string text;
  for (const SensitivityResult& sensitivity : result.sensitivity) {
    const experiment::MetricColumn& column = result.metrics[sensitivity.metric];
    const bool is_tornado = sensitivity.method == "tornado", indices = sensitivity.method == "Sobol";
    double largest = 0;
    for (const SensitivityRow& row : sensitivity.rows) largest = std::max(largest, is_tornado ? row.high - row.low : row.high);
    if (!(largest > 0)) {
      text += "\n" + paragraph(fmt::format("{} is the same in every design.", column.name));
      continue;
    }
    const char* const what = is_tornado ? "change of the mean as one parameter leaves its base"
                             : indices  ? "shares of its variance between the points"
                                        : "how far each parameter moves the mean";
    text += "\n" + style.bold(wrapped(titled(column.name, indices ? "" : unit_of(column)) + ": " + what)) + "\n";
    text += is_tornado ? tornado(result, sensitivity, style) : indices ? sobol(sensitivity, style) : morris(result, sensitivity, largest, style);
    const SensitivityRow& first = sensitivity.rows.front();
    text += paragraph(sensitivity.rivals.empty()
                          ? fmt::format("{} moves {} most.", first.parameter, column.name)
                          : fmt::format("Whether {} moves {} most is open.", first_or_rivals(sensitivity), column.name));
  }
  return text;
}

}  // namespace fleetsim::cli
