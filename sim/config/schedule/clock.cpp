/// When a schedule fires next.

#include <date/tz.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "fleetsim/sim/config/schedule.hpp"
#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

using namespace std::chrono;
using Seconds = std::chrono::seconds;


/// The weekday nearest to a day of its month, without leaving the month.
unsigned nearest_weekday(year_month month, unsigned wanted) {
  const auto last = static_cast<unsigned>((month / std::chrono::last).day());
  const unsigned d = std::min(wanted, last);
  const unsigned weekday = std::chrono::weekday{sys_days{month / day{d}}}.c_encoding();
  if (weekday == 6) return d > 1 ? d - 1 : d + 2;
  if (weekday == 0) return d < last ? d + 1 : d - 2;
  return d;
}

unsigned weekday_of(year_month month, unsigned d) { return weekday{sys_days{month / day{d}}}.c_encoding(); }

/// Of a bit set, the first bit from `from` on; empty if there is none.
template <std::size_t n>
std::optional<std::size_t> first_from(const std::bitset<n>& bits, std::size_t from) {
  const std::uint64_t left = from < 64 ? bits.to_ullong() >> from : 0;
  if (left == 0) return std::nullopt;
  return from + static_cast<std::size_t>(std::countr_zero(left));
}

/// The instant of a local time, its first one where it comes twice; empty where the zone leaves it out.
std::optional<std::int64_t> instant_of(std::int64_t local_second, const date::time_zone* zone) {
  if (zone == nullptr) return local_second;
  const date::local_seconds local{Seconds{local_second}};
  const date::local_info info = zone->get_info(local);
  if (info.result == date::local_info::nonexistent) return std::nullopt;
  return local_second - info.first.offset.count();
}

std::int64_t local_of(std::int64_t second, const date::time_zone* zone) {
  if (zone == nullptr) return second;
  return zone->to_local(date::sys_seconds{Seconds{second}}).time_since_epoch().count();
}

}  // namespace

bool Schedule::fits(int year_number, unsigned month_number, unsigned d) const {
  if (any_day_ && any_weekday_) return true;
  const year_month month = year{year_number} / std::chrono::month{month_number};
  const auto last = static_cast<unsigned>((month / std::chrono::last).day());
  const unsigned weekday = weekday_of(month, d);
  bool day_fits = days_.test(d) || days_from_last_.test(last - d);
  if (near_days_.any() || last_weekday_) {
    day_fits = day_fits || (last_weekday_ && d == nearest_weekday(month, 31));
    for (unsigned near = 1; near <= last && !day_fits; ++near) day_fits = near_days_.test(near) && d == nearest_weekday(month, near);
  }
  if (any_weekday_) return day_fits;
  const bool weekday_fits = weekdays_.test(weekday) || (last_weekdays_.test(weekday) && d + 7 > last) ||
                            nth_weekdays_[weekday].test((d + 6) / 7);
  if (any_day_) return weekday_fits;
  return either_ ? day_fits || weekday_fits : day_fits && weekday_fits;
}

bool Schedule::never_fires() const {
  if (every_ > Duration{}) return false;
  for (int y = first_year; y <= last_year; ++y) {
    if (!years_.test(static_cast<std::size_t>(y - first_year))) continue;
    for (unsigned m = 1; m <= 12; ++m) {
      if (!months_.test(m)) continue;
      const auto days = static_cast<unsigned>((year{y} / std::chrono::month{m} / std::chrono::last).day());
      for (unsigned d = 1; d <= days; ++d) {
        if (fits(y, m, d)) return false;
      }
    }
  }
  return true;
}

ScheduleClock::ScheduleClock(Schedule schedule, TimeZone zone, config::UtcTime run_start)
    : schedule_(std::move(schedule)), zone_(zone), run_start_(run_start) {
  invariant(!schedule_.text().empty(), "a schedule has been read before it runs");
}

std::optional<std::int64_t> ScheduleClock::next_second(std::int64_t after) const {
  const std::int64_t local = local_of(after, zone_.zone());
  sys_days today = floor<days>(sys_seconds{Seconds{local}});
  // The minute of `after` itself: a local time that comes twice may fire in it, or has fired before.
  std::int64_t from_minute = (local - Seconds{today.time_since_epoch()}.count()) / 60;
  for (;; today += days{1}, from_minute = 0) {
    year_month_day date{today};
    if (static_cast<int>(date.year()) > Schedule::last_year) return std::nullopt;
    const bool year_fits = static_cast<int>(date.year()) >= Schedule::first_year &&
                           schedule_.years_.test(static_cast<std::size_t>(static_cast<int>(date.year()) - Schedule::first_year));
    if (!year_fits || !schedule_.months_.test(static_cast<unsigned>(date.month()))) {
      // On to the next month's first day, or the next year's.
      const year_month month = year_fits ? date.year() / date.month() + months{1} : (date.year() + years{1}) / January;
      today = sys_days{month / 1} - days{1};
      continue;
    }
    if (!schedule_.fits(static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()))) continue;
    auto hour = first_from(schedule_.hours_, static_cast<std::size_t>(from_minute / 60));
    auto minute_from = hour && *hour == static_cast<std::size_t>(from_minute / 60) ? static_cast<std::size_t>(from_minute % 60) : 0;
    while (hour) {
      for (auto minute = first_from(schedule_.minutes_, minute_from); minute; minute = first_from(schedule_.minutes_, *minute + 1)) {
        const std::int64_t local_second = Seconds{today.time_since_epoch()}.count() + static_cast<std::int64_t>(*hour * 3600 + *minute * 60);
        const std::optional<std::int64_t> instant = instant_of(local_second, zone_.zone());
        if (instant && *instant > after) return instant;
      }
      minute_from = 0;
      hour = first_from(schedule_.hours_, *hour + 1);
    }
  }
}

std::optional<Time> ScheduleClock::next(Time now) const {
  constexpr std::int64_t latest = Duration::max().count() / nanoseconds_per_second / 2;
  if (schedule_.every() > Duration{}) {
    const std::int64_t every = schedule_.every().count();
    const std::int64_t passed = now.since_start().count() < 0 ? 0 : now.since_start().count() / every;
    return Time::at(schedule_.every() * (passed + 1));
  }
  const std::int64_t whole = now.since_start().count() / nanoseconds_per_second;
  const std::int64_t before = now.since_start() < 1_s * whole ? whole - 1 : whole;
  const auto second = next_second(run_start_.seconds_since_1970 + before);
  if (!second || *second - run_start_.seconds_since_1970 > latest) return std::nullopt;
  return Time::at(1_s * (*second - run_start_.seconds_since_1970));
}

std::optional<Time> ScheduleClock::first() const { return next(Time{} - 1_ns); }

std::optional<Duration> ScheduleClock::longest_gap(Time horizon) const {
  if (schedule_.every() > Duration{}) return schedule_.every();
  std::optional<Duration> longest;
  std::optional<Time> last = first();
  while (last && *last < horizon) {
    const std::optional<Time> following = next(*last);
    if (!following) break;
    longest = std::max(longest.value_or(Duration{}), *following - *last);
    last = following;
  }
  return longest;
}

std::size_t ScheduleClock::count(Time horizon) const {
  if (schedule_.every() > Duration{}) return static_cast<std::size_t>(horizon.since_start().count() / schedule_.every().count());
  std::size_t firings = 0;
  for (auto at = first(); at && *at <= horizon; at = next(*at)) ++firings;
  return firings;
}

}  // namespace fleetsim
