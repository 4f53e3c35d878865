// What a scenario says about the life of a group's instances: hooks, health, replacement, warm pool, zones, endings.

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"
#include "models/auto_scaling/readers.hpp"

namespace fleetsim::auto_scaling {

namespace {

// Bounds of EC2 Auto Scaling [11], [12].
constexpr std::size_t hooks_max = 50;
constexpr Duration heartbeat_min = 30_s, heartbeat_max = 7200_s;
constexpr Duration lifetime_min = 86'400_s;
constexpr Duration checkpoint_delay_max = 172'800_s;

void read_hook(config::Section& in, LifecycleHookConfig& hook) {
  in.required_choice<bool>("transition", hook.launching, {{"launching", true}, {"terminating", false}})
      .doc("when an instance waits for it");
  in.optional("duration", hook.duration)
      .default_is("it never answers")
      .doc("until the hook's action completes");
  in.optional("abandons", hook.abandons)
      .between(Ratio{0}, Ratio{1})
      .doc("probability that it completes with ABANDON");
  in.optional("heartbeat_timeout", hook.heartbeat_timeout)
      .between(heartbeat_min, heartbeat_max)
      .doc("without an answer by then the default result holds");
  in.optional("heartbeats", hook.heartbeats)
      .doc("sent while the action runs, so that it may take 100 time-outs or 48 hours, whichever is less");
  in.optional_choice<bool>("default_result", hook.continues, {{"abandon", false}, {"continue", true}})
      .doc("after the time-out; abandon at launch ends the instance and launches another");
}

void read_failure(config::Section& in, InstanceFailureConfig& failure) {
  in.required_choice<InstanceFailureKind>("kind", failure.kind,
                                          {{"stopped", InstanceFailureKind::stopped},
                                           {"impaired", InstanceFailureKind::impaired},
                                           {"application", InstanceFailureKind::application}})
      .doc("stopped: no longer running, replaced at once; impaired: EC2's status checks fail; application: only a load "
           "balancer can tell");
  in.required("after", failure.after).positive().doc("in service, until it fails");
}

void read_failures(config::Section& in, std::string_view key, std::string_view doc,
                   std::vector<InstanceFailureConfig>& failures) {
  in.list(key, failures, read_failure).doc(doc);
  if (failures.size() > 100) in.error(key, "more than 100 kinds of failures", "name fewer");
}

void read_bounds(config::Section& in, MaintenanceConfig& bounds, std::string_view min_default, std::string_view max_default) {
  in.optional("min_healthy", bounds.min_healthy)
      .between(Ratio{0}, Ratio{1})
      .default_is(min_default)
      .doc("share of desired that serves at least meanwhile");
  in.optional("max_healthy", bounds.max_healthy)
      .between(Ratio{1}, Ratio{2})
      .default_is(max_default)
      .doc("above 100% new instances come first, so many that all together are at most this share of desired");
  if (in.describing() || bounds.max_healthy.value - bounds.min_healthy.value <= 1) return;
  in.error("max_healthy",
           fmt::format("max_healthy: {:g} % is more than 100 points above min_healthy, {:g} %",
                       100 * bounds.max_healthy.value, 100 * bounds.min_healthy.value),
           "let them be at most 100 points apart");
}

void read_health(config::Section& in, HealthConfig& health) {
  in.optional("grace_period", health.grace)
      .between(Duration{}, 24_h)
      .doc("in service, until checks count; the console's default is 300s");
  in.optional("elb", health.elb).doc("the load balancer's checks count too");
  in.optional("check_period", health.check_period).at_least(1_s).doc("between two looks at the checks");
  in.optional("impaired_delay", health.impaired_delay)
      .between(Duration{}, 24_h)
      .doc("from a failed status check until the instance counts as unhealthy");
}

void read_refresh(config::Section& in, const GroupConfig& group, InstanceRefreshConfig& refresh, Time& free_from) {
  in.required("at", refresh.at).not_negative().doc("when it begins, since the start of the run");
  in.optional_choice<bool>("launch_template", refresh.new_template, {{"new", true}, {"same", false}})
      .doc("whether the instances that it launches differ from those of the group");
  in.when(!refresh.new_template, "launch_template is same", [&](config::Section& same) {
    same.optional("skip_matching", refresh.skip_matching)
        .doc("leave the instances that have it already, so that only those of an earlier template are replaced");
  });
  if (group.maintenance) refresh.bounds = *group.maintenance;
  read_bounds(in, refresh.bounds, "the instance_maintenance_policy's, or 90%", "the instance_maintenance_policy's, or 100%");
  if (!group.instance_warmup_given) refresh.instance_warmup = group.health.grace;
  in.optional("instance_warmup", refresh.instance_warmup)
      .not_negative()
      .default_is("the group's instance_warmup, or without one its health_check.grace_period")
      .doc("in service, until it goes on");
  in.optional("bake_time", refresh.bake_time)
      .between(Duration{}, checkpoint_delay_max)
      .doc("when all are replaced, until the refresh is complete");
  in.list("alarms", refresh.alarms, [](config::Section& item, AlarmConfig& alarm) { read_alarm_keys(item, alarm); })
      .doc("CloudWatch alarms of which any ends the refresh, while it goes on or bakes");
  in.optional("checkpoints", refresh.checkpoints)
      .between(Ratio{0.01}, Ratio{1})
      .doc("shares of the group after which it pauses");
  in.optional("checkpoint_delay", refresh.checkpoint_delay)
      .between(Duration{}, checkpoint_delay_max)
      .doc("length of a pause");
  in.optional("auto_rollback", refresh.auto_rollback)
      .doc("when it fails, by an alarm or after an hour without progress, it goes back to the version before");
  in.optional_choice<ProtectedInstances>("scale_in_protected_instances", refresh.of_protected,
                                         {{"wait", ProtectedInstances::wait},
                                          {"ignore", ProtectedInstances::ignore},
                                          {"refresh", ProtectedInstances::refresh}})
      .doc("what it does about instances that are protected");
  in.optional_choice<StandbyInstances>("standby_instances", refresh.of_standby,
                                       {{"wait", StandbyInstances::wait},
                                        {"ignore", StandbyInstances::ignore},
                                        {"terminate", StandbyInstances::terminate}})
      .doc("what it does about instances in standby; the console's default is ignore");
  read_failures(in, "failures", "of instances of the new version, beside those of the group", refresh.failures);
  if (in.describing()) return;
  if (refresh.auto_rollback && !refresh.new_template) {
    in.error("auto_rollback", "auto_rollback of a refresh that changes no template", "leave it out");
  }
  if (!std::is_sorted(refresh.checkpoints.begin(), refresh.checkpoints.end())) {
    in.error("checkpoints", "checkpoints: they do not rise", "sort them");
  }
  if (refresh.at < free_from) {
    in.error("at", fmt::format("at: {} is not after the refresh before", to_text(refresh.at)), "sort them by time");
  }
  free_from = refresh.at + 1_ns;
}

void read_warm_pool(config::Section& in, const GroupConfig& group, WarmPoolConfig& pool) {
  in.optional_choice<PoolState>("state", pool.state,
                                {{"stopped", PoolState::stopped},
                                 {"running", PoolState::running},
                                 {"hibernated", PoolState::hibernated}})
      .doc("what its instances do until they are wanted");
  in.optional("min_size", pool.min_size).between(0, instances_max).doc("instances that it holds at least");
  in.optional("max_group_prepared_capacity", pool.max_prepared)
      .between(0, instances_max)
      .default_is("max")
      .doc("instances in the group and its pool together");
  in.optional("reuse_on_scale_in", pool.reuse_on_scale_in).doc("what the group gives back returns to the pool");
  if (in.describing()) return;
  if (group.purchases.size() > 1 || group.purchases.front() == Purchase::spot) {
    in.error_at(in.where(), "a warm pool of a group that buys on Spot", "EC2 Auto Scaling offers it on demand only");
  }
  if (std::any_of(group.weights.begin(), group.weights.end(), [](std::int64_t weight) { return weight != 1; })) {
    in.error_at(in.where(), "a warm pool of a group with weights", "leave one of them out");
  }
}

void read_user_action(config::Section& in, const GroupConfig& group, UserAction& action) {
  in.required("at", action.at).not_negative().doc("since the start of the run");
  in.required_choice<UserActionKind>("action", action.kind,
                                     {{"set_desired", UserActionKind::set_desired},
                                      {"terminate", UserActionKind::terminate},
                                      {"detach", UserActionKind::detach},
                                      {"enter_standby", UserActionKind::enter_standby},
                                      {"exit_standby", UserActionKind::exit_standby},
                                      {"set_unhealthy", UserActionKind::set_unhealthy}})
      .doc("what somebody does; detached instances and those in standby run on and are billed");
  in.required("count", action.count)
      .between(0, instances_max)
      .doc("instances, the oldest that serve; of set_desired the capacity");
  config::Located<std::string> zone;
  const bool in_zone = in.optional("zone", zone).doc("only of this zone").given();
  in.optional("decrement_desired", action.decrement_desired).doc("whether desired falls with them");
  std::int64_t highest = group.max;
  for (const ScheduledAction& scheduled : group.scheduled_actions) highest = std::max(highest, scheduled.max.value_or(0));
  if (!in.describing() && action.kind == UserActionKind::set_desired && group.max > 0 && action.count > highest) {
    in.error("count", fmt::format("count: {} is above max, {}", action.count, highest), "let it be at most max");
  }
  if (in.describing() || !in_zone) return;
  for (std::size_t z = 0; z < group.zones.size(); ++z) {
    if (group.zones[z].value == zone.value) action.zone = z;
  }
  if (action.zone) return;
  std::vector<std::string> names;
  for (const auto& of_group : group.zones) names.push_back(of_group.value);
  in.error("zone", fmt::format("zone: '{}' is not a zone of the group", zone.value),
           config::name_help("zone", zone.value, names));
}

void read_zones(config::Section& in, GroupConfig& group) {
  in.optional_choice<ZoneDistribution>("zone_distribution", group.zone_distribution,
                                       {{"balanced_best_effort", ZoneDistribution::balanced_best_effort},
                                        {"balanced_only", ZoneDistribution::balanced_only},
                                        {"reservations_then_balanced", ZoneDistribution::reservations_then_balanced}})
      .doc("where it launches when its emptiest zone has no capacity: elsewhere, or nowhere; or first where it has "
           "reserved capacity");
  group.zone_reservations.assign(group.zones.size(), 0);
  in.when(group.zone_distribution == ZoneDistribution::reservations_then_balanced,
          "zone_distribution is reservations_then_balanced", [&](config::Section& reserved) {
    reserved.named_values("capacity_reservations", "zone", "units that it has reserved in a zone",
                          [&](const config::Located<std::string>& name, config::Section& values) {
      std::int64_t units = 0;
      values.required(name.value, units).between(0, instances_max);
      if (values.describing()) return;
      std::vector<std::string> names;
      for (std::size_t z = 0; z < group.zones.size(); ++z) {
        names.push_back(group.zones[z].value);
        if (names.back() == name.value) group.zone_reservations[z] = units;
      }
      if (std::find(names.begin(), names.end(), name.value) == names.end()) {
        in.error_at(name.where, fmt::format("capacity_reservations: '{}' is not a zone of the group", name.value),
                    config::name_help("zone", name.value, names));
      }
    });
  });
  const bool of_policies = in.has("policies");
  bool rebalances = of_policies;
  in.optional("zone_rebalancing", rebalances)
      .default_is("true with policies, else false")
      .doc("whether it moves instances to a zone that has too few");
  Duration delay = 5_min;
  in.optional("zone_rebalancing_delay", delay)
      .between(1_s, 24_h)
      .doc("from unbalanced until it tries, and between two tries");
  if (rebalances && !in.describing()) group.zone_rebalancing = delay;
}

void read_endings(config::Section& in, GroupConfig& group) {
  const std::vector<std::pair<std::string, TerminationPolicy>> names{
      {"default", TerminationPolicy::by_default},
      {"allocation_strategy", TerminationPolicy::allocation_strategy},
      {"oldest_launch_template", TerminationPolicy::oldest_launch_template},
      {"oldest_launch_configuration", TerminationPolicy::oldest_launch_configuration},
      {"closest_to_next_instance_hour", TerminationPolicy::closest_to_next_instance_hour},
      {"newest_instance", TerminationPolicy::newest_instance},
      {"oldest_instance", TerminationPolicy::oldest_instance}};
  std::vector<config::Located<std::string>> given;
  in.optional("termination_policies", given)
      .default_is("default with policies, else oldest_instance")
      .doc("which instance of the fullest zone ends first, each among those that the ones before leave: default, "
           "allocation_strategy, oldest_launch_template, oldest_launch_configuration, closest_to_next_instance_hour, "
           "newest_instance, oldest_instance");
  if (in.has("policies")) group.termination_policies = {TerminationPolicy::by_default};
  if (!given.empty() && !in.describing()) {
    group.termination_policies.clear();
    std::vector<std::string> words;
    for (const auto& [word, policy] : names) words.push_back(word);
    for (const auto& name : given) {
      const auto found = std::find(words.begin(), words.end(), name.value);
      if (found == words.end()) {
        in.error_at(name.where, fmt::format("termination_policies: there is no policy '{}'", name.value),
                    config::name_help("policy", name.value, words));
      } else {
        group.termination_policies.push_back(names[static_cast<std::size_t>(found - words.begin())].second);
      }
    }
    if (group.termination_policies.empty()) group.termination_policies = {TerminationPolicy::by_default};
  }
  in.optional("scale_in_protection", group.scale_in_protection)
      .doc("new instances are protected from scale-in once they serve");
}

}  // namespace

void read_life(config::Section& in, GroupConfig& group) {
  read_zones(in, group);
  read_endings(in, group);
  in.optional_section("health_check", "when an instance counts as unhealthy",
                      [&](config::Section& section) { read_health(section, group.health); });
  read_failures(in, "instance_failures", "how instances fail while they are in service", group.failures);
  in.optional_section("instance_maintenance_policy", "how many may be missing or too many while instances are replaced",
                      [&](config::Section& section) { read_bounds(section, group.maintenance.emplace(), "100%", "100%"); });
  in.optional("max_instance_lifetime", group.max_instance_lifetime)
      .at_least(lifetime_min)
      .at_most(config::longest_duration)
      .default_is("none")
      .doc("an instance is replaced when it is so old");
  Time free_from;
  in.list("instance_refreshes", group.refreshes,
          [&](config::Section& item, InstanceRefreshConfig& refresh) { read_refresh(item, group, refresh, free_from); })
      .doc("deployments of a new launch template: all instances are replaced, some at a time");
  in.optional_section("warm_pool", "instances that are ready beside the group", [&](config::Section& section) {
    read_warm_pool(section, group, group.warm_pool.emplace());
  });
  in.list("lifecycle_hooks", group.hooks, read_hook).doc("what instances wait for before they serve or end");
  if (group.hooks.size() > hooks_max) {
    in.error("lifecycle_hooks", fmt::format("{} hooks, at most {} are allowed", group.hooks.size(), hooks_max), "join some");
  }
  in.optional("capacity_rebalance", group.capacity_rebalance)
      .doc("an instance that EC2 recommends to leave is replaced before it goes");
  in.when(group.capacity_rebalance, "capacity_rebalance is true", [&](config::Section& rebalance) {
    rebalance.optional("capacity_rebalance_excess", group.capacity_rebalance_excess)
        .between(Ratio{0}, Ratio{1})
        .doc("share of max, one unit at least, by which the group may exceed it meanwhile");
  });
  in.list("user_actions", group.user_actions,
          [&](config::Section& item, UserAction& action) { read_user_action(item, group, action); })
      .doc("what somebody does to the group by hand");
}

}  // namespace fleetsim::auto_scaling
