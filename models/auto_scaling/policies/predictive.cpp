// Predictive scaling: the capacity that the load of past weeks calls for at each full hour. The group keeps the history
// and asks for forecasts (models/auto_scaling/forecast.hpp); this policy says what it wants of them.

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

namespace {

class PredictivePolicy final : public ScalingPolicy {
 public:
  explicit PredictivePolicy(const ForecastRule& rule) : ScalingPolicy("predictive", {}), rule_(rule) {}

  std::optional<Proposal> decide(const GroupView&) const override { return std::nullopt; }
  std::optional<ForecastRule> forecast() const override { return rule_; }
  std::vector<std::string> in_words() const override {
    std::vector<std::string> lines{fmt::format("predictive scaling {} for {}",
                                               rule_.scales ? "launches" : "only forecasts, and launches nothing,",
                                               level_in_words(rule_.metric, rule_.target)),
                                   fmt::format("  by the hours of the last two weeks, {} before each full hour; it needs "
                                               "a day of history and never shrinks",
                                               to_text(rule_.buffer))};
    if (rule_.max_buffer) {
      lines.push_back(fmt::format("  max gives way to a forecast above it, and {} more", to_text(*rule_.max_buffer)));
    }
    return lines;
  }

 private:
  ForecastRule rule_;
};

}  // namespace

ScalingPolicyPtr predictive_policy(const ForecastRule& rule) { return std::make_shared<const PredictivePolicy>(rule); }

ScalingPolicyPtr read_predictive(config::Section& in) {
  ForecastRule rule;
  rule.scales = false;
  const bool given = read_level(in, LevelOf::target, rule.metric, rule.target);
  in.optional_choice<bool>("mode", rule.scales, {{"forecast_only", false}, {"forecast_and_scale", true}})
      .doc("whether it launches by its forecast");
  in.optional("scheduling_buffer_time", rule.buffer)
      .between(Duration{}, 1_h)
      .doc("so long before each full hour");
  int days = rule.history_hours / 24;
  in.optional("history_days", days).between(1, 14).doc("days of the past that a forecast looks at");
  rule.history_hours = 24 * days;
  bool increase = false;
  in.optional_choice<bool>("max_capacity_breach_behavior", increase,
                           {{"honor_max_capacity", false}, {"increase_max_capacity", true}})
      .doc("whether max gives way where a forecast is above it");
  in.when(increase, "max_capacity_breach_behavior is increase_max_capacity", [&](config::Section& more) {
    Ratio buffer{0};
    more.optional("max_capacity_buffer", buffer)
        .between(Ratio{0}, Ratio{1})
        .doc("and by so much more than the forecast");
    if (increase) rule.max_buffer = buffer;
  });
  if (!given || in.describing()) return nullptr;
  return predictive_policy(rule);
}

}  // namespace fleetsim::auto_scaling
