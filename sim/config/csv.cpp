#include "fleetsim/sim/config/csv.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/config/number.hpp"
#include "sim/config/quote.hpp"
#include "sim/config/text_file.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{256} << 20U;
constexpr int errors_max = 20;

/// Drops a carriage return, which files from Windows have.
std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

CsvReader::CsvReader(const FilePath& file, std::vector<std::string> columns, Diagnostics& diagnostics)
    : name_(file.path), columns_(std::move(columns)), diagnostics_(diagnostics) {
  Diagnostics of_file;
  std::optional<std::string> text = read_file(file.path, name_, file_bytes_max, true, of_file);
  for (const Diagnostic& d : of_file.sorted()) report(d.where, d.message, d.help);
  if (!text) return;
  text_ = std::move(*text);
  read_header();
}

CsvReader::CsvReader(std::string text, std::string name, std::vector<std::string> columns, Diagnostics& diagnostics)
    : text_(std::move(text)), name_(std::move(name)), columns_(std::move(columns)), diagnostics_(diagnostics) {
  read_header();
}

void CsvReader::report(Location where, std::string message, std::string help) {
  if (errors_ == errors_max) {
    diagnostics_.error(std::move(where),
                       fmt::format("more than {} errors: the rest of the file is not read", errors_max));
    rest_ = {};
  } else if (errors_ < errors_max) {
    diagnostics_.error(std::move(where), std::move(message), std::move(help));
  }
  ++errors_;
}

void CsvReader::error(std::size_t column, std::string message, std::string help) {
  report(where(column), std::move(message), std::move(help));
}

void CsvReader::read_header() {
  Diagnostics of_text;
  if (!check_text(text_, name_, of_text)) {
    for (const Diagnostic& d : of_text.sorted()) report(d.where, d.message, d.help);
    return;
  }
  rest_ = without_mark(text_);
  std::string_view line;
  do {
    if (!take_line(line)) {
      report({name_, 0, 0}, "the file is empty",
             fmt::format("its first line names the columns {}", fmt::join(columns_, ", ")));
      return;
    }
  } while (line.starts_with('#'));

  bool whole = split(line);
  std::vector<std::string> names;
  for (const Cell& cell : cells_) {
    if (std::find(names.begin(), names.end(), cell.text) != names.end()) {
      report({name_, line_, cell.column}, fmt::format("column {} is named twice", quote(cell.text)));
      whole = false;
    }
    names.emplace_back(cell.text);
  }
  std::vector<std::string> missing;
  for (const std::string& column : columns_) {
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end()) missing.push_back(quote(column));
    position_.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  if (!missing.empty()) {
    report({name_, line_, 1},
           missing.size() == 1 ? fmt::format("column {} is missing", missing.front())
                               : fmt::format("columns {} are missing", fmt::join(missing, ", ")),
           fmt::format("the columns found are {}", fmt::join(names, ", ")));
    whole = false;
  }
  cell_count_ = names.size();
  if (!whole) {
    rest_ = {};
  } else if (rest_.find_first_not_of("\r\n") == std::string_view::npos) {
    report({name_, line_, 1}, "there are no rows below the header");
    rest_ = {};
  }
}

bool CsvReader::take_line(std::string_view& line) {
  if (rest_.empty()) return false;
  const std::size_t end = rest_.find('\n');
  line = without_return(rest_.substr(0, end));
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  ++line_;
  return true;
}

bool CsvReader::next() {
  std::string_view line;
  while (take_line(line)) {
    if (line.empty()) {
      const bool at_end = rest_.find_first_not_of("\r\n") == std::string_view::npos;
      if (at_end) break;
      report(where(), "the line is empty");
      continue;
    }
    if (!split(line)) continue;
    if (cells_.size() != cell_count_) {
      report(where(), fmt::format("found {} cell{}, the header has {}", cells_.size(), cells_.size() == 1 ? "" : "s",
                                  cell_count_));
      continue;
    }
    ++rows_;
    return true;
  }
  return false;
}

bool CsvReader::split(std::string_view line) {
  cells_.clear();
  unquoted_.clear();
  // Cells point into this list: it must not move while a row is in use.
  unquoted_.reserve(static_cast<std::size_t>(std::count(line.begin(), line.end(), '"')) / 2);
  std::size_t at = 0;
  while (true) {
    const std::size_t start = at;
    std::string_view cell;
    if (at < line.size() && line[at] == '"') {
      std::size_t close = line.find('"', at + 1);
      bool doubled = false;
      while (close != std::string_view::npos && close + 1 < line.size() && line[close + 1] == '"') {
        doubled = true;
        close = line.find('"', close + 2);
      }
      const bool closed = close != std::string_view::npos && (close + 1 == line.size() || line[close + 1] == ',');
      if (!closed) {
        report({name_, line_, static_cast<int>(start + 1)}, close == std::string_view::npos
                                                                ? "a quoted cell is not closed on its line"
                                                                : "a quoted cell is followed by more than a comma");
        return false;
      }
      cell = line.substr(at + 1, close - at - 1);
      if (doubled) cell = unquoted(cell);
      at = close + 1;
    } else {
      at = std::min(line.find(',', at), line.size());
      cell = line.substr(start, at - start);
    }
    cells_.push_back({cell, static_cast<int>(start + 1)});
    if (at == line.size()) return true;
    ++at;
  }
}

std::string_view CsvReader::unquoted(std::string_view quoted) {
  std::string& text = unquoted_.emplace_back();
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    text += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return text;
}

bool CsvReader::refuse_cell(std::size_t column, std::string problem, std::string help) {
  error(column, fmt::format("{}: {}", columns_[column], problem), std::move(help));
  return false;
}

bool CsvReader::read(std::size_t column, std::int64_t& out) {
  const std::string_view cell = text(column);
  // Nearly every cell is a short run of digits; the rest, and what is wrong, takes the slower way.
  const bool plain = !cell.empty() && cell[0] >= '1' && cell[0] <= '9';
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), out);
  if (plain && error == std::errc{} && end == cell.data() + cell.size()) return true;
  ParseResult result = parse_scalar(cell, false, out);
  return result.ok() || refuse_cell(column, std::move(result.problem), std::move(result.help));
}

bool CsvReader::read(std::size_t column, double& out) {
  const std::string_view cell = text(column);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool plain = !cell.empty() && is_digit(cell.front()) && is_digit(cell.back()) &&
                     (cell[0] != '0' || cell.size() == 1 || cell[1] == '.');
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), out);
  if (plain && error == std::errc{} && end == cell.data() + cell.size()) return true;
  ParseResult result = parse_scalar(cell, false, out);
  return result.ok() || refuse_cell(column, std::move(result.problem), std::move(result.help));
}

bool CsvReader::read(std::size_t column, UtcTime& out) {
  ParseResult result = parse_scalar(text(column), false, out);
  return result.ok() || refuse_cell(column, std::move(result.problem), std::move(result.help));
}

bool CsvReader::read_scaled(std::size_t column, std::int64_t unit, std::int64_t& out) {
  const std::string_view cell = text(column);
  ScannedNumber number = scan_number(cell, false);
  if (!number.problem.empty()) {
    return refuse_cell(column, fmt::format("{} {}", quote(cell), number.problem), std::move(number.help));
  }
  if (number.length == 0 || number.length < cell.size()) {
    return refuse_cell(column, fmt::format("cannot read {} as a number", quote(cell)),
                       std::string(words_for(ValueType::number).help));
  }
  const std::optional<std::int64_t> count = to_integer(number.value, unit, 1);
  if (!count) return refuse_cell(column, fmt::format("{} is too large", quote(cell)));
  out = *count;
  return true;
}

}  // namespace fleetsim::config
