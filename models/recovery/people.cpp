#include "fleetsim/models/recovery/people.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {
namespace {

constexpr Duration day = 24_h, week = 24_h * 7;
constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<std::size_t> day_of(std::string_view text) {
  const auto it = std::find(day_names.begin(), day_names.end(), text);
  if (it == day_names.end()) return std::nullopt;
  return static_cast<std::size_t>(it - day_names.begin());
}

bool add_days(std::string_view text, std::array<bool, 7>& days) {
  if (text == "daily") {
    days.fill(true);
    return true;
  }
  const std::size_t dash = text.find('-');
  const auto first = day_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : day_of(text.substr(dash + 1));
  if (!first || !last) return false;
  for (std::size_t d = *first;; d = (d + 1) % 7) {
    days[d] = true;
    if (d == *last) return true;
  }
}

/// "09:30" as a span since midnight; "24:00" is allowed.
std::optional<Duration> clock_time(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : -1; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) {
    if (digit(i) < 0) return std::nullopt;
  }
  const int hours = digit(0) * 10 + digit(1), minutes = digit(3) * 10 + digit(4);
  if (minutes > 59 || hours > 24 || (hours == 24 && minutes > 0)) return std::nullopt;
  return 1_h * hours + 1_min * minutes;
}

/// From Monday 00:00 to the instant. The first of January 1970 was a Thursday.
Duration since_monday(config::UtcTime at) {
  constexpr std::int64_t week_s = std::int64_t{7} * 86'400;
  const std::int64_t s = (at.seconds_since_1970 + std::int64_t{3} * 86'400) % week_s;
  return 1_s * (s < 0 ? s + week_s : s);
}

void read_hours(config::Section& in, PeopleConfig& people) {
  std::vector<config::Located<std::string>> hours;
  in.optional("hours", hours)
      .default_is("always")
      .doc("when they are on duty, UTC: shifts such as mon-fri 09:00-17:00");
  for (const auto& text : hours) {
    const std::optional<Shift> shift = parse_shift(text.value);
    if (shift) {
      people.hours.push_back(*shift);
    } else {
      in.error_at(text.where, fmt::format("hours: '{}' is no shift", text.value),
                  "write days and hours, such as mon-fri 09:00-17:00, sat,sun 10:00-14:00 or daily 00:00-24:00; a night "
                  "is two shifts, to 24:00 and from 00:00");
    }
  }
}

}  // namespace

std::optional<Shift> parse_shift(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  Shift shift;
  std::string_view days = text.substr(0, space);
  while (!days.empty()) {
    const std::size_t comma = days.find(',');
    if (!add_days(days.substr(0, comma), shift.days)) return std::nullopt;
    days = comma == std::string_view::npos ? std::string_view{} : days.substr(comma + 1);
  }
  const std::string_view hours = text.substr(space + 1);
  const std::size_t dash = hours.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = clock_time(hours.substr(0, dash)), to = clock_time(hours.substr(dash + 1));
  if (!from || !to || *from >= *to) return std::nullopt;
  shift.from = *from;
  shift.to = *to;
  return shift;
}

std::vector<PeopleConfig> read_people(config::Section& scenario) {
  std::vector<PeopleConfig> all;
  scenario.named("people", "team", "who works on a recovery plan, and when they can be reached",
                 [&](const config::Located<std::string>& name, config::Section& in) {
                   PeopleConfig people;
                   people.name = name;
                   in.optional("count", people.count)
                       .between(std::int64_t{1}, std::int64_t{10'000})
                       .doc("how many tasks they work on at once");
                   in.optional("reached_after", people.reached_after).doc("from a page until they begin");
                   read_hours(in, people);
                   in.optional("reached_off_hours", people.reached_off_hours)
                       .default_is("when their next shift begins, then reached_after")
                       .doc("from a page outside of their hours until they begin");
                   if (!in.describing()) all.push_back(std::move(people));
                 });
  return all;
}

Roster::Roster(const PeopleConfig& people, config::UtcTime run_start)
    : hours_(people.hours), week_offset_(since_monday(run_start)) {}

bool Roster::on_duty(Time at) const {
  if (hours_.empty()) return true;
  const std::int64_t in_week = (at.since_start() + week_offset_).count() % week.count();
  const auto weekday = static_cast<std::size_t>(in_week / day.count());
  const Duration in_day = Duration::of(in_week % day.count());
  return std::any_of(hours_.begin(), hours_.end(),
                     [&](const Shift& s) { return s.days[weekday] && s.from <= in_day && in_day < s.to; });
}

Time Roster::next_on_duty(Time at) const {
  if (on_duty(at)) return at;
  const Duration since_week = at.since_start() + week_offset_;
  const std::int64_t today = since_week.count() / day.count();
  Time next = Time::max();
  for (std::int64_t d = today; d <= today + 7; ++d) {
    for (const Shift& shift : hours_) {
      if (!shift.days[static_cast<std::size_t>(d % 7)]) continue;
      const Time begin = Time::at(day * d + shift.from - week_offset_);
      if (begin > at) next = std::min(next, begin);
    }
  }
  return next;
}

int hour_of_week(Time at, config::UtcTime run_start) {
  return static_cast<int>((at.since_start() + since_monday(run_start)).count() % week.count() / (1_h).count());
}

}  // namespace fleetsim
