#include "fleetsim/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace fleetsim {
namespace {

__extension__ using UInt128 = unsigned __int128;

std::uint64_t magnitude(std::int64_t count) {
  return count < 0 ? ~static_cast<std::uint64_t>(count) + 1 : static_cast<std::uint64_t>(count);
}

/// 1234567 as "1,234,567".
std::string grouped(UInt128 whole) {
  std::string text = fmt::format("{}", whole);
  for (std::size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

/// The decimals of part / 10^digits without trailing zeros, but at least `least` of them: ".5", ".50", "".
std::string decimals(std::uint64_t part, int digits, std::size_t least = 0) {
  std::string text = fmt::format("{:0{}}", part, digits);
  while (text.size() > least && text.back() == '0') text.pop_back();
  return text.empty() ? text : "." + text;
}

/// count / 10^digits, exact.
std::string decimal(Int128 count, int digits, std::size_t least = 0) {
  std::uint64_t power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  const UInt128 size = count < 0 ? -static_cast<UInt128>(count) : static_cast<UInt128>(count);
  const auto part = static_cast<std::uint64_t>(size % power);
  return (count < 0 ? "-" : "") + grouped(size / power) + decimals(part, digits, least);
}

}  // namespace

std::string to_text(Duration duration) {
  std::uint64_t ns = magnitude(duration.count());
  std::string text = duration.count() < 0 ? "-" : "";
  if (ns == 0) return "0s";
  if (ns < 1'000) return text + fmt::format("{}ns", ns);
  if (ns < 1'000'000) return text + fmt::format("{}{}us", ns / 1'000, decimals(ns % 1'000, 3));
  if (ns < 1'000'000'000) return text + fmt::format("{}{}ms", ns / 1'000'000, decimals(ns % 1'000'000, 6));
  constexpr std::uint64_t second = 1'000'000'000;
  constexpr std::array<std::pair<std::uint64_t, char>, 3> units{
      {{86'400 * second, 'd'}, {3'600 * second, 'h'}, {60 * second, 'm'}}};
  for (const auto& [size, name] : units) {
    if (ns >= size) text += fmt::format("{}{}", ns / size, name);
    ns %= size;
  }
  if (ns > 0) text += fmt::format("{}{}s", ns / second, decimals(ns % second, 9));
  return text;
}

std::string to_text(Time time) { return to_text(time.since_start()); }

std::string to_text(Bytes size) {
  constexpr std::array<std::pair<std::uint64_t, std::string_view>, 9> units{{{1, "B"},
                                                                             {1'000, "KB"},
                                                                             {1'000'000, "MB"},
                                                                             {1'000'000'000, "GB"},
                                                                             {1'000'000'000'000, "TB"},
                                                                             {std::uint64_t{1} << 10U, "KiB"},
                                                                             {std::uint64_t{1} << 20U, "MiB"},
                                                                             {std::uint64_t{1} << 30U, "GiB"},
                                                                             {std::uint64_t{1} << 40U, "TiB"}}};
  const std::uint64_t bytes = magnitude(size.count());
  std::pair<std::uint64_t, std::string_view> best = units[0];
  for (const auto& unit : units) {
    if (bytes != 0 && bytes % unit.first == 0 && unit.first > best.first) best = unit;
  }
  return fmt::format("{}{} {}", size.count() < 0 ? "-" : "", grouped(bytes / best.first), best.second);
}

std::string to_text(Usd cost) { return decimal(cost.count(), 9, 2) + " USD"; }
std::string to_text(UsdPerHour price) { return decimal(price.count(), 9) + " USD/h"; }
std::string to_text(UsdPerGb price) { return decimal(price.count(), 9) + " USD/GB"; }
std::string to_text(RequestRate rate) { return decimal(rate.count(), 6) + " requests/s"; }

std::string to_text(BytesPerSecond rate) { return to_text(Bytes::of(rate.count())) + "/s"; }

std::string to_text(Ratio ratio) {
  if (!std::isfinite(ratio.value)) return fmt::format("{}%", ratio.value);
  // The shortest digits that give the value back, with the decimal point moved by two: multiplying would round.
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), ratio.value, std::chars_format::scientific);
  const std::string_view scientific(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
  const std::size_t e = scientific.find('e');
  std::string digits;
  for (const char c : scientific.substr(0, e)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  int exponent = 0;
  const char* first = scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(first, end.ptr, exponent);
  const std::string sign = ratio.value < 0 ? "-" : "";
  const int point = exponent + 3;  // digits before the decimal point of the percentage
  if (point < -5 || point > 15) return fmt::format("{}{}e{}%", sign, digits, point - static_cast<int>(digits.size()));
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits + "%";
  const auto whole = static_cast<std::size_t>(point);
  if (digits.size() <= whole)
    return sign + (digits == "0" ? digits : digits + std::string(whole - digits.size(), '0')) + "%";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole) + "%";
}

namespace detail {
template <class Unit>
auto TextFormatter<Unit>::format(Unit value, fmt::format_context& context) const -> fmt::format_context::iterator {
  return fmt::formatter<std::string_view>::format(to_text(value), context);
}
template struct TextFormatter<Duration>;
template struct TextFormatter<Time>;
template struct TextFormatter<Bytes>;
template struct TextFormatter<Usd>;
template struct TextFormatter<UsdPerHour>;
template struct TextFormatter<UsdPerGb>;
template struct TextFormatter<RequestRate>;
template struct TextFormatter<BytesPerSecond>;
template struct TextFormatter<Ratio>;
}  // namespace detail

}  // namespace fleetsim
