#pragma once
/// The text forms of units, for people and for output. Each is exact (no digit is dropped) and is read back as the same
/// value by the config reader. fmt prints the same forms: fmt::format("{:>12}", 5_min).

#include <string>

#include <fmt/core.h>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// "5m", "2h30m", "1.5s", "250ms", "30d", "-1h", "0s". Days are the largest unit.
std::string to_text(Duration duration);
/// The span since the start of the run, in the same form.
std::string to_text(Time time);
/// In the unit that needs the fewest digits: "90 GiB", "2 KB", "1,234,567 B".
std::string to_text(Bytes size);
/// "1,234.50 USD": at least two decimals, more only where they are needed.
std::string to_text(Usd cost);
/// "0.085 USD/h".
std::string to_text(UsdPerHour price);
/// "0.01 USD/GB".
std::string to_text(UsdPerGb price);
/// "385,802 requests/s".
std::string to_text(RequestRate rate);
/// "10 MiB/s", "500 MB/s", in the unit that needs the fewest digits.
std::string to_text(BytesPerSecond rate);
/// "75%", "0.1%".
std::string to_text(Ratio ratio);

namespace detail {
template <class Unit>
struct TextFormatter : fmt::formatter<std::string_view> {
  auto format(Unit value, fmt::format_context& context) const -> fmt::format_context::iterator;
};
}  // namespace detail

}  // namespace fleetsim

template <>
struct fmt::formatter<fleetsim::Duration> : fleetsim::detail::TextFormatter<fleetsim::Duration> {};
template <>
struct fmt::formatter<fleetsim::Time> : fleetsim::detail::TextFormatter<fleetsim::Time> {};
template <>
struct fmt::formatter<fleetsim::Bytes> : fleetsim::detail::TextFormatter<fleetsim::Bytes> {};
template <>
struct fmt::formatter<fleetsim::Usd> : fleetsim::detail::TextFormatter<fleetsim::Usd> {};
template <>
struct fmt::formatter<fleetsim::UsdPerHour> : fleetsim::detail::TextFormatter<fleetsim::UsdPerHour> {};
template <>
struct fmt::formatter<fleetsim::UsdPerGb> : fleetsim::detail::TextFormatter<fleetsim::UsdPerGb> {};
template <>
struct fmt::formatter<fleetsim::RequestRate> : fleetsim::detail::TextFormatter<fleetsim::RequestRate> {};
template <>
struct fmt::formatter<fleetsim::BytesPerSecond> : fleetsim::detail::TextFormatter<fleetsim::BytesPerSecond> {};
template <>
struct fmt::formatter<fleetsim::Ratio> : fleetsim::detail::TextFormatter<fleetsim::Ratio> {};
