#pragma once
/// An id or an index, or none, in the bytes of one.

#include <cstdint>
#include <limits>
#include <optional>

namespace fleetsim {

/// As std::optional<T>, of what the lives of instances hand on: docs/decisions/0015. T is an unsigned integer, or begins
/// with one; 2^32 - 1 there stands for none, which no index of a table reaches.
template <class T>
class Maybe {
 public:
  constexpr Maybe() = default;
  constexpr Maybe(std::nullopt_t) {}
  constexpr Maybe(T value) : value_(value) {}

  constexpr explicit operator bool() const { return value_ != none; }
  constexpr bool has_value() const { return value_ != none; }
  /// Requires: there is a value.
  constexpr const T& operator*() const { return value_; }
  constexpr const T* operator->() const { return &value_; }
  constexpr bool operator==(const Maybe&) const = default;

 private:
  static constexpr T none{std::numeric_limits<std::uint32_t>::max()};
  T value_ = none;
};

}  // namespace fleetsim
