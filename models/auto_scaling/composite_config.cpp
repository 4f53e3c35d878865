// The settings of the four-group policy, which a group has unless it names its policies.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "models/auto_scaling/policies/policies.hpp"
#include "models/auto_scaling/readers.hpp"

namespace fleetsim::auto_scaling {

namespace {

/// Above every sensible cap of a metric; catches 70 written for 70%.
constexpr Ratio threshold_max{10};

/// Rounded, so that 55 % is 55 and not the nearest double to 0.55, times 100.
double to_percent(Ratio share) { return std::round(share.value * 1e11) / 1e9; }

void read_alarm(config::Section& group, std::string_view key, std::string_view doc, AlarmRule& rule) {
  group.optional_section(key, doc, [&](config::Section& in) {
    in.optional("breaching", rule.needed).between(1, alarm_periods_max).doc("periods that must breach");
    in.optional("periods", rule.periods).between(1, alarm_periods_max).doc("of so many last periods");
    if (rule.needed > rule.periods) {
      in.error("breaching", fmt::format("breaching: {} is above periods, {}", rule.needed, rule.periods),
               "let breaching be at most periods");
    }
  });
}

/// A step as written: a count, or a share of the fleet's expected size.
struct StepText {
  Ratio above{0};
  std::optional<std::int64_t> add;
  std::optional<Ratio> add_of_expected;
  config::Location where;
};

void read_step(config::Section& in, StepText& step) {
  step.where = in.where();
  in.optional("above", step.above)
      .not_negative()
      .doc("the step applies when the metric is at least this far above scale_out_above");
  in.optional("add", step.add).between(1, instances_max).doc("instances to add");
  in.optional("add_of_expected", step.add_of_expected)
      .positive()
      .doc("instances to add as a share of expected_instances, rounded up");
  in.exactly_one_of({"add", "add_of_expected"});
}

/// The four-group policy's steps: 5, 15 and 35 % of the expected size (docs/models/auto_scaling.md).
std::vector<StepText> default_steps() {
  return {{.above = 0_percent, .add = {}, .add_of_expected = 5_percent, .where = {}},
          {.above = 5_percent, .add = {}, .add_of_expected = 15_percent, .where = {}},
          {.above = 15_percent, .add = {}, .add_of_expected = 35_percent, .where = {}}};
}

/// A small excess over a whole number is rounding of the share, not an instance.
std::int64_t share_of(double expected, Ratio share, bool up) {
  const double count = expected * share.value;
  return static_cast<std::int64_t>(up ? std::ceil(count - 1e-9) : std::floor(count + 1e-9));
}

void read_steps(config::Section& in, SharedByGroups& shared, CompositePolicyConfig& composite) {
  std::vector<StepText> steps;
  in.list("scale_out_steps", steps, [](config::Section& item, StepText& step) { read_step(item, step); })
      .doc("how many instances to add by how far the metric is above scale_out_above; "
           "default 5 %, 15 % and 35 % of expected_instances at 0, 5 and 15 points");
  if (steps.empty() && in.has("scale_out_steps")) {
    in.error("scale_out_steps", "no step is given", "list at least one step, or leave the key out for the default");
    return;
  }
  if (steps.empty()) steps = default_steps();
  const bool relative = std::any_of(steps.begin(), steps.end(), [](const StepText& s) { return s.add_of_expected; });
  std::optional<std::int64_t> scale_in;
  in.optional("scale_in_count", scale_in)
      .at_least(std::int64_t{1})
      .doc("instances to remove each period; default 5 % of expected_instances");
  if (in.describing()) return;
  if (relative || !scale_in) {
    shared.expected_needed = true;
    if (!shared.expected_instances) return;  // reported once for the fleet
  }
  const auto expected = static_cast<double>(shared.expected_instances.value_or(0));
  for (const StepText& step : steps) {
    const double above = to_percent(step.above);
    const std::int64_t count = step.add ? *step.add : share_of(expected, step.add_of_expected.value_or(Ratio{}), true);
    if (!composite.scale_out_steps.empty() && above <= composite.scale_out_steps.back().above) {
      in.error_at(step.where,
                  fmt::format("steps overlap: this one begins at {:g}%, the one before at {:g}%", above,
                              composite.scale_out_steps.back().above),
                  "sort the steps by `above` and give each a value of its own");
    }
    composite.scale_out_steps.push_back({.above = above, .count = count});
  }
  if (composite.scale_out_steps.front().above != 0) {
    in.error_at(steps.front().where, "no step covers a metric just above scale_out_above",
                "let the first step have above: 0%");
  }
  composite.scale_in_count = scale_in ? *scale_in : std::max<std::int64_t>(1, share_of(expected, 5_percent, false));
}

void check_thresholds(config::Section& in, const CompositePolicyConfig& composite) {
  if (composite.scale_out_above <= 0) return;  // reported when it was read
  const bool given = in.has("scale_in_below");
  if (composite.scale_in_below <= 0 && !given) {
    in.error("scale_out_above",
             fmt::format("scale_out_above: {:g}% leaves no room below it for scale_in_below, which is 15 points lower",
                         composite.scale_out_above),
             "give scale_in_below, or raise scale_out_above");
  } else if (composite.scale_in_below > composite.scale_out_above) {
    in.error(given ? "scale_in_below" : "scale_out_above",
             given ? fmt::format("scale_in_below: {:g}% is above scale_out_above, {:g}%", composite.scale_in_below,
                                 composite.scale_out_above)
                   : fmt::format("scale_out_above: {:g}% is below this group's scale_in_below, which it does not give: "
                                 "then it is the scale_out_above of the fleet's first group, {:g}%",
                                 composite.scale_out_above, composite.scale_in_below),
             given ? "let scale_in_below be at most scale_out_above"
                   : "give this group a scale_in_below, or list the group with the lowest scale_out_above first");
  }
}

}  // namespace

void read_composite(config::Section& in, SharedByGroups& shared, GroupConfig& group) {
  CompositePolicyConfig& composite = group.composite.emplace();
  Ratio above{composite.scale_out_above / 100};
  in.optional("scale_out_above", above)
      .positive()
      .at_most(threshold_max)
      .doc("the group grows while the metric is above this, which is at most the fleet's metric.cap");
  if (above <= threshold_max) composite.scale_out_above = to_percent(above);
  read_alarm(in, "scale_out_alarm", "when the metric counts as high", composite.scale_out_alarm);
  Ratio below{shared.first_scale_out_above.value_or(composite.scale_out_above - 15) / 100};
  in.optional("scale_in_below", below)
      .positive()
      .at_most(threshold_max)
      .doc("the group shrinks while the metric is below this; default: scale_out_above of the first group, "
           "and 15 points below its own for the first");
  composite.scale_in_below = below <= threshold_max ? to_percent(below) : composite.scale_out_above;
  if (!shared.first_scale_out_above && !in.describing()) shared.first_scale_out_above = composite.scale_out_above;
  read_alarm(in, "scale_in_alarm", "when the metric counts as low", composite.scale_in_alarm);
  read_steps(in, shared, composite);
  in.optional("maintain_desired", group.maintain_desired)
      .doc("true: what is lost or cannot be launched stays wanted; false: it is asked for again only while the "
           "alarm holds, or below min");
  if (in.describing()) return;
  check_thresholds(in, composite);
  if (steps_are_ordered(composite.scale_out_steps)) group.policies.push_back(composite_policy(composite));
}

}  // namespace fleetsim::auto_scaling
