#include "tools/cli/output/recovery_course.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

/// "1:02:03": hours, minutes and seconds since the disaster.
std::string clock_of(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  return fmt::format("+{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string subject(const ResultCourse::Entry& entry) {
  if (entry.step.empty() || entry.resource.empty()) return entry.step + entry.resource;
  return entry.step + " " + entry.resource;
}

/// An entry as a line shows it: an attempt that fails stands for those of the same task that fail alike after it.
struct Row {
  const ResultCourse::Entry* entry = nullptr;
  std::size_t attempts = 1;
  double until = 0;  // the last of them
};

std::vector<Row> rows_of(const ResultCourse& course) {
  const std::vector<ResultCourse::Entry>& entries = course.entries;
  std::vector<Row> rows;
  std::vector<bool> told(entries.size());  // what an earlier row stands for
  for (std::size_t e = 0; e < entries.size(); ++e) {
    if (told[e]) continue;
    Row& row = rows.emplace_back(Row{.entry = &entries[e], .attempts = 1, .until = entries[e].at_s});
    if (!entries[e].what.starts_with("attempt fails")) continue;
    std::vector<std::size_t> between;  // how the next attempt begins
    for (std::size_t next = e + 1; next < entries.size(); ++next) {
      const ResultCourse::Entry& other = entries[next];
      if (other.step != entries[e].step || other.resource != entries[e].resource) continue;
      between.push_back(next);
      if (other.what == entries[e].what) {
        ++row.attempts;
        row.until = other.at_s;
        for (const std::size_t entry : std::exchange(between, {})) told[entry] = true;
      } else if (!other.what.starts_with("begins") && !other.what.starts_with("waits")) {
        break;
      }
    }
  }
  return rows;
}

}  // namespace

std::vector<std::string> course_lines(const RunResult& result, const PlanSummary& plan) {
  const auto course = std::find_if(result.courses.begin(), result.courses.end(),
                                   [&](const ResultCourse& each) { return each.plan == plan.name; });
  if (course == result.courses.end()) return {};
  const std::string_view given = course->time;  // 2026-01-05T09:03:00Z
  const std::string time = given.size() == 20 ? fmt::format("{} {}", given.substr(0, 10), given.substr(11, 8)) : course->time;
  std::vector<std::string> lines{wrapped(fmt::format("Plan {} after the first disaster of the first replication, {} at {} UTC:",
                                                     plan.name, course->fault, time))};
  constexpr std::size_t shown = 40;
  std::size_t widest = 0;
  const std::vector<Row> rows = rows_of(*course);
  const std::size_t count = std::min(rows.size(), shown);
  for (std::size_t r = 0; r < count; ++r) widest = std::max(widest, width_of(subject(*rows[r].entry)));
  widest = std::min<std::size_t>(widest, 30);
  for (std::size_t r = 0; r < count; ++r) {
    const Row& row = rows[r];
    const std::string who = subject(*row.entry);
    std::string line = fmt::format("{:>11}  {}", clock_of(row.entry->at_s), who);
    if (const std::size_t width = width_of(who); width < widest) line += std::string(widest - width, ' ');
    line += "  ";
    std::string what = row.entry->what;
    if (row.attempts > 1) what += fmt::format("; {} attempts until {}", grouped(static_cast<double>(row.attempts), 0), clock_of(row.until));
    const std::size_t margin = 13 + widest + 2;
    lines.push_back(line + wrapped(what, margin, width_of(line)));
  }
  if (count < rows.size()) {
    lines.push_back(fmt::format("and {} more, with --format json", grouped(static_cast<double>(rows.size() - count), 0)));
  }
  return lines;
}

}  // namespace fleetsim::cli
