#pragma once
/// CloudWatch alarms: state machines that need M breaching values among the last N periods, with the rules for periods
/// without a value. One engine for the alarms of every scaling policy.
///
/// Source: [1] Amazon CloudWatch user guide, Using Amazon CloudWatch alarms: evaluating an alarm, and how alarms treat
///             missing data, whose tables are the tests of this file.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "fleetsim/sim/config/diagnostic.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// M out of N. Requires: 1 <= needed <= periods <= alarm_periods_max.
struct AlarmRule {
  int needed = 1;
  int periods = 1;
};
inline constexpr Duration alarm_span_max = Duration::of(24 * nanoseconds_per_hour);  // that all periods take [1]
inline constexpr int alarm_periods_max = 8640;  // a day of CloudWatch's shortest period, 10 s

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

/// What an alarm may watch: a mean over the instances of its group that are in service and warm; from `errors` on what the
/// group's clients see, of all its instances in service.
enum class GroupMetric : std::uint8_t {
  composite,            ///< the fleet's own metric, percent
  cpu,                  ///< CPU utilization, percent
  requests_per_target,  ///< requests/min that an instance is sent
  network_in,           ///< bytes/min
  network_out,          ///< bytes/min
  errors,               ///< requests that its instances fail or refuse, percent of those they are sent
  latency,              ///< mean response time of its targets, seconds
  unhealthy_targets     ///< of it that the load balancer takes for unhealthy, the mean over the period
};
inline constexpr std::size_t group_metrics = 8;
/// Whether the metric is of all targets, warm or not, as a load balancer publishes it.
constexpr bool of_targets(GroupMetric metric) { return metric >= GroupMetric::errors; }

struct AlarmConfig {
  GroupMetric metric = GroupMetric::composite;
  Comparison comparison = Comparison::greater;
  double threshold = 0;   ///< in the metric's unit
  AlarmRule rule;
  Duration period_length{};  ///< whole periods of the fleet's metric, whose values' mean counts; zero: one of them
  MissingData missing = MissingData::missing;
  config::Location where{};  ///< in the scenario; empty of an alarm that a policy makes
  bool only_shrinks = false; ///< its policy wants nothing for it but fewer instances, so it need not be asked at min
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
        leaves_word_((rule.periods - 1) / word_bits), leaves_bit_((rule.periods - 1) % word_bits),
        older_(static_cast<std::size_t>((read() - 1) / word_bits)) {
    if (missing != MissingData::no_period) return;
    latest_.known = ~std::uint64_t{0};
    for (Word& word : older_) word.known = ~std::uint64_t{0};
    last_.known = rule.periods;
  }

  AlarmState state() const { return state_; }
  bool raised() const { return state_ == AlarmState::alarm; }

  /// The value of one more period, if it has one, breaches or does not; returns the state after it.
  AlarmState add(std::optional<bool> breaching) {
    if (!breaching && missing_ == MissingData::no_period) return state_;
    const Word added{.known = breaching ? 1U : 0U, .breaching = breaching.value_or(false) ? 1U : 0U};
    // Of the last N, the first leaves. So they need not be counted each period.
    const Word leaves = bit_of(leaves_word_, leaves_bit_);
    last_.known += static_cast<int>(added.known) - static_cast<int>(leaves.known);
    last_.breaching += static_cast<int>(added.breaching) - static_cast<int>(leaves.breaching);
    if (!older_.empty()) shift_older();
    latest_ = {.known = latest_.known << 1 | added.known, .breaching = latest_.breaching << 1 | added.breaching};
    return state_ = last_.known == rule_.periods ? by_count(last_.breaching) : with_gaps();
  }

 private:
  static constexpr int word_bits = 64;
  /// Periods, a bit each.
  struct Word {
    std::uint64_t known = 0;
    std::uint64_t breaching = 0;
  };
  struct Counts {
    int known = 0;
    int breaching = 0;
  };

  int read() const { return rule_.periods + 2; }  // periods that are read

  const Word& word(int index) const { return index == 0 ? latest_ : older_[static_cast<std::size_t>(index - 1)]; }
  /// The period of that age, in the lowest bits.
  Word at(int age) const {
    return bit_of(age / word_bits, age % word_bits);
  }
  Word bit_of(int index, int bit) const {
    const Word& of = word(index);
    return {.known = of.known >> bit & 1U, .breaching = of.breaching >> bit & 1U};
  }
  /// Makes room for the period that leaves the latest word.
  void shift_older() {
    Word before = latest_;
    for (Word& word : older_) {
      const Word moved{.known = word.known << 1 | before.known >> (word_bits - 1),
                       .breaching = word.breaching << 1 | before.breaching >> (word_bits - 1)};
      before = std::exchange(word, moved);
    }
  }
  /// Of all periods that are read.
  Counts count_read() const {
    Counts counts;
    int periods = read();
    for (int w = 0; periods > 0; ++w, periods -= word_bits) {
      const std::uint64_t range = periods >= word_bits ? ~std::uint64_t{0} : (std::uint64_t{1} << periods) - 1;
      counts.known += std::popcount(word(w).known & range);
      counts.breaching += std::popcount(word(w).breaching & range);
    }
    return counts;
  }

  /// Where some of the last N periods have no value.
  AlarmState with_gaps() const {
    Counts all = count_read();
    if (all.known >= rule_.periods) {
      // The last N that are known count.
      for (int age = read() - 1; all.known > rule_.periods; --age) {
        all.known -= static_cast<int>(at(age).known);
        all.breaching -= static_cast<int>(at(age).breaching);
      }
      return by_count(all.breaching);
    }
    if (missing_ == MissingData::breaching) return by_count(all.breaching + rule_.periods - all.known);
    if (all.breaching >= rule_.needed) return AlarmState::alarm;
    if (missing_ == MissingData::not_breaching || all.breaching < all.known) return AlarmState::ok;
    if (missing_ == MissingData::ignore) return state_;
    // All that is known breaches. It raises the alarm early if it began at least M periods ago [1].
    if (all.known == 0) return AlarmState::insufficient_data;
    int begun = read();
    while (at(begun - 1).breaching == 0) --begun;
    return begun >= rule_.needed ? AlarmState::alarm : AlarmState::insufficient_data;
  }

  AlarmState by_count(int breaching) const {
    return breaching >= rule_.needed ? AlarmState::alarm : AlarmState::ok;
  }

  AlarmRule rule_;
  MissingData missing_;
  AlarmState state_;
  int leaves_word_, leaves_bit_;  // where the first of the last N periods is: found once, since it takes a division
  Counts last_;              // of the last N periods
  Word latest_;              // lowest bit: the last period
  std::vector<Word> older_;
};

}  // namespace fleetsim
