/// The text forms of schedules and time zones.

#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "fleetsim/sim/config/schedule.hpp"
#include "fleetsim/text.hpp"
#include "sim/config/quote.hpp"
#include "sim/config/type_words.hpp"

namespace fleetsim {

using config::ParseResult;
using config::quote;

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view part : split(text, ' ')) {
    if (!part.empty()) words.push_back(part);
  }
  return words;
}

/// What one field counts.
struct FieldRule {
  std::string_view name;
  int least = 0, most = 0;
  std::span<const std::string_view> names = {};  // of the values from `least` on
};

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> day_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/// Numbers or names of one field; what is wrong goes to `problem`.
class FieldReader {
 public:
  FieldReader(const FieldRule& rule, ParseResult& result) : rule_(rule), result_(result) {}

  std::optional<int> value(std::string_view text) {
    for (std::size_t i = 0; i < rule_.names.size(); ++i) {
      if (equal_ignoring_case(text, rule_.names[i])) return rule_.least + static_cast<int>(i);
    }
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || text.front() == '-') {
      return refuse(text);
    }
    if (number < rule_.least || number > rule_.most) return refuse(text);
    return number;
  }

  /// Calls `set` for each value of *, 3, 1-5, */15, 0-30/10.
  template <class Set>
  void values(std::string_view item, const Set& set) {
    std::string_view range = item;
    int step = 1;
    bool stepped = false;
    if (const std::size_t slash = item.find('/'); slash != std::string_view::npos) {
      const std::string_view text = item.substr(slash + 1);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
      if (error != std::errc{} || end != text.data() + text.size() || step < 1) {
        refuse(item);
        return;
      }
      stepped = true;
      range = item.substr(0, slash);
    }
    int first = rule_.least, last = rule_.most;
    if (range != "*") {
      const std::size_t dash = range.find('-');
      const std::optional<int> low = value(range.substr(0, dash));
      if (!low) return;
      first = *low;
      last = stepped ? rule_.most : first;
      if (dash != std::string_view::npos) {
        const std::optional<int> high = value(range.substr(dash + 1));
        if (!high) return;
        last = *high;
      }
      if (last < first) {
        refuse(item);
        return;
      }
    }
    for (int v = first; v <= last; v += step) set(v);
  }

  std::nullopt_t refuse(std::string_view text) {
    if (result_.ok()) {
      result_.problem = fmt::format("{} is no {}", quote(text), rule_.name);
      result_.help = fmt::format("write {} to {}", rule_.least, rule_.most);
      if (!rule_.names.empty()) result_.help += fmt::format(", or a name such as {}", rule_.names[1]);
    }
    return std::nullopt;
  }

  static bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return upper(x) == upper(y); });
  }

 private:
  const FieldRule& rule_;
  ParseResult& result_;
};

}  // namespace

/// Fills a Schedule from its text.
class ScheduleParser {
 public:
  explicit ScheduleParser(Schedule& out) : out_(out) {}

  ParseResult parse(std::string_view given) {
    const std::string_view text = trimmed(given);
    out_ = {};
    out_.text_ = std::string(text);
    if (const auto inner = call("rate", text)) return rate(*inner);
    if (const auto inner = call("cron", text)) {
      const std::vector<std::string_view> fields = words_of(*inner);
      if (fields.size() != 6) {
        ParseResult wrong = wrong_count(text, fields.size(), 6, "minute, hour, day of month, month, day of week, year");
        if (fields.size() == 5) wrong.help += "; five fields, as in crontab, are written without cron(...)";
        return wrong;
      }
      return cron(fields, text);
    }
    const std::vector<std::string_view> fields = words_of(text);
    if (fields.size() == 5 && text.find_first_of("0123456789*") != std::string_view::npos) return crontab(fields);
    if (fields.size() == 6 && text.find_first_of("0123456789*") != std::string_view::npos) {
      return {fmt::format("cannot read {} as a schedule", quote(given)),
              fmt::format("six fields with a year are written cron({}); without one there are five, as in crontab", text)};
    }
    return {fmt::format("cannot read {} as a schedule", quote(given)),
            std::string(config::words_for(config::ValueType::schedule).help)};
  }

 private:
  static std::optional<std::string_view> call(std::string_view name, std::string_view text) {
    if (text.size() < name.size() + 2 || !text.starts_with(name)) return std::nullopt;
    text = trimmed(text.substr(name.size()));
    if (!text.starts_with('(') || !text.ends_with(')')) return std::nullopt;
    return trimmed(text.substr(1, text.size() - 2));
  }

  static ParseResult wrong_count(std::string_view text, std::size_t found, std::size_t wanted, std::string_view fields) {
    return {fmt::format("{} has {} fields, not {}", quote(text), found, wanted), fmt::format("the fields are {}", fields)};
  }

  ParseResult rate(std::string_view text) {
    ParseResult result = config::parse_scalar(text, false, out_.every_);
    if (result.ok() && out_.every_ <= Duration{}) return {fmt::format("rate({}) must be above 0s", text), {}};
    return result;
  }

  ParseResult cron(const std::vector<std::string_view>& fields, std::string_view text) {
    ParseResult result = times(fields[0], fields[1], fields[3]);
    if ((fields[2] == "?") == (fields[4] == "?") && result.ok()) {
      return {fmt::format("{} gives {} of day of month and day of week", quote(text), fields[2] == "?" ? "none" : "both"),
              "write ? for the one that does not matter, such as cron(0 20 * * ? *)"};
    }
    out_.any_day_ = fields[2] == "?" || fields[2] == "*";
    out_.any_weekday_ = fields[4] == "?" || fields[4] == "*";
    if (!out_.any_day_) {
      for (const std::string_view item : split(fields[2], ',')) day(item, result);
    }
    if (!out_.any_weekday_) {
      for (const std::string_view item : split(fields[4], ',')) weekday(item, result);
    }
    const FieldRule years{"year", Schedule::first_year, Schedule::last_year};
    FieldReader reader(years, result);
    for (const std::string_view item : split(fields[5], ',')) {
      reader.values(item, [&](int year) { out_.years_.set(static_cast<std::size_t>(year - Schedule::first_year)); });
    }
    return result;
  }

  ParseResult crontab(const std::vector<std::string_view>& fields) {
    ParseResult result = times(fields[0], fields[1], fields[3]);
    out_.any_day_ = fields[2] == "*";
    out_.any_weekday_ = fields[4] == "*";
    out_.either_ = !fields[2].starts_with('*') && !fields[4].starts_with('*');
    const FieldRule day_rule{"day of month", 1, 31};
    FieldReader days(day_rule, result);
    for (const std::string_view item : split(fields[2], ',')) {
      days.values(item, [&](int d) { out_.days_.set(static_cast<std::size_t>(d)); });
    }
    const FieldRule weekday_rule{"day of week", 0, 7, day_names};
    FieldReader weekdays(weekday_rule, result);
    for (const std::string_view item : split(fields[4], ',')) {
      weekdays.values(item, [&](int d) { out_.weekdays_.set(static_cast<std::size_t>(d % 7)); });
    }
    out_.years_.set();
    return result;
  }

  ParseResult times(std::string_view minutes, std::string_view hours, std::string_view months) {
    ParseResult result;
    const FieldRule minute_rule{"minute", 0, 59}, hour_rule{"hour", 0, 23}, month_rule{"month", 1, 12, month_names};
    FieldReader minute(minute_rule, result), hour(hour_rule, result), month(month_rule, result);
    for (const std::string_view item : split(minutes, ',')) {
      minute.values(item, [&](int m) { out_.minutes_.set(static_cast<std::size_t>(m)); });
    }
    for (const std::string_view item : split(hours, ',')) {
      hour.values(item, [&](int h) { out_.hours_.set(static_cast<std::size_t>(h)); });
    }
    for (const std::string_view item : split(months, ',')) {
      month.values(item, [&](int m) { out_.months_.set(static_cast<std::size_t>(m)); });
    }
    return result;
  }

  /// One item of AWS's day of month: also L, L-2, LW and 15W.
  void day(std::string_view item, ParseResult& result) {
    const FieldRule rule{"day of month", 1, 31};
    FieldReader reader(rule, result);
    if (item == "L") {
      out_.days_from_last_.set(0);
    } else if (item == "LW") {
      out_.last_weekday_ = true;
    } else if (item.starts_with("L-")) {
      if (const auto back = reader.value(item.substr(2)); back && *back <= 30) {
        out_.days_from_last_.set(static_cast<std::size_t>(*back));
      } else {
        reader.refuse(item);
      }
    } else if (item.size() > 1 && item.back() == 'W') {
      if (const auto d = reader.value(item.substr(0, item.size() - 1))) out_.near_days_.set(static_cast<std::size_t>(*d));
    } else {
      reader.values(item, [&](int d) { out_.days_.set(static_cast<std::size_t>(d)); });
    }
  }

  /// One item of AWS's day of week, 1-7: also L (Saturday), 6L and 2#1.
  void weekday(std::string_view item, ParseResult& result) {
    const FieldRule rule{"day of week", 1, 7, day_names};
    FieldReader reader(rule, result);
    if (item == "L") {
      out_.weekdays_.set(6);
    } else if (const std::size_t hash = item.find('#'); hash != std::string_view::npos) {
      const auto d = reader.value(item.substr(0, hash));
      const std::string_view nth = item.substr(hash + 1);
      if (!d) return;
      if (nth.size() != 1 || nth[0] < '1' || nth[0] > '5') {
        reader.refuse(item);
        return;
      }
      out_.nth_weekdays_[static_cast<std::size_t>(*d - 1)].set(static_cast<std::size_t>(nth[0] - '0'));
    } else if (item.size() > 1 && item.back() == 'L') {
      if (const auto d = reader.value(item.substr(0, item.size() - 1))) {
        out_.last_weekdays_.set(static_cast<std::size_t>(*d - 1));
      }
    } else {
      reader.values(item, [&](int d) { out_.weekdays_.set(static_cast<std::size_t>(d - 1)); });
    }
  }

  Schedule& out_;
};

std::optional<TimeZone> TimeZone::named(std::string_view name) {
  TimeZone zone;
  if (name == "UTC") return zone;
  try {
    zone.zone_ = date::locate_zone(name);
  } catch (const std::exception&) {  // the library's word for an unknown name
    return std::nullopt;
  }
  return zone;
}

std::string TimeZone::name() const { return zone_ == nullptr ? "UTC" : zone_->name(); }

namespace config {

template <>
ParseResult parse_scalar(std::string_view text, bool, Schedule& out) {
  return ScheduleParser(out).parse(text);
}

template <>
ParseResult parse_scalar(std::string_view text, bool, TimeZone& out) {
  if (const std::optional<TimeZone> zone = TimeZone::named(text)) {
    out = *zone;
    return {};
  }
  std::vector<std::string> names;
  for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  const std::string near = nearest_name(text, names);
  return {fmt::format("there is no time zone {}", quote(text)),
          near.empty() ? std::string(words_for(ValueType::time_zone).help)
                       : fmt::format("a time zone with a similar name exists: {}", near)};
}

namespace detail {
template <> std::string scalar_to_text(const Schedule& value) { return value.text(); }
template <> std::string scalar_to_text(const TimeZone& value) { return value.name(); }
}  // namespace detail

}  // namespace config
}  // namespace fleetsim
