// Simple scaling: one adjustment, then nothing until its activity is complete and the cooldown is over.

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

namespace {

class SimplePolicy final : public ScalingPolicy {
 public:
  explicit SimplePolicy(const SimplePolicyConfig& config) : ScalingPolicy("simple", {config.alarm}), config_(config) {}

  std::optional<Proposal> decide(const GroupView& group) const override {
    if (group.alarms[0].state != AlarmState::alarm) return std::nullopt;
    const std::int64_t wanted =
        std::clamp(adjusted(group.present, config_.amount, config_.adjustment), group.min, group.max);
    // A change that the overshoot of weights covers already is none.
    if (wanted > group.present ? wanted > group.desired : wanted < group.desired) return Proposal{.desired = wanted};
    return std::nullopt;
  }

  std::vector<std::string> in_words() const override {
    const char* unit = config_.adjustment.type == AdjustmentType::percent ? " %" : "";
    return {fmt::format("simple scaling by {:+g}{} when {}", config_.amount, unit, auto_scaling::in_words(config_.alarm)),
            config_.cooldown ? fmt::format("  then waits {} after its activity", to_text(*config_.cooldown))
                             : std::string("  then waits for the cooldown after its activity")};
  }

  bool waits_for_cooldown() const override { return true; }
  std::optional<Duration> cooldown() const override { return config_.cooldown; }

 private:
  SimplePolicyConfig config_;
};

}  // namespace

ScalingPolicyPtr simple_policy(const SimplePolicyConfig& config) { return std::make_shared<const SimplePolicy>(config); }

ScalingPolicyPtr read_simple(config::Section& in) {
  SimplePolicyConfig config;
  const bool complete = read_alarm(in, config.alarm);
  read_adjustment(in, config.adjustment);
  in.required("adjustment", config.amount)
      .between(-1e6, 1e6)
      .doc("units more or fewer, units in all or percent, by adjustment_type");
  in.optional("cooldown", config.cooldown)
      .not_negative()
      .default_is("the group's default_cooldown")
      .doc("from the end of its activity until a simple policy acts again");
  if (!complete || in.describing()) return nullptr;
  return simple_policy(config);
}

}  // namespace fleetsim::auto_scaling
