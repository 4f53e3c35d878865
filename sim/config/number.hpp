#pragma once
/// Decimal numbers in text, read exactly: 0.085 USD/h is 85,000,000 nano-dollars, with no double in between.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleetsim/units.hpp"

namespace fleetsim::config {

/// mantissa * 10^exponent.
struct Decimal {
  Int128 mantissa = 0;
  int exponent = 0;
};

struct ScannedNumber {
  Decimal value;
  std::size_t length = 0;  ///< characters read from the text's start; 0 if there is no number
  std::string problem;     ///< "starts with a zero", …; empty if the number is well formed
  std::string help;
};

/// Reads the number that `text` starts with: digits, with a decimal point between two of them and an exponent if
/// wanted. Thousands may be grouped by commas (1,234.50) if `grouped` is set.
ScannedNumber scan_number(std::string_view text, bool grouped);

/// value * numerator / denominator to the nearest integer, halves away from zero; empty if that does not fit.
/// Requires: 0 < numerator, denominator <= 10^15.
std::optional<std::int64_t> to_integer(const Decimal& value, std::int64_t numerator, std::int64_t denominator);

/// Whether the value is a whole number.
bool is_whole(const Decimal& value);

/// The nearest double; empty if the value is too large for one.
std::optional<double> to_double(const Decimal& value);

}  // namespace fleetsim::config
