// What a group does besides its policies, in sentences.

#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "fleetsim/models/auto_scaling/config.hpp"
#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim {

namespace {

std::string percent(Ratio share) { return fmt::format("{:.6g} %", share.value * 100); }

std::string failure_in_words(const InstanceFailureConfig& failure) {
  constexpr std::string_view kinds[] = {"stops", "becomes impaired", "stops answering"};
  return fmt::format("an instance {} after {} in the mean", kinds[static_cast<std::size_t>(failure.kind)],
                     to_text(failure.after.mean()));
}

/// "every day at 07:30" for the five fields "30 7 * * *"; any other schedule as it is written.
std::string schedule_in_words(std::string_view text) {
  std::istringstream fields{std::string(text)};
  int minute = 0, hour = 0;
  std::string rest;
  if (fields >> minute >> hour && std::getline(fields, rest) && rest == " * * *") {
    return fmt::format("every day at {:02}:{:02}", hour, minute);
  }
  return fmt::format("at {}", text);
}

std::string action_in_words(const ScheduledAction& action) {
  std::string words = action.recurrence
                          ? fmt::format("{} {}", schedule_in_words(action.recurrence->text()), action.time_zone.name())
                          : "at " + config::to_text(*action.start);
  const auto add = [&](const char* what, const std::optional<std::int64_t>& value) {
    if (value) words += fmt::format(", {} {}", what, *value);
  };
  words += ":";
  add("min", action.min);
  add("max", action.max);
  add("desired", action.desired);
  return words.replace(words.find(":,"), 2, ":");
}

std::string hook_in_words(const LifecycleHookConfig& hook) {
  std::string words = fmt::format("before it {} an instance waits for a hook", hook.launching ? "serves" : "ends");
  if (hook.duration) words += fmt::format(", {} in the mean", to_text(hook.duration->mean()));
  else words += " that never answers";
  const Duration patience = hook.heartbeats ? longest_wait(hook) : hook.heartbeat_timeout;
  words += fmt::format("; after {} it {}", to_text(patience),
                       hook.continues    ? "goes on without"
                       : hook.launching ? "is ended and another launched"
                                        : "ends without");
  return words;
}

void add_refresh(const InstanceRefreshConfig& refresh, std::vector<std::string>& lines) {
  std::string words = fmt::format("at {} an instance refresh replaces {}, at least {} serving", to_text(refresh.at),
                                  refresh.skip_matching ? "what has an earlier template" : "all",
                                  percent(refresh.bounds.min_healthy));
  if (refresh.bounds.max_healthy.value > 1) {
    words += fmt::format(", the new ones first, at most {}", percent(refresh.bounds.max_healthy));
  }
  for (std::size_t c = 0; c < refresh.checkpoints.size(); ++c) {
    words += (c == 0 ? "; pauses at " : ", ") + percent(refresh.checkpoints[c]);
  }
  if (!refresh.checkpoints.empty()) words += fmt::format(" for {}", to_text(refresh.checkpoint_delay));
  if (refresh.bake_time > Duration{}) words += fmt::format("; bakes for {}", to_text(refresh.bake_time));
  words += refresh.auto_rollback ? "; rolls back" : "; gives up";
  lines.push_back(words + " after an hour without progress");
  for (const AlarmConfig& alarm : refresh.alarms) lines.push_back("  or when " + auto_scaling::in_words(alarm));
  for (const InstanceFailureConfig& failure : refresh.failures) {
    lines.push_back("  of the new version " + failure_in_words(failure));
  }
}

}  // namespace

std::vector<std::string> life_in_words(const GroupConfig& group) {
  std::vector<std::string> lines;
  for (const ScheduledAction& action : group.scheduled_actions) lines.push_back(action_in_words(action));
  if (group.zone_distribution == ZoneDistribution::balanced_only) {
    lines.emplace_back("launches nowhere else when its emptiest zone has no capacity");
  } else if (group.zone_distribution == ZoneDistribution::reservations_then_balanced) {
    lines.emplace_back("launches first where it has reserved capacity");
  }
  if (group.zone_rebalancing && group.zones.size() > 1) {
    lines.push_back(fmt::format("moves instances to a zone with too few, {} after it is out of balance",
                                to_text(*group.zone_rebalancing)));
  }
  if (!group.composite) {
    constexpr std::string_view names[] = {"the default policy", "the allocation strategy", "the oldest launch template",
                                          "the oldest launch configuration", "the next instance hour",
                                          "the newest instance", "the oldest instance"};
    std::string words;
    for (const TerminationPolicy policy : group.termination_policies) {
      words += (words.empty() ? "" : ", then ") + std::string(names[static_cast<std::size_t>(policy)]);
    }
    lines.push_back("ends instances of the fullest zone by " + words);
  }
  if (group.scale_in_protection) lines.emplace_back("its instances are protected from scale-in");
  if (group.health.elb) lines.emplace_back("replaces what the load balancer finds unhealthy");
  if (group.health.grace > Duration{}) {
    lines.push_back(fmt::format("ignores health checks for {} after an instance is in service", to_text(group.health.grace)));
  }
  for (const InstanceFailureConfig& failure : group.failures) lines.push_back(failure_in_words(failure));
  if (group.maintenance) {
    lines.push_back(fmt::format("while it replaces, {} to {} of desired", percent(group.maintenance->min_healthy),
                                percent(group.maintenance->max_healthy)));
  }
  if (group.max_instance_lifetime) {
    lines.push_back(fmt::format("replaces an instance after {}", to_text(*group.max_instance_lifetime)));
  }
  for (const InstanceRefreshConfig& refresh : group.refreshes) add_refresh(refresh, lines);
  if (group.warm_pool) {
    constexpr std::string_view states[] = {"stopped", "running", "hibernated"};
    lines.push_back(fmt::format("holds {} instances {} in a warm pool at first{}",
                                pool_size(*group.warm_pool, group.initial.value_or(group.min), group.max),
                                states[static_cast<std::size_t>(group.warm_pool->state)],
                                group.warm_pool->reuse_on_scale_in ? ", and puts back what it does not need" : ""));
  }
  if (group.launch_retry.suspend_after) {
    lines.push_back(fmt::format("launches nothing any more when all launches failed for {}",
                                to_text(*group.launch_retry.suspend_after)));
  }
  for (const LifecycleHookConfig& hook : group.hooks) lines.push_back(hook_in_words(hook));
  if (group.capacity_rebalance) lines.emplace_back("replaces an instance that EC2 recommends to leave before it goes");
  return lines;
}

}  // namespace fleetsim
