#include "tools/cli/output/svg.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/study_text.hpp"

namespace fleetsim::cli::svg {

namespace {

constexpr double title_left = 16, title_line = 20;
constexpr int title_size = 15;

std::vector<std::string> title_lines(const std::string& title) { return in_lines(title, width - 2 * title_left, title_size, 2); }

}  // namespace

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

double room_of(const std::string& text, double size) { return 0.55 * size * static_cast<double>(width_of(text)); }

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

std::vector<std::string> in_lines(const std::string& text, double room, double size, std::size_t most) {
  std::vector<std::string> lines;
  std::string rest = text;
  while (!rest.empty()) {
    if (lines.size() + 1 == most || room_of(rest, size) <= room) {
      lines.push_back(fitted(rest, room, size));
      break;
    }
    std::size_t end = 0;
    for (std::size_t space = rest.find(' '); space != std::string::npos && room_of(rest.substr(0, space), size) <= room;
         space = rest.find(' ', space + 1))
      end = space;
    if (end == 0) end = std::min(rest.find(' '), rest.size());
    lines.push_back(fitted(rest.substr(0, end), room, size));
    rest = end < rest.size() ? rest.substr(end + 1) : "";
  }
  return lines;
}

std::string text_at(double x, double y, const std::string& text, const TextStyle& style) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\" fill=\"{}\">{}</text>\n", x, y, style.anchor,
                     style.size, style.color, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const char* color, double stroke, bool dashed) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"{}/>\n", x1, y1, x2,
                     y2, color, stroke, dashed ? " stroke-dasharray=\"6 4\"" : "");
}

std::string circle(double x, double y, double radius, const char* color, bool hollow, const std::string& tip) {
  return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\" stroke=\"{}\" stroke-width=\"1.5\"><title>{}</title></circle>\n",
                     x, y, radius, hollow ? "#ffffff" : color, color, escaped(tip));
}

std::string rectangle(double x, double y, double wide, double high, const char* color, const std::string& tip) {
  return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"><title>{}</title></rect>\n", x, y, wide,
                     high, color, escaped(tip));
}

double title_bottom(const std::string& title) { return 8 + title_line * static_cast<double>(title_lines(title).size()); }

std::string picture(double height, const std::string& title, const std::string& body) {
  std::string text = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
                                 "font-family=\"sans-serif\">\n<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#ffffff\"/>\n",
                                 width, height);
  double y = 4;
  for (const std::string& words : title_lines(title))
    text += text_at(title_left, y += title_line, words, {.anchor = "start", .size = title_size, .color = "#111827"});
  return text + body + "</svg>\n";
}

Axis::Axis(const experiment::MetricColumn& column, double low, double high) {
  const ShownMetric one = shown_as(column, 1, std::nullopt);
  scale_ = one.mean;
  title_ = titled(column.name, one.unit);
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

std::vector<std::pair<double, std::string>> Axis::marks() const {
  std::vector<std::pair<double, std::string>> marks;
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step_))));
  for (double value = low_; value < high_ + step_ / 2; value += step_)
    marks.emplace_back((value - low_) / (high_ - low_), grouped(value, decimals));
  return marks;
}

}  // namespace fleetsim::cli::svg
