// Pictures of a study as SVG: plain shapes and text, readable on light and dark ground.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::cli {

namespace {

constexpr double width = 720;
constexpr double left = 90, right = 24, top = 48, bottom = 56;
constexpr const char* strong = "#1f6fb4";
constexpr const char* faint = "#a9b4bf";
constexpr const char* ink = "#4b5563";

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') result += "&lt;";
    else if (c == '>') result += "&gt;";
    else if (c == '&') result += "&amp;";
    else result += c;
  }
  return result;
}

/// As much of a text as has room, in pixels; its whole is in the title of what it names. A character of a sans-serif font is
/// about 0.55 times its size wide.
std::string fitted(const std::string& text, double room, double size) {
  const auto characters = static_cast<std::size_t>(std::max(1.0, room / (0.55 * size)));
  if (width_of(text) <= characters) return text;
  std::string kept;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (begins && width_of(kept) + 1 >= characters) break;
    kept += c;
  }
  return kept + "…";
}

std::string text_at(double x, double y, const std::string& text, const char* anchor = "start", int size = 12, const char* color = ink) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"{}\">{}</text>\n", x, y, anchor, size,
                     color, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const char* color, double stroke = 1) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"/>\n", x1, y1, x2,
                     y2, color, stroke);
}

std::string picture(double height, const std::string& title, const std::string& body) {
  return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
                     "font-family=\"sans-serif\">\n<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#ffffff\"/>\n",
                     width, height) +
         text_at(left, 24, fitted(title, width - left, 15), "start", 15, "#111827") + body + "</svg>\n";
}

/// A metric's axis: values in the unit that people use, at round numbers.
class Axis {
 public:
  Axis(const experiment::MetricColumn& column, double low, double high) {
    Metric metric;
    metric.name = column.source;
    metric.unit = column.unit;
    metric.mean = 1;
    const ShownMetric one = shown(metric);
    scale_ = one.mean;
    title_ = one.unit.empty() ? column.name : column.name + ", " + one.unit;
    low *= scale_;
    high *= scale_;
    if (!(high > low)) {
      const double around = low == 0 ? 1 : std::abs(low) / 10;
      high = low + around;
      low -= around;
    }
    const double rough = (high - low) / 4;
    const double power = std::pow(10, std::floor(std::log10(rough)));
    step_ = power * (rough / power >= 5 ? 5 : rough / power >= 2 ? 2 : 1);
    low_ = std::floor(low / step_) * step_;
    high_ = std::ceil(high / step_) * step_;
  }

  const std::string& title() const { return title_; }
  double share(double value) const { return (value * scale_ - low_) / (high_ - low_); }
  /// Each mark's share of the axis and its text.
  std::vector<std::pair<double, std::string>> marks() const {
    std::vector<std::pair<double, std::string>> marks;
    const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step_))));
    for (double value = low_; value < high_ + step_ / 2; value += step_)
      marks.emplace_back((value - low_) / (high_ - low_), grouped(value, decimals));
    return marks;
  }

 private:
  double scale_ = 1, low_ = 0, high_ = 1, step_ = 1;
  std::string title_;
};

double statistic_of(const experiment::Statistics& statistics, const std::string& name) {
  if (name == "p05") return statistics.p05;
  if (name == "p50") return statistics.p50;
  if (name == "p95") return statistics.p95;
  if (name == "min") return statistics.min;
  if (name == "max") return statistics.max;
  return statistics.mean;
}

struct Point {
  double x, y;
  std::string name;
  bool strong;
};

/// Two metrics against each other, the designs that count in colour and with their names.
std::string scatter(const StudyResult& result, std::pair<std::size_t, std::string> of_x, std::pair<std::size_t, std::string> of_y) {
  constexpr double height = 480;
  std::vector<Point> points;
  double low_x = INFINITY, high_x = -INFINITY, low_y = INFINITY, high_y = -INFINITY;
  for (std::size_t d = 0; d < result.designs.size(); ++d) {
    const StudyDesignResult& design = result.designs[d];
    if (design.metrics.empty()) continue;
    const double x = statistic_of(design.metrics[of_x.first].plain, of_x.second);
    const double y = statistic_of(design.metrics[of_y.first].plain, of_y.second);
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    const bool chosen = result.search ? result.search->best == d : !design.dominated_by;
    points.push_back({x, y, label_of(design), chosen && (result.search || !result.frontier.empty())});
    low_x = std::min(low_x, x);
    high_x = std::max(high_x, x);
    low_y = std::min(low_y, y);
    high_y = std::max(high_y, y);
  }
  if (points.empty()) return picture(120, result.name, text_at(left, 60, "no design observed both metrics"));
  const Axis x_axis(result.metrics[of_x.first], low_x, high_x), y_axis(result.metrics[of_y.first], low_y, high_y);
  const auto at_x = [&](double share) { return left + share * (width - left - right); };
  const auto at_y = [&](double share) { return height - bottom - share * (height - top - bottom); };
  std::string body;
  for (const auto& [share, text] : x_axis.marks()) {
    body += line(at_x(share), at_y(0), at_x(share), at_y(1), "#e5e7eb") + text_at(at_x(share), at_y(0) + 18, text, "middle");
  }
  for (const auto& [share, text] : y_axis.marks()) {
    body += line(at_x(0), at_y(share), at_x(1), at_y(share), "#e5e7eb") + text_at(at_x(0) - 8, at_y(share) + 4, text, "end");
  }
  const auto words = [](const Axis& axis, const std::string& statistic) {
    return (statistic == "mean" ? "" : statistic + " of ") + axis.title();
  };
  body += text_at(at_x(1), height - 14, fitted(words(x_axis, of_x.second), at_x(1), 13), "end", 13) +
          text_at(12, 42, fitted(words(y_axis, of_y.second), width - 12, 13), "start", 13);
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return !a.strong && b.strong; });
  for (const Point& point : points) {
    const double x = at_x(x_axis.share(point.x)), y = at_y(y_axis.share(point.y));
    body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"><title>{}</title></circle>\n", x, y, point.strong ? 5 : 4,
                        point.strong ? strong : faint, escaped(point.name));
    if (point.strong || points.size() <= 12)
      body += x > width / 2 ? text_at(x - 9, y - 7, fitted(point.name, x - 9, 11), "end", 11)
                            : text_at(x + 9, y - 7, fitted(point.name, width - x - 9, 11), "start", 11);
  }
  return picture(height, result.name, body);
}

/// One bar a row, from low to high, around zero.
std::string bars(const StudyResult& result, const SensitivityResult& sensitivity) {
  constexpr double row = 30, names = 190;
  const bool tornado = sensitivity.method == "tornado";
  double low = 0, high = 0;
  for (const SensitivityRow& item : sensitivity.rows) {
    low = std::min(low, tornado ? item.low : 0);
    high = std::max(high, item.high);
  }
  const double height = top + row * static_cast<double>(sensitivity.rows.size()) + bottom;
  experiment::MetricColumn column = result.metrics[sensitivity.metric];
  if (sensitivity.method == "Sobol") column = {.name = "total Sobol' index of " + column.name, .source = "", .unit = "1"};
  const Axis axis(column, low, high);
  const auto at = [&](double share) { return names + share * (width - names - right); };
  std::string body;
  for (const auto& [share, text] : axis.marks())
    body += line(at(share), top, at(share), height - bottom, "#e5e7eb") + text_at(at(share), height - bottom + 18, text, "middle");
  double y = top;
  for (const SensitivityRow& item : sensitivity.rows) {
    const double from = at(axis.share(tornado ? item.low : 0)), to = at(axis.share(item.high));
    body += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"><title>{} to {}</title></rect>\n",
                        from, y + 5, std::max(1.0, to - from), row - 10, strong, escaped(item.low_value), escaped(item.high_value));
    body += text_at(names - 10, y + row / 2 + 4, fitted(item.parameter, names - 10, 12), "end");
    y += row;
  }
  body += line(at(axis.share(0)), top, at(axis.share(0)), height - bottom, ink);
  body += text_at(at(1), height - 14, fitted((tornado ? "change of " : "") + axis.title(), at(1), 13), "end", 13);
  return picture(height, result.name, body);
}

/// Each design's mean with its interval.
std::string intervals(const StudyResult& result, std::size_t metric) {
  constexpr double row = 22, names = 250;
  double low = INFINITY, high = -INFINITY;
  std::size_t count = 0;
  const auto interval_of = [&](const StudyDesignResult& design) {
    const experiment::Estimate& estimate = design.metrics[metric].estimate;
    return estimate.interval.value_or(Interval{estimate.mean, estimate.mean});
  };
  for (const StudyDesignResult& design : result.designs) {
    if (design.metrics.empty() || design.metrics[metric].plain.n == 0) continue;
    low = std::min(low, interval_of(design).low);
    high = std::max(high, interval_of(design).high);
    ++count;
  }
  if (count == 0) return picture(120, result.name, text_at(left, 60, "no design observed the metric"));
  const double height = top + row * static_cast<double>(count) + bottom;
  const Axis axis(result.metrics[metric], low, high);
  const auto at = [&](double share) { return names + share * (width - names - right); };
  std::string body;
  for (const auto& [share, text] : axis.marks())
    body += line(at(share), top, at(share), height - bottom, "#e5e7eb") + text_at(at(share), height - bottom + 18, text, "middle");
  double y = top + row / 2;
  for (const StudyDesignResult& design : result.designs) {
    if (design.metrics.empty() || design.metrics[metric].plain.n == 0) continue;
    const Interval interval = interval_of(design);
    body += line(at(axis.share(interval.low)), y, at(axis.share(interval.high)), y, strong, 2);
    body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"/>\n", at(axis.share(design.metrics[metric].estimate.mean)), y, strong);
    body += text_at(names - 10, y + 4, fitted(label_of(design), names - 10, 11), "end", 11);
    y += row;
  }
  return picture(height, result.name, body + text_at(at(1), height - 14, fitted(axis.title(), at(1), 13), "end", 13));
}

}  // namespace

std::string study_picture(const StudyResult& result) {
  if (!result.sensitivity.empty()) return bars(result, result.sensitivity.front());
  if (result.frontier.size() >= 2) return scatter(result, result.frontier[0], result.frontier[1]);
  if (result.search && result.metrics.size() >= 2)
    return scatter(result, {result.minimized, "mean"}, {result.minimized == 0 ? 1 : 0, "mean"});
  return intervals(result, result.minimized);
}

}  // namespace fleetsim::cli
