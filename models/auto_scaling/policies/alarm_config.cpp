// What the policies read alike: a metric with a level, an alarm, an adjustment.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/auto_scaling/policies/policies.hpp"

namespace fleetsim::auto_scaling {

namespace {
/// Above every sensible level of a metric in percent; catches 70 written for 70%.
constexpr Ratio share_max{10};
/// Without the last digits that a product with 100 leaves.
double to_percent(Ratio share) { return std::round(share.value * 1e11) / 1e9; }
}  // namespace

bool read_level(config::Section& in, LevelOf what, GroupMetric& metric, double& level) {
  std::optional<Ratio> cpu, composite;
  std::optional<RequestRate> requests;
  std::optional<Bytes> network_in, network_out;
  in.optional("cpu", cpu).positive().at_most(share_max).doc("CPU utilization, mean of the group's instances");
  in.optional("requests_per_target", requests)
      .positive()
      .doc("requests that an instance is sent, as in 900 requests/min");
  in.optional("network_in", network_in).positive().doc("bytes that an instance receives in a minute");
  in.optional("network_out", network_out).positive().doc("bytes that an instance sends in a minute");
  in.optional("composite", composite).positive().at_most(share_max).doc("the fleet's own metric, `metric.kind`");
  std::vector<std::string_view> keys{"cpu", "requests_per_target", "network_in", "network_out", "composite"};
  std::optional<Ratio> errors;
  std::optional<Duration> latency;
  std::optional<double> unhealthy;
  if (what == LevelOf::alarm) {
    in.optional("errors", errors)
        .between(Ratio{0}, Ratio{1})
        .doc("requests that the group's instances fail or refuse, of those that they are sent");
    in.optional("latency", latency).positive().doc("mean response time of the group's targets; needs a load balancer");
    in.optional("unhealthy_targets", unhealthy)
        .not_negative()
        .doc("targets of the group that the load balancer takes for unhealthy, the mean over a period");
    keys.insert(keys.end(), {"errors", "latency", "unhealthy_targets"});
  }
  in.exactly_one_of(std::move(keys));
  if (cpu) {
    metric = GroupMetric::cpu;
    level = to_percent(*cpu);
  } else if (requests) {
    metric = GroupMetric::requests_per_target;
    level = to_requests_per_second(*requests) * 60;
  } else if (network_in) {
    metric = GroupMetric::network_in;
    level = static_cast<double>(network_in->count());
  } else if (network_out) {
    metric = GroupMetric::network_out;
    level = static_cast<double>(network_out->count());
  } else if (composite) {
    metric = GroupMetric::composite;
    level = to_percent(*composite);
  } else if (errors) {
    metric = GroupMetric::errors;
    level = to_percent(*errors);
  } else if (latency) {
    metric = GroupMetric::latency;
    level = to_seconds(*latency);
  } else if (unhealthy) {
    metric = GroupMetric::unhealthy_targets;
    level = *unhealthy;
  }
  return errors || latency || unhealthy || cpu || requests || network_in || network_out || composite;
}

void check_span(config::Section& in, std::string_view periods, const AlarmConfig& alarm) {
  if (alarm.period_length <= alarm_span_max / std::max(1, alarm.rule.periods)) return;
  in.error(periods,
           fmt::format("the alarm looks back over {} periods of {}, longer than a day", alarm.rule.periods,
                       to_text(alarm.period_length)),
           fmt::format("CloudWatch evaluates at most one day: lower {} or period", periods));
}

void read_instance_warmup(config::Section& in, std::optional<Duration>& warmup) {
  in.optional("instance_warmup", warmup)
      .not_negative()
      .default_is("the group's instance_warmup")
      .doc("in service, until the policy takes an instance for warm");
}

bool read_alarm_keys(config::Section& in, AlarmConfig& alarm) {
  bool complete = read_level(in, LevelOf::alarm, alarm.metric, alarm.threshold);
  in.required_choice<Comparison>("comparison", alarm.comparison,
                                 {{"greater_than", Comparison::greater},
                                  {"greater_than_or_equal", Comparison::greater_or_equal},
                                  {"less_than", Comparison::less},
                                  {"less_than_or_equal", Comparison::less_or_equal}})
      .doc("of the metric with its threshold");
  std::optional<int> needed;
  in.required("evaluation_periods", alarm.rule.periods)
      .between(1, alarm_periods_max)
      .doc("so many last periods count");
  in.optional("datapoints_to_alarm", needed)
      .between(1, alarm_periods_max)
      .default_is("the value of evaluation_periods")
      .doc("of them must breach");
  in.optional("period", alarm.period_length)
      .default_is("the fleet's metric.period")
      .at_least(1_s)
      .doc("length of a period; the mean of its values counts");
  in.optional_choice<MissingData>("treat_missing_data", alarm.missing,
                                  {{"missing", MissingData::missing},
                                   {"ignore", MissingData::ignore},
                                   {"breaching", MissingData::breaching},
                                   {"not_breaching", MissingData::not_breaching}})
      .doc("what a period without a value counts as, where too few have one");
  if (in.describing()) return false;
  alarm.where = in.where();
  alarm.rule.needed = needed.value_or(alarm.rule.periods);
  if (alarm.rule.needed > alarm.rule.periods) {
    in.error("datapoints_to_alarm",
             fmt::format("datapoints_to_alarm: {} is above evaluation_periods, {}", alarm.rule.needed, alarm.rule.periods),
             "let datapoints_to_alarm be at most evaluation_periods");
    complete = false;
  }
  check_span(in, "evaluation_periods", alarm);
  return complete;
}

bool read_alarm(config::Section& in, AlarmConfig& alarm) {
  bool complete = false;
  in.required_section("alarm", "the CloudWatch alarm that triggers the policy",
                      [&](config::Section& section) { complete = read_alarm_keys(section, alarm); });
  return complete && !in.describing();
}

void read_adjustment(config::Section& in, Adjustment& adjustment) {
  in.optional_choice<AdjustmentType>("adjustment_type", adjustment.type,
                                     {{"change_in_capacity", AdjustmentType::change},
                                      {"exact_capacity", AdjustmentType::exact},
                                      {"percent_change_in_capacity", AdjustmentType::percent}})
      .doc("what an adjustment is: units more or fewer, units in all, or percent of the capacity");
  in.when(adjustment.type == AdjustmentType::percent, "adjustment_type is percent_change_in_capacity",
          [&](config::Section& percent) {
    percent.optional("min_adjustment_magnitude", adjustment.min_magnitude)
        .not_negative()
        .doc("units that a change in percent comes to at least");
  });
}

std::int64_t adjusted(std::int64_t capacity, double amount, const Adjustment& adjustment) {
  switch (adjustment.type) {
    case AdjustmentType::change: return capacity + std::llround(amount);
    case AdjustmentType::exact: return std::llround(amount);
    case AdjustmentType::percent: break;
  }
  // What rounding leaves of a whole number is not a fraction.
  const double change = std::round(static_cast<double>(capacity) * amount * 1e7) / 1e9;
  std::int64_t units = static_cast<std::int64_t>(std::trunc(change));
  if (units == 0 && change != 0) units = change > 0 ? 1 : -1;
  if (units > 0) units = std::max(units, adjustment.min_magnitude);
  if (units < 0) units = std::min(units, -adjustment.min_magnitude);
  return capacity + units;
}

std::string level_in_words(GroupMetric metric, double level) {
  switch (metric) {
    case GroupMetric::composite: return fmt::format("the fleet's metric at {:g} %", level);
    case GroupMetric::cpu: return fmt::format("CPU at {:g} %", level);
    case GroupMetric::requests_per_target: return fmt::format("{:g} requests/min an instance", level);
    case GroupMetric::network_in: return fmt::format("{:g} MB/min into an instance", level / 1e6);
    case GroupMetric::network_out: return fmt::format("{:g} MB/min out of an instance", level / 1e6);
    case GroupMetric::errors: return fmt::format("errors at {:g} %", level);
    case GroupMetric::latency: return fmt::format("latency at {:g} ms", level * 1e3);
    case GroupMetric::unhealthy_targets: return fmt::format("{:g} unhealthy targets", level);
  }
  return {};
}

std::string in_words(const AlarmConfig& alarm) {
  const auto compared = [&](std::string_view what, double level, std::string_view unit) {
    constexpr std::string_view words[] = {"above", "at least", "below", "at most"};
    return fmt::format("{} is {} {:g}{}{}", what, words[static_cast<std::size_t>(alarm.comparison)], level,
                       unit.empty() ? "" : " ", unit);
  };
  std::string metric;
  switch (alarm.metric) {
    case GroupMetric::composite: metric = compared("the fleet's metric", alarm.threshold, "%"); break;
    case GroupMetric::cpu: metric = compared("CPU", alarm.threshold, "%"); break;
    case GroupMetric::requests_per_target: metric = compared("an instance's load", alarm.threshold, "requests/min"); break;
    case GroupMetric::network_in: metric = compared("traffic into an instance", alarm.threshold / 1e6, "MB/min"); break;
    case GroupMetric::network_out: metric = compared("traffic out of an instance", alarm.threshold / 1e6, "MB/min"); break;
    case GroupMetric::errors: metric = compared("the share of errors", alarm.threshold, "%"); break;
    case GroupMetric::latency: metric = compared("latency", alarm.threshold * 1e3, "ms"); break;
    case GroupMetric::unhealthy_targets: metric = compared("the number of unhealthy targets", alarm.threshold, ""); break;
  }
  std::string words = fmt::format("{} in {} of {} periods", metric, alarm.rule.needed, alarm.rule.periods);
  if (alarm.period_length > Duration{}) words += fmt::format(" of {}", to_text(alarm.period_length));
  return words;
}

}  // namespace fleetsim::auto_scaling
