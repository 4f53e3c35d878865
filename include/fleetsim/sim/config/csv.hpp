#pragma once
/// A checked reader of CSV files with a header line, plain or compressed (.gz, .xz). Errors are located and collected.
///
///   config::CsvReader csv(file, {"pool", "t_s", "count"}, diagnostics);
///   while (csv.next()) {
///     Duration at;
///     std::int64_t count = 0;
///     if (!csv.read(1, 1_s, at) || !csv.read(2, count)) continue;  // the error is reported
///     if (count < 0) csv.error(2, "count: is below zero");
///   }
///
/// The file's columns stand in any order and may be more than those asked for. A cell in double quotes may hold commas
/// and doubled quotes, but no line break. Lines before the header that begin with '#' are comments.
///
/// Refused: a file that is missing, empty, not text or over 256 MiB (decompressed); a header without a column asked
/// for, or with one twice; a row with more or fewer cells than the header; an empty line between rows; a header
/// without rows. After 20 errors the rest of a file is left unread, which is an error too.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

class CsvReader {
 public:
  /// `columns` are the names of the columns to read; the other calls number them in this order.
  CsvReader(const FilePath& file, std::vector<std::string> columns, Diagnostics& diagnostics);
  /// Reads text as if it were the file `name`.
  CsvReader(std::string text, std::string name, std::vector<std::string> columns, Diagnostics& diagnostics);
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  /// Goes to the next well-formed row; false at the end.
  bool next();
  /// No error so far, of the file or reported through `error`.
  bool ok() const { return errors_ == 0; }
  /// Rows that `next` has given.
  std::size_t rows() const { return rows_; }

  /// The cell's text; valid until `next`.
  std::string_view text(std::size_t column) const { return cells_[position_[column]].text; }
  bool empty(std::size_t column) const { return text(column).empty(); }

  /// The cell as a plain number; false after an error.
  bool read(std::size_t column, std::int64_t& out);
  bool read(std::size_t column, double& out);
  bool read(std::size_t column, UtcTime& out);
  /// The cell as a plain number of `unit`s, exact: read(1, 1_s, at) or read(2, usd_per_hour(1), price).
  template <class Unit>
  bool read(std::size_t column, Unit unit, Unit& out) {
    std::int64_t count = 0;
    if (!read_scaled(column, unit.count(), count)) return false;
    out = Unit::of(count);
    return true;
  }

  /// Where the current row, or its cell, stands.
  int line() const { return line_; }
  Location where() const { return {name_, line_, 1}; }
  Location where(std::size_t column) const { return {name_, line_, cells_[position_[column]].column}; }
  /// Reports at the current row's cell.
  void error(std::size_t column, std::string message, std::string help = {});

 private:
  struct Cell {
    std::string_view text;
    int column = 0;
  };

  void read_header();
  bool take_line(std::string_view& line);
  bool split(std::string_view line);
  std::string_view unquoted(std::string_view quoted);
  bool read_scaled(std::size_t column, std::int64_t unit, std::int64_t& out);
  bool refuse_cell(std::size_t column, std::string problem, std::string help = {});
  void report(Location where, std::string message, std::string help = {});

  std::string text_;
  std::string name_;
  std::vector<std::string> columns_;
  Diagnostics& diagnostics_;

  std::string_view rest_;  // of the text, from the next line on
  int line_ = 0;
  std::vector<Cell> cells_;            // of the current row, in the file's order
  std::vector<std::size_t> position_;  // of each column asked for, among the cells
  std::vector<std::string> unquoted_;  // texts of this row's cells with doubled quotes
  std::size_t cell_count_ = 0;         // of the header
  std::size_t rows_ = 0;
  int errors_ = 0;
};

}  // namespace fleetsim::config
