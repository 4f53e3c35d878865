#pragma once
/// Series of values over time in CSV files: counts in equal intervals, or one row a change.
///
/// Refused, with the line: whatever CsvReader refuses, a time that is not after the one before it in its series, a gap
/// between equal intervals, an interval over 366 days or a span over 100 years, a value below zero.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::config {

/// The column of a series' values, kept as value x `unit` rounded to the nearest integer: unit 1 for counts, 10^6 for
/// millionths.
struct ValueColumn {
  std::string name;
  std::int64_t unit = 1;
};

/// Values at a constant step: values[i] belongs to the interval that begins at start + i * step.
struct RegularSeries {
  UtcTime start;
  Duration step;  ///< > 0
  std::vector<std::int64_t> values;

  Duration span() const { return static_cast<std::int64_t>(values.size()) * step; }
};

/// Reads a file whose column `time` holds the intervals' beginnings in UTC. The step is the distance between the first
/// two rows; a series of one row has none and is refused. Empty after errors.
std::optional<RegularSeries> read_regular_series(const FilePath& file, const std::string& time,
                                                 const ValueColumn& value, Diagnostics& diagnostics);

/// Values that hold from a change until the next: values[i] from seconds[i] on.
struct ChangeSeries {
  std::vector<std::string> key;       ///< of the key columns
  std::vector<std::int64_t> seconds;  ///< rise strictly; at least one
  std::vector<std::int64_t> values;
  int first_line = 0, last_line = 0;  ///< of the file
};

struct ChangeColumns {
  std::vector<std::string> keys;  ///< their cells together name the series
  std::string time;
  bool utc = false;               ///< times are on the calendar (and kept as seconds since 1970), else plain seconds
  ValueColumn value;
};

/// Reads a file of several series, whose rows may be mixed. In the order in which the series first appear; empty after
/// errors.
std::optional<std::vector<ChangeSeries>> read_change_series(const FilePath& file, const ChangeColumns& columns,
                                                            Diagnostics& diagnostics);

}  // namespace fleetsim::config
