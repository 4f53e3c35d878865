// `policies` and `scheduled_actions` of a group.

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"
#include "models/auto_scaling/readers.hpp"

namespace fleetsim::auto_scaling {

namespace {

// Quotas of EC2 Auto Scaling [11].
constexpr std::size_t policies_max = 50;
constexpr std::size_t scheduled_actions_max = 125;

void read_policy(config::Section& in, ScalingPolicyPtr& policy) {
  std::vector<std::string_view> keys;
  for (const PolicyKind& kind : policy_kinds()) {
    in.optional_section(kind.key, kind.doc, [&](config::Section& section) { policy = kind.read(section); });
    keys.push_back(kind.key);
  }
  in.exactly_one_of(keys);
}

void read_recurrence(config::Section& in, ScheduledAction& action) {
  const bool recurs = in.optional("recurrence", action.recurrence)
                          .doc("minute, hour, day of the month, month, day of the week, as crontab has them: 0 9 * * "
                               "MON-FRI")
                          .given();
  in.optional("time_zone", action.time_zone).doc("of recurrence; follows summer time");
  in.optional("start_time", action.start).doc("when it happens; with recurrence, not before");
  in.optional("end_time", action.end).doc("with recurrence, not after");
  if (in.describing()) return;
  if (!recurs) {
    if (in.has("recurrence")) return;  // unreadable, and reported
    if (!action.start) {
      in.error_at(in.where(), "a scheduled action without a time", "give recurrence, or start_time for once");
    }
    for (const char* key : {"time_zone", "end_time"}) {
      if (in.has(key)) in.error(key, fmt::format("{} is of a recurrence, and there is none", key), "leave it out");
    }
    return;
  }
  if (action.recurrence->never_fires()) {
    in.error("recurrence", fmt::format("recurrence: '{}' never comes: no such day has that date", action.recurrence->text()),
             "write a day of the month that its months have");
    action.recurrence.reset();
  } else if (action.start && action.end && *action.end <= *action.start) {
    in.error("end_time", "end_time is not after start_time", "let end_time come later");
  }
}

void read_action(config::Section& in, ScheduledAction& action) {
  action.where = in.where();
  read_recurrence(in, action);
  in.optional("min", action.min).between(0, instances_max).doc("the group's min from then on");
  in.optional("max", action.max).between(0, instances_max).doc("its max");
  in.optional("desired", action.desired).between(0, instances_max).doc("its desired capacity");
  if (in.describing()) return;
  if (!action.min && !action.max && !action.desired) {
    in.error_at(in.where(), "a scheduled action that changes nothing", "give it min, max or desired");
  }
  if (action.min && action.max && *action.min > *action.max) {
    in.error("min", fmt::format("min: {} is above max, {}", *action.min, *action.max), "let min be at most max");
  }
  if (action.desired && ((action.min && *action.desired < *action.min) || (action.max && *action.desired > *action.max))) {
    in.error("desired", fmt::format("desired: {} is not between min and max", *action.desired),
             "let desired lie between them");
  }
}

}  // namespace

void read_policies(config::Section& in, GroupConfig& group) {
  std::vector<ScalingPolicyPtr> policies;
  in.list("policies", policies, read_policy)
      .doc("scaling policies; where several act at once the one that wants the largest capacity wins; an empty list "
           "leaves desired as it is");
  if (policies.size() > policies_max) {
    in.error("policies", fmt::format("{} policies, at most {} are allowed", policies.size(), policies_max), "join some");
  }
  // One that could not be read has been reported.
  std::erase(policies, nullptr);
  group.policies = std::move(policies);
  in.when(in.has("policies"), "policies is given", [&](config::Section& of_policies) {
    of_policies.optional("default_cooldown", group.default_cooldown)
        .not_negative()
        .doc("after the activity of a simple policy until one acts again");
    of_policies.optional("detailed_monitoring", group.detailed_monitoring)
        .doc("cpu, network_in and network_out each period of the fleet's metric; without it every 5 minutes");
  });
}

void read_scheduled_actions(config::Section& in, GroupConfig& group) {
  in.list("scheduled_actions", group.scheduled_actions, read_action)
      .doc("changes of min, max and desired at given times");
  std::int64_t highest = group.max;
  for (const ScheduledAction& action : group.scheduled_actions) highest = std::max(highest, action.max.value_or(0));
  for (const ScheduledAction& action : group.scheduled_actions) {
    // EC2 Auto Scaling refuses it when its time has come.
    const auto check = [&](const char* what, const std::optional<std::int64_t>& value) {
      if (in.describing() || !value || action.max || *value <= highest || highest == 0) return;
      in.error_at(action.where, fmt::format("a scheduled action with {} {}, and max is never above {}", what, *value, highest),
                  "give it max as well, or less");
    };
    check("min", action.min);
    check("desired", action.desired);
  }
  if (group.scheduled_actions.size() > scheduled_actions_max) {
    in.error("scheduled_actions",
             fmt::format("{} scheduled actions, at most {} are allowed", group.scheduled_actions.size(),
                         scheduled_actions_max),
             "join some");
  }
}

}  // namespace fleetsim::auto_scaling
