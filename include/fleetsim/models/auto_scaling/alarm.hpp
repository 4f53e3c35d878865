#pragma once
/// The state of an alarm that needs M breaching values among the last N periods.

#include <bit>
#include <cstdint>

namespace fleetsim {

/// M out of N. Requires: 1 <= needed <= periods <= 60.
struct AlarmRule {
  int needed = 1;
  int periods = 1;
};

/// A missing value keeps the state as it is: no value, no news.
class AlarmState {
 public:
  explicit AlarmState(AlarmRule rule) : rule_(rule) {}

  /// The value of one more period; true if the alarm is raised after it.
  bool add(bool breaching) {
    const std::uint64_t window = (std::uint64_t{1} << rule_.periods) - 1;
    history_ = ((history_ << 1) | (breaching ? 1U : 0U)) & window;
    return raised();
  }
  bool raised() const { return std::popcount(history_) >= rule_.needed; }

 private:
  AlarmRule rule_;
  std::uint64_t history_ = 0;  // lowest bit: the last period
};

}  // namespace fleetsim
