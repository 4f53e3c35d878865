#pragma once
/// People that a plan waits for: who is on call, how long until they are reached, when they work.
///
/// Leaves out: fatigue, hand-over between shifts, holidays, time zones other than UTC.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

namespace config { class Section; }

/// The same hours on some days of the week, UTC. `to` may be 24 h; hours over midnight are two shifts.
struct Shift {
  std::array<bool, 7> days{};  ///< Monday first
  Duration from, to;           ///< since midnight, from < to <= 24 h
};
/// Reads "mon-fri 09:00-17:00", "sat,sun 10:00-14:00" or "daily 00:00-24:00"; empty if it is none.
std::optional<Shift> parse_shift(std::string_view text);

struct PeopleConfig {
  config::Located<std::string> name;
  std::int64_t count = 1;                 ///< how many tasks they do at once
  DurationDistribution reached_after{Duration::of(300 * nanoseconds_per_second)};  ///< from the page to the first look
  std::vector<Shift> hours;               ///< empty: always on duty
  /// Outside of their hours; empty: they look when the next shift begins, and then are reached as ever.
  std::optional<DurationDistribution> reached_off_hours;
};
/// Reads `people` of the scenario.
std::vector<PeopleConfig> read_people(config::Section& scenario);

/// Knows which instants of a run lie within somebody's hours.
class Roster {
 public:
  Roster(const PeopleConfig& people, config::UtcTime run_start);
  bool on_duty(Time at) const;
  /// `at`, if on duty then; else the beginning of the next shift. Time::max() if there is none in a week.
  Time next_on_duty(Time at) const;

 private:
  std::vector<Shift> hours_;
  Duration week_offset_;  // from Monday 00:00 to the start of the run
};

/// 0 for Monday 00:00-01:00 UTC to 167 for Sunday 23:00-24:00.
int hour_of_week(Time at, config::UtcTime run_start);

}  // namespace fleetsim
