#include "tools/cli/output/layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::cli {

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t column) {
  std::string result;
  bool at_start = true;  // of a line
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (!at_start && column + 1 + width_of(word) > line_width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!at_start) {
      result += ' ';
      ++column;
    }
    result += word;
    column += width_of(word);
    at_start = false;
  }
  return result;
}

void Columns::add(std::vector<std::string> cells) {
  invariant(cells.size() == alignment_.size(), "a row has as many cells as the table has columns");
  rows_.push_back(std::move(cells));
}

std::vector<std::string> Columns::lines(std::size_t indent) const {
  std::vector<std::size_t> widths(alignment_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line(indent, ' ');
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) line += "  ";
      const std::string padding(widths[c] - width_of(row[c]), ' ');
      line += alignment_[c] == Align::left ? row[c] + padding : padding + row[c];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> labelled(const std::vector<std::string>& labels, const std::vector<std::string>& lines) {
  invariant(labels.size() == lines.size(), "each line has a label");
  constexpr std::size_t gap = 2;
  std::size_t widest = 0, label_width = 0;
  for (const std::string& line : lines) widest = std::max(widest, width_of(line));
  for (const std::string& label : labels) label_width = std::max(label_width, width_of(label));
  label_width = std::min(label_width, line_width - std::min(line_width, widest + gap));
  std::vector<std::string> result;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t width = width_of(labels[i]);
    if (width > label_width) result.push_back(labels[i]);
    const std::string start = width > label_width ? "" : labels[i];
    result.push_back(start + std::string(label_width + gap - width_of(start), ' ') + lines[i]);
  }
  return result;
}

std::string bar(double share, std::size_t width, bool utf8) {
  if (!(share > 0)) return "";
  const double length = std::min(share, 1.0) * static_cast<double>(width);
  std::string result;
  if (!utf8) {
    result.assign(std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(length))), '#');
    return result;
  }
  constexpr std::array<const char*, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto parts = std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(length * 8)));
  for (std::size_t i = 0; i < parts / 8; ++i) result += "█";
  return result + eighths[parts % 8];
}

}  // namespace fleetsim::cli
