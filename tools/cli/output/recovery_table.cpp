#include "tools/cli/output/recovery_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

/// "3 h 12 min": seconds as people say them, to three digits or so.
std::string time_in_words(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.1f} min", seconds / 60);
  if (seconds < 3 * 86'400) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86'400);
}

std::string mean_time(const Metric* metric, const TextStyle& style) {
  if (metric == nullptr || metric->n == 0) return "-";
  std::string text = time_in_words(metric->mean);
  if (metric->ci95_low && metric->ci95_high && *metric->ci95_high > *metric->ci95_low) {
    text += fmt::format(" {} {}", style.plus_minus(), time_in_words((*metric->ci95_high - *metric->ci95_low) / 2));
  }
  return text;
}

std::string chance(const Metric* metric) {
  if (metric == nullptr || metric->n == 0) return "-";
  std::string text = fmt::format("{:.4g} %", metric->mean * 100);
  if (metric->ci95_low && metric->ci95_high) {
    text += fmt::format(" (95 %: {:.3g} to {:.3g} %)", *metric->ci95_low * 100, *metric->ci95_high * 100);
  }
  return text;
}

}  // namespace

std::vector<std::string> plan_sentences(const RunResult& result, const PlanSummary& plan, const TextStyle& style) {
  const std::string prefix = "recovery." + plan.name + ".";
  const auto find = [&](const char* name) { return result.find(prefix + name); };
  const Metric* disasters = find("disasters");
  if (disasters == nullptr || disasters->mean == 0) {
    return {fmt::format("Plan {}: no disaster struck {}.", plan.name, plan.protects)};
  }
  std::string words = fmt::format("Plan {}, after {} in each replication:", plan.name,
                                  counted(std::round(disasters->mean * 10) / 10, "disaster"));
  const Metric *rpa = find("rpa"), *rta = find("rta"), *full = find("full_speed_after");
  if (rpa != nullptr && rpa->n > 0) words += fmt::format(" data is {} old,", mean_time(rpa, style));
  if (rta != nullptr && rta->n > 0) {
    words += fmt::format(" users are served after {}", mean_time(rta, style));
    if (full != nullptr && full->n > 0 && full->mean > rta->mean) words += fmt::format(", at full speed after {}", mean_time(full, style));
    words += ".";
  } else {
    words += " the plan never brings the service back.";
  }
  std::vector<std::string> sentences{words};
  if (plan.rpo) {
    sentences.push_back(fmt::format("The recovery point objective of {} is missed with a probability of {}.",
                                    to_text(*plan.rpo), chance(find("rpo_missed_probability"))));
  }
  if (plan.rto) {
    sentences.push_back(fmt::format("The recovery time objective of {} is missed with a probability of {}.",
                                    to_text(*plan.rto), chance(find("rto_missed_probability"))));
  }
  const Metric* failed = find("failed_probability");
  if (failed != nullptr && failed->mean > 0) {
    sentences.push_back(fmt::format("The plan fails with a probability of {}.", chance(failed)));
  }
  const Metric* drills = find("drill.count");
  if (drills != nullptr) {
    const Metric* passed = find("drill.passed_fraction");
    sentences.push_back(fmt::format(
        "Drills: {:.4g} in each replication, of which {} met the objectives; {} at most without one that did.", drills->mean,
        passed != nullptr && passed->n > 0 ? fmt::format("{:.4g} %", passed->mean * 100) : "-",
        mean_time(find("drill.longest_without"), style)));
  }
  return sentences;
}

std::vector<std::string> plan_table(const RunResult& result, const PlanSummary& plan, const TextStyle& style) {
  const std::string prefix = "recovery." + plan.name + ".";
  const auto cell = [&](const std::string& name) {
    const Metric* metric = result.find(prefix + name);
    return metric != nullptr && metric->n > 0 ? time_in_words(metric->mean) : std::string("-");
  };
  Columns times({Align::left, Align::right, Align::right, Align::right, Align::right});
  times.add({"", "mean", "median", "95 %", "longest"});
  for (const auto& [name, label] : {std::pair("rpa", "age of the data (RPA)"), std::pair("rta", "users served (RTA)"),
                                    std::pair("full_speed_after", "full speed")}) {
    const Metric* mean = result.find(prefix + name);
    if (mean == nullptr) continue;
    times.add({label, cell(name), cell(fmt::format("{}.p50", name)), cell(fmt::format("{}.p95", name)), cell(fmt::format("{}.max", name))});
  }
  std::vector<std::string> lines = times.lines();
  lines.emplace_back();
  Columns steps({Align::left, Align::right, Align::right, Align::right, Align::left});
  steps.add({"", "", "on critical", "time", ""});
  steps.add({"step", "takes", "path", "there", ""});
  bool any = false;
  for (const std::string& step : plan.steps) {
    const std::string own = prefix + "step." + step + ".";
    const Metric *critical = result.find(own + "critical_fraction"), *length = result.find(own + "critical_time"),
                 *rta = result.find(prefix + "rta");
    if (critical == nullptr || critical->n == 0) continue;
    any = true;
    const double share = rta != nullptr && rta->n > 0 && rta->mean > 0 ? std::min(1.0, length->mean / rta->mean) : 0;
    steps.add({step, cell("step." + step + ".time"), fmt::format("{:.3g} %", critical->mean * 100), time_in_words(length->mean),
               bar(share, 20, style.utf8)});
  }
  if (!any) return lines;
  for (std::string& line : steps.lines()) lines.push_back(std::move(line));
  return lines;
}

bool belongs_to_plan(const std::string& metric, const PlanSummary& plan) {
  return metric.starts_with("recovery." + plan.name + ".");
}

}  // namespace fleetsim::cli
