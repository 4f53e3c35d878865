/// Alarms that need M of the last N periods.

#include "fleetsim/models/auto_scaling/alarm.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "fleetsim/sim/random.hpp"
#include "support/catch.hpp"

namespace fleetsim {
namespace {

/// The state after each period: '!' raised, '.' not. x breaches, 0 does not.
std::string states(AlarmRule rule, std::string_view periods) {
  AlarmState alarm(rule);
  std::string states;
  for (const char period : periods) states += alarm.add(period == 'x') ? '!' : '.';
  return states;
}

TEST_CASE("alarm: M of the last N periods raise it, in a row or not", "[auto_scaling][table]") {
  CHECK(states({1, 1}, "0xx0") == ".!!.");
  CHECK(states({2, 2}, "x0xxx0xx") == "...!!..!");
  CHECK(states({2, 3}, "x0x00xx") == "..!...!");
  CHECK(states({3, 3}, "xxxx0xx") == "..!!...");
  CHECK(states({3, 5}, "xx00x0xx") == "....!..!");
}

TEST_CASE("alarm: before the first N periods the missing ones do not breach", "[auto_scaling][table]") {
  CHECK(states({15, 15}, "xxxxxxxxxxxxxxxx") == "..............!!");
  CHECK_FALSE(AlarmState(AlarmRule{1, 1}).raised());
}

TEST_CASE("alarm: it is raised exactly when the last N hold M that breach, for every rule",
          "[auto_scaling][property]") {
  Stream random(1, 0, "test");
  for (int periods = 1; periods <= 60; ++periods) {
    const AlarmRule rule{static_cast<int>(1 + random.below(static_cast<std::uint64_t>(periods))), periods};
    AlarmState alarm(rule);
    std::string history;
    for (int i = 0; i < 200; ++i) {
      const bool breaching = random.chance(0.6);
      history += breaching ? 'x' : '0';
      const std::size_t from = history.size() - std::min(history.size(), static_cast<std::size_t>(periods));
      const auto count = std::count(history.begin() + static_cast<std::ptrdiff_t>(from), history.end(), 'x');
      CHECK(alarm.add(breaching) == (count >= rule.needed));
    }
  }
}

}  // namespace
}  // namespace fleetsim
