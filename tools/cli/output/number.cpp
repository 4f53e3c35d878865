#include "tools/cli/output/number.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace fleetsim::cli {

namespace {

/// Position of the first significant digit: 2 for 312, 0 for 3.1, -2 for 0.031. Requires: x is finite and not zero.
int magnitude(double x) { return static_cast<int>(std::floor(std::log10(std::abs(x)))); }

/// Whether it is a whole number but for the rounding of sums.
bool is_whole(double value) {
  constexpr double rounding = 1e-9;
  const double whole = std::round(value);
  return value == whole || (whole != 0 && std::abs(value - whole) < rounding * std::abs(whole));
}

}  // namespace

std::string grouped(double value, int decimals) {
  if (!std::isfinite(value)) return "-";
  std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t i = point; i > 3; i -= 3) digits.insert(i - 3, ",");
  const bool zero = digits.find_first_of("123456789") == std::string::npos;
  return value < 0 && !zero ? "-" + digits : digits;
}

namespace {

struct TimeUnit {
  std::int64_t size;
  const char* noun;
};
constexpr std::array<TimeUnit, 4> time_units{{{24 * nanoseconds_per_hour, "day"},
                                              {nanoseconds_per_hour, "hour"},
                                              {60 * nanoseconds_per_second, "minute"},
                                              {nanoseconds_per_second, "second"}}};

}  // namespace

std::string to_words(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest <= 0 || rest % nanoseconds_per_second != 0) return fmt::format("{} seconds", to_seconds(duration));
  std::string text;
  for (const TimeUnit& unit : time_units) {
    const std::int64_t count = rest / unit.size;
    rest %= unit.size;
    if (count > 0) text += (text.empty() ? "" : " ") + counted(static_cast<double>(count), unit.noun);
  }
  return text;
}

std::string to_about_words(Duration duration) {
  for (std::size_t u = 0; u + 1 < time_units.size(); ++u) {
    if (duration.count() < time_units[u].size) continue;
    const std::int64_t smaller = time_units[u + 1].size;
    return to_words(Duration::of((duration.count() + smaller / 2) / smaller * smaller));
  }
  return duration < 1_s ? to_words(duration)
                        : to_words(Duration::of((duration.count() + nanoseconds_per_second / 2) / nanoseconds_per_second *
                                                nanoseconds_per_second));
}

std::string span_in_words(Duration duration) {
  constexpr std::int64_t tenth = 24 * nanoseconds_per_hour / 10;
  const std::int64_t tenths = duration.count() / tenth;
  if (tenths < 10 || tenths % 10 == 0 || duration.count() % tenth != 0) return to_words(duration);
  return fmt::format("{}.{} days", grouped(static_cast<double>(tenths / 10), 0), tenths % 10);
}

std::string counted(double count, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(count, 0), noun, count == 1 ? "" : "s");
}

std::string run_in_words(std::uint64_t replications, Duration duration, Duration warm_up, std::uint64_t seed) {
  std::string words = counted(static_cast<double>(replications), "replication") + " of " + to_words(duration);
  if (warm_up > Duration{}) words += ", measured after a warm-up of " + to_words(warm_up);
  return words + fmt::format("; seed {}", seed);
}

int decimals_for(double value, std::optional<double> half_width, std::string_view unit) {
  const bool counts = unit.empty() || unit.ends_with("requests");
  const int decimals_max = counts ? 1 : 6;
  if (half_width && *half_width > 0) return std::clamp(1 - magnitude(*half_width), 0, decimals_max);
  if (!std::isfinite(value) || is_whole(value)) return unit == "USD" && value != 0 ? 2 : 0;
  const int wanted = std::clamp(3 - magnitude(value), 0, decimals_max);
  return unit == "USD" ? std::max(wanted, 2) : wanted;
}

bool shows_zero(double value, int decimals) { return std::abs(value) < 0.5 * std::pow(10.0, -decimals); }

std::string grouped_or_zero(double value, int decimals) {
  return shows_zero(value, decimals) ? "0" : grouped(value, decimals);
}

std::string ShownMetric::mean_text() const {
  if (mean == 0 || !shows_zero(mean, decimals) || (half_width && !shows_zero(*half_width, decimals))) {
    return grouped(mean, decimals);
  }
  const std::string least = grouped(std::pow(10.0, -decimals), decimals);
  return mean > 0 ? "<" + least : ">-" + least;
}

std::string ShownMetric::half_width_text(const TextStyle& style) const {
  if (!half_width) return "";
  return fmt::format("{} {}", style.plus_minus(), grouped_or_zero(*half_width, decimals));
}

std::string ShownMetric::text(const TextStyle& style) const {
  std::string text = mean_text();
  if (half_width) text += " " + half_width_text(style);
  if (!unit.empty()) text += " " + unit;
  return text;
}

ShownMetric shown(const Metric& metric) {
  const bool share = is_share(metric.name, metric.unit);
  const bool millions = metric.unit == "requests" && std::abs(metric.mean) >= 1e7;
  const double scale = share ? 100 : millions ? 1e-6 : 1;
  ShownMetric s;
  s.mean = metric.mean * scale;
  s.p05 = metric.p05 * scale;
  s.p95 = metric.p95 * scale;
  if (metric.ci95_low && metric.ci95_high) {
    // The interval of a share is cut at 0 and 1, on one side.
    s.half_width = std::max(*metric.ci95_high - metric.mean, metric.mean - *metric.ci95_low) * scale;
    constexpr double noise = 1e-6;  // such as a nano-dollar's rounding, which says nothing about chance
    if (*s.half_width < noise * std::abs(s.mean)) s.half_width = 0;
  }
  s.unit = share ? "%" : millions ? "million requests" : metric.unit == "1" ? "" : metric.unit;
  s.decimals = decimals_for(s.mean, s.half_width, s.unit);
  return s;
}

std::string time_in_words(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{:.1f} min", seconds / 60);
  if (seconds < 3 * 86'400) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86'400);
}

}  // namespace fleetsim::cli
