#pragma once
/// Regular expressions for what the reader takes as a quantity, within bounds, so that an editor flags what is out of them.
///
/// Truth:      what the reader takes matches. Most of what is out of the bounds does not: a number with a fraction may pass a
///             bound that is none of its unit by less than one, and bounds are not looked for in numbers with an exponent or
///             commas and in durations of several parts.

#include <cstdint>
#include <optional>
#include <string>

#include "fleetsim/sim/config/value.hpp"

namespace fleetsim::config {

/// In the smallest unit of the type; of a share, 1 is the whole.
struct QuantityBounds {
  std::optional<double> least, most;
  bool above_zero = false;
};

/// Of a text that holds a number and its unit; a pattern of ECMA-262 for the whole text. Requires: the type has units.
std::string quantity_pattern(ValueType type, const QuantityBounds& bounds);

/// Of whole numbers without leading zeros. Requires: least <= most < 10^18.
std::string whole_number_pattern(std::uint64_t least, std::uint64_t most);

/// What a bound such as "5m" or "100%" is in the smallest unit; empty if it cannot be read.
std::optional<double> bound_of(ValueType type, const std::string& text);

}  // namespace fleetsim::config
