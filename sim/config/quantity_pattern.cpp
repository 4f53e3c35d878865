#include "sim/config/quantity_pattern.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim::config {
namespace {

/// Names of one unit, and what one is in the smallest unit of its type.
struct UnitForm {
  const char* names;
  double size;
};

const std::vector<UnitForm>& forms_of(ValueType type) {
  static const std::vector<UnitForm> durations{{"ns|nanoseconds?", 1},          {"us|µs|microseconds?", 1e3},
                                               {"ms|milliseconds?", 1e6},       {"s|sec|seconds?", 1e9},
                                               {"m|min|minutes?", 60e9},        {"h|hours?", 3600e9},
                                               {"d|days?", 86400e9},            {"w|weeks?", 604800e9}};
  static const std::vector<UnitForm> sizes{{"B", 1},     {"KB", 1e3},       {"MB", 1e6},           {"GB", 1e9},
                                           {"TB", 1e12}, {"KiB", 1024},     {"MiB", 1048576},      {"GiB", 1073741824},
                                           {"TiB", 1099511627776}};
  static const std::vector<UnitForm> data_rates{
      {"B/s", 1},        {"KB/s", 1e3},        {"MB/s", 1e6},       {"GB/s", 1e9},   {"TB/s", 1e12},   {"KiB/s", 1024},
      {"MiB/s", 1048576}, {"GiB/s", 1073741824}, {"TiB/s", 1099511627776}, {"bps", 0.125}, {"kbps", 125}, {"Mbps", 125e3},
      {"Gbps", 125e6}};
  static const std::vector<UnitForm> rates{{"requests?/(s|second)", 1e6},
                                           {"requests?/(min|minute)", 1e6 / 60},
                                           {"requests?/(h|hour)", 1e6 / 3600},
                                           {"requests?/(d|day)", 1e6 / 86400},
                                           {"requests?/month", 1e6 / 2592000}};
  static const std::vector<UnitForm> shares{{"%", 0.01}};
  static const std::vector<UnitForm> usd{{"USD", 1e9}};
  static const std::vector<UnitForm> usd_per_hour{{"USD/(h|hour)", 1e9}};
  static const std::vector<UnitForm> usd_per_gb{{"USD/GB", 1e9}};
  switch (type) {
    case ValueType::ratio: return shares;
    case ValueType::bytes: return sizes;
    case ValueType::byte_rate: return data_rates;
    case ValueType::request_rate: return rates;
    case ValueType::usd: return usd;
    case ValueType::usd_per_hour: return usd_per_hour;
    case ValueType::usd_per_gb: return usd_per_gb;
    case ValueType::duration:
    case ValueType::time:
    case ValueType::duration_distribution: return durations;
    default: break;
  }
  invariant(false, "a quantity has units");
  return shares;
}

constexpr const char* any_number = R"([0-9][0-9,]*(\.[0-9]+)?([eE][-+]?[0-9]+)?)";
/// With commas or an exponent.
constexpr const char* odd_number = R"([0-9]+(,[0-9]+)+(\.[0-9]+)?([eE][-+]?[0-9]+)?|[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]+)";
constexpr double largest = 1e15;  // above it a bound is none for a number of that unit

/// Whole numbers of as many digits as both, which are equally long.
std::string same_length(const std::string& least, const std::string& most) {
  if (least == most) return least;
  const std::size_t digits = least.size();
  std::size_t shared = 0;
  while (least[shared] == most[shared]) ++shared;
  const std::string begin = least.substr(0, shared);
  const char low = least[shared], high = most[shared];
  const std::size_t left = digits - shared - 1;
  const auto any = [](char from, char to) { return from == to ? std::string(1, from) : fmt::format("[{}-{}]", from, to); };
  const auto digits_of = [](std::size_t count) { return count == 0 ? "" : fmt::format("[0-9]{{{}}}", count); };
  if (left == 0) return begin + any(low, high);
  const bool from_first = least.find_first_not_of('0', shared + 1) == std::string::npos;
  const bool to_last = most.find_first_not_of('9', shared + 1) == std::string::npos;
  std::vector<std::string> parts;
  if (!from_first) {
    parts.push_back(std::string(1, low) + same_length(least.substr(shared + 1), std::string(left, '9')));
  }
  const char first = static_cast<char>(from_first ? low : low + 1), last = static_cast<char>(to_last ? high : high - 1);
  if (first <= last) parts.push_back(any(first, last) + digits_of(left));
  if (!to_last) parts.push_back(std::string(1, high) + same_length(std::string(left, '0'), most.substr(shared + 1)));
  if (parts.size() == 1) return begin + parts.front();
  return fmt::format("{}({})", begin, fmt::join(parts, "|"));
}

/// A number without sign, commas and exponent between two values of its unit.
std::string plain_number(double least, std::optional<double> most) {
  const auto low = static_cast<std::uint64_t>(least);
  if (!most || *most >= largest) {
    if (low == 0) return R"([0-9]+(\.[0-9]+)?)";
    const std::string digits = std::to_string(low);
    return fmt::format(R"(({}|[1-9][0-9]{{{},}})(\.[0-9]+)?)", whole_number_pattern(low, std::stoull(std::string(digits.size(), '9'))),
                       digits.size());
  }
  const auto high = static_cast<std::uint64_t>(*most);
  if (high < low) return "0";  // bounds that no number of this unit keeps
  const bool whole = static_cast<double>(high) == *most;
  if (!whole) return fmt::format(R"(({})(\.[0-9]+)?)", whole_number_pattern(low, high));
  if (low == high) return fmt::format(R"({}(\.0+)?)", high);
  return fmt::format(R"((({})(\.[0-9]+)?|{}(\.0+)?))", whole_number_pattern(low, high - 1), high);
}

}  // namespace

std::string whole_number_pattern(std::uint64_t least, std::uint64_t most) {
  std::vector<std::string> parts;
  for (std::uint64_t from = least, power = 10;; power *= 10) {
    while (power <= from) power *= 10;
    const std::uint64_t to = std::min(most, power - 1);
    parts.push_back(same_length(std::to_string(from), std::to_string(to)));
    if (to == most) break;
    from = to + 1;
  }
  return fmt::format("{}", fmt::join(parts, "|"));
}

std::string quantity_pattern(ValueType type, const QuantityBounds& bounds) {
  const std::vector<UnitForm>& forms = forms_of(type);
  const bool of_parts = type == ValueType::duration || type == ValueType::time || type == ValueType::duration_distribution;
  std::string all_units;
  for (const UnitForm& form : forms) all_units += (all_units.empty() ? "" : "|") + std::string(form.names);
  const bool signed_numbers = !bounds.above_zero && (!bounds.least || *bounds.least < 0);
  const double least = std::max(0.0, bounds.least.value_or(0));
  const std::string any = fmt::format("{} *({})", any_number, all_units);
  std::string positive = any;
  if (least > 0 || (bounds.most && *bounds.most >= 0)) {
    std::vector<std::string> parts;
    for (const UnitForm& form : forms) {
      const auto in_unit = [&](double bound) {
        // A quotient that is whole but for its rounding is whole.
        const double value = bound / form.size;
        return std::abs(value - std::round(value)) < 1e-9 * std::max(1.0, value) ? std::round(value) : value;
      };
      const double low = in_unit(least);
      if (low >= largest) continue;
      parts.push_back(fmt::format("{} *({})", plain_number(low, bounds.most ? std::optional(in_unit(*bounds.most)) : std::nullopt),
                                  form.names));
    }
    parts.push_back(fmt::format("({}) *({})", odd_number, all_units));
    positive = fmt::format("{}", fmt::join(parts, "|"));
  }
  if (of_parts) positive = fmt::format("({}) *|({} *){{2,}}", positive, any);
  const char* not_zero = bounds.above_zero ? "(?=.*[1-9])" : "";
  if (!signed_numbers) return fmt::format("^{}\\+?({})$", not_zero, positive);
  return fmt::format("^(\\+?({})|-{})$", positive, of_parts ? "(" + any + " *)+" : any);
}

std::optional<double> bound_of(ValueType type, const std::string& text) {
  const auto count = [&](auto value) -> std::optional<double> {
    if (!parse_scalar(text, false, value).ok()) return std::nullopt;
    return static_cast<double>(value.count());
  };
  switch (type) {
    case ValueType::ratio: {
      Ratio ratio;
      return parse_scalar(text, false, ratio).ok() ? std::optional(ratio.value) : std::nullopt;
    }
    case ValueType::time:
    case ValueType::duration:
    case ValueType::duration_distribution: return count(Duration{});
    case ValueType::bytes: return count(Bytes{});
    case ValueType::usd: return count(Usd{});
    case ValueType::usd_per_hour: return count(UsdPerHour{});
    case ValueType::usd_per_gb: return count(UsdPerGb{});
    case ValueType::request_rate: return count(RequestRate{});
    case ValueType::byte_rate: return count(BytesPerSecond{});
    default: return std::nullopt;
  }
}

}  // namespace fleetsim::config
