#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/config/json.hpp"
#include "fleetsim/text.hpp"
#include "models/spot_market/calibration/recordings.hpp"

namespace fleetsim::calibration {
namespace {

using config::Diagnostics;
using config::JsonKind;
using config::JsonValue;

/// Whether the samples fill the span that the file states, if it states one.
bool check_span(const JsonValue& metadata, std::size_t samples, Duration gap, std::optional<config::UtcTime> start,
                Diagnostics& diagnostics) {
  Duration stated;
  JsonValue where = metadata["span_seconds"];
  if (where.given()) {
    if (!read_json(where, "span_seconds", 1_s, stated, diagnostics)) return false;
  } else if (metadata["end"].given()) {
    where = metadata["end"];
    config::UtcTime end;
    if (!read_json(where, "end", end, diagnostics)) return false;
    if (!start) {
      diagnostics.error(where.where(), "end: is given without a start", "add the start, or leave the end out");
      return false;
    }
    const std::int64_t seconds = end.seconds_since_1970 - start->seconds_since_1970;
    if (seconds <= 0 || seconds > config::longest_duration.count() / nanoseconds_per_second) {
      diagnostics.error(where.where(), "end: is not after the start, or more than 20 years after it");
      return false;
    }
    stated = 1_s * seconds;
  } else {
    return true;
  }
  const Duration found = gap * static_cast<std::int64_t>(samples);
  const Duration off = found > stated ? found - stated : stated - found;
  if (off <= gap) return true;
  diagnostics.error(
      where.where(),
      fmt::format("{} samples of {} are {}, but the file states a span of {}", samples, to_text(gap), to_text(found),
                  to_text(stated)),
      fmt::format("mend gap_seconds ({:.6g} would fit) or the span; a daily cycle in the data tells which",
                  to_seconds(stated) / static_cast<double>(samples)));
  return false;
}

}  // namespace

std::vector<Recording> read_sampled_trace(std::string text, const Input& input, Diagnostics& diagnostics) {
  const auto json = config::JsonDocument::from_text(std::move(text), input.file.path, diagnostics);
  if (!json) return {};
  const JsonValue metadata = json->root()["metadata"];
  const JsonValue gap_value = metadata["gap_seconds"];
  const JsonValue data = json->root()["data"];
  Duration gap;
  bool ok = read_json(gap_value, "gap_seconds", 1_s, gap, diagnostics);
  if (ok && (gap <= Duration{} || gap > 1_d)) {
    diagnostics.error(gap_value.where(),
                      fmt::format("gap_seconds: is {}, and must be above 0 and at most a day", to_text(gap)));
    ok = false;
  }
  std::optional<config::UtcTime> start;
  if (metadata["start"].given()) ok = read_json(metadata["start"], "start", start.emplace(), diagnostics) && ok;

  const std::vector<JsonValue> items = data.items();
  if (data.kind() != JsonKind::list || items.empty()) {
    diagnostics.error(data.where(), data.given() ? "data: has no samples" : "there is no list 'data'",
                      "it holds the number of instances available at each tick");
    return {};
  }
  Recording recording{.pool = input.pool, .source = input.file.as_given, .start_known = start.has_value(), .tick = gap};
  if (start) recording.trace.start = *start;
  int errors = 0;
  constexpr int errors_max = 20;
  for (std::size_t i = 0; i < items.size() && errors < errors_max; ++i) {
    std::int64_t thousandths = 0;
    if (!read_json(items[i], "data", 1000, thousandths, diagnostics)) {
      ++errors;
    } else if (thousandths < 0 || thousandths % 1000 != 0 || thousandths > 1000 * unlimited_units) {
      diagnostics.error(items[i].where(), fmt::format("data: {} is not a number of instances", items[i].text()),
                        "write 0, 1, 2, …");
      ++errors;
    } else if (recording.trace.values.empty() || recording.trace.values.back() != thousandths / 1000) {
      recording.trace.times.push_back(gap * static_cast<std::int64_t>(i));
      recording.trace.values.push_back(thousandths / 1000);
    }
  }
  if (errors == errors_max) {
    diagnostics.error({input.file.path, 0, 0},
                      fmt::format("has {} errors or more: the rest of the file is not read", errors_max));
  }
  if (!ok || errors > 0) return {};
  if (static_cast<std::int64_t>(items.size()) > config::longest_duration.count() / gap.count()) {
    diagnostics.error(data.where(),
                      fmt::format("data: {} samples of {} are more than 20 years", items.size(), to_text(gap)));
    return {};
  }
  if (!check_span(metadata, items.size(), gap, start, diagnostics)) return {};
  recording.trace.span = gap * static_cast<std::int64_t>(items.size());
  return {std::move(recording)};
}

}  // namespace fleetsim::calibration
