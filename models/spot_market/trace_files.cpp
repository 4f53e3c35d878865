#include "models/spot_market/trace_files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/sim/config/time_series.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim {

namespace spot_market {

namespace {

using config::ChangeSeries;
using config::Diagnostics;
using config::FilePath;

/// When a pool's recording began and how long it is.
struct Recording {
  config::UtcTime start;
  Duration span;
};
using Recordings = std::map<std::string, Recording, std::less<>>;

std::optional<Recordings> read_recordings(const FilePath& file, Diagnostics& diagnostics) {
  std::error_code ignored;
  if (!std::filesystem::exists(file.path, ignored)) {
    diagnostics.error({file.path, 0, 0}, "there is no such file",
                      "it lies beside an availability trace and says in columns pool, start_utc, end_s how long each "
                      "pool was recorded");
    return std::nullopt;
  }
  Recordings recordings;
  config::CsvReader csv(file, {"pool", "start_utc", "end_s"}, diagnostics);
  while (csv.next()) {
    Recording recording;
    if (!csv.empty(1) && !csv.read(1, recording.start)) continue;
    if (!csv.read(2, 1_s, recording.span)) continue;
    if (recording.span <= Duration{}) csv.error(2, "end_s: must be above 0");
    if (!recordings.try_emplace(std::string(csv.text(0)), recording).second) {
      csv.error(0, fmt::format("pool '{}' is listed twice", csv.text(0)));
    }
  }
  if (!csv.ok()) return std::nullopt;
  return recordings;
}

/// Whether the series of a pool fits its recording; reports why not.
bool check_series(const FilePath& file, const ChangeSeries& series, const Recordings& recordings,
                  Diagnostics& diagnostics) {
  const std::string& pool = series.key.front();
  const auto recording = recordings.find(pool);
  if (recording == recordings.end()) {
    std::vector<std::string> names;
    for (const auto& [name, found] : recordings) names.push_back(name);
    diagnostics.error({file.path, series.first_line, 1}, fmt::format("pool '{}' is not in the pools.csv beside this file", pool),
                      config::name_help("pool", pool, names));
    return false;
  }
  bool fits = true;
  if (series.seconds.front() != 0) {
    diagnostics.error({file.path, series.first_line, 1},
                      fmt::format("there is a gap: the first row of pool '{}' is at {} s, not at 0", pool,
                                  series.seconds.front()),
                      "add a row at 0 with the count that the recording began with");
    fits = false;
  }
  const Duration span = recording->second.span;
  if (series.seconds.back() >= span.count() / nanoseconds_per_second) {
    diagnostics.error({file.path, series.last_line, 1},
                      fmt::format("pool '{}' has a row at {} s, but ends after {} by the pools.csv beside this file",
                                  pool, series.seconds.back(), to_text(span)),
                      "raise its end_s, or cut the rows from there on");
    fits = false;
  }
  return fits;
}

constexpr std::int64_t seconds_per_century = 36'525LL * 86'400;

}  // namespace

std::optional<AvailabilityTraces> read_availability_file(const FilePath& file, Diagnostics& diagnostics) {
  const auto in_same_folder = [](const std::string& path) {
    return (std::filesystem::path(path).parent_path() / "pools.csv").generic_string();
  };
  const auto recordings = read_recordings({in_same_folder(file.path), in_same_folder(file.as_given)}, diagnostics);
  const auto all_series = config::read_change_series(
      file, {.keys = {"pool"}, .time = "t_s", .utc = false, .value = {.name = "count", .unit = 1}}, diagnostics);
  if (!recordings || !all_series) return std::nullopt;

  AvailabilityTraces traces;
  for (const ChangeSeries& series : *all_series) {
    if (!check_series(file, series, *recordings, diagnostics)) continue;
    StepTrace<std::int64_t> trace;
    for (const std::int64_t at : series.seconds) trace.times.push_back(1_s * at);
    trace.values = series.values;
    const auto& [pool, recording] = *recordings->find(series.key.front());
    trace.start = recording.start;
    trace.span = recording.span;
    traces.emplace(pool, std::make_shared<const StepTrace<std::int64_t>>(std::move(trace)));
  }
  if (traces.size() != all_series->size()) return std::nullopt;
  return traces;
}

std::optional<PriceTraces> read_price_file(const FilePath& file, Diagnostics& diagnostics) {
  const auto history = read_price_history(file, diagnostics);
  if (!history) return std::nullopt;
  std::int64_t first = history->begin()->second.front().at.seconds_since_1970;
  std::int64_t last = first;
  for (const auto& [key, records] : *history) {
    first = std::min(first, records.front().at.seconds_since_1970);
    last = std::max(last, records.back().at.seconds_since_1970);
  }
  if (first == last || last - first > seconds_per_century) {
    diagnostics.error({file.path, 0, 0}, first == last ? "all records are of one instant, so the history has no length"
                                                       : "the records span more than a century");
    return std::nullopt;
  }

  PriceTraces traces;
  for (const auto& [key, records] : *history) {
    StepTrace<UsdPerHour> trace;
    trace.start = {first};
    trace.span = 1_s * (last - first);
    for (const PriceRecord& record : records) {
      // Before its first record a key's first price holds; a record at the very end holds for no time.
      const Duration at = trace.times.empty() ? Duration{} : 1_s * (record.at.seconds_since_1970 - first);
      if (at >= trace.span) break;
      trace.times.push_back(at);
      trace.values.push_back(record.price);
    }
    traces.emplace(key, std::make_shared<const StepTrace<UsdPerHour>>(std::move(trace)));
  }
  return traces;
}

bool check_length(const config::Located<FilePath>& file, const std::string& what, Duration span, bool repeat,
                  Duration run_length, Diagnostics& diagnostics) {
  if (repeat || span >= run_length) return true;
  diagnostics.error(file.where,
                    fmt::format("{}: {} is {} long, shorter than the run of {}", file.value.as_given, what,
                                to_text(span), to_text(run_length)),
                    "add `repeat: true` to start it again when it ends, or shorten the run");
  return false;
}

}  // namespace spot_market

const spot_market::AvailabilityTraces* SpotTraceFiles::availability(const config::FilePath& file,
                                                                    config::Diagnostics& diagnostics) {
  const auto [entry, added] = availability_.try_emplace(file.path);
  if (added) entry->second = spot_market::read_availability_file(file, diagnostics);
  return entry->second ? &*entry->second : nullptr;
}

const spot_market::PriceTraces* SpotTraceFiles::prices(const config::FilePath& file,
                                                       config::Diagnostics& diagnostics) {
  const auto [entry, added] = prices_.try_emplace(file.path);
  if (added) entry->second = spot_market::read_price_file(file, diagnostics);
  return entry->second ? &*entry->second : nullptr;
}

}  // namespace fleetsim
