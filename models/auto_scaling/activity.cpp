#include "fleetsim/models/auto_scaling/activity.hpp"

#include <cmath>

#include <fmt/format.h>

#include "fleetsim/models/auto_scaling/config.hpp"
#include "models/auto_scaling/activity_details.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim {

namespace {

std::string value_in_words(const AlarmConfig& alarm, double value) {
  switch (alarm.metric) {
    case GroupMetric::composite:
    case GroupMetric::cpu:
    case GroupMetric::errors: return fmt::format("{:.4g} %", value);
    case GroupMetric::latency: return fmt::format("{:.4g} ms", value * 1e3);
    case GroupMetric::unhealthy_targets: return fmt::format("{:.4g}", value);
    case GroupMetric::requests_per_target: return fmt::format("{:.4g} requests/min", value);
    case GroupMetric::network_in:
    case GroupMetric::network_out: return fmt::format("{:.4g} MB/min", value / 1e6);
  }
  return {};
}

std::string cause_in_words(const Activity& activity, const GroupConfig& group) {
  switch (activity.cause) {
    case ActivityCause::policy: {
      const ScalingPolicy& policy = *group.policies[activity.policy];
      const AlarmConfig& alarm = policy.alarms()[activity.alarm];
      return fmt::format("an alarm of {}, {}, at {}", policy.name(), auto_scaling::in_words(alarm),
                         value_in_words(alarm, activity.value));
    }
    case ActivityCause::forecast: return "the forecast of the hour to come";
    case ActivityCause::schedule: return fmt::format("scheduled_actions.{}", activity.policy);
    case ActivityCause::user: return "asked for by hand";
    case ActivityCause::shortage:
      return activity.detail.empty() ? "actual capacity was below desired"
                                   : "launches had failed for so long that AWS suspends them";
    case ActivityCause::interruption: return "EC2 took a Spot Instance back";
    case ActivityCause::rebalance_signal:
      return activity.detail.empty() ? "EC2 recommended to leave an instance" : "EC2 gave notice to an instance";
    case ActivityCause::zone_balance: return "zones were out of balance";
    case ActivityCause::health:
      return activity.detail == auto_scaling::no_longer_running  ? "an instance was no longer running"
             : activity.detail == auto_scaling::marked_unhealthy ? "an instance was marked as unhealthy"
                                                                 : "an instance was unhealthy";
    case ActivityCause::lifetime: return "an instance reached its maximum lifetime";
    case ActivityCause::refresh:
      if (activity.detail == auto_scaling::alarm_raised) {
        const AlarmConfig& alarm = group.refreshes[activity.policy].alarms[activity.alarm];
        const std::string value = std::isnan(activity.value) ? "" : ", at " + value_in_words(alarm, activity.value);
        return fmt::format("the instance refresh {}, {}{}", activity.detail, auto_scaling::in_words(alarm), value);
      }
      return activity.detail.empty() ? "the instance refresh" : fmt::format("the instance refresh {}", activity.detail);
    case ActivityCause::hook: return "a lifecycle hook abandoned a launch";
    case ActivityCause::warm_pool: return "the warm pool";
  }
  return {};
}

}  // namespace

std::string what_was_done(const Activity& activity) {
  std::string words;
  const auto add = [&](const char* verb, std::int64_t count) {
    if (count > 0) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", verb, count);
  };
  add("lost", activity.lost);
  add("ended", activity.ended);
  add("launched", activity.launched);
  if (activity.failed) words += words.empty() ? "found no capacity" : ", found no more";
  if (words.empty() && activity.cause == ActivityCause::refresh) return "instance refresh";
  return words.empty() ? "no instance launched or ended" : words;
}

std::string why_in_words(const Activity& activity, const GroupConfig& group) {
  std::string words = cause_in_words(activity, group);
  if (activity.replaced) words += "; what was launched instead serves";
  if (activity.from != activity.to) words += fmt::format("; desired from {} to {}", activity.from, activity.to);
  return words;
}

}  // namespace fleetsim
