#include "sim/config/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace fleetsim::config {
namespace {

/// More digits than any 64-bit integer or double distinguishes; the rest is cut off.
constexpr int digits_max = 22;
constexpr int exponent_max = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_at(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - from;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char lower = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (lower != word[i]) return false;
  }
  return text.size() == word.size() || !((text[word.size()] >= 'a' && text[word.size()] <= 'z'));
}

ScannedNumber refused(std::string problem, std::string help = {}) {
  return {{}, 0, std::move(problem), std::move(help)};
}

/// The forms that YAML or other languages call numbers and that are not meant here.
ScannedNumber refuse_foreign_form(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  if (rest.empty() || (rest[0] >= '1' && rest[0] <= '9')) return {};
  for (const std::string_view word : {".nan", "nan", ".inf", "inf", "infinity"}) {
    if (starts_with_word(rest, word)) return refused("is not a finite number");
  }
  if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    return refused("starts with a decimal point", fmt::format("write {}0{}", text.substr(0, at), rest));
  }
  if (rest.size() > 1 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X')) {
    return refused("is a hexadecimal number", "write a decimal number");
  }
  if (rest.size() > 1 && rest[0] == '0' && (rest[1] == 'o' || rest[1] == 'O')) {
    return refused("is an octal number", "write a decimal number");
  }
  return {};
}

}  // namespace

ScannedNumber scan_number(std::string_view text, bool grouped) {
  ScannedNumber number;
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  if (ScannedNumber foreign = refuse_foreign_form(text, at); !foreign.problem.empty()) return foreign;

  int significant = 0;
  Int128 mantissa = 0;
  const auto take = [&](char digit, bool fraction) {
    if (significant < digits_max) {
      mantissa = mantissa * 10 + (digit - '0');
      significant += mantissa == 0 ? 0 : 1;
      if (fraction) --number.value.exponent;
    } else if (!fraction && number.value.exponent < exponent_max) {
      ++number.value.exponent;
    }
  };

  const std::size_t whole_start = at;
  std::size_t count = digits_at(text, at);
  if (count == 0) return number;
  for (std::size_t i = 0; i < count; ++i) take(text[at + i], false);
  at += count;
  if (at < text.size() && text[at] == '_') {
    std::string plain(text);
    std::erase(plain, '_');
    return refused("has an underscore", "write " + plain);
  }
  bool has_groups = false;
  while (count <= 3 && at < text.size() && text[at] == ',' && digits_at(text, at + 1) == 3) {
    has_groups = true;
    for (std::size_t i = 1; i <= 3; ++i) take(text[at + i], false);
    at += 4;
  }
  if (has_groups && !grouped) {
    std::string plain(text);
    std::erase(plain, ',');
    return refused("has commas", "write " + plain);
  }
  if (text[whole_start] == '0' && (count > 1 || has_groups)) {
    std::size_t first = whole_start;
    while (first + 1 < whole_start + count && text[first] == '0') ++first;
    return refused("starts with a zero", fmt::format("write {}{}", text.substr(0, whole_start), text.substr(first)));
  }
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    count = digits_at(text, at + 1);
    for (std::size_t i = 1; i <= count; ++i) take(text[at + i], true);
    at += 1 + count;
  }
  if (at + 1 < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t sign = text[at + 1] == '-' || text[at + 1] == '+' ? 1 : 0;
    count = digits_at(text, at + 1 + sign);
    if (count > 0) {
      int exponent = 0;
      for (std::size_t i = 0; i < count; ++i) {
        exponent = std::min(exponent_max, exponent * 10 + (text[at + 1 + sign + i] - '0'));
      }
      number.value.exponent += text[at + 1] == '-' ? -exponent : exponent;
      at += 1 + sign + count;
    }
  }
  number.value.mantissa = text[0] == '-' ? -mantissa : mantissa;
  number.length = at;
  return number;
}

std::optional<std::int64_t> to_integer(const Decimal& value, std::int64_t numerator, std::int64_t denominator) {
  // |mantissa| < 10^22 and numerator <= 10^15 keep every product below 10^38, which 128 bits hold.
  Int128 top = value.mantissa * numerator;
  Int128 bottom = denominator;
  constexpr Int128 top_limit = Int128{1} << 120;
  constexpr Int128 bottom_limit = Int128{1} << 123;
  for (int exponent = value.exponent; exponent > 0 && top != 0; --exponent) {
    if (top > top_limit || top < -top_limit) return std::nullopt;
    top *= 10;
  }
  for (int exponent = value.exponent; exponent < 0; ++exponent) {
    if (bottom > bottom_limit) return 0;
    bottom *= 10;
  }
  const Int128 result = divide_rounded(top, bottom);
  if (result > std::numeric_limits<std::int64_t>::max() || result < std::numeric_limits<std::int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(result);
}

bool is_whole(const Decimal& value) {
  Int128 mantissa = value.mantissa;
  for (int exponent = value.exponent; exponent < 0 && mantissa != 0; ++exponent) {
    if (mantissa % 10 != 0) return false;
    mantissa /= 10;
  }
  return true;
}

std::optional<double> to_double(const Decimal& value) {
  const std::string text = fmt::format("{}e{}", value.mantissa, value.exponent);
  double result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error == std::errc::result_out_of_range) {
    // Too small is zero; too large is for the caller to refuse.
    if (value.exponent < 0) return 0.0;
    return std::nullopt;
  }
  return result;
}

}  // namespace fleetsim::config
