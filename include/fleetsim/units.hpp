#pragma once
/// Units as types. Every quantity that enters a sum, a bill or a comparison is an integer with a unit, so sums are
/// exact, independent of the order of addition, and equal on every machine.
///
///   Time       an instant: nanoseconds since the start of the run
///   Duration   a span: nanoseconds
///   Bytes      an amount of data: bytes
///   Usd        an amount of money: nano-dollars (10^-9 USD), 128 bits
///   DataVolume what is moved in a whole run: bytes, 128 bits
///   UsdPerHour a price: nano-dollars for each hour
///   UsdPerGb   a price: nano-dollars for each gigabyte (10^9 bytes)
///   RequestRate   micro-requests (10^-6) for each second
///   BytesPerSecond, Iops   a bandwidth or its limit: bytes, or I/O operations, for each second
///   Requests      an amount of work: 10^-15 requests, so that a rate over a duration is exact
///   Ratio         a share; the one unit that is not an integer
///
/// A quantity combines only with its own kind; a price becomes a cost only over a duration. Anything else does not
/// compile. Text forms live in fleetsim/text.hpp.

#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>

namespace fleetsim {

__extension__ using Int128 = __int128;

/// Rounds numerator / denominator to the nearest integer, halves away from zero.
/// Requires: denominator > 0.
constexpr Int128 divide_rounded(Int128 numerator, Int128 denominator) {
  // Without (up to 64 of) the twos that divide the denominator, which change nothing: what is left mostly fits into 64 bits,
  // where a division takes a fraction of the time.
  const int twos = std::countr_zero(static_cast<std::uint64_t>(denominator));
  const Int128 left = denominator >> twos;
  const Int128 size = ((numerator >= 0 ? numerator : -numerator) + denominator / 2) >> twos;
  const auto size_64 = static_cast<std::int64_t>(size), left_64 = static_cast<std::int64_t>(left);
  const Int128 quotient = size == size_64 && left == left_64 ? size_64 / left_64 : size / left;
  return numerator >= 0 ? quotient : -quotient;
}

/// The integers that hold quantities; the standard's own concept leaves the 128-bit one out under strict C++.
template <class T>
concept SignedInteger = std::signed_integral<T> || std::same_as<T, Int128>;

/// An integer amount of one unit. `Tag` names the unit; `Rep` is the integer that holds it.
template <class Tag, SignedInteger Rep = std::int64_t>
class Quantity {
 public:
  using rep = Rep;

  constexpr Quantity() = default;
  /// From a bare count of the smallest unit (nanoseconds, bytes, nano-dollars).
  static constexpr Quantity of(Rep count) {
    Quantity q;
    q.count_ = count;
    return q;
  }
  /// The bare count of the smallest unit.
  constexpr Rep count() const { return count_; }
  static constexpr Quantity max() { return of(std::numeric_limits<Rep>::max()); }

  constexpr auto operator<=>(const Quantity&) const = default;

  constexpr Quantity& operator+=(Quantity other) { count_ += other.count_; return *this; }
  constexpr Quantity& operator-=(Quantity other) { count_ -= other.count_; return *this; }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator-(Quantity a) { return of(-a.count_); }
  template <std::integral I>
  friend constexpr Quantity operator*(Quantity a, I factor) { return of(a.count_ * static_cast<Rep>(factor)); }
  template <std::integral I>
  friend constexpr Quantity operator*(I factor, Quantity a) { return a * factor; }
  /// Truncates toward zero. Requires: divisor != 0.
  template <std::integral I>
  friend constexpr Quantity operator/(Quantity a, I divisor) { return of(a.count_ / static_cast<Rep>(divisor)); }
  /// The ratio of two like quantities, a plain number. Requires: b is not zero.
  friend constexpr double operator/(Quantity a, Quantity b) {
    return static_cast<double>(a.count_) / static_cast<double>(b.count_);
  }

 private:
  Rep count_ = 0;
};

using Duration = Quantity<struct NanosecondTag>;
using Bytes = Quantity<struct ByteTag>;
using Usd = Quantity<struct NanoDollarTag, Int128>;
using UsdPerHour = Quantity<struct NanoDollarPerHourTag>;
using UsdPerGb = Quantity<struct NanoDollarPerGigabyteTag>;
using RequestRate = Quantity<struct MicroRequestPerSecondTag>;
using BytesPerSecond = Quantity<struct BytePerSecondTag>;
using Iops = Quantity<struct IoPerSecondTag>;

/// An instant: nanoseconds since the start of the run. Two instants subtract to a Duration; they do not add.
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time at(Duration since_start) {
    Time t;
    t.since_start_ = since_start;
    return t;
  }
  static constexpr Time max() { return at(Duration::max()); }
  constexpr Duration since_start() const { return since_start_; }

  constexpr auto operator<=>(const Time&) const = default;
  constexpr Time& operator+=(Duration d) { since_start_ += d; return *this; }
  friend constexpr Time operator+(Time t, Duration d) { return t += d; }
  friend constexpr Time operator+(Duration d, Time t) { return t += d; }
  friend constexpr Time operator-(Time t, Duration d) { return at(t.since_start_ - d); }
  friend constexpr Duration operator-(Time a, Time b) { return a.since_start_ - b.since_start_; }

 private:
  Duration since_start_;
};

/// A share or a utilization: 1 is the whole. Scenarios write it as 75%. Not an amount, so not an integer.
struct Ratio {
  double value = 0;
  auto operator<=>(const Ratio&) const = default;
};

/// Work done or offered, exact: the integral of a RequestRate over time, counted in 10^-15 requests.
using Requests = Quantity<struct FemtoRequestTag, Int128>;
/// Data moved in a whole run: more than the 9.2 exabytes that Bytes holds.
using DataVolume = Quantity<struct DataVolumeTag, Int128>;
/// The integral of a price over time, in nano-dollars/hour x nanoseconds; becomes Usd by `cost_of`.
using PriceIntegral = Quantity<struct PriceTimeTag, Int128>;

constexpr Requests operator*(RequestRate rate, Duration d) {
  return Requests::of(static_cast<Int128>(rate.count()) * d.count());
}
constexpr DataVolume volume_of(Bytes data) { return DataVolume::of(data.count()); }
/// What moves with that much work, rounded to whole requests so that the largest fleets do not overflow.
constexpr DataVolume operator*(Requests work, Bytes per_request) {
  constexpr Int128 femto = 1'000'000'000'000'000;
  return DataVolume::of(divide_rounded(work.count(), femto) * per_request.count());
}
constexpr double to_double(Requests work) { return static_cast<double>(work.count()) / 1e15; }

constexpr PriceIntegral operator*(UsdPerHour price, Duration d) {
  return PriceIntegral::of(static_cast<Int128>(price.count()) * d.count());
}

inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
inline constexpr std::int64_t nanoseconds_per_hour = 3600 * nanoseconds_per_second;
inline constexpr std::int64_t bytes_per_gb = 1'000'000'000;

/// The cost of a price held over time, rounded to the nearest nano-dollar.
constexpr Usd cost_of(PriceIntegral integral) {
  return Usd::of(divide_rounded(integral.count(), nanoseconds_per_hour));
}
/// The cost of an amount of data at a price for each gigabyte, rounded to the nearest nano-dollar.
constexpr Usd cost_of(DataVolume data, UsdPerGb price) {
  const Int128 part = data.count() % bytes_per_gb * price.count();
  return Usd::of(data.count() / bytes_per_gb * price.count() + divide_rounded(part, bytes_per_gb));
}
constexpr Usd cost_of(Bytes data, UsdPerGb price) { return cost_of(volume_of(data), price); }

constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) / 1e9; }
constexpr double to_hours(Duration d) { return to_seconds(d) / 3600.0; }
constexpr double to_usd(Usd cost) { return static_cast<double>(cost.count()) / 1e9; }
constexpr double to_usd_per_hour(UsdPerHour price) { return static_cast<double>(price.count()) / 1e9; }
constexpr double to_requests_per_second(RequestRate rate) { return static_cast<double>(rate.count()) / 1e6; }

namespace detail {
/// Nearest integer, halves away from zero, without <cmath> so that it is constexpr. Saturates at the type's limits.
constexpr std::int64_t nearest(double x) {
  constexpr double limit = 9.2233720368547e18;
  if (x >= limit) return std::numeric_limits<std::int64_t>::max();
  if (x <= -limit) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(x < 0 ? x - 0.5 : x + 0.5);
}
}  // namespace detail

/// From a number of seconds to the nearest nanosecond; saturates at the largest Duration.
constexpr Duration seconds(double s) { return Duration::of(detail::nearest(s * 1e9)); }
constexpr Usd usd(double dollars) { return Usd::of(detail::nearest(dollars * 1e9)); }
constexpr UsdPerHour usd_per_hour(double dollars) { return UsdPerHour::of(detail::nearest(dollars * 1e9)); }
constexpr UsdPerGb usd_per_gb(double dollars) { return UsdPerGb::of(detail::nearest(dollars * 1e9)); }
constexpr RequestRate requests_per_second(double rate) { return RequestRate::of(detail::nearest(rate * 1e6)); }

inline namespace literals {
constexpr Duration operator""_ns(unsigned long long n) { return Duration::of(static_cast<std::int64_t>(n)); }
constexpr Duration operator""_us(unsigned long long n) { return 1_ns * (n * 1'000); }
constexpr Duration operator""_ms(unsigned long long n) { return 1_ns * (n * 1'000'000); }
constexpr Duration operator""_s(unsigned long long n) { return 1_ns * (n * 1'000'000'000); }
constexpr Duration operator""_min(unsigned long long n) { return 60_s * n; }
constexpr Duration operator""_h(unsigned long long n) { return 3600_s * n; }
constexpr Duration operator""_d(unsigned long long n) { return 24_h * n; }
constexpr Bytes operator""_B(unsigned long long n) { return Bytes::of(static_cast<std::int64_t>(n)); }
constexpr Bytes operator""_KB(unsigned long long n) { return 1_B * (n * 1'000); }
constexpr Bytes operator""_MB(unsigned long long n) { return 1_KB * (n * 1'000); }
constexpr Bytes operator""_GB(unsigned long long n) { return 1_MB * (n * 1'000); }
constexpr Bytes operator""_KiB(unsigned long long n) { return 1_B * (n << 10U); }
constexpr Bytes operator""_MiB(unsigned long long n) { return 1_B * (n << 20U); }
constexpr Bytes operator""_GiB(unsigned long long n) { return 1_B * (n << 30U); }
constexpr Usd operator""_usd(long double d) { return usd(static_cast<double>(d)); }
constexpr Usd operator""_usd(unsigned long long d) { return Usd::of(static_cast<std::int64_t>(d) * 1'000'000'000); }
constexpr UsdPerHour operator""_usd_per_h(long double d) { return usd_per_hour(static_cast<double>(d)); }
constexpr UsdPerGb operator""_usd_per_gb(long double d) { return usd_per_gb(static_cast<double>(d)); }
constexpr Ratio operator""_percent(unsigned long long n) { return {static_cast<double>(n) / 100.0}; }
constexpr Ratio operator""_percent(long double n) { return {static_cast<double>(n) / 100.0}; }
constexpr RequestRate operator""_per_s(unsigned long long n) {
  return RequestRate::of(static_cast<std::int64_t>(n) * 1'000'000);
}
}  // namespace literals

}  // namespace fleetsim
