#pragma once
/// A scaling policy: alarms, and a pure function from what its group looks like to the capacity that it proposes.
///
/// To add one, write models/auto_scaling/policies/<name>.cpp with a class and the function that reads its settings, and
/// name it in models/auto_scaling/policies/policies.cpp.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/auto_scaling/alarm.hpp"

namespace fleetsim {

/// An alarm of a policy after the period that just closed.
struct AlarmReading {
  AlarmState state = AlarmState::insufficient_data;
  std::optional<double> value;   ///< of the period that closed last; empty if it has none
  double units = 0;              ///< that the value is of, warm in that period; by now there may be more or fewer
  bool closed = false;           ///< whether that period closed just now
};

/// What a policy sees of its group. Capacities are in units.
struct GroupView {
  std::int64_t desired = 0;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::int64_t present = 0;      ///< pending, booting, in service or under notice
  std::int64_t warming = 0;      ///< of these, what will count in the metrics but does not yet
  std::int64_t younger = 0;      ///< what counts there, but not for this policy, whose warm-up is longer
  std::span<const AlarmReading> alarms;  ///< the policy's own, in its order

  /// What the metrics are of.
  std::int64_t warm() const { return present - warming; }
};

/// A capacity that a policy wants, between min and max.
struct Proposal {
  std::int64_t desired = 0;
  std::size_t alarm = 0;         ///< of the policy's alarms, the one that led to it
};

/// What a predictive policy makes of the load that is expected: docs/models/auto_scaling.md, "Predictive scaling".
struct ForecastRule {
  GroupMetric metric = GroupMetric::cpu;
  double target = 50;                      ///< in the metric's unit
  bool scales = false;                     ///< false: it only forecasts
  Duration buffer = Duration::of(300 * nanoseconds_per_second);  ///< so long before each full hour
  int history_hours = 14 * 24;             ///< most that count of the past, whole days, at most 14
  std::optional<Ratio> max_buffer{};       ///< max gives way to a forecast above it, and by this share more
};

/// Immutable, and shared by the replications of a scenario.
class ScalingPolicy {
 public:
  virtual ~ScalingPolicy() = default;

  const std::string& name() const { return name_; }
  const std::vector<AlarmConfig>& alarms() const { return alarms_; }

  /// Asked after each period in which one of its alarms is raised. Empty: it wants nothing.
  virtual std::optional<Proposal> decide(const GroupView& group) const = 0;
  /// What would trigger it and what it does then, in sentences.
  virtual std::vector<std::string> in_words() const = 0;

  /// Simple scaling: it is asked only when its last activity is complete and the cooldown after it is over.
  virtual bool waits_for_cooldown() const { return false; }
  /// Instead of the group's; of a policy that waits for it.
  virtual std::optional<Duration> cooldown() const { return std::nullopt; }
  /// How long it takes an instance in service for warming up, instead of the group's.
  virtual std::optional<Duration> instance_warmup() const { return std::nullopt; }
  /// Predictive scaling: how it uses the forecasts that the group makes for it.
  virtual std::optional<ForecastRule> forecast() const { return std::nullopt; }
  /// Target tracking: the group shrinks by such a policy only if all of this kind that may shrink it want to.
  virtual bool shrinks_jointly() const { return false; }

 protected:
  explicit ScalingPolicy(std::string name, std::vector<AlarmConfig> alarms)
      : name_(std::move(name)), alarms_(std::move(alarms)) {}

 private:
  std::string name_;
  std::vector<AlarmConfig> alarms_;
};

using ScalingPolicyPtr = std::shared_ptr<const ScalingPolicy>;

}  // namespace fleetsim
