#pragma once
/// The checked reader of one YAML mapping. A model reads its own section into a plain struct; the same calls, made in
/// describe mode, give the JSON Schema, the scenario reference and `explain`, so reader and documents can't disagree.
///
///   DemandConfig read_demand(config::Section& in) {
///     DemandConfig c;
///     in.required("rate", c.rate).positive().doc("mean rate of requests");
///     in.optional("deadline", c.deadline).doc("a response later than this is a drop");
///     in.list("bursts", c.bursts, [](config::Section& in, Burst& b) { in.required("at", b.at); }).doc("…");
///     return c;
///   }
///
/// Nothing here throws for wrong input: a field that can't be read keeps its default, the error is collected, and
/// reading goes on so that all errors come at once. Keys that nobody read are errors, reported when the document is
/// finished (`Document::finish`). Times and amounts carry units; a bare number is refused where a unit is meant.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim::config {

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
struct FilePath {
  std::string path;      ///< opens from the working directory
  std::string as_given;  ///< as the scenario writes it
};

class Node;         // a parsed YAML node with its location
class Description;  // what describe mode collects

namespace detail {
/// One scalar's text to a value. Each T that a scenario can hold has one specialization in unit_parsers.cpp.
struct ParseResult {
  bool ok = true;
  std::string help;  ///< what to write instead, if not ok
};
template <class T>
ParseResult parse_scalar(std::string_view text, bool quoted, T& out);
template <class T>
std::string scalar_to_text(const T& value);
}  // namespace detail

/// One field just read, to state what is allowed. In describe mode the same calls record the rule instead.
/// Checks apply only when the field was given and could be read.
template <class T>
class Field;

class Section {
 public:
  Section(const Node* node, std::string path, Diagnostics* diagnostics, Description* description);

  /// True when this section only describes itself: there is no input, and checks between fields must be skipped.
  bool describing() const;
  /// Where the section stands in its file.
  Location where() const;
  /// Where the key stands, or the section if it is absent.
  Location where(std::string_view key) const;
  bool has(std::string_view key) const;
  /// Dotted path from the document's root, such as "fleets.bidder".
  const std::string& path() const;
  void error(std::string_view key, std::string message, std::string help = {});
  void warning(std::string_view key, std::string message, std::string help = {});

  /// T is one of: bool, int, std::int64_t, double, std::string, Duration, Bytes, Usd, UsdPerHour, UsdPerGb,
  /// RequestRate, Ratio (75% or 0.75), DurationDistribution, UtcTime, FilePath; Located<T> of these; std::vector<T> of
  /// these (a YAML list of scalars); std::optional<T> for a field without default.
  template <class T>
  Field<T> required(std::string_view key, T& out);
  /// The value that `out` has is the default.
  template <class T>
  Field<T> optional(std::string_view key, T& out);

  /// One word out of a list of names.
  template <class E>
  Field<E> required_choice(std::string_view key, E& out, std::vector<std::pair<std::string, E>> choices);
  template <class E>
  Field<E> optional_choice(std::string_view key, E& out, std::vector<std::pair<std::string, E>> choices);

  /// A nested mapping; `read(Section&)` runs when it is given (and once in describe mode).
  /// Returns whether it was given.
  bool optional_section(std::string_view key, std::string_view doc, const std::function<void(Section&)>& read);
  bool required_section(std::string_view key, std::string_view doc, const std::function<void(Section&)>& read);

  /// A list of mappings: `read(Section&, Item&)` runs for each, in order. Absent means empty.
  template <class Item, class Read>
  Field<std::vector<Item>> list(std::string_view key, std::vector<Item>& out, Read read);

  /// A mapping whose keys are names that the user gives: `read(name, Section&)` runs for each in the order of the
  /// file. `what` says what a name stands for, such as "fleet". Absent means empty.
  void named(std::string_view key, std::string_view what, std::string_view doc,
             const std::function<void(const Located<std::string>& name, Section&)>& read);

  /// Exactly one of these keys must be given.
  void exactly_one_of(std::vector<std::string_view> keys);
  /// At most one of these keys may be given.
  void at_most_one_of(std::vector<std::string_view> keys);

 private:
  template <class T>
  friend class Field;
  struct Access;  // in section.cpp
  friend struct Access;

  const Node* node_;  // null in describe mode
  std::string path_;
  Diagnostics* diagnostics_;
  Description* description_;  // null when reading
};

}  // namespace fleetsim::config
