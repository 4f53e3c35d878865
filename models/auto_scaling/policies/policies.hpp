#pragma once
/// The kinds of scaling policies that a scenario may name.

#include <optional>
#include <string_view>
#include <vector>

#include "fleetsim/models/auto_scaling/config.hpp"

namespace fleetsim::auto_scaling {

/// A kind of policy under its key in `policies`. Reading gives nothing after an error, or when describing.
struct PolicyKind {
  std::string_view key;
  std::string_view doc;
  ScalingPolicyPtr (*read)(config::Section& in);
};
/// To add a kind, write its file in this folder and name its reader here.
const std::vector<PolicyKind>& policy_kinds();

// --- composite.cpp

/// The policy of the four groups. Requires: the steps are in order.
ScalingPolicyPtr composite_policy(const CompositePolicyConfig& config);
/// Whether the first step begins at the threshold and each further one above the step before it.
bool steps_are_ordered(const std::vector<ScaleOutStep>& steps);
/// Instances that it asks for on top of those that are warm: the step in whose range `percent` lies. Zero at or below
/// the high threshold: an alarm acts on what exceeds it.
std::int64_t scale_out_count(const CompositePolicyConfig& config, double percent);

// --- step.cpp and simple.cpp

enum class AdjustmentType : std::uint8_t { change, exact, percent };

struct Adjustment {
  AdjustmentType type = AdjustmentType::change;
  std::int64_t min_magnitude = 0;    ///< of a percentage: at least so many units
};
/// The capacity after an adjustment of `capacity` by `amount`, units or percent. A change in percent is rounded down
/// above 1, up to 1 below it, and toward zero or to -1 in the same way when it is negative.
std::int64_t adjusted(std::int64_t capacity, double amount, const Adjustment& adjustment);

/// An adjustment for values whose distance from the threshold lies in a range; an empty bound is infinite.
struct StepAdjustment {
  std::optional<double> lower, upper;
  double amount = 0;
};
struct StepPolicyConfig {
  AlarmConfig alarm;
  Adjustment adjustment;
  std::vector<StepAdjustment> steps;
  std::optional<Duration> instance_warmup{};  ///< instead of the group's
};
/// The step in whose range the distance from the threshold lies: the lower bound belongs to it at or above the threshold,
/// the upper one below it. Null if there is none.
const StepAdjustment* step_of(const std::vector<StepAdjustment>& steps, double distance);
ScalingPolicyPtr step_policy(const StepPolicyConfig& config);

struct SimplePolicyConfig {
  AlarmConfig alarm;
  Adjustment adjustment;
  double amount = 1;
  std::optional<Duration> cooldown;  ///< instead of the group's
};
ScalingPolicyPtr simple_policy(const SimplePolicyConfig& config);

// --- target_tracking.cpp

struct TargetTrackingConfig {
  GroupMetric metric = GroupMetric::cpu;
  double target = 50;                ///< in the metric's unit
  bool scale_in = true;
  double low_factor = 0.7;           ///< the low alarm's threshold / the target
  AlarmRule high{3, 3};
  AlarmRule low{15, 15};
  Duration period;                   ///< of its alarms; zero: that of the fleet's metric
  std::optional<double> scale_in_share;  ///< of the capacity that one action removes at most, but one unit at least
  std::optional<Duration> instance_warmup{};  ///< instead of the group's
};
ScalingPolicyPtr target_tracking_policy(const TargetTrackingConfig& config);

// --- predictive.cpp

ScalingPolicyPtr predictive_policy(const ForecastRule& rule);

// --- what several kinds read: alarm_config.cpp

/// A metric and a level of it, with its unit: cpu: 60%, requests_per_target: 900 requests/min, network_in: 5 MB,
/// network_out: 5 MB, composite: 75%. Exactly one of these keys. For an alarm also errors: 1%, latency: 200ms and
/// unhealthy_targets: 2, which a policy that tracks a target cannot follow: they do not fall as capacity grows.
enum class LevelOf : std::uint8_t { target, alarm };
bool read_level(config::Section& in, LevelOf what, GroupMetric& metric, double& level);
/// Reports an alarm that looks back over more than a day; `periods` is the key of their number.
void check_span(config::Section& in, std::string_view periods, const AlarmConfig& alarm);
void read_instance_warmup(config::Section& in, std::optional<Duration>& warmup);
/// The keys of an alarm, and `alarm:` of a policy. False after an error, or when describing.
bool read_alarm_keys(config::Section& in, AlarmConfig& alarm);
bool read_alarm(config::Section& in, AlarmConfig& alarm);
void read_adjustment(config::Section& in, Adjustment& adjustment);
/// "CPU is above 60 % in 2 of 3 periods of 1 min".
std::string in_words(const AlarmConfig& alarm);
std::string level_in_words(GroupMetric metric, double level);

}  // namespace fleetsim::auto_scaling
