/// Alarms that need M of the last N periods, and what they make of periods without a value.

#include "fleetsim/models/auto_scaling/alarm.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

/// x breaches, 0 does not, - has no value.
AlarmState add(AlarmWindow& alarm, char period) {
  return alarm.add(period == '-' ? std::nullopt : std::optional(period == 'x'));
}
char to_char(AlarmState state) {
  return state == AlarmState::alarm ? 'A' : state == AlarmState::ok ? '.' : 'I';
}
/// The state after each period: 'A' ALARM, '.' OK, 'I' INSUFFICIENT_DATA.
std::string states(AlarmRule rule, std::string_view periods, MissingData missing = MissingData::no_period) {
  AlarmWindow alarm(rule, missing);
  std::string states;
  for (const char period : periods) states += to_char(add(alarm, period));
  return states;
}

TEST_CASE("alarm: M of the last N periods raise it, in a row or not", "[auto_scaling][table]") {
  CHECK(states({1, 1}, "0xx0") == ".AA.");
  CHECK(states({2, 2}, "x0xxx0xx") == "...AA..A");
  CHECK(states({2, 3}, "x0x00xx") == "..A...A");
  CHECK(states({3, 3}, "xxxx0xx") == "..AA...");
  CHECK(states({3, 5}, "xx00x0xx") == "....A..A");
}

// How Alarms Treat Missing Data, CloudWatch user guide: the last five periods, and the state under each treatment.
// '=' is the state that the alarm had before.
struct Vector {
  std::string_view periods;
  std::string_view states;  // missing, ignore, breaching, not breaching
};
void check(AlarmRule rule, const Vector& vector) {
  constexpr MissingData treatments[] = {MissingData::missing, MissingData::ignore, MissingData::breaching,
                                        MissingData::not_breaching};
  for (std::size_t t = 0; t < 4; ++t) {
    // Whatever the alarm was before: it had been raised, and it had been quiet.
    for (const char before : {'x', '0'}) {
      AlarmWindow alarm(rule, treatments[t]);
      for (int i = 0; i < 10; ++i) add(alarm, before);
      AlarmState kept = alarm.state();
      for (const char period : vector.periods) {
        kept = alarm.state();
        add(alarm, period);
      }
      INFO(vector.periods << ", treatment " << t << ", before " << before);
      if (vector.states[t] != '=') CHECK(to_char(alarm.state()) == vector.states[t]);
      else CHECK(alarm.state() == kept);
    }
  }
}

TEST_CASE("alarm: periods without a value, 3 of 3, as the user guide's table", "[auto_scaling][table]") {
  for (const Vector& vector : {Vector{"0-x-x", "...."}, Vector{"0----", "...."}, Vector{"-----", "I=A."},
                               Vector{"0xx-x", "AAAA"}, Vector{"----x", "I=A."}, Vector{"x----", "A=A."}}) {
    check({3, 3}, vector);
  }
}

TEST_CASE("alarm: periods without a value, 2 of 3, as the user guide's table", "[auto_scaling][table]") {
  for (const Vector& vector : {Vector{"0-x-x", "AAAA"}, Vector{"00x0x", "AAAA"}, Vector{"0-x--", "..A."},
                               Vector{"----0", "..A."}, Vector{"----x", "I=A."}}) {
    check({2, 3}, vector);
  }
}

TEST_CASE("alarm: a new one has INSUFFICIENT_DATA until it has values", "[auto_scaling][table]") {
  CHECK(states({3, 3}, "xxx0", MissingData::missing) == "IIA.");
  CHECK(states({2, 2}, "0xx", MissingData::missing) == "..A");
  CHECK(states({1, 1}, "--x", MissingData::missing) == "IIA");
}

/// The rules of the guide, read off a history: docs/models/auto_scaling.md, "Alarms".
AlarmState by_the_rules(const std::string& history, AlarmRule rule, MissingData missing, AlarmState before) {
  const auto n = static_cast<std::size_t>(rule.periods);
  const std::string read = history.substr(history.size() - std::min(history.size(), n + 2));
  std::string known;  // the latest first
  for (auto period = read.rbegin(); period != read.rend(); ++period) {
    if (*period != '-') known += *period;
  }
  const auto state = [&](std::ptrdiff_t breaching) { return breaching >= rule.needed ? AlarmState::alarm : AlarmState::ok; };
  if (known.size() >= n) return state(std::count(known.begin(), known.begin() + rule.periods, 'x'));
  const auto breaching = std::count(known.begin(), known.end(), 'x');
  if (missing == MissingData::breaching) return state(breaching + static_cast<std::ptrdiff_t>(n - known.size()));
  if (missing == MissingData::not_breaching || breaching >= rule.needed) return state(breaching);
  if (breaching < static_cast<std::ptrdiff_t>(known.size())) return AlarmState::ok;
  if (missing == MissingData::ignore) return before;
  const bool early = !known.empty() && read.size() - read.find('x') >= static_cast<std::size_t>(rule.needed);
  return early ? AlarmState::alarm : AlarmState::insufficient_data;
}

TEST_CASE("alarm: gaps are judged by the same rules however many periods there are", "[auto_scaling][property]") {
  Stream random(1, 0, "test");
  for (const int periods : {1, 3, 62, 63, 64, 130, 720}) {
    for (const MissingData missing : {MissingData::missing, MissingData::ignore, MissingData::breaching, MissingData::not_breaching}) {
      const AlarmRule rule{static_cast<int>(1 + random.below(static_cast<std::uint64_t>(periods))), periods};
      AlarmWindow alarm(rule, missing);
      std::string history;
      for (int i = 0; i < 2 * periods + 50; ++i) {
        history += random.chance(0.3) ? '-' : random.chance(0.8) ? 'x' : '0';
        const AlarmState before = alarm.state();
        REQUIRE(add(alarm, history.back()) == by_the_rules(history, rule, missing, before));
      }
    }
  }
}

TEST_CASE("alarm: an operator's own metric has no periods without a value, and begins quiet", "[auto_scaling][table]") {
  CHECK(states({2, 2}, "-x--x-0-") == "....AA..");
  CHECK(states({15, 15}, "xxxxxxxxxxxxxxxx") == "..............AA");
  CHECK_FALSE(AlarmWindow(AlarmRule{1, 1}, MissingData::no_period).raised());
}

TEST_CASE("alarm: without gaps it is raised exactly when the last N hold M that breach, for every rule",
          "[auto_scaling][property]") {
  Stream random(1, 0, "test");
  std::vector<int> rules{126, 127, 190, 720};  // beyond a word of bits, and half a day of minutes
  for (int periods = 1; periods <= 70; ++periods) rules.push_back(periods);
  for (const int periods : rules) {
    const AlarmRule rule{static_cast<int>(1 + random.below(static_cast<std::uint64_t>(periods))), periods};
    AlarmWindow alarm(rule, MissingData::not_breaching);
    std::string history;
    for (int i = 0; i < 2 * periods + 100; ++i) {
      history += random.chance(0.6) ? 'x' : '0';
      const std::size_t from = history.size() - std::min(history.size(), static_cast<std::size_t>(periods));
      const auto count = std::count(history.begin() + static_cast<std::ptrdiff_t>(from), history.end(), 'x');
      CHECK((add(alarm, history.back()) == AlarmState::alarm) == (count >= rule.needed));
    }
  }
}

TEST_CASE("alarm: a value on the threshold is on it, whatever the last digits of a mean", "[auto_scaling][table]") {
  struct Row {
    Comparison comparison;
    bool below, on, above;
  };
  for (const Row& row : {Row{Comparison::greater, false, false, true}, Row{Comparison::greater_or_equal, false, true, true},
                         Row{Comparison::less, true, false, false}, Row{Comparison::less_or_equal, true, true, false}}) {
    const AlarmConfig alarm{.comparison = row.comparison, .threshold = 75, .rule = {}};
    CHECK(breaches(alarm, 75 - 1e-6) == row.below);
    for (const double on : {75 - 1e-12, 75.0, 75 + 1e-12}) CHECK(breaches(alarm, on) == row.on);
    CHECK(breaches(alarm, 75 + 1e-6) == row.above);
  }
}

}  // namespace
}  // namespace fleetsim
