#pragma once
/// The load that the hours of past weeks promise. A model of our own: AWS does not publish its.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "fleetsim/models/auto_scaling/policy.hpp"

namespace fleetsim::auto_scaling {

inline constexpr int hours_of_week = 168;
inline constexpr int history_hours = 2 * hours_of_week;  // 14 days
inline constexpr int history_needed = 24;                // hours

/// The mean load of each past hour, at most `hours_max` of them. Hours are counted since Thursday 1970-01-01T00:00Z.
class LoadHistory {
 public:
  /// Requires: history_needed <= hours_max <= history_hours.
  explicit LoadHistory(int hours_max = history_hours) : hours_max_(hours_max) {}
  /// The mean load of the hour, which follows the one added last; empty if it is not known.
  void add(std::int64_t hour, std::optional<double> load);
  /// Expected load of an hour to come: the mean over the same hours of the week that are known; where there is none yet,
  /// over the same hours of the day. Empty with less than a day of history.
  std::optional<double> expected(std::int64_t hour) const;

 private:
  std::array<double, history_hours> loads_{};
  std::array<bool, history_hours> known_{};
  std::int64_t last_ = -1;
  int hours_max_;
  int hours_ = 0;                          // of history, at most hours_max_
};

/// Capacity for a forecast load, in units: load / target, rounded up.
std::int64_t forecast_capacity(double load, const ForecastRule& rule);
/// The max that holds for a forecast capacity: the group's, unless the rule lets a forecast above it raise it, and by its
/// buffer more.
std::int64_t forecast_max(std::int64_t forecast, const ForecastRule& rule, std::int64_t max);

}  // namespace fleetsim::auto_scaling
