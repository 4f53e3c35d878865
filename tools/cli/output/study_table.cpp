#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "tools/cli/output/change.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::cli {

std::string label_of(const StudyDesignResult& design) {
  std::string label;
  for (const experiment::Setting& setting : design.settings)
    label += (label.empty() ? "" : setting.name == "world" ? " in " : ", ") + setting.value;
  return label.empty() ? design.name : label;
}

namespace {

using experiment::Feasibility;
using experiment::SelectionEnd;

constexpr std::size_t gap = 2;
constexpr std::size_t label_width_max = 34;

/// A number with its interval in the unit that people use for this metric.
ShownMetric shown_as(const experiment::MetricColumn& column, double mean, const std::optional<Interval>& interval) {
  Metric metric;
  metric.name = column.source;
  metric.unit = column.unit;
  metric.mean = mean;
  if (interval) {
    metric.ci95_low = interval->low;
    metric.ci95_high = interval->high;
  }
  return shown(metric);
}

std::string unit_of(const experiment::MetricColumn& column) { return shown_as(column, 0, std::nullopt).unit; }

std::string titled(const std::string& name, const std::string& unit) { return unit.empty() ? name : name + ", " + unit; }

/// Rows with a label on the left; a label without room stands on a line of its own.
class LabelledTable {
 public:
  explicit LabelledTable(std::vector<Align> alignment) : columns_(std::move(alignment)) {}
  /// `note`: what stands below the row, indented.
  void add(std::string label, std::vector<std::string> cells, std::string note = "") {
    labels_.push_back(std::move(label));
    columns_.add(std::move(cells));
    notes_.push_back(std::move(note));
  }
  std::string text() const {
    const std::vector<std::string> lines = columns_.lines();
    std::size_t widest = 0, label_width = 0;
    for (const std::string& line : lines) widest = std::max(widest, width_of(line));
    for (const std::string& label : labels_) label_width = std::max(label_width, width_of(label));
    label_width = std::min({label_width, label_width_max, line_width - std::min(line_width - gap, widest + gap)});
    std::string text;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      std::size_t column = width_of(labels_[i]);
      text += column > line_width ? wrapped(labels_[i], gap) : labels_[i];
      if (lines[i].empty()) {
        text += "\n";
        continue;
      }
      if (column > label_width) {
        text += "\n";
        column = 0;
      }
      text += std::string(label_width + gap - column, ' ') + lines[i] + "\n";
      if (!notes_[i].empty()) text += "    " + wrapped(notes_[i], 4, 4) + "\n";
    }
    return text;
  }

 private:
  std::vector<std::string> labels_, notes_;
  Columns columns_;
};

std::string label_header(const StudyResult& result) {
  std::string header;
  for (const StudyDesignResult& design : result.designs) {
    if (design.metrics.empty()) continue;  // of another question on the same store
    for (const experiment::Setting& setting : design.settings)
      header += (header.empty() ? "" : setting.name == "world" ? " in " : ", ") + setting.name;
    break;
  }
  return header;
}

bool is_shown(const StudyDesignResult& design) { return !design.metrics.empty(); }

bool any_undecided(const StudyResult& result) {
  return std::any_of(result.designs.begin(), result.designs.end(), [](const StudyDesignResult& design) {
    return std::any_of(design.objectives.begin(), design.objectives.end(),
                       [](const ObjectiveResult& objective) { return !objective.decided; });
  });
}

std::string marks_of(const StudyResult& result, std::size_t index) {
  const StudyDesignResult& design = result.designs[index];
  std::string marks;
  const auto add = [&marks](const std::string& mark) { marks += (marks.empty() ? "" : ", ") + mark; };
  if (result.search && result.search->best == index) add("chosen");
  if (!design.objectives.empty()) {
    const bool undecided = std::any_of(design.objectives.begin(), design.objectives.end(),
                                       [](const ObjectiveResult& objective) { return !objective.decided; });
    add(std::string(design.meets_all ? "meets" : "misses") + (undecided ? "?" : ""));
  }
  if (!result.frontier.empty()) add(!design.dominated_by ? "frontier" : design.surely_dominated ? "dominated" : "dominated?");
  return marks;
}

/// Two metrics side by side, or one below its title where the titles are long.
std::string metric_tables(const StudyResult& result, const TextStyle& style) {
  const bool marks = std::any_of(result.designs.begin(), result.designs.end(),
                                 [](const StudyDesignResult& design) { return !design.objectives.empty(); }) ||
                     !result.frontier.empty() || result.search;
  const auto title = [&](std::size_t m) { return titled(result.metrics[m].name, unit_of(result.metrics[m])); };
  constexpr std::size_t title_width_max = 16;
  std::string text;
  for (std::size_t first = 0, last = 0; first < result.metrics.size(); first = last) {
    const bool long_title = width_of(title(first)) > title_width_max;
    last = first + 1;
    if (!long_title && last < result.metrics.size() && width_of(title(last)) <= title_width_max) ++last;
    const bool with_marks = marks && first == 0;
    std::vector<Align> alignment;
    std::vector<std::string> header;
    for (std::size_t m = first; m < last; ++m) {
      alignment.insert(alignment.end(), {Align::right, Align::left});
      header.insert(header.end(), {long_title ? "" : title(m), ""});
    }
    if (with_marks) {
      alignment.push_back(Align::left);
      header.push_back("");
    }
    LabelledTable table(alignment);
    table.add(label_header(result), header);
    for (std::size_t d = 0; d < result.designs.size(); ++d) {
      const StudyDesignResult& design = result.designs[d];
      if (!is_shown(design)) continue;
      std::vector<std::string> cells;
      for (std::size_t m = first; m < last; ++m) {
        const ShownMetric value =
            shown_as(result.metrics[m], design.metrics[m].estimate.mean, design.metrics[m].estimate.interval);
        cells.insert(cells.end(), {value.mean_text(), value.half_width_text(style)});
      }
      if (with_marks) cells.push_back(marks_of(result, d));
      table.add(label_of(design), cells);
    }
    text += "\n" + (long_title ? style.bold(wrapped(title(first))) + "\n" : "") + table.text();
  }
  return text;
}

/// Of one metric to the first design, of the same world where there are worlds; empty if nothing is to be compared.
std::string differences_of(const StudyResult& result, std::size_t m, const TextStyle& style) {
  const experiment::MetricColumn& column = result.metrics[m];
  LabelledTable table({Align::right, Align::left, Align::left});
  std::size_t rows = 0;
  for (const StudyDesignResult& design : result.designs) {
    if (!is_shown(design)) continue;
    const std::optional<PairedComparison>& against = design.metrics[m].against_first;
    if (!against || against->difference.n == 0) continue;
    const ShownMetric value = shown_as(column, against->difference.mean, against->interval);
    table.add(label_of(design), {(value.mean > 0 ? "+" : "") + value.mean_text(), value.half_width_text(style),
                                 in_words(*against, unit_of(column))});
    ++rows;
  }
  if (rows == 0) return "";
  return "\n" + style.bold(wrapped(fmt::format("{}: difference to the first design{}, replication by replication",
                                               titled(column.name, unit_of(column)),
                                               result.worlds.empty() ? "" : " in the same world") +
                                   (result.search ? ", over those that both have" : ""))) +
         "\n" + table.text();
}

/// Of the metric that is minimized, then of those of the frontier.
std::string differences(const StudyResult& result, const TextStyle& style) {
  std::vector<std::size_t> metrics{result.minimized};
  for (const auto& [metric, statistic] : result.frontier)
    if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) metrics.push_back(metric);
  std::string text;
  for (const std::size_t metric : metrics) text += differences_of(result, metric, style);
  return text;
}

std::string precision_lines(const StudyResult& result) {
  std::string text;
  for (const PrecisionResult& item : result.precision) {
    std::string line = fmt::format("Wanted: {}: ", item.what);
    if (item.reached) {
      line += "reached in every design.";
    } else if (item.half_width.empty()) {
      line += fmt::format("not reached: {} has no interval yet, or was zero in every replication.", item.worst);
    } else {
      line += fmt::format("not reached; farthest is {} with {}.", item.worst, item.half_width);
      if (item.needed) line += fmt::format(" About {} replications would reach it.", grouped(static_cast<double>(*item.needed), 0));
    }
    text += wrapped(line, 2) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

/// The gain of each metric in the middle design.
std::string gain_lines(const StudyResult& result) {
  std::string text;
  for (std::size_t m = 0; m < result.metrics.size(); ++m) {
    std::vector<double> gains;
    for (const StudyDesignResult& design : result.designs)
      if (is_shown(design) && design.metrics[m].estimate.gain != 1 && std::isfinite(design.metrics[m].estimate.gain))
        gains.push_back(design.metrics[m].estimate.gain);
    if (gains.empty()) continue;
    std::sort(gains.begin(), gains.end());
    text += wrapped(fmt::format("Variance reduction: the interval of {} is that of {:.2g} times as many plain replications "
                                "(middle of the designs; {:.2g} to {:.2g}).",
                                result.metrics[m].name, gains[gains.size() / 2], gains.front(), gains.back()), 2) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

std::string search_lines(const StudyResult& result) {
  if (!result.search) return "";
  const SearchResult& search = *result.search;
  const std::string& metric = result.metrics[result.minimized].name;
  const auto count = [&](Feasibility which) { return std::count(search.feasibility.begin(), search.feasibility.end(), which); };
  std::string text;
  const auto add = [&text](const std::string& line) { text += wrapped(line) + "\n"; };
  const std::string meets = search.feasibility.empty() ? "" : " of those that meet the objectives";
  if (!search.best) {
    add(search.method == "surrogate"          ? "None of the points looked at meets the objectives."
        : search.end == SelectionEnd::decided ? "No design meets the objectives."
            : fmt::format("Not decided at this budget: no design is known to meet the objectives, {} might.", count(Feasibility::undecided)));
  } else {
    const std::string& name = result.designs[*search.best].name;
    if (search.method == "surrogate") {
      add(fmt::format("The least {}{} that was found: {}. A search over ranges promises no probability; {}.", metric, meets, name,
                      search.end == SelectionEnd::decided ? "no place is left where the surrogate expects a gain worth a look"
                                                          : "it ended with its budget, so more points may find a better one"));
    } else if (search.end == SelectionEnd::decided && search.method == "OCBA") {
      add(fmt::format("{} has the least {}{}. OCBA estimates the probability of that at {:.4g} %; it promises none.", name, metric, meets,
                      search.probability * 100));
    } else if (search.end == SelectionEnd::decided) {
      add(fmt::format("{} has the least {}{}, or one that is larger by no more than the indifference, with probability {:.4g} % or more ({}).",
                      name, metric, meets, search.probability * 100, search.method));
    } else {
      add(fmt::format("Not decided at this budget; {} has the least {}{} so far. {} designs are still possible.", name, metric, meets,
                      search.survivors.size()));
    }
  }
  if (!search.feasibility.empty())
    add(fmt::format("{} of {} designs meet the objectives{}.", count(Feasibility::feasible), search.feasibility.size(),
                    count(Feasibility::undecided) > 0 ? fmt::format(", {} are undecided", count(Feasibility::undecided)) : ""));
  if (!search.lengths.empty()) {
    std::string words;
    for (const auto& [parameter, length] : search.lengths) words += fmt::format("{}{} {:.2g}", words.empty() ? "" : ", ", parameter, length);
    add(fmt::format("Share of its range over which {} keeps its value, small where a parameter matters: {}.", metric, words));
  }
  return "\n" + text;
}

/// Of a study that asks no more than that objectives be met.
std::string best_line(const StudyResult& result) {
  if (result.search || !result.worlds.empty() || result.designs.empty()) return "";
  const StudyDesignResult* best = nullptr;
  const auto mean = [&](const StudyDesignResult& design) { return design.metrics[result.minimized].plain.mean; };
  for (const StudyDesignResult& design : result.designs) {
    if (!is_shown(design) || design.objectives.empty() || !design.meets_all || std::isnan(mean(design))) continue;
    if (best == nullptr || mean(design) < mean(*best)) best = &design;
  }
  if (best == nullptr) return "";
  return "\n" + wrapped(fmt::format("Of the designs that meet the objectives in these replications, {} has the least {}.", label_of(*best),
                                    result.metrics[result.minimized].name)) + "\n";
}

/// A statistic of a metric's values, with its interval where there is one.
std::string statistic_cell(const experiment::MetricColumn& column, const StudyMetricResult& metric,
                           const std::string& statistic) {
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
  const auto text = [&](double x) { return shown_as(column, x, std::nullopt).mean_text(); };
  std::string cell = text(value);
  if (interval) cell += fmt::format(" ({} to {})", text(interval->low), text(interval->high));
  const std::string unit = unit_of(column);
  return unit.empty() ? cell : cell + " " + unit;
}

std::string frontier_lines(const StudyResult& result) {
  if (result.frontier.empty()) return "";
  std::string axes;
  LabelledTable table(std::vector<Align>(result.frontier.size(), Align::left));
  std::vector<std::string> header;
  for (const auto& [metric, statistic] : result.frontier) {
    axes += fmt::format("{}{} of {}", axes.empty() ? "" : " against ", statistic, result.metrics[metric].name);
    header.push_back(statistic);
  }
  table.add("", header);
  std::size_t dominated = 0;
  for (const StudyDesignResult& design : result.designs) {
    if (design.dominated_by) ++dominated;
    if (design.dominated_by || !is_shown(design)) continue;
    std::vector<std::string> cells;
    for (const auto& [metric, statistic] : result.frontier)
      cells.push_back(statistic_cell(result.metrics[metric], design.metrics[metric], statistic));
    table.add(label_of(design), cells);
  }
  return "\n" + wrapped(fmt::format("Frontier, {}; {} another that is at least as good in each and better in one. "
                                    "On the frontier, with 95 % intervals where they are known:", axes,
                                    dominated == 0   ? "a dominated design, here none, has"
                                    : dominated == 1 ? "1 design is dominated: it has"
                                                     : fmt::format("{} designs are dominated: they have", dominated))) +
         "\n" + table.text();
}

std::string world_lines(const StudyResult& result, const TextStyle& style) {
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
    verdict_line = fmt::format("The choice does not flip: {} is best in {} of {} worlds{}.", wins.begin()->first, decided,
                               result.worlds.size(), decided < result.worlds.size() ? ", the others are not decided" : "");
  } else {
    verdict_line = "The choice flips:";
    for (const auto& [name, count] : wins) verdict_line += fmt::format(" {} is best in {},", name, counted(static_cast<double>(count), "world"));
    verdict_line.back() = '.';
    if (decided < result.worlds.size())
      verdict_line += fmt::format(" It is open in {}.", counted(static_cast<double>(result.worlds.size() - decided), "world"));
  }
  return "\n" + style.bold(wrapped(verdict_line)) + "\n" + table.text();
}

std::string sensitivity_lines(const StudyResult& result, const TextStyle& style) {
  std::string text;
  constexpr std::size_t bar_width = 20;
  for (const SensitivityResult& sensitivity : result.sensitivity) {
    const experiment::MetricColumn& column = result.metrics[sensitivity.metric];
    const bool indices = sensitivity.method == "Sobol";
    double largest = 0;
    for (const SensitivityRow& row : sensitivity.rows)
      largest = std::max(largest, sensitivity.method == "tornado" ? row.high - row.low : row.high);
    const char* const shown_of_each = sensitivity.method == "tornado" ? "change of the mean as each goes from its base"
                                      : indices                       ? "share of its variance, alone and with interactions"
                                                                      : "mean absolute effect over each whole range, and its spread";
    if (!(largest > 0)) {
      text += "\n" + wrapped(fmt::format("{} is the same in every design.", column.name)) + "\n";
      continue;
    }
    text += "\n" + style.bold(wrapped(titled(column.name, indices ? "" : unit_of(column)) + ": " + shown_of_each)) + "\n";
    if (sensitivity.method == "tornado") {
      LabelledTable table({Align::right, Align::left, Align::right, Align::left, Align::left});
      for (const SensitivityRow& row : sensitivity.rows) {
        const ShownMetric low = shown_as(column, row.low, row.low_interval), high = shown_as(column, row.high, row.high_interval);
        table.add(row.parameter,
                  {low.mean_text(), low.half_width_text(style), (high.mean > 0 ? "+" : "") + high.mean_text(),
                   high.half_width_text(style), bar(largest > 0 ? (row.high - row.low) / largest : 0, 12, style.utf8)},
                  row.low_value == row.high_value ? "" : fmt::format("at {} and at {}", row.low_value, row.high_value));
      }
      text += table.text();
    } else {
      LabelledTable table({Align::right, Align::left, Align::right, Align::left, Align::left});
      for (const SensitivityRow& row : sensitivity.rows) {
        if (indices) {
          const auto share = [&](double value, const std::optional<Interval>& interval) {
            return interval ? fmt::format("({:.2f} to {:.2f})", interval->low, interval->high) : fmt::format("{:.2f}", value);
          };
          table.add(row.parameter, {fmt::format("{:.2f}", row.low), share(row.low, row.low_interval), fmt::format("{:.2f}", row.high),
                                    share(row.high, row.high_interval), bar(row.high, bar_width, style.utf8)});
        } else {
          const ShownMetric size = shown_as(column, row.high, row.high_interval), spread = shown_as(column, row.spread, std::nullopt);
          table.add(row.parameter, {size.mean_text(), size.half_width_text(style), spread.mean_text(), "",
                                    bar(largest > 0 ? row.high / largest : 0, bar_width, style.utf8)});
        }
      }
      text += table.text();
    }
    const SensitivityRow& first = sensitivity.rows.front();
    const bool open = !sensitivity.first_is_surely_first;
    text += wrapped(open ? fmt::format("Whether {} or {} moves {} most is open.", first.parameter,
                                       sensitivity.rows[1].parameter, column.name)
                         : fmt::format("{} moves {} most.", first.parameter, column.name)) + "\n";
  }
  return text;
}

}  // namespace

std::string study_table(const StudyResult& result, const std::string& store, const TextStyle& style) {
  std::size_t designs = 0;
  std::uint64_t least = 0, most = 0;
  for (const StudyDesignResult& design : result.designs) {
    if (!is_shown(design)) continue;
    least = designs == 0 ? design.replications : std::min(least, design.replications);
    most = std::max(most, design.replications);
    ++designs;
  }
  std::string text = style.bold(wrapped(result.name)) + "\n";
  text += wrapped(fmt::format("{}{}, {} replications each; seed {}. Kept in {}. Here {} is half of a 95 % confidence interval.",
                              counted(static_cast<double>(designs), "design"), result.scenario.empty() ? "" : " of " + result.scenario,
                              least == most ? grouped(static_cast<double>(least), 0)
                                            : fmt::format("{} to {}", grouped(static_cast<double>(least), 0), grouped(static_cast<double>(most), 0)),
                              result.seed, store, style.plus_minus())) + "\n";
  for (const std::string& warning : result.warnings) text += style.yellow("Warning:") + " " + wrapped(warning + ".", 2, 9) + "\n";
  text += search_lines(result);
  text += world_lines(result, style);
  text += sensitivity_lines(result, style);
  // Hundreds of points of an analysis say nothing one by one.
  constexpr std::size_t designs_listed_max = 200;
  const bool list = designs <= designs_listed_max && result.sensitivity.empty();
  if (list) {
    text += metric_tables(result, style);
    const bool searched = result.search && result.search->method == "surrogate";
    if (!searched) text += differences(result, style);
    text += best_line(result);
    text += frontier_lines(result);
    if (any_undecided(result)) text += "\n" + wrapped("A question mark: the interval includes the bound; more replications would decide.") + "\n";
  } else {
    text += "\n" + wrapped(fmt::format("The designs one by one: fleetsim study export {}", store)) + "\n";
  }
  return text + gain_lines(result) + precision_lines(result);
}

}  // namespace fleetsim::cli
