#pragma once
/// A checked reader of JSON files, plain or compressed (.gz, .xz). Every value knows its place in the file.
///
///   if (const auto json = config::JsonDocument::read(file, diagnostics)) {
///     const config::JsonValue gap = json->root()["metadata"]["gap_seconds"];
///     Duration tick;
///     if (config::read_json(gap, "gap_seconds", 1_s, tick, diagnostics)) …   // else the error is reported
///     for (const config::JsonValue item : json->root()["data"].items()) …
///   }
///
/// Refused: a file that is missing, empty, not text or over 256 MiB (decompressed); what is not JSON (RFC 8259); a key
/// given twice in one object.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

enum class JsonKind : std::uint8_t { missing, null, boolean, number, text, list, object };

class JsonTree;  // the parsed file

/// A value of a document, or the place where none is. Valid as long as its document.
class JsonValue {
 public:
  JsonKind kind() const;
  /// The text of a text, or of a number as the file writes it; empty for the rest.
  std::string_view text() const;
  /// The key of an object's member.
  std::string_view key() const;
  /// The member of an object; missing for another kind of value, or if there is none.
  JsonValue operator[](std::string_view key) const;
  /// The items of a list, or the members of an object in the file's order; none for the rest.
  std::vector<JsonValue> items() const;
  /// Where the value begins; of a missing one, where the value begins that lacks it.
  Location where() const;
  bool given() const { return kind() != JsonKind::missing; }

 private:
  friend class JsonDocument;
  JsonValue(const JsonTree* tree, std::uint32_t index, bool given) : tree_(tree), index_(index), given_(given) {}

  const JsonTree* tree_;
  std::uint32_t index_;  // of the value, or of the one that lacks it
  bool given_;
};

class JsonDocument {
 public:
  /// Empty after an error.
  static std::optional<JsonDocument> read(const FilePath& file, Diagnostics& diagnostics);
  /// Reads text as if it were the file `name`.
  static std::optional<JsonDocument> from_text(std::string text, std::string name, Diagnostics& diagnostics);
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

  JsonValue root() const;

 private:
  explicit JsonDocument(std::unique_ptr<const JsonTree> tree);
  std::unique_ptr<const JsonTree> tree_;
};

/// A number, or a text that holds one ("0.0350"), as a plain number of `unit`s, exact; false after an error, whose
/// message begins with `name`.
bool read_json(const JsonValue& value, std::string_view name, std::int64_t unit, std::int64_t& out,
               Diagnostics& diagnostics);
template <class Unit>
bool read_json(const JsonValue& value, std::string_view name, Unit unit, Unit& out, Diagnostics& diagnostics) {
  std::int64_t count = 0;
  if (!read_json(value, name, unit.count(), count, diagnostics)) return false;
  out = Unit::of(count);
  return true;
}
/// A text that is not empty.
bool read_json(const JsonValue& value, std::string_view name, std::string& out, Diagnostics& diagnostics);
/// An instant: 2021-08-01T00:00:00Z, with a fraction of a second (dropped) or "+00:00" for the Z as AWS also writes it.
bool read_json(const JsonValue& value, std::string_view name, UtcTime& out, Diagnostics& diagnostics);

}  // namespace fleetsim::config
