#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/cli/output/change.hpp"
#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli {

namespace {

/// A table of more designs is shortened to those that matter.
constexpr std::size_t designs_listed_max = 40;
constexpr std::size_t best_listed = 20;

bool is_undecided(const StudyDesignResult& design) {
  return std::any_of(design.objectives.begin(), design.objectives.end(),
                     [](const ObjectiveResult& objective) { return !objective.decided; });
}

bool has_objectives(const StudyResult& result) {
  return std::any_of(result.designs.begin(), result.designs.end(),
                     [](const StudyDesignResult& design) { return !design.objectives.empty(); });
}

std::size_t count_shown(const StudyResult& result) {
  return static_cast<std::size_t>(std::count_if(result.designs.begin(), result.designs.end(), is_shown));
}

/// The designs that tables list, rising: all, or of many the first, the chosen one, those that are best by what is
/// minimized, and some of the frontier.
std::vector<std::size_t> listed(const StudyResult& result) {
  std::vector<std::size_t> all, ranked;
  for (std::size_t d = 0; d < result.designs.size(); ++d)
    if (is_shown(result.designs[d])) all.push_back(d);
  if (all.size() <= designs_listed_max) return all;
  const auto mean = [&](std::size_t d) { return result.designs[d].metrics[result.minimized].plain.mean; };
  for (const bool meeting : {true, false}) {
    for (const std::size_t d : all)
      if (result.designs[d].meets_all == meeting && !std::isnan(mean(d))) ranked.push_back(d);
    if (!ranked.empty()) break;
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](std::size_t a, std::size_t b) { return mean(a) < mean(b); });
  ranked.resize(std::min(ranked.size(), best_listed));
  std::set<std::size_t> kept(ranked.begin(), ranked.end());
  kept.insert(all.front());
  if (result.search && result.search->best) kept.insert(*result.search->best);
  for (const std::size_t d : all)
    if (!result.frontier.empty() && !result.designs[d].dominated_by && kept.size() < designs_listed_max) kept.insert(d);
  return {kept.begin(), kept.end()};
}

/// What was left out of the tables, and where it is.
std::string shortened(const StudyResult& result, const std::vector<std::size_t>& rows, const std::string& store) {
  const std::size_t all = count_shown(result);
  if (rows.size() == all) return "";
  return "\n" + paragraph(fmt::format("Listed are {} of the {} designs: the first, the {} with the least {}{}{}{}. All of them: fleetsim "
                                      "study export {}", rows.size(), grouped(static_cast<double>(all), 0), best_listed,
                                      result.metrics[result.minimized].name, has_objectives(result) ? " of those that meet the objectives" : "",
                                      result.search && result.search->best ? ", the chosen one" : "",
                                      result.frontier.empty() ? "" : ", and of the frontier", store));
}

std::string marks_of(const StudyResult& result, std::size_t index) {
  const StudyDesignResult& design = result.designs[index];
  std::string marks;
  const auto add = [&marks](const std::string& mark) { marks += (marks.empty() ? "" : ", ") + mark; };
  if (result.search && result.search->best == index) add("chosen");
  if (!design.objectives.empty()) {
    add(std::string(design.meets_all ? "meets" : "misses") + (is_undecided(design) ? "?" : ""));
  }
  if (!result.frontier.empty()) add(std::string(design.dominated_by ? "dominated" : "frontier") + (design.domination_decided ? "" : "?"));
  return marks;
}

/// What the words beside the rows mean.
std::string legend(const StudyResult& result, const std::vector<std::size_t>& rows) {
  std::string text = "Each figure is the mean over a design's replications.";
  bool open = false;
  for (const std::size_t d : rows) {
    const StudyDesignResult& design = result.designs[d];
    open = open || is_undecided(design) || (!result.frontier.empty() && !design.domination_decided);
  }
  if (has_objectives(result)) text += " meets: it keeps every objective; misses: not each.";
  if (!result.frontier.empty())
    text += " frontier: no other design is at least as good in each metric of the frontier and better in one; dominated: one is.";
  if (open) text += " A question mark: the intervals leave it open; more replications would decide.";
  return paragraph(text);
}

/// Two metrics side by side, or one below its title where the titles are long.
std::string metric_tables(const StudyResult& result, const std::vector<std::size_t>& rows, const TextStyle& style) {
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
    for (const std::size_t d : rows) {
      const StudyDesignResult& design = result.designs[d];
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
  return text + legend(result, rows);
}

/// Of one metric to the first design, of the same world where there are worlds, or to the chosen one; empty if nothing is to
/// be compared.
std::string differences_of(const StudyResult& result, const std::vector<std::size_t>& rows, std::size_t m, bool to_chosen,
                           const TextStyle& style) {
  const experiment::MetricColumn& column = result.metrics[m];
  LabelledTable table({Align::right, Align::left, Align::left});
  bool any = false, open = false;
  for (const std::size_t d : rows) {
    const StudyMetricResult& metric = result.designs[d].metrics[m];
    const std::optional<PairedComparison>& against = to_chosen ? metric.against_chosen : metric.against_first;
    if (!against || against->difference.n == 0) continue;
    const ShownMetric value = shown_as(column, against->difference.mean, against->interval);
    const std::string verdict = in_words(*against, unit_of(column));
    table.add(label_of(result.designs[d]), {(value.mean > 0 ? "+" : "") + value.mean_text(), value.half_width_text(style), verdict});
    any = true;
    open = open || verdict == "not decided";
  }
  if (!any) return "";
  const std::string other = !to_chosen      ? "the first design"
                            : result.search ? "the chosen design"
                                            : "the best design";
  const std::string where = to_chosen || result.worlds.empty() ? "" : " in the same world";
  return "\n" + style.bold(wrapped(fmt::format("{}: difference to {}{}, replication by replication{}", titled(column.name, unit_of(column)),
                                               other, where, result.search ? ", over those that both have" : ""))) +
         "\n" + table.text() +
         paragraph(fmt::format("What chance does to both cancels in these differences{}{}.",
                               unit_of(column) == "%" ? "" : fmt::format("; percentages are of {}'s mean", other),
                               open ? "; not decided: the interval includes zero" : ""));
}

/// Of the metric that is minimized, then of those of the frontier.
std::string differences(const StudyResult& result, const std::vector<std::size_t>& rows, const TextStyle& style) {
  std::vector<std::size_t> metrics{result.minimized};
  for (const auto& [metric, statistic] : result.frontier)
    if (std::find(metrics.begin(), metrics.end(), metric) == metrics.end()) metrics.push_back(metric);
  std::string text;
  const bool to_chosen = result.search && result.search->best;
  for (const std::size_t metric : metrics) text += differences_of(result, rows, metric, to_chosen, style);
  return text;
}

/// With two digits: it is a guess.
std::string about(std::uint64_t count) {
  const auto value = static_cast<double>(count);
  const double step = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(value, 1.0))) - 1));
  return grouped(std::ceil(value / step) * step, 0);
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
      if (item.needed) line += fmt::format(" About {} replications would reach it{}.", about(*item.needed),
                                      *item.needed > item.at_most ? fmt::format("; at_most is {}", grouped(static_cast<double>(item.at_most), 0)) : "");
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

/// Of a study that asks no more than that objectives be met: the best design, what chance may have put behind it, and the
/// differences to it.
std::string best_section(const StudyResult& result, const std::vector<std::size_t>& rows, const TextStyle& style) {
  if (!result.best) return "";
  const StudyDesignResult& best = result.designs[*result.best];
  const std::string& metric = result.metrics[result.minimized].name;
  std::vector<std::string> alike, may_meet;
  bool first = true;  // the best design, whose differences are those to the first
  for (std::size_t d = 0; d < result.designs.size(); ++d) {
    const StudyDesignResult& design = result.designs[d];
    if (!is_shown(design)) continue;
    if (d < *result.best) first = false;
    const std::optional<PairedComparison>& against = design.metrics[result.minimized].against_chosen;
    if (!against || !design.may_meet() || (against->interval && against->interval->low > 0)) continue;
    (design.meets_all ? alike : may_meet).push_back(label_of(design));
  }
  const bool open = !alike.empty() || !may_meet.empty() || !best.surely_meets();
  std::string text = fmt::format("Of the designs that meet the objectives in these replications, {} has the least {}{}.", label_of(best),
                                 metric, open ? " so far" : "");
  if (!alike.empty()) text += fmt::format(" Not told apart from it: {}.", some_of(alike));
  if (!best.surely_meets()) text += " Its intervals leave open whether it meets them.";
  if (!may_meet.empty()) text += fmt::format(" It is open whether these meet them, and they are not surely worse: {}.", some_of(may_meet));
  return "\n" + paragraph(text) + (first ? "" : differences_of(result, rows, result.minimized, true, style));
}

/// "drops below 0.5 (50%)": a share that is written as a plain number is shown in % everywhere else.
std::string asked_in_words(const ObjectiveResult& objective) {
  if (!objective.ordering.empty() || objective.name.find(objective.bound) != std::string::npos) return objective.name;
  const std::string as_written = objective.bound.substr(0, objective.bound.rfind(" ("));
  const std::size_t at = objective.name.find(as_written);
  if (at == std::string::npos) return fmt::format("{}, {}", objective.name, objective.bound);
  return std::string(objective.name).replace(at, as_written.size(), objective.bound);
}

/// What is asked of the designs: "Objectives: drops below 0.3%; cost below 9 USD. Indifference: 5 USD."
std::string questions(const StudyResult& result) {
  std::vector<std::string> objectives;
  const auto asked = std::find_if(result.designs.begin(), result.designs.end(),
                                  [](const StudyDesignResult& design) { return !design.objectives.empty(); });
  if (asked != result.designs.end())
    for (const ObjectiveResult& objective : asked->objectives)
      if (!objective.name.empty()) objectives.push_back(asked_in_words(objective));
  std::string text;
  if (!objectives.empty()) text = fmt::format("{}: {}.", objectives.size() == 1 ? "Objective" : "Objectives", fmt::join(objectives, "; "));
  if (result.search && !result.search->indifference.empty())
    text += fmt::format("{}Indifference: {}.", text.empty() ? "" : " ", result.search->indifference);
  return text.empty() ? text : paragraph(text);
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
  text += questions(result);
  for (const std::string& warning : result.warnings) text += style.yellow("Warning:") + " " + wrapped(warning + ".", 2, 9) + "\n";
  text += search_section(result);
  text += world_section(result, style);
  text += sensitivity_section(result, style);
  if (result.sensitivity.empty()) {
    const std::vector<std::size_t> rows = listed(result);
    text += shortened(result, rows, store);
    text += metric_tables(result, rows, style);
    text += differences(result, rows, style);
    text += best_section(result, rows, style);
    text += frontier_section(result, rows, style);
  } else {
    // Points of an analysis say nothing one by one.
    text += "\n" + paragraph(fmt::format("The designs one by one: fleetsim study export {}", store));
  }
  return text + gain_lines(result) + precision_lines(result);
}

}  // namespace fleetsim::cli
