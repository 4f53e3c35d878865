// Shifts and the hours of the week.

#include "fleetsim/models/recovery/people.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("people: shifts as they are written", "[recovery][table]") {
  const auto shift = parse_shift("fri-mon 22:00-24:00");
  REQUIRE(shift);
  CHECK(shift->days == std::array<bool, 7>{true, false, false, false, true, true, true});
  CHECK(shift->to == 24_h);
  CHECK(parse_shift("mon,wed 08:30-17:00")->days[2]);
  CHECK(parse_shift("daily 00:00-24:00"));
  for (const char* wrong : {"", "mon", "mon 9:00-17:00", "mon 09:00-09:00", "mon 17:00-09:00", "mun 09:00-17:00",
                            "mon 09:00-24:01", "mon 09:60-17:00", "mon-09:00-17:00", "mon 09:00"}) {
    INFO(wrong);
    CHECK_FALSE(parse_shift(wrong));
  }
}

TEST_CASE("people: the next shift begins on the calendar", "[recovery][table]") {
  const PeopleConfig people{.name = {}, .count = 1, .reached_after = {}, .hours = {*parse_shift("mon-fri 09:00-17:00")}, .reached_off_hours = {}};
  const Roster roster(people, *config::parse_utc_time("2021-08-06T12:00:00Z"));  // a Friday
  CHECK(roster.on_duty(Time{}));
  CHECK(roster.on_duty(Time::at(5_h - 1_ns)));
  CHECK_FALSE(roster.on_duty(Time::at(5_h)));
  CHECK(roster.next_on_duty(Time::at(5_h)) == Time::at(2_d + 21_h));  // Monday 09:00
  CHECK(roster.next_on_duty(Time::at(1_h)) == Time::at(1_h));
  CHECK(hour_of_week(Time{}, *config::parse_utc_time("2021-08-06T12:00:00Z")) == 4 * 24 + 12);
  CHECK(hour_of_week(Time::at(3_d), *config::parse_utc_time("2021-08-06T12:30:00Z")) == 12);
}
