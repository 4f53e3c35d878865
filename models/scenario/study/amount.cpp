// Values of parameters as numbers.

#include <cmath>

#include "fleetsim/study.hpp"
#include "models/scenario/study/parsed.hpp"

namespace fleetsim {

using scenario::parsed;

std::optional<Amount> amount_of(const std::string& text) {
  constexpr double nano = 1e9, micro = 1e6;
  const auto number = [](auto value, double parts, const char* unit) {
    return Amount{static_cast<double>(value.count()) / parts, unit};
  };
  if (const auto value = parsed<double>(text)) return Amount{*value, "1"};
  if (const auto value = parsed<Ratio>(text)) return Amount{value->value, "1"};
  if (const auto value = parsed<Duration>(text)) return number(*value, nano, "s");
  if (const auto value = parsed<Bytes>(text)) return number(*value, 1, "B");
  if (const auto value = parsed<BytesPerSecond>(text)) return number(*value, 1, "B/s");
  if (const auto value = parsed<RequestRate>(text)) return number(*value, micro, "requests/s");
  if (const auto value = parsed<Usd>(text)) return number(*value, nano, "USD");
  if (const auto value = parsed<UsdPerHour>(text)) return number(*value, nano, "USD/h");
  if (const auto value = parsed<UsdPerGb>(text)) return number(*value, nano, "USD/GB");
  return std::nullopt;
}

bool is_same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const std::optional<Amount> of_a = amount_of(a), of_b = amount_of(b);
  constexpr double rounding = 1e-12;  // of 82 / 100 and 0.82
  return of_a && of_b && of_a->unit == of_b->unit &&
         std::abs(of_a->value - of_b->value) <= rounding * std::abs(of_a->value);
}

}  // namespace fleetsim
