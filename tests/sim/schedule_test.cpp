/// Schedules: the forms that are read, what is refused, and the instants at which they fire.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/schedule.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

Schedule schedule_of(std::string_view text) {
  Schedule schedule;
  const ParseResult result = parse_scalar(text, false, schedule);
  INFO(text);
  CHECK(result.problem == "");
  return schedule;
}

std::string refusal_of(std::string_view text) {
  Schedule schedule;
  const ParseResult result = parse_scalar(text, false, schedule);
  return result.help.empty() ? result.problem : result.problem + " | " + result.help;
}

UtcTime utc(std::string_view text) { return parse_utc_time(text).value(); }

/// The first `n` firings of a run that begins at `start`, as instants in UTC.
std::vector<std::string> firings(std::string_view schedule, std::string_view start, std::size_t n,
                                 std::string_view zone = "UTC") {
  const UtcTime begin = utc(start);
  const ScheduleClock clock(schedule_of(schedule), TimeZone::named(zone).value(), begin);
  std::vector<std::string> texts;
  for (auto at = clock.first(); at && texts.size() < n; at = clock.next(*at)) {
    texts.push_back(to_text(UtcTime{begin.seconds_since_1970 + at->since_start().count() / nanoseconds_per_second}));
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("schedule: a rate fires at every multiple after the run's start", "[config][schedule]") {
  const ScheduleClock clock(schedule_of("rate(5 minutes)"), {}, utc("2024-01-01T00:00:30Z"));
  CHECK(clock.first() == Time::at(5_min));
  CHECK(clock.next(Time::at(5_min)) == Time::at(10_min));
  CHECK(clock.next(Time::at(10_min - 1_ns)) == Time::at(10_min));
  CHECK(clock.longest_gap(Time::at(1_h)) == 5_min);
  CHECK(clock.count(Time::at(1_h)) == 12);
}

TEST_CASE("schedule: AWS's six fields", "[config][schedule][table]") {
  CHECK(firings("cron(0 20 * * ? *)", "2024-01-01T00:00:00Z", 2) == Texts{"2024-01-01T20:00:00Z", "2024-01-02T20:00:00Z"});
  // The start itself is a firing; the instant just passed is not.
  CHECK(firings("cron(0 20 * * ? *)", "2024-01-01T20:00:00Z", 1) == Texts{"2024-01-01T20:00:00Z"});
  CHECK(firings("cron(0 20 * * ? *)", "2024-01-01T20:00:01Z", 1) == Texts{"2024-01-02T20:00:00Z"});
  // Examples of the EventBridge user guide, on the first days of 2024 (1 January is a Monday).
  CHECK(firings("cron(15 12 * * ? *)", "2024-01-01T00:00:00Z", 1) == Texts{"2024-01-01T12:15:00Z"});
  CHECK(firings("cron(0 18 ? * MON-FRI *)", "2024-01-05T19:00:00Z", 1) == Texts{"2024-01-08T18:00:00Z"});
  CHECK(firings("cron(0 8 1 * ? *)", "2024-01-05T00:00:00Z", 1) == Texts{"2024-02-01T08:00:00Z"});
  CHECK(firings("cron(0/15 * * * ? *)", "2024-01-01T00:01:00Z", 2) == Texts{"2024-01-01T00:15:00Z", "2024-01-01T00:30:00Z"});
}

TEST_CASE("schedule: last days, nearest weekdays and counted weekdays", "[config][schedule][table]") {
  CHECK(firings("cron(0 0 L * ? *)", "2024-02-01T00:00:00Z", 2) == Texts{"2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z"});
  CHECK(firings("cron(0 0 L-2 * ? *)", "2023-02-01T00:00:00Z", 1) == Texts{"2023-02-26T00:00:00Z"});
  // 15 June 2024 is a Saturday, 15 September a Sunday; 1 June is a Saturday, so its nearest weekday in June is the 3rd.
  CHECK(firings("cron(0 0 15W 6,9 ? *)", "2024-06-01T00:00:00Z", 2) == Texts{"2024-06-14T00:00:00Z", "2024-09-16T00:00:00Z"});
  CHECK(firings("cron(0 0 1W 6 ? *)", "2024-05-01T00:00:00Z", 1) == Texts{"2024-06-03T00:00:00Z"});
  CHECK(firings("cron(0 0 LW 6 ? *)", "2024-05-01T00:00:00Z", 1) == Texts{"2024-06-28T00:00:00Z"});
  CHECK(firings("cron(0 0 ? * 6L *)", "2024-01-01T00:00:00Z", 1) == Texts{"2024-01-26T00:00:00Z"});
  CHECK(firings("cron(0 0 ? * 2#1 *)", "2024-01-02T00:00:00Z", 1) == Texts{"2024-02-05T00:00:00Z"});
  CHECK(firings("cron(0 0 29 2 ? *)", "2024-03-01T00:00:00Z", 1) == Texts{"2028-02-29T00:00:00Z"});
}

TEST_CASE("schedule: five fields as crontab reads them", "[config][schedule][table]") {
  CHECK(firings("0 22 * * 1-5", "2024-01-05T23:00:00Z", 1) == Texts{"2024-01-08T22:00:00Z"});
  CHECK(firings("0 0 * * 7", "2024-01-01T00:00:00Z", 1) == Texts{"2024-01-07T00:00:00Z"});
  CHECK(firings("0 0 * * SUN", "2024-01-01T00:00:00Z", 1) == Texts{"2024-01-07T00:00:00Z"});
  // Both fields of days restricted: either counts. The 13th and Fridays of January 2024: 5, 12, 13.
  CHECK(firings("0 0 13 * 5", "2024-01-01T00:00:00Z", 3) ==
        Texts{"2024-01-05T00:00:00Z", "2024-01-12T00:00:00Z", "2024-01-13T00:00:00Z"});
  // With a star among them both must fit: odd days that are Fridays.
  CHECK(firings("0 0 */2 * 5", "2024-01-01T00:00:00Z", 2) == Texts{"2024-01-05T00:00:00Z", "2024-01-19T00:00:00Z"});
}

TEST_CASE("schedule: a local time left out fires not, one that comes twice fires once", "[config][schedule]") {
  // New York, 10 March 2024: 02:00 is 03:00. 3 November 2024: 02:00 is 01:00 again.
  CHECK(firings("cron(30 2 * * ? *)", "2024-03-09T12:00:00Z", 1, "America/New_York") == Texts{"2024-03-11T06:30:00Z"});
  CHECK(firings("cron(30 1 * * ? *)", "2024-11-03T00:00:00Z", 2, "America/New_York") ==
        Texts{"2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"});
  CHECK(firings("cron(0 20 * * ? *)", "2024-07-01T00:00:00Z", 1, "Europe/Berlin") == Texts{"2024-07-01T18:00:00Z"});
  CHECK(firings("cron(0 20 * * ? *)", "2024-12-01T00:00:00Z", 1, "Europe/Berlin") == Texts{"2024-12-01T19:00:00Z"});
}

TEST_CASE("schedule: longest gap between firings", "[config][schedule]") {
  const ScheduleClock clock(schedule_of("0 22 * * 1-5"), {}, utc("2024-01-01T00:00:00Z"));
  CHECK(clock.longest_gap(Time::at(14_d)) == 3_d);
  CHECK(clock.count(Time::at(14_d)) == 10);
  CHECK_FALSE(ScheduleClock(schedule_of("cron(0 0 1 1 ? 2020)"), {}, utc("2024-01-01T00:00:00Z")).first().has_value());
}

TEST_CASE("schedule: no date fits", "[config][schedule]") {
  CHECK(schedule_of("cron(0 0 30 2 ? *)").never_fires());
  CHECK(schedule_of("cron(0 0 31 4,6,9,11 ? *)").never_fires());
  CHECK_FALSE(schedule_of("cron(0 0 29 2 ? *)").never_fires());
  CHECK_FALSE(schedule_of("rate(1 hour)").never_fires());
}

TEST_CASE("schedule: what is refused, and in which words", "[config][schedule]") {
  CHECK(refusal_of("every day") ==
        "cannot read 'every day' as a schedule | write rate(5 minutes), cron(0 20 * * ? *), or five fields as in crontab, "
        "such as 0 22 * * 1-5");
  CHECK(refusal_of("rate(5)") == "'5' has no unit | write a duration with its unit, such as 5ms, 5s or 5m");
  CHECK(refusal_of("rate(0 minutes)") == "rate(0 minutes) must be above 0s");
  CHECK(refusal_of("cron(0 20 * * ?)") ==
        "'cron(0 20 * * ?)' has 5 fields, not 6 | the fields are minute, hour, day of month, month, day of week, year; "
        "five fields, as in crontab, are written without cron(...)");
  CHECK(refusal_of("0 20 ? * SUN *") ==
        "cannot read '0 20 ? * SUN *' as a schedule | six fields with a year are written cron(0 20 ? * SUN *); without one "
        "there are five, as in crontab");
  CHECK(refusal_of("cron(0 20 * * * *)") ==
        "'cron(0 20 * * * *)' gives both of day of month and day of week | write ? for the one that does not matter, such as "
        "cron(0 20 * * ? *)");
  CHECK(refusal_of("cron(0 24 * * ? *)") == "'24' is no hour | write 0 to 23");
  CHECK(refusal_of("cron(0 20 ? JANUARY 2 *)") == "'JANUARY' is no month | write 1 to 12, or a name such as FEB");
  CHECK(refusal_of("cron(0 20-2 ? * 2 *)") == "'20-2' is no hour | write 0 to 23");
  CHECK(refusal_of("cron(0/0 20 ? * 2 *)") == "'0/0' is no minute | write 0 to 59");
  TimeZone zone;
  CHECK(parse_scalar("Europe/Berln", false, zone).help == "a time zone with a similar name exists: Europe/Berlin");
}

TEST_CASE("units: data rates", "[config][units][table]") {
  const auto rate = [](std::string_view text) {
    BytesPerSecond value;
    CHECK(parse_scalar(text, false, value).problem == "");
    return value.count();
  };
  CHECK(rate("10 MiB/s") == 10 << 20);
  CHECK(rate("500 Mbps") == 62'500'000);
  CHECK(rate("25 Gbps") == 3'125'000'000);
  CHECK(rate("2.5 MB/s") == 2'500'000);
}
