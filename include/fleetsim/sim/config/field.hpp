#pragma once
/// One field just read, to state what is allowed: in.required("interval", c.interval).positive().doc("…").
/// A rule applies to a value that was given and could be read, and to each item of a list; in describe mode it is
/// recorded instead. Rules on a DurationDistribution bound its mean.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fleetsim/sim/config/description.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

namespace detail {

enum class FieldState { absent, unreadable, read };

/// The part of a field that does not depend on its type.
struct FieldSource {
  FieldState state = FieldState::absent;
  const Node* node = nullptr;  ///< null unless the key was given
  std::string key;
  const Node* parent = nullptr;  ///< the mapping that holds the key; null when describing
  std::string section_path;
  Diagnostics* diagnostics = nullptr;
  Description* description = nullptr;  ///< null unless describing

  void check_failed(const Node* where, std::string_view value, const Rule& rule) const;
  void check_count(std::size_t found, std::size_t least) const;
  void set_doc(std::string_view text) const;
  void set_default(std::string_view text) const;
};

template <class T, class Check>
void for_each_scalar(const T& value, const Node* node, const Check& check) {
  check(value, node);
}
template <class T, class Check>
void for_each_scalar(const Located<T>& value, const Node* node, const Check& check) {
  for_each_scalar(value.value, node, check);
}
template <class T, class Check>
void for_each_scalar(const std::optional<T>& value, const Node* node, const Check& check) {
  if (value) for_each_scalar(*value, node, check);
}
template <class T, class Check>
void for_each_scalar(const std::vector<T>& values, const Node* node, const Check& check) {
  for (std::size_t i = 0; i < values.size(); ++i) for_each_scalar(values[i], list_item(node, i), check);
}

}  // namespace detail

template <class T>
class Field {
 public:
  /// What bounds are given as: a Duration for a Located<Duration>, a list of Durations or a DurationDistribution.
  using Bound = std::remove_cvref_t<decltype(detail::compared(std::declval<const detail::ScalarOf<T>&>()))>;

  Field(detail::FieldSource source, const T* value) : source_(std::move(source)), value_(value) {}

  Field& positive() { return rule(Rule::Kind::above, Bound{}); }
  Field& not_negative() { return rule(Rule::Kind::at_least, Bound{}); }
  Field& at_least(const Bound& least) { return rule(Rule::Kind::at_least, least); }
  Field& at_most(const Bound& most) { return rule(Rule::Kind::at_most, most); }
  Field& between(const Bound& least, const Bound& most) { return at_least(least).at_most(most); }
  /// A list must have this many items. A list that is absent has none, so from 1 on the key is required.
  Field& at_least_count(std::size_t least) {
    source_.check_count(value_ != nullptr ? list_length(*value_) : 0, least);
    return *this;
  }
  /// What the key means, as the reference and the schema say it: lower case, no full stop.
  Field& doc(std::string_view text) {
    source_.set_doc(text);
    return *this;
  }
  /// What stands for the default in the reference, where it is computed from other fields: "the value of min".
  Field& default_is(std::string_view text) {
    source_.set_default(text);
    return *this;
  }
  /// Whether the key was given and could be read.
  bool given() const { return source_.state == detail::FieldState::read; }

 private:
  template <class Container>
  static std::size_t list_length(const Container& list) {
    return list.size();
  }

  Field& rule(Rule::Kind kind, const Bound& bound) {
    if (source_.description == nullptr && value_ == nullptr) return *this;
    Rule stated{kind, detail::scalar_to_text(bound), std::nullopt};
    if constexpr (std::is_arithmetic_v<Bound>) stated.number = static_cast<double>(bound);
    if (source_.description != nullptr) {
      source_.description->rules.push_back(std::move(stated));
      return *this;
    }
    detail::for_each_scalar(*value_, source_.node, [&](const auto& scalar, const Node* where) {
      const Bound& found = detail::compared(scalar);
      const bool holds = kind == Rule::Kind::above      ? found > bound
                         : kind == Rule::Kind::at_least ? found >= bound
                                                        : found <= bound;
      if (!holds) source_.check_failed(where, detail::scalar_to_text(found), stated);
    });
    return *this;
  }

  detail::FieldSource source_;
  const T* value_;  // null unless the key was given and could be read
};

}  // namespace fleetsim::config
