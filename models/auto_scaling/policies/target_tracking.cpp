// Target tracking: two alarms that the user does not edit, and a capacity in proportion to how far the metric is from its
// target, rounded so that it errs toward too much.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

namespace {

class TargetTrackingPolicy final : public ScalingPolicy {
 public:
  explicit TargetTrackingPolicy(const TargetTrackingConfig& config)
      : ScalingPolicy("target tracking", alarms_of(config)), config_(config) {}

  std::optional<Proposal> decide(const GroupView& group) const override {
    const AlarmReading& high = group.alarms[0];
    if (high.state == AlarmState::alarm && high.value) {
      const std::int64_t wanted = std::min(group.max, called_for(group, high));
      if (wanted > group.desired) return Proposal{.desired = wanted, .alarm = 0};
    } else if (config_.scale_in && group.warming == 0) {
      const AlarmReading& low = group.alarms[1];
      if (low.state != AlarmState::alarm || !low.value) return std::nullopt;
      std::int64_t wanted = std::max(group.min, called_for(group, low));
      if (config_.scale_in_share) {
        const auto most = static_cast<std::int64_t>(static_cast<double>(group.present) * *config_.scale_in_share + 1e-9);
        wanted = std::max(wanted, group.present - std::max<std::int64_t>(1, most));
      }
      if (wanted < group.desired) return Proposal{.desired = wanted, .alarm = 1};
    }
    return std::nullopt;
  }

  std::vector<std::string> in_words() const override {
    std::vector<std::string> lines{
        fmt::format("target tracking keeps {}", level_in_words(config_.metric, config_.target)),
        fmt::format("  grows in proportion when {}", auto_scaling::in_words(alarms()[0]))};
    if (config_.scale_in) {
      lines.push_back(fmt::format("  shrinks{} when {} and none warms up",
                                  config_.scale_in_share ? fmt::format(" by at most {:g} %", 100 * *config_.scale_in_share)
                                                         : " in proportion",
                                  auto_scaling::in_words(alarms()[1])));
    } else {
      lines.emplace_back("  never shrinks");
    }
    if (config_.instance_warmup) lines.push_back(fmt::format("  an instance warms up for {}", to_text(*config_.instance_warmup)));
    return lines;
  }

  std::optional<Duration> instance_warmup() const override { return config_.instance_warmup; }
  bool shrinks_jointly() const override { return config_.scale_in; }

 private:
  static std::vector<AlarmConfig> alarms_of(const TargetTrackingConfig& config) {
    const AlarmConfig alarm{.metric = config.metric, .threshold = config.target, .rule = {},
                            .period_length = config.period};
    AlarmConfig high = alarm, low = alarm;
    high.comparison = Comparison::greater;
    high.rule = config.high;
    low.comparison = Comparison::less;
    low.threshold = config.low_factor * config.target;
    low.rule = config.low;
    if (!config.scale_in) return {high};
    return {high, low};
  }

  /// The units among which the load of the reading's period is at the target, rounded up, without what rounding leaves of
  /// a whole number. A load that stays calls for the same again, however many units there are by now.
  std::int64_t called_for(const GroupView& group, const AlarmReading& reading) const {
    const double units = std::max(0.0, reading.units - static_cast<double>(group.younger));
    return static_cast<std::int64_t>(std::ceil(units * *reading.value / config_.target - 1e-9));
  }

  TargetTrackingConfig config_;
};

void read_periods(config::Section& in, std::string_view key, std::string_view doc, AlarmRule& rule) {
  in.optional(key, rule.periods).between(1, alarm_periods_max).doc(doc);
  rule.needed = rule.periods;
}

}  // namespace

ScalingPolicyPtr target_tracking_policy(const TargetTrackingConfig& config) {
  return std::make_shared<const TargetTrackingPolicy>(config);
}

ScalingPolicyPtr read_target_tracking(config::Section& in) {
  TargetTrackingConfig config;
  const bool given = read_level(in, LevelOf::target, config.metric, config.target);
  bool disable_scale_in = false;
  in.optional("disable_scale_in", disable_scale_in).doc("the policy only grows the group");
  config.scale_in = !disable_scale_in;
  read_periods(in, "scale_out_periods", "it grows when the metric was above the target in so many periods in a row",
               config.high);
  Ratio factor{config.low_factor};
  read_periods(in, "scale_in_periods", "it shrinks when the metric was low in so many periods in a row", config.low);
  in.optional("low_factor", factor)
      .between(Ratio{0.01}, Ratio{1})
      .doc("the metric is low below this share of the target");
  config.low_factor = factor.value;
  std::optional<Ratio> share;
  in.optional("scale_in_at_most", share)
      .positive()
      .at_most(Ratio{1})
      .default_is("no limit")
      .doc("share of the capacity that one action removes at most, but one unit at least");
  if (share) config.scale_in_share = share->value;
  read_instance_warmup(in, config.instance_warmup);
  in.optional("period", config.period)
      .at_least(1_s)
      .default_is("the fleet's metric.period")
      .doc("of its alarms");
  if (!given || in.describing()) return nullptr;
  check_span(in, "scale_out_periods", {.rule = config.high, .period_length = config.period});
  check_span(in, "scale_in_periods", {.rule = config.low, .period_length = config.period});
  return target_tracking_policy(config);
}

}  // namespace fleetsim::auto_scaling
