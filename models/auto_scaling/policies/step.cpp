// Step scaling: an adjustment by how far the metric is from the alarm's threshold.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

namespace {

/// More than any account may run; keeps a mistyped number from filling the memory.
constexpr double amount_max = 1e6;

std::string amount_in_words(double amount, const Adjustment& adjustment) {
  if (adjustment.type == AdjustmentType::exact) return fmt::format("to {:g}", amount);
  return fmt::format("{:+g}{}", amount, adjustment.type == AdjustmentType::percent ? " %" : "");
}

class StepPolicy final : public ScalingPolicy {
 public:
  explicit StepPolicy(const StepPolicyConfig& config) : ScalingPolicy("step", {config.alarm}), config_(config) {}

  std::optional<Proposal> decide(const GroupView& group) const override {
    const AlarmReading& alarm = group.alarms[0];
    if (alarm.state != AlarmState::alarm) return std::nullopt;
    // Where missing values raised the alarm there is none to measure: it is taken to be just at the threshold.
    const double distance = alarm.value ? std::round((*alarm.value - config_.alarm.threshold) * 1e9) / 1e9 : 0;
    const StepAdjustment* step = step_of(config_.steps, distance);
    if (step == nullptr) return std::nullopt;
    // What warms up is part of the step, so the same step again adds nothing; nor does a value of a period in which there
    // were fewer, or removes one of a period in which there were more.
    const std::int64_t counted = alarm.value ? std::llround(alarm.units) - group.younger : group.warm();
    const std::int64_t few = std::min(group.warm(), counted), many = std::max(group.present, counted);
    const std::int64_t larger = std::min(group.max, adjusted(few, step->amount, config_.adjustment));
    if (larger > few) {
      if (larger > group.desired) return Proposal{.desired = larger};
      return std::nullopt;
    }
    if (group.warming > 0) return std::nullopt;
    const std::int64_t smaller = std::max(group.min, adjusted(many, step->amount, config_.adjustment));
    if (smaller < group.desired) return Proposal{.desired = smaller};
    return std::nullopt;
  }

  std::optional<Duration> instance_warmup() const override { return config_.instance_warmup; }

  std::vector<std::string> in_words() const override {
    std::vector<std::string> lines{fmt::format("step scaling when {}, by the distance from that:", auto_scaling::in_words(config_.alarm))};
    for (const StepAdjustment& step : config_.steps) {
      const std::string amount = amount_in_words(step.amount, config_.adjustment);
      if (!step.lower && !step.upper) {
        lines.push_back("  " + amount);
      } else if (!step.upper) {
        lines.push_back(fmt::format("  from {:+g} on: {}", *step.lower, amount));
      } else if (!step.lower) {
        lines.push_back(fmt::format("  to {:+g}: {}", *step.upper, amount));
      } else {
        lines.push_back(fmt::format("  from {:+g} to {:+g}: {}", *step.lower, *step.upper, amount));
      }
    }
    const std::int64_t least = config_.adjustment.min_magnitude;
    if (least > 0) lines.push_back(fmt::format("  at least {} unit{} a step", least, least == 1 ? "" : "s"));
    if (config_.instance_warmup) lines.push_back(fmt::format("  an instance warms up for {}", to_text(*config_.instance_warmup)));
    return lines;
  }

 private:
  StepPolicyConfig config_;
};

struct StepText {
  StepAdjustment step;
  config::Location where;
  bool bounds_known = true;  ///< false where one is given and cannot be read, which is told already
};

double below_any(const std::optional<double>& lower) { return lower.value_or(-1e300); }
double above_any(const std::optional<double>& upper) { return upper.value_or(1e300); }

/// As EC2 Auto Scaling wants them: without gap or overlap, open at the end to which they lead.
bool check_steps(config::Section& in, std::vector<StepText>& steps) {
  bool sound = true;
  const auto error = [&](const config::Location& where, std::string message, std::string help) {
    in.error_at(where, std::move(message), std::move(help));
    sound = false;
  };
  const auto text = [](const std::optional<double>& bound, const char* open) {
    return bound ? fmt::format("{:g}", *bound) : std::string(open);
  };
  for (const StepText& step : steps) {
    if (below_any(step.step.lower) < above_any(step.step.upper)) continue;
    error(step.where, fmt::format("the step is empty: from {:g} to {:g}", *step.step.lower, *step.step.upper),
          "let lower be below upper");
  }
  if (!sound) return false;
  std::stable_sort(steps.begin(), steps.end(), [](const StepText& a, const StepText& b) {
    return below_any(a.step.lower) < below_any(b.step.lower);
  });
  for (std::size_t s = 1; s < steps.size(); ++s) {
    const StepAdjustment& before = steps[s - 1].step;
    const StepAdjustment& step = steps[s].step;
    const double end = above_any(before.upper), begin = below_any(step.lower);
    if (begin < end) {
      error(steps[s].where,
            fmt::format("steps overlap: this one begins at {}, the one before ends at {}", text(step.lower, "no bound"),
                        text(before.upper, "no bound")),
            "let each step begin where the one before ends");
    } else if (begin > end) {
      error(steps[s].where,
            fmt::format("no step covers the values from {:g} to {:g}", end, begin),
            "let each step begin where the one before ends");
    }
  }
  if (steps.front().step.lower && *steps.front().step.lower < 0) {
    error(steps.front().where, fmt::format("no step covers values below {:g}", *steps.front().step.lower),
          "leave lower out of the lowest step where bounds are negative");
  }
  if (steps.back().step.upper && *steps.back().step.upper > 0) {
    error(steps.back().where, fmt::format("no step covers values from {:g} on", *steps.back().step.upper),
          "leave upper out of the highest step where bounds are positive");
  }
  return sound;
}

}  // namespace

const StepAdjustment* step_of(const std::vector<StepAdjustment>& steps, double distance) {
  for (const StepAdjustment& step : steps) {
    const double lower = below_any(step.lower), upper = above_any(step.upper);
    const bool inside = distance >= 0 ? distance >= lower && distance < upper : distance > lower && distance <= upper;
    if (inside) return &step;
  }
  return nullptr;
}

ScalingPolicyPtr step_policy(const StepPolicyConfig& config) { return std::make_shared<const StepPolicy>(config); }

ScalingPolicyPtr read_step(config::Section& in) {
  StepPolicyConfig config;
  const bool complete = read_alarm(in, config.alarm);
  read_adjustment(in, config.adjustment);
  read_instance_warmup(in, config.instance_warmup);
  std::vector<StepText> steps;
  in.list("steps", steps, [](config::Section& item, StepText& text) {
      text.where = item.where();
      const auto lower = item.optional("lower", text.step.lower)
          .default_is("no bound")
          .doc("the step applies where the metric less its threshold is from here on, in percentage points, "
               "requests/min, bytes/min, seconds or targets");
      const auto upper = item.optional("upper", text.step.upper).default_is("no bound").doc("up to here");
      text.bounds_known = lower.given() == item.has("lower") && upper.given() == item.has("upper");
      item.required("adjustment", text.step.amount)
          .between(-amount_max, amount_max)
          .doc("units more or fewer, units in all or percent, by adjustment_type");
    })
      .at_least_count(1)
      .doc("adjustments by how far the metric is from the threshold; at most 20");
  if (in.describing() || steps.empty()) return nullptr;
  if (steps.size() > 20) in.error("steps", fmt::format("{} steps, at most 20 are allowed", steps.size()), "join some");
  const bool known = std::all_of(steps.begin(), steps.end(), [](const StepText& step) { return step.bounds_known; });
  if (!known || !check_steps(in, steps) || !complete) return nullptr;
  for (const StepText& text : steps) config.steps.push_back(text.step);
  return step_policy(config);
}

}  // namespace fleetsim::auto_scaling
