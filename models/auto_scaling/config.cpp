#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "fleetsim/models/auto_scaling/config.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/text.hpp"
#include "models/auto_scaling/readers.hpp"

namespace fleetsim {

namespace {

using auto_scaling::instances_max;
using auto_scaling::SharedByGroups;

void read_retry(config::Section& group, LaunchRetryConfig& retry) {
  group.optional_section("launch_retry", "how long the group waits after a launch that found no capacity",
                         [&](config::Section& in) {
    in.optional("initial", retry.initial).at_least(1_s).doc("first wait");
    in.optional("factor", retry.factor).at_least(1.0).doc("each further wait is longer by this factor");
    in.optional("max", retry.max).at_least(1_s).doc("longest wait");
    in.optional("jitter", retry.jitter)
        .between(Ratio{0}, Ratio{1})
        .doc("each wait is drawn uniformly from wait x (1 +- jitter)");
    in.optional("suspend_after", retry.suspend_after)
        .positive()
        .default_is("never")
        .doc("when all launches have failed for so long, none is tried any more; AWS may do so after 24h");
    if (retry.initial > retry.max) {
      in.error("initial", fmt::format("initial: {} is above max, {}", to_text(retry.initial), to_text(retry.max)),
               "let initial be at most max");
    }
  });
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
void read_size(config::Section& in, SharedByGroups& shared, GroupConfig& group) {
  read_mix(in, group);
  in.optional("min", group.min).not_negative().doc("never fewer instances are wanted");
  const bool max_given =
      in.required("max", group.max).between(1, instances_max).doc("never more instances are wanted").given();
  in.optional("initial", group.initial).not_negative().doc("in service when the run begins; default min");

  auto_scaling::read_policies(in, group);
  // As AWS has it: without a warm-up of its own an instance warms up for the default cooldown.
  if (in.has("policies") && !group.instance_warmup_given) group.instance_warmup = group.default_cooldown;
  in.when(!in.has("policies"), "policies is not given", [&](config::Section& composite) {
    // Where it only describes its keys, the group has no such policy.
    GroupConfig described;
    auto_scaling::read_composite(composite, shared, composite.describing() ? described : group);
  });
  auto_scaling::read_scheduled_actions(in, group);

  in.optional("replacement_delay", group.replacement_delay)
      .not_negative()
      .doc("until the group notices that it lost an instance");
  in.optional("launch_failure", group.launch_failure)
      .between(Ratio{0}, Ratio{1})
      .doc("probability that a launch fails though there is capacity");
  read_retry(in, group.launch_retry);
  auto_scaling::read_life(in, group);

  if (in.describing()) return;
  if (group.min == 0) {
    in.warning("min", "a group without instances has no metric and cannot grow again", "let min be at least 1");
  }
  check_sizes(in, group, max_given);
}

void read_group(config::Section& in, SharedByGroups& shared, const ReadMoreOfGroup& more, GroupConfig& group) {
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
  group.instance_warmup_given = in.optional("instance_warmup", group.instance_warmup)
                                    .not_negative()
                                    .default_is("0s; with policies, default_cooldown")
                                    .doc("in service until an instance counts in the group's metric")
                                    .given();
  const std::string_view decider = more ? more(in, group) : std::string_view{};
  if (decider.empty()) {
    read_size(in, shared, group);
  } else {
    in.when(in.describing(), fmt::format("{} is not given", decider),
            [&](config::Section& size) { read_size(size, shared, group); });
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
  SharedByGroups shared;
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
