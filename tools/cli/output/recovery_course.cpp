#include "tools/cli/output/recovery_course.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

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
    lines.push_back(fmt::format("and {} more, with --format json", grouped(static_cast<double>(course->entries.size() - count), 0)));
  }
  return lines;
}

}  // namespace fleetsim::cli
