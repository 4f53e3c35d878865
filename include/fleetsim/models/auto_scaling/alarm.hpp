#pragma once
/// CloudWatch alarms: state machines that need M breaching values among the last N periods, with the rules for periods
/// without a value. One engine for the alarms of every scaling policy.
///
/// Source: [1] Amazon CloudWatch user guide, Using Amazon CloudWatch alarms: evaluating an alarm, and how alarms treat
///             missing data, whose tables are the tests of this file.

#include <bit>
#include <cstdint>
#include <optional>

#include "fleetsim/units.hpp"

namespace fleetsim {

/// M out of N. Requires: 1 <= needed <= periods <= alarm_periods_max.
struct AlarmRule {
  int needed = 1;
  int periods = 1;
};
inline constexpr int alarm_periods_max = 60;

enum class AlarmState : std::uint8_t { ok, alarm, insufficient_data };

/// What stands for a value that is missing where fewer than N are known [1].
enum class MissingData : std::uint8_t {
  missing,        ///< nothing: INSUFFICIENT_DATA where the values known decide nothing
  ignore,         ///< nothing: the state stays
  breaching,
  not_breaching,
  no_period       ///< the period is none: for an operator's own metric, which is sent only when there is one
};

enum class Comparison : std::uint8_t { greater, greater_or_equal, less, less_or_equal };

/// What an alarm may watch: a mean over the instances of its group that are in service and warm.
enum class GroupMetric : std::uint8_t {
  composite,            ///< the fleet's own metric, percent
  cpu,                  ///< CPU utilization, percent
  requests_per_target,  ///< requests/min that an instance is sent
  network_in,           ///< bytes/min
  network_out           ///< bytes/min
};
inline constexpr std::size_t group_metrics = 5;

struct AlarmConfig {
  GroupMetric metric = GroupMetric::composite;
  Comparison comparison = Comparison::greater;
  double threshold = 0;   ///< in the metric's unit
  AlarmRule rule;
  Duration period_length{};  ///< whole periods of the fleet's metric, whose values' mean counts; zero: one of them
  MissingData missing = MissingData::missing;
};

/// Whether the value breaches. One on the threshold is on it: differences below half of 10^-9 are rounding of a mean.
inline bool breaches(const AlarmConfig& alarm, double value) {
  const double above = (value - alarm.threshold) * 1e9;
  switch (alarm.comparison) {
    case Comparison::greater: return above >= 0.5;
    case Comparison::greater_or_equal: return above > -0.5;
    case Comparison::less: return above <= -0.5;
    case Comparison::less_or_equal: return above < 0.5;
  }
  return false;
}

/// The last periods of one alarm. CloudWatch reads more than N of them; how many more is not published, its tables are
/// of two.
class AlarmWindow {
 public:
  /// A new alarm knows no value; one whose periods without a value are none begins as if all before had been quiet.
  explicit AlarmWindow(AlarmRule rule, MissingData missing = MissingData::missing)
      : rule_(rule), missing_(missing),
        state_(missing == MissingData::no_period ? AlarmState::ok : AlarmState::insufficient_data),
        known_(missing == MissingData::no_period ? ~std::uint64_t{0} : 0) {}

  AlarmState state() const { return state_; }
  bool raised() const { return state_ == AlarmState::alarm; }

  /// The value of one more period, if it has one, breaches or does not; returns the state after it.
  AlarmState add(std::optional<bool> breaching) {
    if (!breaching && missing_ == MissingData::no_period) return state_;
    const std::uint64_t range = (std::uint64_t{1} << (rule_.periods + 2)) - 1;
    known_ = (known_ << 1 | (breaching ? 1U : 0U)) & range;
    breaching_ = (breaching_ << 1 | (breaching.value_or(false) ? 1U : 0U)) & range;
    return state_ = evaluate();
  }

 private:
  AlarmState evaluate() const {
    const std::uint64_t last = (std::uint64_t{1} << rule_.periods) - 1;
    if ((known_ & last) == last) {
      const std::uint64_t breaching = breaching_ & last;
      return breaching == 0 ? AlarmState::ok : by_count(std::popcount(breaching));
    }
    const int known = std::popcount(known_);
    if (known >= rule_.periods) {
      std::uint64_t newest = known_;
      for (int excess = known - rule_.periods; excess > 0; --excess) newest ^= std::bit_floor(newest);
      return by_count(std::popcount(breaching_ & newest));
    }
    const int breaching = std::popcount(breaching_);
    if (missing_ == MissingData::breaching) return by_count(breaching + rule_.periods - known);
    if (breaching >= rule_.needed) return AlarmState::alarm;
    if (missing_ == MissingData::not_breaching || breaching < known) return AlarmState::ok;
    if (missing_ == MissingData::ignore) return state_;
    // All that is known breaches. It raises the alarm early if it began at least M periods ago [1].
    const int begun = 64 - std::countl_zero(breaching_);
    return known > 0 && begun >= rule_.needed ? AlarmState::alarm : AlarmState::insufficient_data;
  }

  AlarmState by_count(int breaching) const {
    return breaching >= rule_.needed ? AlarmState::alarm : AlarmState::ok;
  }

  AlarmRule rule_;
  MissingData missing_;
  AlarmState state_;
  std::uint64_t known_ = 0;      // lowest bit: the last period
  std::uint64_t breaching_ = 0;
};

}  // namespace fleetsim
