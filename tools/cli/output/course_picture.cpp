#include "tools/cli/output/course_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/output/number.hpp"
#include "tools/cli/output/svg.hpp"

namespace fleetsim::cli {

namespace {

constexpr double left = 190, right = 24, row_height = 20;
constexpr std::size_t rows_max = 40;
constexpr const char *work = svg::strong, *wait = "#cbd5e1", *wrong = svg::wanted, *load = "#93c5fd", *edge = "#111827";

struct Bar {
  double from, to;
  const char* color;
  std::string what;
};
struct Row {
  std::string name;
  std::vector<Bar> bars;
  std::optional<std::pair<double, std::string>> open;  // what began and has not ended
  const char* color = work;                            // of what is open
};

std::string name_of(const ResultCourse::Entry& entry) {
  if (entry.step.empty() || entry.resource.empty()) return entry.step + entry.resource;
  return entry.step + " " + entry.resource;
}

std::vector<Row> rows_of(const ResultCourse& course, double end) {
  std::vector<Row> rows;
  for (const ResultCourse::Entry& entry : course.entries) {
    if (entry.step.empty() || entry.at_s > end) continue;
    const std::string name = name_of(entry);
    auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& each) { return each.name == name; });
    if (row == rows.end()) row = rows.insert(rows.end(), Row{.name = name, .bars = {}, .open = {}});
    const auto close = [&](const char* color) {
      if (row->open) row->bars.push_back({row->open->first, entry.at_s, color, row->open->second});
      row->open.reset();
    };
    if (entry.what == "all blocks loaded") {
      const double from = row->bars.empty() ? 0 : row->bars.back().to;
      row->bars.push_back({from, entry.at_s, load, "loads its blocks"});
      continue;
    }
    const bool begins = entry.what.starts_with("begins"), waits = entry.what.starts_with("waits");
    const bool fails = entry.what.starts_with("attempt fails") || entry.what.starts_with("given up") || entry.what.starts_with("denied");
    close(fails ? wrong : row->color);
    if (begins || waits) {
      row->open.emplace(entry.at_s, entry.what);
      row->color = begins ? work : wait;
    }
  }
  for (Row& row : rows) {
    if (row.open) row.bars.push_back({row.open->first, end, row.color, row.open->second});
  }
  return rows;
}

/// A round number of seconds that divides the time into four to eight parts.
double step_for(double end) {
  constexpr std::array<double, 16> steps{1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400, 172800};
  for (const double step : steps) {
    if (end / step <= 8) return step;
  }
  return std::ceil(end / 8 / 86400) * 86400;
}

}  // namespace

std::string course_svg(const ResultCourse& course) {
  double end = 0;
  std::vector<std::pair<double, std::string>> marks;
  for (const ResultCourse::Entry& entry : course.entries) {
    const bool whole = entry.step.empty() && entry.resource.empty();
    if (whole && (entry.what == "users are served" || entry.what == "full speed" || entry.what == "the plan fails")) {
      marks.emplace_back(entry.at_s, entry.what);
      end = std::max(end, entry.at_s);
    } else if (!entry.step.empty() && marks.empty()) {
      end = std::max(end, entry.at_s);
    }
  }
  if (!(end > 0)) return {};
  std::vector<Row> rows = rows_of(course, end);
  const std::size_t left_out = rows.size() - std::min(rows.size(), rows_max);
  rows.resize(std::min(rows.size(), rows_max));
  const std::string title = fmt::format("Plan {} after {}, {}", course.plan, course.fault, course.time);
  const double top = svg::title_bottom(title) + 28;
  const auto x_of = [&](double seconds) { return left + seconds / end * (svg::width - left - right); };
  const double bottom = top + static_cast<double>(rows.size()) * row_height;

  std::string body;
  for (double at = 0; at <= end; at += step_for(end)) {
    body += svg::line(x_of(at), top - 4, x_of(at), bottom, svg::grid);
    body += svg::text_at(x_of(at), top - 8, at == 0 ? "0" : time_in_words(at), {.anchor = "middle", .size = 11});
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const double y = top + static_cast<double>(r) * row_height;
    body += svg::text_at(left - 8, y + 14, svg::fitted(rows[r].name, left - 16, 12), {.anchor = "end"});
    for (const Bar& bar : rows[r].bars) {
      const std::string tip = fmt::format("{}: {}, {} to {}", rows[r].name, bar.what, time_in_words(bar.from), time_in_words(bar.to));
      body += svg::rectangle(x_of(bar.from), y + 4, std::max(1.5, x_of(bar.to) - x_of(bar.from)), 12, bar.color, tip);
    }
  }
  double label_y = bottom + 18;
  for (const auto& [at, what] : marks) {
    body += svg::line(x_of(at), top, x_of(at), label_y - 12, edge, 1.5);
    body += svg::text_at(x_of(at), label_y, what + " after " + time_in_words(at),
                         {.anchor = at > end / 2 ? "end" : "start", .color = edge});
    label_y += 16;
  }
  std::string legend = "blue: at work; pale blue: loads blocks; grey: waits; red: fails";
  if (left_out > 0) legend += fmt::format("; {} more tasks in JSON", left_out);
  body += svg::text_at(16, label_y + 4, legend, {.size = 11});
  return svg::picture(label_y + 16, title, body);
}

}  // namespace fleetsim::cli
