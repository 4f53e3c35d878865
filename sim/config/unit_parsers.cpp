/// The text forms of scalars, one specialization a type.

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/text.hpp"
#include "sim/config/number.hpp"
#include "sim/config/quote.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim::config {
namespace {

ParseResult refused(ValueType type, std::string problem) {
  return {std::move(problem), std::string(words_for(type).help)};
}

ParseResult unreadable(ValueType type, std::string_view text) {
  const TypeWords& words = words_for(type);
  return refused(type, fmt::format("cannot read {} as {} {}", quote(text), words.article, words.one));
}

ParseResult quotes_make_text(std::string_view text) {
  return {fmt::format("{} is in quotes, which makes it a text", quote(text)), fmt::format("write {}", text)};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// One unit = numerator / denominator of the type's smallest unit.
struct Unit {
  ValueType type;
  std::int64_t numerator;
  std::int64_t denominator = 1;
};

struct NamedUnit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::int64_t second = nanoseconds_per_second;
// Units of one size on a line.
// clang-format off
constexpr std::array<NamedUnit, 27> durations{{
    {"ns", 1}, {"nanosecond", 1}, {"nanoseconds", 1},
    {"us", 1'000}, {"µs", 1'000}, {"microsecond", 1'000}, {"microseconds", 1'000},
    {"ms", 1'000'000}, {"millisecond", 1'000'000}, {"milliseconds", 1'000'000},
    {"s", second}, {"sec", second}, {"second", second}, {"seconds", second},
    {"m", 60 * second}, {"min", 60 * second}, {"minute", 60 * second}, {"minutes", 60 * second},
    {"h", 3'600 * second}, {"hour", 3'600 * second}, {"hours", 3'600 * second},
    {"d", 86'400 * second}, {"day", 86'400 * second}, {"days", 86'400 * second},
    {"w", 604'800 * second}, {"week", 604'800 * second}, {"weeks", 604'800 * second},
}};
constexpr std::array<NamedUnit, 9> sizes{{
    {"B", 1}, {"KB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}, {"TB", 1'000'000'000'000},
    {"KiB", std::int64_t{1} << 10U}, {"MiB", std::int64_t{1} << 20U}, {"GiB", std::int64_t{1} << 30U},
    {"TiB", std::int64_t{1} << 40U},
}};
/// Data in a second: bytes, or bits as networks count them, in eighths of a byte.
constexpr std::array<NamedUnit, 13> data_rates{{
    {"B/s", 8}, {"KB/s", 8'000}, {"MB/s", 8'000'000}, {"GB/s", 8'000'000'000}, {"TB/s", 8'000'000'000'000},
    {"KiB/s", std::int64_t{8} << 10U}, {"MiB/s", std::int64_t{8} << 20U}, {"GiB/s", std::int64_t{8} << 30U}, {"TiB/s", std::int64_t{8} << 40U},
    {"bps", 1}, {"kbps", 1'000}, {"Mbps", 1'000'000}, {"Gbps", 1'000'000'000},
}};
/// What a rate is counted over, in seconds; a month is 30 days, as in the usual "requests a month".
constexpr std::array<NamedUnit, 9> periods{{
    {"s", 1}, {"second", 1}, {"min", 60}, {"minute", 60}, {"h", 3'600}, {"hour", 3'600}, {"d", 86'400},
    {"day", 86'400}, {"month", 2'592'000},
}};
// clang-format on

template <std::size_t n>
std::optional<std::int64_t> size_of(const std::array<NamedUnit, n>& units, std::string_view name) {
  const auto* found = std::find_if(units.begin(), units.end(), [&](const NamedUnit& u) { return u.name == name; });
  if (found == units.end()) return std::nullopt;
  return found->size;
}

std::optional<Unit> find_unit(std::string_view name) {
  if (const auto size = size_of(durations, name)) return Unit{ValueType::duration, *size};
  if (const auto size = size_of(sizes, name)) return Unit{ValueType::bytes, *size};
  if (const auto size = size_of(data_rates, name)) return Unit{ValueType::byte_rate, *size, 8};
  if (name == "%") return Unit{ValueType::ratio, 1, 100};
  constexpr std::int64_t nano = 1'000'000'000;
  if (name == "USD") return Unit{ValueType::usd, nano};
  if (name == "USD/h" || name == "USD/hour") return Unit{ValueType::usd_per_hour, nano};
  if (name == "USD/GB") return Unit{ValueType::usd_per_gb, nano};
  for (const std::string_view prefix : {"requests/", "request/"}) {
    if (!name.starts_with(prefix)) continue;
    if (const auto period = size_of(periods, name.substr(prefix.size()))) {
      return Unit{ValueType::request_rate, 1'000'000, *period};
    }
  }
  return std::nullopt;
}

/// The word that a unit's text starts with: up to a blank or the next number.
std::string_view unit_at(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != ' ' && text[end] != ',' && !(text[end] >= '0' && text[end] <= '9')) ++end;
  return text.substr(0, end);
}

/// Completes the help of a missing unit with the number that was found: "such as 90 GiB or 90 GB".
std::string missing_unit_help(ValueType type, std::string_view number) {
  switch (type) {
    case ValueType::duration:
      return fmt::format("write a duration with its unit, such as {0}ms, {0}s or {0}m", number);
    case ValueType::time:
      return fmt::format("write a time since the start with its unit, such as {0}s or {0}h", number);
    case ValueType::bytes: return fmt::format("write a size with its unit, such as {0} GiB or {0} GB", number);
    case ValueType::usd: return fmt::format("write an amount of money with its unit, such as {} USD", number);
    case ValueType::usd_per_hour: return fmt::format("write a price with its unit, such as {} USD/h", number);
    case ValueType::usd_per_gb: return fmt::format("write a price with its unit, such as {} USD/GB", number);
    case ValueType::request_rate:
      return fmt::format("write a request rate with its unit, such as {} requests/s", number);
    case ValueType::byte_rate: return fmt::format("write a data rate with its unit, such as {0} MiB/s or {0} Mbps", number);
    default: return std::string(words_for(type).help);
  }
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

/// The unit of a type that differs from `name` only by the case of its letters; empty if there is none.
std::string_view unit_in_other_case(ValueType type, std::string_view name) {
  std::string_view rest = units_of(type);
  while (!rest.empty()) {
    const std::string_view unit = rest.substr(0, rest.find(", "));
    if (lower_case(unit) == lower_case(name)) return unit;
    rest.remove_prefix(std::min(rest.size(), unit.size() + 2));
  }
  return {};
}

std::string unknown_unit_help(ValueType type, std::string_view name) {
  const std::string units = fmt::format("units of {} {}: {}", words_for(type).article, words_for(type).one, units_of(type));
  const std::string_view meant = unit_in_other_case(type, name);
  return meant.empty() ? units : fmt::format("write {} if that is meant; {}", meant, units);
}

/// One or more numbers with units to a count of the type's smallest unit. Only durations have more than one part,
/// from large to small: 1h30m.
ParseResult parse_quantity(ValueType type, std::string_view text, std::int64_t& out) {
  const ValueType unit_type = type == ValueType::time ? ValueType::duration : type;
  const std::string_view whole = trimmed(text);
  std::string_view rest = whole;
  Int128 sum = 0;
  std::int64_t last_size = std::numeric_limits<std::int64_t>::max();
  const bool negative = whole.starts_with('-');
  while (!rest.empty()) {
    const bool first = rest.size() == whole.size();
    const ScannedNumber number = scan_number(rest, true);
    if (!number.problem.empty()) {
      return {fmt::format("{} {}", quote(whole), number.problem), first ? number.help : std::string{}};
    }
    if (number.length == 0 || (!first && (rest[0] == '-' || rest[0] == '+'))) return unreadable(type, text);
    const std::string_view digits = rest.substr(0, number.length);
    rest = trimmed(rest.substr(number.length));
    if (rest.empty() && first) {
      return {fmt::format("{} has no unit", quote(whole)), missing_unit_help(type, digits)};
    }
    const std::string_view name = unit_at(rest);
    rest = trimmed(rest.substr(name.size()));
    if (name.empty()) return unreadable(type, text);
    const std::optional<Unit> unit = find_unit(name);
    if (!unit) {
      return {fmt::format("unknown unit {} in {}", quote(name), quote(whole)), unknown_unit_help(type, name)};
    }
    const TypeWords& words = words_for(type);
    if (unit->type != unit_type) {
      const TypeWords& found = words_for(unit->type);
      return refused(type, fmt::format("{} is {} {}, not {} {}", quote(whole), found.article, found.one, words.article,
                                       words.one));
    }
    if (!first && (type != ValueType::duration && type != ValueType::time)) return unreadable(type, text);
    if (unit->numerator >= last_size) {
      return {fmt::format("the units in {} do not go from large to small", quote(whole)), "write it such as 1d12h30m"};
    }
    last_size = unit->numerator;
    const std::optional<std::int64_t> count = to_integer(number.value, unit->numerator, unit->denominator);
    if (count) sum += negative && !first ? -Int128{*count} : Int128{*count};
    if (!count || sum > std::numeric_limits<std::int64_t>::max() || sum < std::numeric_limits<std::int64_t>::min()) {
      return {fmt::format("{} is too large for {} {}", quote(whole), words.article, words.one), {}};
    }
  }
  if (whole.empty()) return unreadable(type, text);
  out = static_cast<std::int64_t>(sum);
  return {};
}

/// A number without a unit that fills the whole text.
ParseResult parse_plain(ValueType type, std::string_view text, bool quoted, Decimal& out) {
  const ScannedNumber number = scan_number(text, false);
  if (!number.problem.empty()) return {fmt::format("{} {}", quote(text), number.problem), number.help};
  if (number.length == 0 || number.length < text.size()) {
    const std::optional<Unit> unit = find_unit(trimmed(text.substr(number.length)));
    if (number.length == 0 || !unit) return unreadable(type, text);
    const TypeWords& found = words_for(unit->type);
    return refused(type, fmt::format("{} is {} {}, not {} {}", quote(text), found.article, found.one,
                                     words_for(type).article, words_for(type).one));
  }
  if (quoted) return quotes_make_text(text);
  out = number.value;
  return {};
}

template <class Integer>
ParseResult parse_integer(std::string_view text, bool quoted, Integer& out) {
  Decimal value;
  if (ParseResult result = parse_plain(ValueType::integer, text, quoted, value); !result.ok()) return result;
  if (!is_whole(value)) return refused(ValueType::integer, fmt::format("{} is not a whole number", quote(text)));
  constexpr Int128 least = std::numeric_limits<Integer>::min();
  constexpr Int128 most = std::numeric_limits<Integer>::max();
  Int128 count = value.mantissa;
  int exponent = value.exponent;
  for (; exponent < 0; ++exponent) count /= 10;
  for (; exponent > 0 && count <= most && count >= -most; --exponent) count *= 10;
  if (count > most) return {fmt::format("{} is too large", quote(text)), fmt::format("the most allowed is {}", most)};
  if (count < least)
    return {fmt::format("{} is too small", quote(text)), fmt::format("the least allowed is {}", least)};
  out = static_cast<Integer>(count);
  return {};
}

ParseResult parse_double(ValueType type, std::string_view text, bool quoted, double& out) {
  Decimal value;
  if (ParseResult result = parse_plain(type, text, quoted, value); !result.ok()) return result;
  const std::optional<double> number = to_double(value);
  if (!number) return {fmt::format("{} is too large for a number", quote(text)), {}};
  out = *number;
  return {};
}

template <class Q>
ParseResult parse_units(ValueType type, std::string_view text, Q& out) {
  std::int64_t count = 0;
  ParseResult result = parse_quantity(type, text, count);
  if (result.ok() && (type == ValueType::duration || type == ValueType::time) &&
      (count > longest_duration.count() || count < -longest_duration.count())) {
    return {fmt::format("{} is too long: at most {}", quote(trimmed(text)), fleetsim::to_text(longest_duration)), {}};
  }
  if (result.ok()) out = Q::of(count);
  return result;
}

}  // namespace

std::string_view units_of(ValueType type) {
  switch (type) {
    case ValueType::ratio: return "%";
    case ValueType::duration:
    case ValueType::time:
    case ValueType::duration_distribution: return "ns, us, ms, s, m, h, d, w";
    case ValueType::bytes: return "B, KB, MB, GB, TB, KiB, MiB, GiB, TiB";
    case ValueType::usd: return "USD";
    case ValueType::usd_per_hour: return "USD/h";
    case ValueType::usd_per_gb: return "USD/GB";
    case ValueType::request_rate: return "requests/s, requests/min, requests/h, requests/day, requests/month";
    case ValueType::byte_rate: return "B/s, KB/s, MB/s, GB/s, TB/s, KiB/s, MiB/s, GiB/s, TiB/s, bps, kbps, Mbps, Gbps";
    default: return {};
  }
}

template <>
ParseResult parse_scalar(std::string_view text, bool quoted, bool& out) {
  if (text == "true" || text == "false") {
    if (quoted) return quotes_make_text(text);
    out = text == "true";
    return {};
  }
  return unreadable(ValueType::boolean, text);
}
template <>
ParseResult parse_scalar(std::string_view text, bool quoted, int& out) {
  return parse_integer(text, quoted, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool quoted, std::int64_t& out) {
  return parse_integer(text, quoted, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool quoted, std::uint32_t& out) {
  return parse_integer(text, quoted, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool quoted, std::uint64_t& out) {
  return parse_integer(text, quoted, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool quoted, double& out) {
  return parse_double(ValueType::number, text, quoted, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, std::string& out) {
  if (text.empty()) return {"the text is empty", {}};
  out = text;
  return {};
}
template <>
ParseResult parse_scalar(std::string_view text, bool quoted, Ratio& out) {
  const std::string_view whole = trimmed(text);
  if (!whole.ends_with('%')) return parse_double(ValueType::ratio, whole, quoted, out.value);
  const std::string_view digits = trimmed(whole.substr(0, whole.size() - 1));
  Decimal percent;
  if (ParseResult result = parse_plain(ValueType::ratio, digits, false, percent); !result.ok()) {
    return result.help == words_for(ValueType::ratio).help ? unreadable(ValueType::ratio, text) : result;
  }
  percent.exponent -= 2;
  const std::optional<double> number = to_double(percent);
  if (!number) return {fmt::format("{} is too large for a share", quote(text)), {}};
  out.value = *number;
  return {};
}
template <>
ParseResult parse_scalar(std::string_view text, bool, Duration& out) {
  return parse_units(ValueType::duration, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, Time& out) {
  Duration since_start;
  ParseResult result = parse_units(ValueType::time, text, since_start);
  if (result.ok()) out = Time::at(since_start);
  return result;
}
template <>
ParseResult parse_scalar(std::string_view text, bool, Bytes& out) {
  return parse_units(ValueType::bytes, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, Usd& out) {
  return parse_units(ValueType::usd, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, UsdPerHour& out) {
  return parse_units(ValueType::usd_per_hour, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, UsdPerGb& out) {
  return parse_units(ValueType::usd_per_gb, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, RequestRate& out) {
  return parse_units(ValueType::request_rate, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, BytesPerSecond& out) {
  return parse_units(ValueType::byte_rate, text, out);
}
template <>
ParseResult parse_scalar(std::string_view text, bool, UtcTime& out) {
  const std::optional<UtcTime> time = parse_utc_time(text);
  if (!time) return unreadable(ValueType::utc_time, text);
  out = *time;
  return {};
}

namespace detail {

// One line a type.
// clang-format off
template <> std::string scalar_to_text(const bool& value) { return value ? "true" : "false"; }
template <> std::string scalar_to_text(const int& value) { return std::to_string(value); }
template <> std::string scalar_to_text(const std::int64_t& value) { return std::to_string(value); }
template <> std::string scalar_to_text(const std::uint32_t& value) { return std::to_string(value); }
template <> std::string scalar_to_text(const std::uint64_t& value) { return std::to_string(value); }
template <> std::string scalar_to_text(const double& value) { return fmt::format("{}", value); }
template <> std::string scalar_to_text(const std::string& value) { return value; }
template <> std::string scalar_to_text(const Ratio& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const Duration& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const Time& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const Bytes& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const Usd& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const UsdPerHour& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const UsdPerGb& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const RequestRate& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const BytesPerSecond& value) { return fleetsim::to_text(value); }
template <> std::string scalar_to_text(const UtcTime& value) { return config::to_text(value); }
template <> std::string scalar_to_text(const FilePath& value) { return value.as_given; }
// clang-format on

}  // namespace detail

std::string to_text(UtcTime time) {
  using namespace std::chrono;
  const sys_seconds instant{std::chrono::seconds{time.seconds_since_1970}};
  const sys_days day = floor<days>(instant);
  const year_month_day date{day};
  const hh_mm_ss clock{instant - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::optional<UtcTime> parse_utc_time(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != form.size()) return std::nullopt;
  std::array<int, 6> fields{};  // year, month, day, hour, minute, second
  std::size_t field = 0;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0') {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      fields[field] = fields[field] * 10 + (text[i] - '0');
    } else {
      if (text[i] != form[i]) return std::nullopt;
      ++field;
    }
  }
  using namespace std::chrono;
  const year_month_day date{year{fields[0]}, month{static_cast<unsigned>(fields[1])},
                            day{static_cast<unsigned>(fields[2])}};
  if (!date.ok() || fields[3] > 23 || fields[4] > 59 || fields[5] > 59) return std::nullopt;
  const sys_seconds instant = sys_days{date} + hours{fields[3]} + minutes{fields[4]} + std::chrono::seconds{fields[5]};
  return UtcTime{instant.time_since_epoch().count()};
}

}  // namespace fleetsim::config
