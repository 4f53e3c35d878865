#pragma once
/// Text in columns and wrapped text, measured in characters rather than bytes.

#include <string>
#include <string_view>
#include <vector>

namespace fleetsim::cli {

/// Characters of UTF-8 text.
std::size_t width_of(std::string_view text);

inline constexpr std::size_t line_width = 80;

/// Wraps at spaces so that no line is wider than `line_width`. The first line starts at `column`; those after it are
/// indented by `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent = 0, std::size_t column = 0);

enum class Align { left, right };

/// Columns as wide as their widest cell, two spaces apart, without trailing spaces.
class Columns {
 public:
  explicit Columns(std::vector<Align> alignment) : alignment_(std::move(alignment)) {}
  /// Requires: as many cells as columns.
  void add(std::vector<std::string> cells);
  /// One line a row, each indented by `indent` spaces.
  std::vector<std::string> lines(std::size_t indent = 0) const;

 private:
  std::vector<Align> alignment_;
  std::vector<std::vector<std::string>> rows_;
};

/// A label before each line, in a column as wide as the widest label or what `line_width` leaves; a label without room has
/// a line of its own.
/// Requires: as many labels as lines.
std::vector<std::string> labelled(const std::vector<std::string>& labels, const std::vector<std::string>& lines);

/// A horizontal bar for a share between 0 and 1, `width` characters at most; never empty for a share above 0.
std::string bar(double share, std::size_t width, bool utf8);

}  // namespace fleetsim::cli
