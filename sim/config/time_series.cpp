#include "fleetsim/sim/config/time_series.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::config {
namespace {

using Count = Quantity<struct SeriesCountTag>;

bool read_value(CsvReader& csv, std::size_t column, const ValueColumn& value, std::int64_t& out) {
  Count count;
  if (!csv.read(column, Count::of(value.unit), count)) return false;
  if (count < Count{}) {
    csv.error(column, fmt::format("{}: {} is below zero", value.name, csv.text(column)));
    return false;
  }
  out = count.count();
  return true;
}

/// A time as the file writes it.
std::string in_words(std::int64_t seconds, bool utc) {
  return utc ? to_text(UtcTime{seconds}) : fmt::format("{}", seconds);
}

/// Reports a time that is not after the last one of its series.
bool check_rises(CsvReader& csv, std::size_t column, const std::string& name, bool utc, std::int64_t seconds,
                 std::int64_t last) {
  if (seconds > last) return true;
  const std::string problem = seconds == last
                                  ? std::string("is given twice")
                                  : fmt::format("is before {}, the time of an earlier row", in_words(last, utc));
  csv.error(column, fmt::format("{}: {} {}", name, csv.text(column), problem), "sort the rows by time, each time once");
  return false;
}

/// Spans that fit a Duration with room for sums.
constexpr std::int64_t interval_max_s = std::int64_t{366} * 86'400;
constexpr std::int64_t span_max_s = 100 * interval_max_s;

/// The interval that the row before began.
struct LastRow {
  UtcTime begin;
  int line = 0;  // 0 before the first row
  Location gap_at;
  std::string gap;  // the error that its time gave, if any
};

/// Checks the row's time against the row before, and sets the step at the first pair of rows.
bool check_interval(CsvReader& csv, const std::string& time, UtcTime begin, UtcTime start, const LastRow& last,
                    Duration& step, std::string& gap) {
  if (last.line == 0) return true;
  if (!check_rises(csv, 0, time, true, begin.seconds_since_1970, last.begin.seconds_since_1970)) {
    return false;
  }
  const std::int64_t distance_s = begin.seconds_since_1970 - last.begin.seconds_since_1970;
  if (distance_s > interval_max_s || begin.seconds_since_1970 - start.seconds_since_1970 > span_max_s) {
    csv.error(0, fmt::format("{}: {} is too far from the row before or from the first one", time, csv.text(0)),
              "intervals are at most 366 days long, and a series 100 years");
    return false;
  }
  // A row in between that could not be read has been reported and makes no gap.
  if (csv.line() != last.line + 1) return true;
  const Duration distance = 1_s * distance_s;
  if (step == Duration{}) step = distance;
  if (distance == step) return true;
  const UtcTime expected{last.begin.seconds_since_1970 + step.count() / nanoseconds_per_second};
  gap = fmt::format("{}: {} follows {}, expected {}", time, csv.text(0), to_text(last.begin), to_text(expected));
  csv.error(0, gap,
            fmt::format("all intervals are as long as the first, {}: fill the gap or cut the series", to_text(step)));
  return true;
}

}  // namespace

std::optional<RegularSeries> read_regular_series(const FilePath& file, const std::string& time,
                                                 const ValueColumn& value, Diagnostics& diagnostics) {
  CsvReader csv(file, {time, value.name}, diagnostics);
  RegularSeries series;
  LastRow last;
  while (csv.next()) {
    UtcTime begin;
    std::int64_t amount = 0;
    const bool readable = csv.read(0, begin);
    if (read_value(csv, 1, value, amount)) series.values.push_back(amount);
    if (!readable) continue;
    std::string gap;
    if (!check_interval(csv, time, begin, series.start, last, series.step, gap)) {
      // A row too early explains the gap before it: the two rows are the wrong way round.
      if (!last.gap.empty()) diagnostics.withdraw(last.gap_at, last.gap);
      continue;
    }
    if (last.line == 0) series.start = begin;
    const Location gap_at = gap.empty() ? Location{} : csv.where(0);
    last = {begin, csv.line(), gap_at, std::move(gap)};
  }
  if (csv.ok() && series.values.size() == 1) {
    diagnostics.error(csv.where(), "a series of one row has no step", "give at least two rows");
    return std::nullopt;
  }
  if (!csv.ok()) return std::nullopt;
  return series;
}

std::optional<std::vector<ChangeSeries>> read_change_series(const FilePath& file, const ChangeColumns& columns,
                                                            Diagnostics& diagnostics) {
  std::vector<std::string> names = columns.keys;
  const std::size_t time = names.size();
  const std::size_t value = time + 1;
  names.push_back(columns.time);
  names.push_back(columns.value.name);
  CsvReader csv(file, std::move(names), diagnostics);

  std::vector<ChangeSeries> all;
  std::map<std::vector<std::string>, std::size_t> index_of;
  std::vector<std::string> key(columns.keys.size());
  while (csv.next()) {
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = csv.text(i);
    const auto [found, added] = index_of.try_emplace(key, all.size());
    if (added) all.push_back({key, {}, {}, csv.line(), 0});
    ChangeSeries& series = all[found->second];

    std::int64_t seconds = 0;
    UtcTime utc;
    const bool readable = columns.utc ? csv.read(time, utc) : csv.read(time, seconds);
    if (columns.utc) seconds = utc.seconds_since_1970;
    std::int64_t amount = 0;
    if (!read_value(csv, value, columns.value, amount) || !readable) continue;
    if (!series.seconds.empty() &&
        !check_rises(csv, time, columns.time, columns.utc, seconds, series.seconds.back())) {
      continue;
    }
    series.seconds.push_back(seconds);
    series.values.push_back(amount);
    series.last_line = csv.line();
  }
  if (!csv.ok()) return std::nullopt;
  return all;
}

}  // namespace fleetsim::config
