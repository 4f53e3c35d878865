#include "tools/cli/output/study_scatter.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/study_text.hpp"
#include "tools/cli/output/svg.hpp"

namespace fleetsim::cli {

namespace {

constexpr double left = 90, right = 24, plot_height = 380;
constexpr std::size_t named_max = 20;

double statistic_of(const StudyMetricResult& metric, const std::string& name) {
  const experiment::Statistics& plain = metric.plain;
  if (name == "p05") return plain.p05;
  if (name == "p50") return plain.p50;
  if (name == "p95") return plain.p95;
  if (name == "min") return plain.min;
  if (name == "max") return plain.max;
  return metric.estimate.mean;
}

/// From the value to itself where no interval is known.
Interval interval_of(const StudyMetricResult& metric, const std::string& statistic) {
  const double value = statistic_of(metric, statistic);
  if (statistic == "mean" && metric.estimate.interval) return *metric.estimate.interval;
  if (statistic == "p95" && metric.plain.p95_interval) return {metric.plain.p95_interval->first, metric.plain.p95_interval->second};
  return {value, value};
}

struct Point {
  double x, y;
  Interval of_x, of_y;
  std::string name;
  bool counts;   // of the frontier, or chosen
  bool decided;  // beyond doubt
};

struct Box {
  double left, top, right, bottom;
  double overlap(const Box& other) const {
    const double wide = std::min(right, other.right) - std::max(left, other.left);
    const double high = std::min(bottom, other.bottom) - std::max(top, other.top);
    return wide > 0 && high > 0 ? wide * high : 0;
  }
};

/// Where a number stands beside its point: the first of the places around it that covers nothing, or the least.
class Tags {
 public:
  explicit Tags(Box plot) : plot_(plot) {}
  void keep_free(const Box& box) { taken_.push_back(box); }

  std::string place(double x, double y, const std::string& text) {
    const double wide = svg::room_of(text, size) + 4, high = size + 2;
    constexpr std::array<std::pair<double, double>, 12> around{{{1, -1}, {-1, -1}, {1, 1}, {-1, 1}, {0, -1}, {0, 1},
                                                                {1, 0}, {-1, 0}, {2, -2}, {-2, -2}, {2, 2}, {-2, 2}}};
    Box best{};
    double least = INFINITY;
    for (const auto& [dx, dy] : around) {
      const double middle = x + dx * (wide / 2 + 7), centre = y + dy * (high / 2 + 5);
      const Box box{middle - wide / 2, centre - high / 2, middle + wide / 2, centre + high / 2};
      const bool inside = box.left >= plot_.left && box.right <= plot_.right && box.top >= plot_.top && box.bottom <= plot_.bottom;
      double covered = inside ? 0 : 1000;
      for (const Box& other : taken_) covered += box.overlap(other);
      if (covered >= least) continue;
      least = covered;
      best = box;
      if (covered == 0) break;
    }
    taken_.push_back(best);
    return svg::text_at((best.left + best.right) / 2, best.bottom - 3, text, {.anchor = "middle", .size = static_cast<int>(size), .color = "#111827"});
  }

 private:
  static constexpr double size = 12;
  Box plot_;
  std::vector<Box> taken_;
};

std::vector<Point> points_of(const StudyResult& result, const std::pair<std::size_t, std::string>& of_x,
                             const std::pair<std::size_t, std::string>& of_y) {
  std::vector<Point> points;
  for (std::size_t d = 0; d < result.designs.size(); ++d) {
    const StudyDesignResult& design = result.designs[d];
    if (!is_shown(design)) continue;
    const StudyMetricResult &x = design.metrics[of_x.first], &y = design.metrics[of_y.first];
    Point point{statistic_of(x, of_x.second), statistic_of(y, of_y.second), interval_of(x, of_x.second), interval_of(y, of_y.second),
                design.name, false, true};
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    if (result.search) point.counts = result.search->best == d;
    else point = {point.x, point.y, point.of_x, point.of_y, point.name, !design.dominated_by, design.domination_decided};
    points.push_back(std::move(point));
  }
  return points;
}

/// Low and high of what an axis must show: the intervals, and a bound that is not far from them.
std::pair<double, double> extent(const std::vector<Point>& points, Interval Point::* of, std::optional<double> bound) {
  double low = INFINITY, high = -INFINITY;
  for (const Point& point : points) {
    low = std::min(low, (point.*of).low);
    high = std::max(high, (point.*of).high);
  }
  const double span = high - low;
  if (bound && *bound > low - span && *bound < high + span) {
    low = std::min(low, *bound);
    high = std::max(high, *bound);
  }
  return {low, high};
}

}  // namespace

std::string study_scatter(const StudyResult& result, const std::pair<std::size_t, std::string>& of_x,
                          const std::pair<std::size_t, std::string>& of_y) {
  std::vector<Point> points = points_of(result, of_x, of_y);
  if (points.empty()) return svg::picture(120, result.name, svg::text_at(16, 80, "no design observed both metrics"));
  const auto bound_on = [&](const std::pair<std::size_t, std::string>& of) -> const ObjectiveBound* {
    for (const ObjectiveBound& bound : result.bounds)
      if (bound.metric == of.first && bound.statistic == of.second) return &bound;
    return nullptr;
  };
  const ObjectiveBound *bound_x = bound_on(of_x), *bound_y = bound_on(of_y);
  const auto value_of = [](const ObjectiveBound* bound) { return bound != nullptr ? std::optional(bound->bound) : std::nullopt; };
  const auto [low_x, high_x] = extent(points, &Point::of_x, value_of(bound_x));
  const auto [low_y, high_y] = extent(points, &Point::of_y, value_of(bound_y));
  const svg::Axis x_axis(result.metrics[of_x.first], low_x, high_x), y_axis(result.metrics[of_y.first], low_y, high_y);

  const double top = svg::title_bottom(result.name) + 34, floor = top + plot_height;
  const auto at_x = [&](double value) { return left + x_axis.share(value) * (svg::width - left - right); };
  const auto at_y = [&](double value) { return floor - y_axis.share(value) * plot_height; };
  std::string body;
  for (const auto& [share, text] : x_axis.marks()) {
    const double x = left + share * (svg::width - left - right);
    body += svg::line(x, floor, x, top, svg::grid) + svg::text_at(x, floor + 18, text, {.anchor = "middle"});
  }
  for (const auto& [share, text] : y_axis.marks()) {
    const double y = floor - share * plot_height;
    body += svg::line(left, y, svg::width - right, y, svg::grid) + svg::text_at(left - 8, y + 4, text, {.anchor = "end"});
  }
  const auto words = [](const svg::Axis& axis, const std::string& statistic) {
    return (statistic == "mean" ? "" : statistic + " of ") + axis.title();
  };
  body += svg::text_at(16, top - 14, svg::fitted(words(y_axis, of_y.second), svg::width - 32, 13), {.anchor = "start", .size = 13}) +
          svg::text_at(svg::width - right, floor + 38, svg::fitted(words(x_axis, of_x.second), svg::width - left, 13),
                       {.anchor = "end", .size = 13});
  if (bound_x != nullptr && x_axis.shows(bound_x->bound))
    body += svg::line(at_x(bound_x->bound), top, at_x(bound_x->bound), floor, svg::wanted, 1.5, true);
  if (bound_y != nullptr && y_axis.shows(bound_y->bound))
    body += svg::line(left, at_y(bound_y->bound), svg::width - right, at_y(bound_y->bound), svg::wanted, 1.5, true);

  // Those that count on top, in the order of the x axis, which is that of their numbers.
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.counts != b.counts ? !a.counts : a.x < b.x; });
  Tags tags({left, top, svg::width - right, floor});
  for (const Point& point : points) {
    const double x = at_x(point.x), y = at_y(point.y);
    const char* const color = point.counts ? svg::strong : svg::faint;
    if (point.of_x.high > point.of_x.low) body += svg::line(at_x(point.of_x.low), y, at_x(point.of_x.high), y, color);
    if (point.of_y.high > point.of_y.low) body += svg::line(x, at_y(point.of_y.low), x, at_y(point.of_y.high), color);
    body += svg::circle(x, y, point.counts ? 5 : 4, color, !point.decided, point.name);
    tags.keep_free({x - 5, y - 5, x + 5, y + 5});
  }

  // The key, then the names by their numbers.
  double y = floor + 62;
  const bool any_open = std::any_of(points.begin(), points.end(), [](const Point& point) { return !point.decided; });
  double x = left;
  const auto key = [&](const std::string& sign, const std::string& meaning) {
    const double room = 18 + svg::room_of(meaning, 12) + 16;
    if (x > left && x + room > svg::width) {
      x = left;
      y += 18;
    }
    body += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">{}</g>\n", x + 6, y - 4, sign) +
            svg::text_at(x + 18, y, svg::fitted(meaning, svg::width - x - 18, 12));
    x += room;
  };
  key(svg::circle(0, 0, 5, svg::strong, false, ""), result.search ? "chosen" : "frontier");
  if (std::any_of(points.begin(), points.end(), [](const Point& point) { return !point.counts; }))
    key(svg::circle(0, 0, 4, svg::faint, false, ""), result.search ? "other points" : "dominated");
  if (any_open) key(svg::circle(0, 0, 5, svg::ink, true, ""), "hollow: not beyond doubt");
  key(svg::line(-6, 0, 6, 0, svg::ink), "95 % interval, where known");
  for (const ObjectiveBound* bound : {bound_x, bound_y}) {
    if (bound == nullptr) continue;
    const bool inside = bound == bound_x ? x_axis.shows(bound->bound) : y_axis.shows(bound->bound);
    key(svg::line(-6, 0, 6, 0, svg::wanted, 1.5, true), "objective: " + bound->words + (inside ? "" : " (outside the picture)"));
  }
  for (std::size_t axis = 2; axis < result.frontier.size(); ++axis)
    key("", fmt::format("The frontier counts {} too.", result.metrics[result.frontier[axis].first].name));
  y += 8;
  std::size_t number = 0, unnamed = 0;
  constexpr std::size_t all_named_max = 12;
  std::stable_partition(points.begin(), points.end(), [](const Point& point) { return point.counts; });
  for (const Point& point : points) {
    if (!point.counts && points.size() > all_named_max) continue;
    if (number == named_max) {
      ++unnamed;
      continue;
    }
    ++number;
    body += tags.place(at_x(point.x), at_y(point.y), fmt::format("{}", number));
    y += 17;
    body += svg::text_at(left + 12, y, fmt::format("{}", number), {.anchor = "end", .size = 12, .color = "#111827"}) +
            svg::text_at(left + 20, y, svg::fitted(point.name + (point.counts || result.search ? "" : " (dominated)"), svg::width - left - 36, 12));
  }
  if (unnamed > 0) body += svg::text_at(left + 20, y += 17, fmt::format("and {} more of the frontier", unnamed));
  return svg::picture(y + 18, result.name, body);
}

}  // namespace fleetsim::cli
