#include "tools/cli/output/group_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"

namespace fleetsim::cli {

namespace {

constexpr std::size_t marks_max = 60;

/// The series "fleet.<fleet>.group.<group>.…" that counts instances; null if there is none.
const ResultSeries* find_series(const RunResult& result, const GroupSummary& group) {
  const std::string prefix = fmt::format("fleet.{}.group.{}.", group.fleet, group.group);
  const auto found = std::find_if(result.series.begin(), result.series.end(), [&](const ResultSeries& series) {
    return series.name.starts_with(prefix) && series.unit == "1" && !series.buckets.empty();
  });
  return found != result.series.end() ? &*found : nullptr;
}

double greatest(const BucketRuns& buckets, std::size_t begin, std::size_t end) {
  double level = 0;
  for (std::size_t i = begin; i < end; ++i) level = std::max(level, buckets[i].max);
  return level;
}

}  // namespace

std::string sparkline(const BucketRuns& buckets, std::size_t width, double top, bool utf8) {
  constexpr std::array<const char*, 9> blocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<const char*, 9> letters{" ", ".", ":", "-", "=", "+", "*", "%", "#"};
  const std::size_t marks = std::min(width, buckets.size());
  std::string line;
  for (std::size_t i = 0; i < marks; ++i) {
    const double level = greatest(buckets, i * buckets.size() / marks, (i + 1) * buckets.size() / marks);
    const auto eighths = static_cast<std::size_t>(std::clamp(std::ceil(level / top * 8), 0.0, 8.0));
    line += utf8 ? blocks[eighths] : letters[eighths];
  }
  return line;
}

std::vector<std::string> group_chart(const RunResult& result, std::string_view fleet, const TextStyle& style) {
  std::vector<std::pair<std::string, const ResultSeries*>> found;
  double top = 0;
  Duration span;
  for (const GroupSummary& group : result.groups) {
    if (group.fleet != fleet) continue;
    const ResultSeries* series = find_series(result, group);
    if (series == nullptr) continue;
    found.emplace_back(group.group, series);
    top = std::max(top, greatest(series->buckets, 0, series->buckets.size()));
    span = series->bucket_width * static_cast<std::int64_t>(series->buckets.size());
  }
  if (found.empty() || top <= 0) return {};

  Columns columns({Align::left, Align::left});
  for (const auto& [group, series] : found) {
    columns.add({group, "|" + sparkline(series->buckets, marks_max, top, style.utf8) + "|"});
  }
  const std::size_t marks = std::min(marks_max, found.front().second->buckets.size());
  const std::string caption = wrapped(
      fmt::format("Instances over {} of the first replication. Each mark is the most in {}; a full one is {}.",
                  to_words(span), to_about_words(span / static_cast<std::int64_t>(marks)), grouped(top, 0)));
  std::vector<std::string> lines = columns.lines();
  std::size_t at = 0;
  for (std::size_t begin = 0; begin <= caption.size();) {
    const std::size_t end = std::min(caption.find('\n', begin), caption.size());
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at++), caption.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace fleetsim::cli
