// Pictures of a study as SVG: bars of a sensitivity, two metrics against each other, or one metric by design.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/study_scatter.hpp"
#include "tools/cli/output/study_text.hpp"
#include "tools/cli/output/svg.hpp"

namespace fleetsim::cli {

namespace {

constexpr double right = 24, names_left = 16;

/// A horizontal axis with its marks, below rows.
class Rows {
 public:
  Rows(const std::string& title, svg::Axis axis, double names, double rows_height)
      : axis_(std::move(axis)), names_(names), top_(svg::title_bottom(title) + 14), floor_(top_ + rows_height) {}
  double top() const { return top_; }
  double floor() const { return floor_; }
  double at(double value) const { return names_ + axis_.share(value) * (svg::width - names_ - right); }
  bool shows(double value) const { return axis_.shows(value); }
  std::string frame(const std::string& title) const {
    std::string body;
    for (const auto& [share, text] : axis_.marks()) {
      const double x = names_ + share * (svg::width - names_ - right);
      body += svg::line(x, top_, x, floor_, svg::grid) + svg::text_at(x, floor_ + 18, text, {.anchor = "middle"});
    }
    return body + svg::text_at(svg::width - right, floor_ + 38, svg::fitted(title, svg::width - names_left - right, 13),
                               {.anchor = "end", .size = 13});
  }
  const std::string& axis_title() const { return axis_.title(); }

 private:
  svg::Axis axis_;
  double names_, top_, floor_;
};

std::string whisker(const Rows& rows, const std::optional<Interval>& interval, double y) {
  if (!interval || !(interval->high > interval->low)) return "";
  return svg::line(rows.at(interval->low), y, rows.at(interval->high), y, "#111827", 1.5);
}

/// Each end of each parameter has a bar from zero, the change at the base.
std::string tornado(const StudyResult& result, const SensitivityResult& sensitivity) {
  constexpr double row = 20, between = 8, values = 260, names = 280;
  double low = 0, high = 0, height = 0;
  for (const SensitivityRow& item : sensitivity.rows) {
    for (const SensitivityEnd& end : item.ends) {
      const Interval interval = end.interval.value_or(Interval{end.change, end.change});
      low = std::min(low, interval.low);
      high = std::max(high, interval.high);
      height += row;
    }
    height += between;
  }
  const Rows rows(result.name, svg::Axis(result.metrics[sensitivity.metric], low, high), names, height);
  std::string body = rows.frame("change of the mean of " + rows.axis_title());
  double y = rows.top() + between / 2;
  for (const SensitivityRow& item : sensitivity.rows) {
    const double middle = y + row * static_cast<double>(item.ends.size()) / 2;
    double widest = 0;
    for (const SensitivityEnd& end : item.ends) {
      const std::string text = end.is_base ? end.value + " (base)" : end.value;
      const std::string kept = svg::fitted(text, values - 130, 12);
      widest = std::max(widest, svg::room_of(kept, 12));
      const double from = rows.at(std::min(0.0, end.change)), to = rows.at(std::max(0.0, end.change));
      if (!end.is_base)
        body += svg::rectangle(from, y + 3, std::max(1.0, to - from), row - 6, end.change < 0 ? svg::second : svg::strong, text);
      body += whisker(rows, end.interval, y + row / 2) + svg::text_at(values, y + row / 2 + 4, kept, {.anchor = "end"});
      y += row;
    }
    body += svg::text_at(names_left, middle + 4, svg::fitted(item.parameter, values - widest - names_left - 10, 12),
                         {.anchor = "start", .size = 12, .color = "#111827"});
    y += between;
  }
  body += svg::line(rows.at(0), rows.top(), rows.at(0), rows.floor(), svg::ink);
  body += svg::text_at(names_left, rows.floor() + 38, "black lines: 95 % intervals");
  return svg::picture(rows.floor() + 52, result.name, body);
}

/// Morris' effects, or Sobol's indices in two shades.
std::string bars(const StudyResult& result, const SensitivityResult& sensitivity) {
  constexpr double row = 30, names = 230;
  const bool indices = sensitivity.method == "Sobol";
  double low = 0, high = 0;
  for (const SensitivityRow& item : sensitivity.rows) {
    const Interval interval = item.high_interval.value_or(Interval{item.high, item.high});
    low = std::min(low, interval.low);
    high = std::max({high, interval.high, item.high});
  }
  experiment::MetricColumn column = result.metrics[sensitivity.metric];
  if (indices) column = {.name = "share of the variance of " + column.name, .source = "share_fraction", .unit = "1"};
  const Rows rows(result.name, svg::Axis(column, low, high), names, row * static_cast<double>(sensitivity.rows.size()));
  std::string body = rows.frame(indices ? rows.axis_title() : "mean effect over each whole range on " + rows.axis_title());
  double y = rows.top();
  for (const SensitivityRow& item : sensitivity.rows) {
    const auto bar_to = [&](double value, const char* color) {
      const double from = rows.at(std::min(0.0, value)), to = rows.at(std::max(0.0, value));
      return svg::rectangle(from, y + 6, std::max(1.0, to - from), row - 12, color, item.parameter);
    };
    body += bar_to(item.high, indices ? svg::faint : svg::strong);
    if (indices) body += bar_to(item.low, svg::strong);
    body += whisker(rows, item.high_interval, y + row / 2);
    body += svg::text_at(names - 10, y + row / 2 + 4, svg::fitted(item.parameter, names - 26, 12), {.anchor = "end"});
    y += row;
  }
  body += svg::line(rows.at(0), rows.top(), rows.at(0), rows.floor(), svg::ink);
  double floor = rows.floor() + 52;
  body += svg::text_at(names_left, floor, indices ? "blue: alone; with grey: with all that it does together with others; black lines: 95 % intervals"
                                                  : "black lines: 95 % intervals");
  return svg::picture(floor + 16, result.name, body);
}

/// Each design's mean with its interval.
std::string intervals(const StudyResult& result, std::size_t metric) {
  constexpr double row = 22, names = 320;
  constexpr std::size_t drawn_max = 60;
  std::vector<const StudyDesignResult*> designs;
  std::size_t left_out = 0;
  double low = INFINITY, high = -INFINITY;
  const auto interval_of = [&](const StudyDesignResult& design) {
    const experiment::Estimate& estimate = design.metrics[metric].estimate;
    return estimate.interval.value_or(Interval{estimate.mean, estimate.mean});
  };
  for (const StudyDesignResult& design : result.designs) {
    if (!is_shown(design) || design.metrics[metric].plain.n == 0) continue;
    if (designs.size() == drawn_max) {
      ++left_out;
      continue;
    }
    designs.push_back(&design);
    low = std::min(low, interval_of(design).low);
    high = std::max(high, interval_of(design).high);
  }
  if (designs.empty()) return svg::picture(120, result.name, svg::text_at(names_left, 80, "no design observed the metric"));
  const Rows rows(result.name, svg::Axis(result.metrics[metric], low, high), names, row * static_cast<double>(designs.size()));
  std::string body = rows.frame(rows.axis_title());
  for (const ObjectiveBound& bound : result.bounds)
    if (bound.metric == metric && bound.statistic == "mean" && rows.shows(bound.bound))
      body += svg::line(rows.at(bound.bound), rows.top(), rows.at(bound.bound), rows.floor(), svg::wanted, 1.5, true);
  double y = rows.top() + row / 2;
  for (const StudyDesignResult* design : designs) {
    const Interval interval = interval_of(*design);
    body += svg::line(rows.at(interval.low), y, rows.at(interval.high), y, svg::strong, 2);
    body += svg::circle(rows.at(design->metrics[metric].estimate.mean), y, 4, svg::strong, false, design->name);
    body += svg::text_at(names - 10, y + 4, svg::fitted(design->name, names - 26, 11), {.anchor = "end", .size = 11});
    y += row;
  }
  std::string words = "lines: 95 % intervals of the mean";
  if (left_out > 0) words += fmt::format("; {} more designs are not drawn", left_out);
  return svg::picture(rows.floor() + 66, result.name, body + svg::text_at(names_left, rows.floor() + 52, words));
}

}  // namespace

std::string study_picture(const StudyResult& result) {
  if (!result.sensitivity.empty()) {
    const SensitivityResult& first = result.sensitivity.front();
    return first.method == "tornado" ? tornado(result, first) : bars(result, first);
  }
  if (result.frontier.size() >= 2) return study_scatter(result, result.frontier[0], result.frontier[1]);
  if (result.search && result.metrics.size() >= 2)
    return study_scatter(result, {result.minimized, "mean"}, {result.minimized == 0 ? 1 : 0, "mean"});
  return intervals(result, result.minimized);
}

}  // namespace fleetsim::cli
