#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "fleetsim/models/auto_scaling/config.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim {

namespace {

/// More than any account may run; keeps a mistyped number from filling the memory.
constexpr std::int64_t instances_max = 1'000'000;
/// Above every sensible cap of a metric; catches 70 written for 70%.
constexpr Ratio threshold_max{10};

/// Rounded, so that 55 % is 55 and not the nearest double to 0.55, times 100.
double to_percent(Ratio share) { return std::round(share.value * 1e11) / 1e9; }

void read_alarm(config::Section& group, std::string_view key, std::string_view doc, AlarmRule& rule) {
  group.optional_section(key, doc, [&](config::Section& in) {
    in.optional("breaching", rule.needed).between(1, 60).doc("periods that must breach");
    in.optional("periods", rule.periods).between(1, 60).doc("of so many last periods");
    if (rule.needed > rule.periods) {
      in.error("breaching", fmt::format("breaching: {} is above periods, {}", rule.needed, rule.periods),
               "let breaching be at most periods");
    }
  });
}

void read_retry(config::Section& group, LaunchRetryConfig& retry) {
  group.optional_section("launch_retry", "how long the group waits after a launch that found no capacity",
                         [&](config::Section& in) {
    in.optional("initial", retry.initial).at_least(1_s).doc("first wait");
    in.optional("factor", retry.factor).at_least(1.0).doc("each further wait is longer by this factor");
    in.optional("max", retry.max).at_least(1_s).doc("longest wait");
    in.optional("jitter", retry.jitter)
        .between(Ratio{0}, Ratio{1})
        .doc("each wait is drawn uniformly from wait x (1 +- jitter)");
    if (retry.initial > retry.max) {
      in.error("initial", fmt::format("initial: {} is above max, {}", to_text(retry.initial), to_text(retry.max)),
               "let initial be at most max");
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

/// What groups share.
struct Shared {
  std::optional<std::int64_t> expected_instances;
  std::vector<config::Located<std::string>> instance_types;
  std::optional<double> first_scale_out_above;  // of the fleet's first group
  std::set<std::string> group_names;
  bool expected_needed = false;                 // some group's steps are shares of expected_instances
};

/// A small excess over a whole number is rounding of the share, not an instance.
std::int64_t share_of(double expected, Ratio share, bool up) {
  const double count = expected * share.value;
  return static_cast<std::int64_t>(up ? std::ceil(count - 1e-9) : std::floor(count + 1e-9));
}

void read_steps(config::Section& in, Shared& shared, CompositePolicyConfig& composite) {
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

void read_purchase(config::Section& in, GroupConfig& group) {
  enum class Way { spot, on_demand, reserved_1y, reserved_3y, mixed };
  Way way = Way::on_demand;
  in.required_choice<Way>("purchase", way,
                          {{"spot", Way::spot},
                           {"on_demand", Way::on_demand},
                           {"reserved_1y", Way::reserved_1y},
                           {"reserved_3y", Way::reserved_3y},
                           {"mixed", Way::mixed}})
      .doc("how its instances are bought; reserved: at the effective hourly price of a no-upfront Reserved Instance, "
           "paid only while it runs; mixed: on demand and Spot in a fixed proportion");
  switch (way) {
    case Way::spot: group.purchases = {Purchase::spot}; break;
    case Way::on_demand: group.purchases = {Purchase::on_demand}; break;
    case Way::reserved_1y: group.purchases = {Purchase::reserved_1y}; break;
    case Way::reserved_3y: group.purchases = {Purchase::reserved_3y}; break;
    case Way::mixed: group.purchases = {Purchase::on_demand, Purchase::spot}; break;
  }
}

/// A name given twice in a group would be two placements that are one.
void report_twice(config::Section& in, std::string_view what,
                  const std::vector<config::Located<std::string>>& names) {
  std::set<std::string> seen;
  for (const auto& name : names) {
    if (!seen.insert(name.value).second) {
      in.error_at(name.where, fmt::format("{} '{}' is named twice", what, name.value), "name each once");
    }
  }
}

void check_sizes(config::Section& in, const GroupConfig& group, bool max_given) {
  if (!max_given) return;
  if (group.min > group.max) {
    // Without a min of its own the group has the default, and the max is the one to mend.
    const bool min_given = in.has("min");
    in.error(min_given ? "min" : "max",
             min_given ? fmt::format("min: {} is above max, {}", group.min, group.max)
                       : fmt::format("max: {} is below min, which is {} unless given", group.max, group.min),
             "let min be at most max");
  } else if (group.initial && (*group.initial < group.min || *group.initial > group.max)) {
    in.error("initial",
             fmt::format("initial: {} is not between min, {}, and max, {}", *group.initial, group.min, group.max));
  }
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

void read_mix(config::Section& in, GroupConfig& group) {
  in.when(group.purchases.size() == 2, "purchase is mixed", [&](config::Section& mixed) {
    mixed.optional("on_demand_base", group.mix.on_demand_base)
        .not_negative()
        .doc("the first instances, all on demand");
    mixed.optional("on_demand_above_base", group.mix.on_demand_above_base)
        .between(Ratio{0}, Ratio{1})
        .doc("of the instances above the base, the share on demand, rounded up");
  });
}

/// How the group's size is decided; nothing of it is read where another key decides that.
void read_policy(config::Section& in, Shared& shared, GroupConfig& group) {
  read_mix(in, group);
  CompositePolicyConfig& composite = group.composite.emplace();
  in.optional("min", group.min).not_negative().doc("never fewer instances are wanted");
  const bool max_given =
      in.required("max", group.max).between(1, instances_max).doc("never more instances are wanted").given();
  in.optional("initial", group.initial).not_negative().doc("in service when the run begins; default min");

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
  in.optional("replacement_delay", group.replacement_delay)
      .not_negative()
      .doc("until the group notices that it lost an instance");
  in.optional("launch_failure", group.launch_failure)
      .between(Ratio{0}, Ratio{1})
      .doc("probability that a launch fails though there is capacity");
  read_retry(in, group.launch_retry);

  if (in.describing()) return;
  if (group.min == 0) {
    in.warning("min", "a group without instances has no metric and cannot grow again", "let min be at least 1");
  }
  check_sizes(in, group, max_given);
  check_thresholds(in, composite);
  if (auto_scaling::steps_are_ordered(composite.scale_out_steps)) {
    group.policies.push_back(auto_scaling::composite_policy(composite));
  }
}

void read_group(config::Section& in, Shared& shared, const ReadMoreOfGroup& more, GroupConfig& group) {
  group.where = in.where();
  if (in.required("name", group.name).doc("of the group").given()) {
    if (!config::is_name(group.name)) {
      in.error("name", fmt::format("name: '{}' is not a name for a group", group.name), std::string(config::name_rule));
    } else if (!shared.group_names.insert(group.name).second) {
      in.error("name", fmt::format("name: two groups have the name '{}'", group.name),
               "give each group a name of its own");
    }
  }
  read_purchase(in, group);
  in.required("zones", group.zones).at_least_count(1).doc("zones it may launch in; the emptiest first");
  in.optional("instance_types", group.instance_types)
      .doc("types it may launch, chosen by its allocation strategy; default: those of the fleet");
  if (!in.has("instance_types")) group.instance_types = shared.instance_types;
  in.optional("instance_warmup", group.instance_warmup)
      .not_negative()
      .doc("in service until an instance counts in the group's metric");
  const std::string_view decider = more ? more(in, group) : std::string_view{};
  if (decider.empty()) {
    read_policy(in, shared, group);
  } else {
    in.when(in.describing(), fmt::format("{} is not given", decider),
            [&](config::Section& policy) { read_policy(policy, shared, group); });
  }

  if (in.describing()) return;
  report_twice(in, "zone", group.zones);
  report_twice(in, "instance type", group.instance_types);
  if (group.instance_types.empty()) {
    in.error("instance_types", "the group has no instance type", "name instance_types in the group or in its fleet");
  }
  if (group.instance_types.size() > 63) in.error("instance_types", "more than 63 instance types", "name fewer");
}

}  // namespace

std::vector<GroupConfig> read_groups(config::Section& fleet, const ReadMoreOfGroup& more) {
  Shared shared;
  fleet.optional("expected_instances", shared.expected_instances)
      .between(1, instances_max)
      .doc("size that the fleet has at mean load; steps given as a share are shares of it");
  fleet.optional("instance_types", shared.instance_types)
      .doc("types that its groups may launch unless they name their own");
  std::vector<GroupConfig> groups;
  fleet.list("groups", groups, [&](config::Section& in, GroupConfig& group) { read_group(in, shared, more, group); })
      .at_least_count(1)
      .doc("Auto Scaling groups, the cheapest first");
  if (!fleet.has("expected_instances") && shared.expected_needed) {
    fleet.error_at(fleet.where(),
                   fmt::format("key 'expected_instances' is missing{}: steps of its groups are shares of it",
                               fleet.path().empty() ? "" : " in " + fleet.path()),
                   "add it, or give each group scale_out_steps with `add`, and a scale_in_count");
  }
  return groups;
}

}  // namespace fleetsim
