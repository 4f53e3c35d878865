#pragma once
/// What a reader reads, found by running it in describe mode: every key with its type, rules, default and
/// documentation. The JSON Schema and the scenario reference are printed from it.

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

class Section;

/// A bound on a value or on a list's length.
struct Rule {
  enum class Kind { above, at_least, at_most, count_at_least };
  Kind kind = Kind::at_least;
  std::string bound;             ///< "0", "5m", "100%"
  std::optional<double> number;  ///< the bound, where the scenario writes a plain number
};
/// In words: "above 0", "at least 5m", "at least 1 item".
std::string to_text(const Rule& rule);

/// One key, or the document's root.
class Description {
 public:
  enum class Shape {
    value,         ///< a scalar
    values,        ///< a list of scalars
    section,       ///< a mapping with the keys in `children`
    section_list,  ///< a list of such mappings
    named,         ///< a mapping from names that the user gives to such mappings
    named_values,  ///< a mapping from such names to scalars; the one child stands for all
  };
  struct KeyRule {
    bool one_needed = false;  ///< exactly one of the keys, else at most one
    std::vector<std::string> keys;
  };

  std::string key;  ///< empty for the root
  std::string doc;
  Shape shape = Shape::section;
  ValueType type = ValueType::text;  ///< of a value or of a list's values
  bool required = false;             ///< wherever the condition holds
  std::string condition;             ///< "kind is trace": the key is known only then; empty for always
  std::string default_text;          ///< as the scenario would write it; empty if there is none
  std::vector<Rule> rules;
  std::vector<std::string> choices;  ///< the words allowed, if `type` is a choice; of a section, the words that may
                                     ///< stand for it
  std::string name_of;               ///< what a name stands for, if `shape` is named or named_values
  std::vector<KeyRule> key_rules;
  std::list<Description> children;  ///< in the order in which they are read

  /// The child with this key; null if there is none.
  const Description* find(std::string_view child_key) const;
};

/// Runs a reader of a whole document in describe mode. The root's `include` key is part of the result.
Description describe(const std::function<void(Section&)>& read);

/// "duration", "list of sizes"; for the reference and for messages.
std::string type_in_words(const Description& description);

/// JSON Schema (draft 2020-12) for editors' completion and checks.
std::string to_json_schema(const Description& root, std::string_view title);

/// A reference for people: a table for each section with key, meaning, type, default and rule.
std::string to_reference_markdown(const Description& root, std::string_view title);

}  // namespace fleetsim::config
