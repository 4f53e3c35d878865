// The policy of the four groups: absolute steps above one threshold of the fleet's own metric, single steps back below
// another.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/sim/invariant.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

namespace {

class CompositePolicy final : public ScalingPolicy {
 public:
  explicit CompositePolicy(const CompositePolicyConfig& config)
      : ScalingPolicy("composite", {{.comparison = Comparison::greater,
                                     .threshold = config.scale_out_above,
                                     .rule = config.scale_out_alarm,
                                     .missing = MissingData::no_period},
                                    {.comparison = Comparison::less,
                                     .threshold = config.scale_in_below,
                                     .rule = config.scale_in_alarm,
                                     .missing = MissingData::no_period,
                                     .only_shrinks = true}}),
        config_(config) {}

  std::optional<Proposal> decide(const GroupView& group) const override {
    const AlarmReading& high = group.alarms[0];
    const AlarmReading& low = group.alarms[1];
    if (!high.value) return std::nullopt;  // no value, no news
    if (high.state == AlarmState::alarm) {
      // What warms up counts toward the step, so the same step again adds nothing.
      const std::int64_t wanted = std::min(group.max, group.warm() + scale_out_count(config_, *high.value));
      if (wanted > group.desired) return Proposal{.desired = wanted, .alarm = 0};
    } else if (low.state == AlarmState::alarm && group.warming == 0 && group.desired > group.min) {
      return Proposal{.desired = std::max(group.min, group.desired - config_.scale_in_count), .alarm = 1};
    }
    return std::nullopt;
  }

  std::vector<std::string> in_words() const override {
    std::vector<std::string> lines{fmt::format("grows while the metric is above {:g} % in {} of {} periods:",
                                               config_.scale_out_above, config_.scale_out_alarm.needed,
                                               config_.scale_out_alarm.periods)};
    for (std::size_t s = 0; s < config_.scale_out_steps.size(); ++s) {
      const ScaleOutStep& step = config_.scale_out_steps[s];
      const bool last = s + 1 == config_.scale_out_steps.size();
      lines.push_back(fmt::format(
          "  from {:g} %{}: {} more than are warm", config_.scale_out_above + step.above,
          last ? "" : fmt::format(" to {:g} %", config_.scale_out_above + config_.scale_out_steps[s + 1].above),
          step.count));
    }
    lines.push_back(fmt::format("shrinks by {} a period while it is below {:g} % in {} of {} periods and none warms up",
                                config_.scale_in_count, config_.scale_in_below, config_.scale_in_alarm.needed,
                                config_.scale_in_alarm.periods));
    return lines;
  }

 private:
  CompositePolicyConfig config_;
};

}  // namespace

bool steps_are_ordered(const std::vector<ScaleOutStep>& steps) {
  return !steps.empty() && steps.front().above == 0 &&
         std::adjacent_find(steps.begin(), steps.end(), [](const ScaleOutStep& a, const ScaleOutStep& b) {
           return b.above <= a.above;
         }) == steps.end();
}

std::int64_t scale_out_count(const CompositePolicyConfig& config, double percent) {
  const double excess = std::round((percent - config.scale_out_above) * 1e9) / 1e9;  // without the noise of a mean
  if (excess <= 0) return 0;
  std::int64_t count = 0;
  for (const ScaleOutStep& step : config.scale_out_steps) {
    if (excess >= step.above) count = step.count;
  }
  return count;
}

ScalingPolicyPtr composite_policy(const CompositePolicyConfig& config) {
  invariant(steps_are_ordered(config.scale_out_steps), "steps begin at 0 and rise");
  return std::make_shared<const CompositePolicy>(config);
}

}  // namespace fleetsim::auto_scaling
