#include "sim/config/quote.hpp"

#include <cstddef>

namespace fleetsim::config {

std::string quote(std::string_view text) {
  constexpr std::size_t shown_max = 60;
  std::size_t shown = text.size();
  if (shown > shown_max) {
    shown = shown_max;
    while (shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xC0U) == 0x80U) --shown;  // no half character
  }
  std::string result = "'";
  for (const char c : text.substr(0, shown)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return result + (shown < text.size() ? "…'" : "'");
}

}  // namespace fleetsim::config
