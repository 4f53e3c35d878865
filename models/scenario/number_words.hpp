#pragma once
/// Numbers as `explain` and `advise` write them.

#include <cstdint>
#include <string>

namespace fleetsim::scenario {

/// "1,234,567".
inline std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3 + (number < 0 ? 1U : 0U); at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace fleetsim::scenario
