#pragma once
/// Values of parameters, read from their texts.

#include <optional>
#include <string>

#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::scenario {

/// The text as a value of T, if it is one.
template <class T>
std::optional<T> parsed(const std::string& text) {
  T value{};
  if (!config::parse_scalar(text, false, value).ok()) return std::nullopt;
  return value;
}

}  // namespace fleetsim::scenario
