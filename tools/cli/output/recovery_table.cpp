#include "tools/cli/output/recovery_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

/// "1:02:03": hours, minutes and seconds since the disaster.
std::string clock_of(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  return fmt::format("+{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
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
  const Metric* lost = find("total_loss_probability");
  if (rpa != nullptr && rpa->n > 0) {
    const std::string unless = lost != nullptr && lost->mean > 0
                                   ? fmt::format(" where any is left (in {:.3g} % all is lost)", lost->mean * 100)
                                   : "";
    words += fmt::format(" data is {} old{},", mean_time(rpa, style), unless);
  }
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
    // A quantile that some replication did not observe fell on a disaster that ended badly there.
    const auto quantile = [&](std::string_view which) {
      const Metric* metric = result.find(fmt::format("{}{}.{}", prefix, name, which));
      const Metric* failed = result.find(prefix + "failed_probability");
      if (metric == nullptr || failed == nullptr || metric->n >= failed->n) return cell(fmt::format("{}.{}", name, which));
      return std::string(std::string_view(name) == "rpa" ? "all lost" : "never");
    };
    times.add({label, cell(name), quantile("p50"), quantile("p95"), quantile("max")});
  }
  std::vector<std::string> lines = times.lines();
  lines.emplace_back();
  Columns resources({Align::left, Align::right, Align::right, Align::right});
  resources.add({"resource, on average", "age of data", "served", "full speed"});
  bool any_resource = false;
  for (const std::string& name : plan.resources) {
    const std::string own = "resource." + name + ".";
    const Metric* rta = result.find(prefix + own + "rta");
    const Metric* rpa = result.find(prefix + own + "rpa");
    if ((rta == nullptr || rta->n == 0) && (rpa == nullptr || rpa->n == 0)) continue;
    any_resource = true;
    resources.add({name, cell(own + "rpa"), cell(own + "rta"), cell(own + "full_speed_after")});
  }
  if (any_resource) {
    for (std::string& line : resources.lines()) lines.push_back(std::move(line));
    lines.emplace_back();
  }
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

std::vector<std::string> course_lines(const RunResult& result, const PlanSummary& plan) {
  const auto course = std::find_if(result.courses.begin(), result.courses.end(),
                                   [&](const ResultCourse& each) { return each.plan == plan.name; });
  if (course == result.courses.end()) return {};
  std::string time = course->time;  // 2026-01-05T09:03:00Z
  if (time.size() == 20) time = time.substr(0, 10) + " " + time.substr(11, 8);
  std::vector<std::string> lines{wrapped(fmt::format("Plan {} after the first disaster of the first replication, {} at {} UTC:",
                                                     plan.name, course->fault, time))};
  constexpr std::size_t shown = 40;
  std::size_t widest = 0;
  const auto subject = [](const ResultCourse::Entry& entry) {
    if (entry.step.empty() || entry.resource.empty()) return entry.step + entry.resource;
    return entry.step + " " + entry.resource;
  };
  const std::size_t count = std::min(course->entries.size(), shown);
  for (std::size_t e = 0; e < count; ++e) widest = std::max(widest, width_of(subject(course->entries[e])));
  widest = std::min<std::size_t>(widest, 30);
  for (std::size_t e = 0; e < count; ++e) {
    const ResultCourse::Entry& entry = course->entries[e];
    const std::string who = subject(entry);
    std::string line = fmt::format("{:>11}  {}", clock_of(entry.at_s), who);
    if (const std::size_t width = width_of(who); width < widest) line += std::string(widest - width, ' ');
    line += "  ";
    const std::size_t margin = 13 + widest + 2;
    lines.push_back(line + wrapped(entry.what, margin, width_of(line)));
  }
  if (count < course->entries.size()) {
    lines.push_back(fmt::format("and {} more, with --format json", course->entries.size() - count));
  }
  return lines;
}

bool belongs_to_plan(const std::string& metric, const PlanSummary& plan) {
  return metric.starts_with("recovery." + plan.name + ".");
}

}  // namespace fleetsim::cli
