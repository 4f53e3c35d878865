#pragma once
/// Pieces of pictures as SVG: plain shapes and text, in colours that are told apart on paper too. Lengths are in pixels, y
/// grows downwards.

#include <string>
#include <utility>
#include <vector>

#include "fleetsim/sim/experiment/store.hpp"

namespace fleetsim::cli::svg {

inline constexpr double width = 720;
inline constexpr const char* strong = "#1f6fb4";
inline constexpr const char* second = "#d9822b";
inline constexpr const char* faint = "#a9b4bf";
inline constexpr const char* ink = "#4b5563";
inline constexpr const char* grid = "#e5e7eb";
inline constexpr const char* wanted = "#c0392b";

std::string escaped(const std::string& text);
/// Pixels that a text of this size takes, about: a character of a sans-serif font is 0.55 times its size wide.
double room_of(const std::string& text, double size);
/// As much of a text as has room, and an ellipsis.
std::string fitted(const std::string& text, double room, double size);
/// The text in lines that have room, broken at spaces; no more than `most`, the last one fitted.
std::vector<std::string> in_lines(const std::string& text, double room, double size, std::size_t most);

struct TextStyle {
  const char* anchor = "start";
  int size = 12;
  const char* color = ink;
};
std::string text_at(double x, double y, const std::string& text, const TextStyle& style = {});
std::string line(double x1, double y1, double x2, double y2, const char* color, double stroke = 1, bool dashed = false);
/// `tip`: shown where a pointer rests on it.
std::string circle(double x, double y, double radius, const char* color, bool hollow, const std::string& tip);
std::string rectangle(double x, double y, double wide, double high, const char* color, const std::string& tip);

/// The title above, in two lines if it is long, then the body. Where the title ends says title_bottom().
std::string picture(double height, const std::string& title, const std::string& body);
double title_bottom(const std::string& title);

/// A metric's axis: values in the unit that people use, at round numbers.
class Axis {
 public:
  Axis(const experiment::MetricColumn& column, double low, double high);
  /// "cost, USD"
  const std::string& title() const { return title_; }
  double share(double value) const { return (value * scale_ - low_) / (high_ - low_); }
  bool shows(double value) const { return share(value) >= 0 && share(value) <= 1; }
  /// Each mark's share of the axis and its text.
  std::vector<std::pair<double, std::string>> marks() const;

 private:
  double scale_ = 1, low_ = 0, high_ = 1, step_ = 1;
  std::string title_;
};

}  // namespace fleetsim::cli::svg
