#pragma once
/// How messages and documents speak of a type of value.

#include <string_view>

#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

struct TypeWords {
  std::string_view one;      ///< "duration"
  std::string_view many;     ///< "durations"
  std::string_view article;  ///< "a"
  std::string_view help;     ///< "write a duration with its unit, such as 200ms or 5m"
};
const TypeWords& words_for(ValueType type);

}  // namespace fleetsim::config
