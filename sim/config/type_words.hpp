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
  std::string_view example;  ///< "5m"
};
const TypeWords& words_for(ValueType type);
/// The units that it is written in: "units of a size: B, KB, ..."; empty for a type without.
std::string_view units_of(ValueType type);

}  // namespace fleetsim::config
