#pragma once
/// When something happens again and again, as a scenario writes it, and the next time that it does.
///
///   rate(5 minutes)          every five minutes, counted from the run's start
///   cron(0 20 * * ? *)       minute, hour, day of month, month, day of week, year [1]; days of the week are 1-7 or SUN-SAT
///   0 22 * * 1-5             five fields as in crontab; days of the week are 0-7, both ends Sunday
///
/// A field is *, a value, a list 1,3, a range 1-5, steps */15 or 0-30/10, or names of months and days. In cron(...) one of the
/// two fields of days is ?, and L (the last), 15W (the weekday nearest to the 15th), 6L (the last Friday) and 2#1 (the first
/// Monday) are read. Of five fields with both fields of days restricted, a day that fits either counts, as crontab does.
///
/// Truth:  a firing is a minute of the calendar in a time zone. A local time that the zone leaves out fires not at all; one
///         that comes twice fires the first time only [2].
/// Source: [1] Amazon EventBridge user guide, cron and rate expressions; [2] Amazon EventBridge Scheduler user guide, schedule
///         types, daylight saving time; the zones are those of the IANA database of the machine.

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/units.hpp"

namespace date {
class time_zone;
}

namespace fleetsim {

/// A zone of the IANA database, UTC unless read. A small value.
class TimeZone {
 public:
  TimeZone() = default;
  /// Empty if there is no such zone.
  static std::optional<TimeZone> named(std::string_view name);
  std::string name() const;
  /// Null for UTC.
  const date::time_zone* zone() const { return zone_; }

 private:
  const date::time_zone* zone_ = nullptr;
};

/// Made by parse_scalar, which refuses what is not one.
class Schedule {
 public:
  Schedule() = default;
  /// As the scenario writes it.
  const std::string& text() const { return text_; }
  /// Of a rate; zero for cron.
  Duration every() const { return every_; }
  /// No date fits, such as the 30th of February. A rate always fires.
  bool never_fires() const;

 private:
  friend class ScheduleParser;
  friend class ScheduleClock;
  static constexpr int first_year = 1970, last_year = 2199;

  bool fits(int year, unsigned month, unsigned day) const;

  std::string text_;
  Duration every_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<13> months_;       // 1 to 12
  std::bitset<32> days_;         // of the month, 1 to 31
  std::bitset<32> near_days_;    // the weekday nearest to it
  std::bitset<31> days_from_last_;  // 0: the last day of the month, 2: the last but two
  bool last_weekday_ = false;    // LW
  std::bitset<7> weekdays_;      // Sunday is 0
  std::bitset<7> last_weekdays_; // the last one of the month
  std::array<std::bitset<6>, 7> nth_weekdays_;  // by weekday, 1 to 5
  std::bitset<last_year - first_year + 1> years_;
  bool any_day_ = true;          // of the month
  bool any_weekday_ = true;
  bool either_ = true;           // of two restricted fields of days one is enough
};

/// The firings of a schedule in a run. Copies are independent; `next` changes nothing.
class ScheduleClock {
 public:
  /// Requires: the schedule has been read.
  ScheduleClock(Schedule schedule, TimeZone zone, config::UtcTime run_start);

  /// The first firing of the run, at its start at the earliest; empty if there is none in the next 200 years. Of a rate: one
  /// interval after the start.
  std::optional<Time> first() const;
  /// The first firing after `now`; empty if there is none.
  std::optional<Time> next(Time now) const;
  /// Between two firings that follow each other, the first of which lies before `horizon`; empty if it fires once or never.
  std::optional<Duration> longest_gap(Time horizon) const;
  /// Firings from the run's start to `horizon`, both included.
  std::size_t count(Time horizon) const;

 private:
  std::optional<std::int64_t> next_second(std::int64_t after) const;  // seconds since 1970

  Schedule schedule_;
  TimeZone zone_;
  config::UtcTime run_start_;
};

}  // namespace fleetsim
