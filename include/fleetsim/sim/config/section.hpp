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
/// finished (`Document::finish`). In describe mode no field is given, and every section, list and named mapping reads
/// one that stands for all. Keys that depend on the value of another are therefore read inside `when`:
///
///   in.when(c.kind == Kind::trace, "kind is trace", [&](config::Section& in) { in.required("file", c.file); });

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fleetsim/sim/config/description.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/sim/config/field.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

/// Whether the text may name a thing: what `named` takes as a name.
bool is_name(std::string_view text);
inline constexpr std::string_view name_rule = "a name holds letters, digits, '-', '_', '.' and '/'";

class Section {
 public:
  using Read = std::function<void(Section&)>;

  /// Made by Document and by `describe`. One of `node` and `description` is null.
  Section(const Node* node, std::string path, Diagnostics* diagnostics, Description* description);

  /// True when this section only describes itself: there is no input, and checks between fields must be skipped.
  bool describing() const { return description_ != nullptr; }
  /// Where the section stands in its file.
  Location where() const;
  /// Where the key's value stands, or the section if it is absent.
  Location where(std::string_view key) const;
  /// Whether the key is given. Does not count as reading it.
  bool has(std::string_view key) const;
  /// Whether the key is given and its value is a mapping, for a key that also has a short form.
  bool has_section(std::string_view key) const;
  /// Dotted path from the document's root, such as "fleets.bidder"; empty for the root. `--set` takes the same.
  const std::string& path() const { return path_; }
  /// Reports at the key's value. A message that begins with the key and a colon gets the section's path before it.
  /// Ignored when describing.
  void error(std::string_view key, std::string message, std::string help = {});
  void warning(std::string_view key, std::string message, std::string help = {});
  /// Reports at any place, such as that of a Located value. Ignored when describing.
  void error_at(const Location& place, std::string message, std::string help = {});
  /// For readers of the files that a section names. Requires: not describing.
  Diagnostics& diagnostics() { return *diagnostics_; }

  /// T is one of the values of value.hpp; Located<T> of these; std::vector<T> of these (a YAML list of scalars);
  /// std::optional<T> for a field without default.
  template <class T>
  Field<T> required(std::string_view key, T& out) {
    return read_field(key, out, true);
  }
  /// The value that `out` has is the default.
  template <class T>
  Field<T> optional(std::string_view key, T& out) {
    return read_field(key, out, false);
  }

  /// One word out of a list of names.
  template <class E>
  Field<E> required_choice(std::string_view key, E& out, std::vector<std::pair<std::string, E>> choices) {
    return read_choice(key, out, choices, true);
  }
  template <class E>
  Field<E> optional_choice(std::string_view key, E& out, std::vector<std::pair<std::string, E>> choices) {
    return read_choice(key, out, choices, false);
  }
  /// One word out of a list of names, or a mapping that says the same in full: `read(Section&)` runs when it is one.
  template <class E>
  void optional_choice_or_section(std::string_view key, E& out, const std::vector<std::pair<std::string, E>>& choices,
                                  std::string_view doc, const Read& read) {
    if (describing()) {
      optional_section(key, doc, read);
      describe_words(key, choices);
    } else if (has_section(key)) {
      optional_section(key, doc, read);
    } else {
      optional_choice(key, out, choices);
    }
  }

  /// A nested mapping; `read(Section&)` runs when it is given (and once in describe mode).
  /// Returns whether it was given.
  bool optional_section(std::string_view key, std::string_view doc, const Read& read);
  bool required_section(std::string_view key, std::string_view doc, const Read& read);

  /// A list of mappings: `read(Section&, Item&)` runs for each, in order. Absent means empty.
  template <class Item, class ReadItem>
  Field<std::vector<Item>> list(std::string_view key, std::vector<Item>& out, ReadItem read) {
    out.clear();
    const detail::FieldSource source = read_list(key, [&](Section& in) {
      Item item{};
      read(in, item);
      if (!in.describing()) out.push_back(std::move(item));
    });
    return {source, source.state == detail::FieldState::read ? &out : nullptr};
  }

  /// A mapping whose keys are names that the user gives: `read(name, Section&)` runs for each in the order of the
  /// file. `what` says what a name stands for, such as "fleet". Absent means empty.
  using ReadNamed = std::function<void(const Located<std::string>& name, Section&)>;
  void named(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read);
  /// The same where at least one name must be given.
  void required_named(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read);
  /// A mapping from names that the user gives to scalars: `read(name, Section&)` runs for each in the order of the file,
  /// with the section that holds them all, and reads the key of that name. Absent means empty.
  void named_values(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read);
  /// The names under `key`, whether or not what they name can be read. Does not count as reading it.
  std::vector<std::string> names_in(std::string_view key) const;

  /// Reads further keys of this same mapping if `condition` holds; in describe mode always, noting the condition's
  /// words. Otherwise the keys are refused, with the words that say when they are allowed.
  void when(bool condition, std::string_view words, const Read& read);

  /// Exactly one of these keys must be given.
  void exactly_one_of(std::vector<std::string_view> keys);
  /// At most one of these keys may be given.
  void at_most_one_of(std::vector<std::string_view> keys);

 private:
  struct Expected {
    Description::Shape shape;
    ValueType type = ValueType::text;
    bool required = false;
    std::string_view example{};  ///< of its value, if the type's own will not do
  };

  template <class T>
  Field<T> read_field(std::string_view key, T& out, bool required) {
    using Scalar = detail::Scalar<T>;
    detail::FieldSource source = take(key, {Scalar::is_list ? Description::Shape::values : Description::Shape::value,
                                            detail::TypeOf<typename Scalar::type>::value, required});
    if (source.description != nullptr && !required) source.set_default(detail::value_to_text(out));
    if (source.node != nullptr) {
      T value{};
      if (detail::read_value(detail::ValueSource{source.node, source.key, path_, diagnostics_}, value)) {
        out = std::move(value);
        source.state = detail::FieldState::read;
      }
    }
    const bool read = source.state == detail::FieldState::read;
    return {std::move(source), read ? &out : nullptr};
  }

  template <class E>
  Field<E> read_choice(std::string_view key, E& out, const std::vector<std::pair<std::string, E>>& choices,
                       bool required) {
    std::vector<std::string> names;
    std::string default_name;
    for (const auto& [name, value] : choices) {
      names.push_back(name);
      if (!required && value == out) default_name = name;
    }
    detail::FieldSource source = take(key, {Description::Shape::value, ValueType::choice, required, names.empty() ? "" : names.front()});
    if (source.description != nullptr) {
      source.description->choices = names;
      source.set_default(default_name);
    }
    const std::optional<std::size_t> chosen = choose(source, names);
    if (chosen) out = choices[*chosen].second;
    return {std::move(source), chosen ? &out : nullptr};
  }

  /// Finds the key, marks it as read and reports it if it is required and absent, or has no value.
  detail::FieldSource take(std::string_view key, const Expected& expected);
  /// Notes that the section just described may be one of these words instead.
  template <class E>
  void describe_words(std::string_view key, const std::vector<std::pair<std::string, E>>& choices) {
    for (Description& child : description_->children) {
      if (child.key != key || !child.choices.empty()) continue;
      for (const auto& [name, value] : choices) child.choices.push_back(name);
    }
  }
  std::optional<std::size_t> choose(detail::FieldSource& source, const std::vector<std::string>& names);
  detail::FieldSource read_list(std::string_view key, const Read& read_item);
  bool read_section(std::string_view key, std::string_view doc, const Read& read, bool required);
  void read_named(std::string_view key, std::string_view what, std::string_view doc, const ReadNamed& read,
                  bool required);
  /// Reports a node that is no mapping.
  bool is_mapping_of_names(const Node& node, std::string_view key, std::string help);
  std::string path_to(std::string_view key) const;
  /// The message, with the section's path before the key that it begins with.
  std::string with_path(std::string_view key, std::string message) const;
  /// The help where a key is missing: "add it, such as max: 20".
  static std::string example_of(std::string_view key, const Expected& expected);

  const Node* node_;  // null in describe mode
  std::string path_;
  Diagnostics* diagnostics_;
  Description* description_;  // null when reading
  std::string condition_;     // describe mode: the words of the enclosing `when`
};

}  // namespace fleetsim::config
