#pragma once
/// The values that a scenario holds, each written as one YAML scalar (or a list of them).
///
///   bool         true, false                      Duration      200ms, 5m, 1h30m, 5 minutes, 30d, 2w
///   int, …       20, 1e6                          Bytes         90 GiB, 2 KB
///   double       0.7, 1e-3                        Usd           4100 USD
///   std::string  text                             UsdPerHour    0.085 USD/h
///   Ratio        75%, 0.75                        UsdPerGb      0.01 USD/GB
///   UtcTime      2021-08-01T00:00:00Z             RequestRate   250 requests/s, 1e12 requests/month (30 days)
///   FilePath     data/bids.csv                    Time          3h, a Duration since the start of the run
///   BytesPerSecond  10 MiB/s, 500 Mbps            Schedule      rate(5 minutes), cron(0 20 * * ? *), 0 22 * * 1-5
///   TimeZone     Europe/Berlin
///   DurationDistribution: a Duration, or a mapping such as {lognormal: {median: 30s, sigma: 0.25}}
///
/// Units are always written; numbers are decimal, finite and without a leading zero. What a unit's integer cannot hold
/// exactly is rounded to the nearest.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {
class Schedule;  // both in sim/config/schedule.hpp
class TimeZone;
}

namespace fleetsim::config {

/// No duration and no time in a scenario is longer, so that sums of some of them stay within 64 bits.
inline constexpr Duration longest_duration = 366_d * 20;

/// A value with the place it was read from, for checks that need other sections (a zone's name, an instance type).
template <class T>
struct Located {
  T value{};
  Location where;
};

/// An instant on the calendar, ISO 8601 UTC to the second: 2021-08-01T00:00:00Z.
struct UtcTime {
  std::int64_t seconds_since_1970 = 0;
  auto operator<=>(const UtcTime&) const = default;
};
/// "2021-08-01T00:00:00Z".
std::string to_text(UtcTime time);
/// Reads the form above; empty if it is not one.
std::optional<UtcTime> parse_utc_time(std::string_view text);

/// A file named in a scenario, found relative to the file that names it and never outside the scenario's folder.
/// Reading the field has checked that it exists.
struct FilePath {
  std::string path;      ///< opens from the working directory
  std::string as_given;  ///< as the scenario writes it
};

class Node;  // a parsed YAML node with its location

enum class ValueType {
  boolean,
  integer,
  number,
  text,
  choice,
  ratio,
  duration,
  time,
  bytes,
  usd,
  usd_per_hour,
  usd_per_gb,
  request_rate,
  byte_rate,
  utc_time,
  schedule,
  time_zone,
  file,
  duration_distribution,
};

/// What is wrong with a scalar; no problem, no text.
struct ParseResult {
  std::string problem;  ///< "'200 MB' is a size, not a duration"
  std::string help;     ///< "write a duration with its unit, such as 200ms or 5m"
  bool ok() const { return problem.empty(); }
};
/// One scalar's text to a value, for the types above but FilePath and DurationDistribution, which need their document.
/// `quoted` is refused where a number or a truth value is meant: in YAML quotes make a text.
template <class T>
ParseResult parse_scalar(std::string_view text, bool quoted, T& out);

namespace detail {

/// A node to be read, and where its errors go.
struct ValueSource {
  const Node* node = nullptr;
  std::string_view key;
  std::string_view section_path;
  Diagnostics* diagnostics = nullptr;
};
Location location_of(const Node& node);
/// The items of a list, or empty after an error if the node is none.
std::optional<std::size_t> list_size(const ValueSource& source);
const Node* list_item(const Node* list, std::size_t index);

/// Reads the node; false, with errors reported, if that is not possible.
template <class T>
bool read_value(const ValueSource& source, T& out);
template <class T>
bool read_value(const ValueSource& source, Located<T>& out) {
  out.where = location_of(*source.node);
  return read_value(source, out.value);
}
template <class T>
bool read_value(const ValueSource& source, std::optional<T>& out) {
  return read_value(source, out.emplace());
}
template <class T>
bool read_value(const ValueSource& source, std::vector<T>& out) {
  const std::optional<std::size_t> size = list_size(source);
  if (!size) return false;
  bool ok = true;
  for (std::size_t i = 0; i < *size; ++i) {
    T item{};
    ok = read_value(ValueSource{list_item(source.node, i), source.key, source.section_path, source.diagnostics}, item) && ok;
    out.push_back(std::move(item));
  }
  return ok;
}

/// A value as a scenario writes it; empty for an empty optional.
template <class T>
std::string scalar_to_text(const T& value);
template <class T>
std::string value_to_text(const T& value) {
  return scalar_to_text(value);
}
template <class T>
std::string value_to_text(const Located<T>& value) {
  return value_to_text(value.value);
}
template <class T>
std::string value_to_text(const std::optional<T>& value) {
  return value ? value_to_text(*value) : std::string{};
}
template <class T>
std::string value_to_text(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) text += (text.empty() ? "" : ", ") + value_to_text(value);
  return "[" + text + "]";
}

/// The type of the scalars in a field: T of Located<T>, std::optional<T>, std::vector<T>.
template <class T>
struct Scalar {
  using type = T;
  static constexpr bool is_list = false;
};
template <class T>
struct Scalar<Located<T>> : Scalar<T> {};
template <class T>
struct Scalar<std::optional<T>> : Scalar<T> {};
template <class T>
struct Scalar<std::vector<T>> : Scalar<T> {
  static constexpr bool is_list = true;
};
template <class T>
using ScalarOf = typename Scalar<T>::type;

// One line a type.
// clang-format off
template <class T>
struct TypeOf;
template <ValueType type>
struct Is { static constexpr ValueType value = type; };
template <> struct TypeOf<bool> : Is<ValueType::boolean> {};
template <> struct TypeOf<int> : Is<ValueType::integer> {};
template <> struct TypeOf<std::int64_t> : Is<ValueType::integer> {};
template <> struct TypeOf<std::uint32_t> : Is<ValueType::integer> {};
template <> struct TypeOf<std::uint64_t> : Is<ValueType::integer> {};
template <> struct TypeOf<double> : Is<ValueType::number> {};
template <> struct TypeOf<std::string> : Is<ValueType::text> {};
template <> struct TypeOf<Ratio> : Is<ValueType::ratio> {};
template <> struct TypeOf<Duration> : Is<ValueType::duration> {};
template <> struct TypeOf<Time> : Is<ValueType::time> {};
template <> struct TypeOf<Bytes> : Is<ValueType::bytes> {};
template <> struct TypeOf<Usd> : Is<ValueType::usd> {};
template <> struct TypeOf<UsdPerHour> : Is<ValueType::usd_per_hour> {};
template <> struct TypeOf<UsdPerGb> : Is<ValueType::usd_per_gb> {};
template <> struct TypeOf<RequestRate> : Is<ValueType::request_rate> {};
template <> struct TypeOf<BytesPerSecond> : Is<ValueType::byte_rate> {};
template <> struct TypeOf<Schedule> : Is<ValueType::schedule> {};
template <> struct TypeOf<TimeZone> : Is<ValueType::time_zone> {};
template <> struct TypeOf<UtcTime> : Is<ValueType::utc_time> {};
template <> struct TypeOf<FilePath> : Is<ValueType::file> {};
template <> struct TypeOf<DurationDistribution> : Is<ValueType::duration_distribution> {};
// clang-format on

/// What a rule on a field compares: the value itself; of a distribution, its mean.
template <class T>
const T& compared(const T& value) {
  return value;
}
inline Duration compared(const DurationDistribution& value) { return value.mean(); }

}  // namespace detail
}  // namespace fleetsim::config
