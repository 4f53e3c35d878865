/// Policies beside each other, cooldowns, the calendar and the repeated actions of an alarm.

#include "models/auto_scaling/policies/policies.hpp"
#include "support/catch.hpp"
#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim {
namespace {

using auto_scaling::AdjustmentType;
using test::GroupRun;

AlarmConfig above(double threshold, AlarmRule rule = {1, 1}) {
  return {.metric = GroupMetric::cpu, .comparison = Comparison::greater, .threshold = threshold, .rule = rule};
}
AlarmConfig below(double threshold, AlarmRule rule = {1, 1}) {
  return {.metric = GroupMetric::cpu, .comparison = Comparison::less, .threshold = threshold, .rule = rule};
}
ScalingPolicyPtr step(AlarmConfig alarm, double amount) {
  return auto_scaling::step_policy({.alarm = alarm, .adjustment = {}, .steps = {{.lower = {}, .upper = {}, .amount = amount}}});
}
ScalingPolicyPtr simple(AlarmConfig alarm, double amount) {
  return auto_scaling::simple_policy({.alarm = alarm, .adjustment = {}, .amount = amount, .cooldown = {}});
}
ScalingPolicyPtr tracking(double target, GroupMetric metric = GroupMetric::cpu) {
  return auto_scaling::target_tracking_policy({.metric = metric, .target = target, .high = {1, 1}, .low = {1, 1}, .period = {}, .scale_in_share = {}});
}
GroupConfig group_with(std::vector<ScalingPolicyPtr> policies, std::int64_t initial = 10) {
  GroupConfig config = test::simple_group();
  config.composite.reset();
  config.policies = std::move(policies);
  config.initial = initial;
  return config;
}

TEST_CASE("policies: of several that act at once the largest capacity wins, out and in", "[auto_scaling][table]") {
  GroupRun out(group_with({step(above(60), 2), step(above(70), 5), step(above(70), 3)}));
  out.scaling.start();
  out.metric(75);
  CHECK(out.desired() == 15);
  GroupRun in(group_with({step(below(40), -2), step(below(30), -5)}));
  in.scaling.start();
  in.metric(25);
  CHECK(in.desired() == 8);
  GroupRun both(group_with({step(below(40), -2), step(below(30), 1)}));
  both.scaling.start();
  both.metric(25);
  CHECK(both.desired() == 11);
}

TEST_CASE("policies: of those that track targets one grows the group alone, but all must want it smaller",
          "[auto_scaling][table]") {
  GroupRun run(group_with({tracking(50), tracking(1000, GroupMetric::requests_per_target)}));
  run.scaling.start();
  run.metrics({.cpu = 75, .requests_per_target = 100});
  CHECK(run.desired() == 15);
  run.warm_up();
  run.metrics({.cpu = 30, .requests_per_target = 900});
  CHECK(run.desired() == 15);
  run.metrics({.cpu = 30, .requests_per_target = 600});  // 9 and 9
  CHECK(run.desired() == 9);
}

TEST_CASE("policies: an alarm acts again in each period, and what warms up takes it up", "[auto_scaling][table]") {
  GroupRun run(group_with({step(above(60), 3)}));
  run.scaling.start();
  run.metric(75);
  CHECK(run.desired() == 13);
  run.metric(75);
  run.metric(75);
  CHECK(run.desired() == 13);
  run.warm_up();
  run.metric(75);
  CHECK(run.desired() == 16);
}

TEST_CASE("policies: a simple one waits for its activity and then for the cooldown; others do not, nor does replacement",
          "[auto_scaling][table]") {
  GroupRun run(group_with({simple(above(60), 2), step(above(90), 5)}));
  run.scaling.start();
  run.metric(75);  // at 1 min
  CHECK(run.desired() == 12);
  run.warm_up();
  run.metric(75);
  CHECK(run.desired() == 12);  // not yet in service
  run.in_service();            // at 2 min: the cooldown ends at 7 min
  for (int minute = 3; minute < 7; ++minute) {
    run.metric(75);
    CHECK(run.desired() == 12);
  }
  run.lose(0, 1);
  CHECK(run.count() == 11);
  run.metric(75);  // at 7 min; the replacement is on its way since then
  CHECK(run.count() == 14);
  CHECK(run.desired() == 14);
  run.warm_up();
  run.metric(95);  // the step policy does not wait
  CHECK(run.desired() == 19);
}

TEST_CASE("policies: the cooldown after a simple scale-in begins when what it ended is gone", "[auto_scaling][table]") {
  GroupRun run(group_with({simple(below(60), -1)}));
  run.drain = 10_min;
  run.scaling.start();
  std::vector<int> acted;
  for (int minute = 1; minute <= 46; ++minute) {
    const std::int64_t before = run.desired();
    run.metric(50);
    if (run.desired() < before) acted.push_back(minute);
  }
  CHECK(acted == std::vector<int>{1, 16, 31, 46});  // ten minutes of draining, five of cooldown
}

TEST_CASE("policies: with all values missing target tracking changes nothing", "[auto_scaling][table]") {
  GroupRun run(group_with({tracking(50)}));
  run.scaling.start();
  for (int i = 0; i < 20; ++i) run.metric(std::nullopt);
  CHECK(run.desired() == 10);
}

TEST_CASE("policies: an alarm over several periods has their mean, and acts when they close", "[auto_scaling][table]") {
  AlarmConfig alarm = above(60);
  alarm.period_length = 5_min;
  GroupRun run(group_with({step(alarm, 3)}));
  run.scaling.start();
  for (const double percent : {90.0, 30.0, 90.0, 30.0}) run.metric(percent);
  CHECK(run.desired() == 10);
  run.metric(61);  // the mean is 60.2
  CHECK(run.desired() == 13);
}

TEST_CASE("policies: basic monitoring has a value every five minutes", "[auto_scaling][table]") {
  GroupConfig config = group_with({step(above(60), 3)});
  config.detailed_monitoring = false;
  GroupRun run(config);
  run.scaling.start();
  for (int i = 0; i < 4; ++i) run.metric(90);
  CHECK(run.desired() == 10);
  run.metric(90);
  CHECK(run.desired() == 13);
}

ScheduledAction at_times(std::string_view cron, std::string_view zone = {}) {
  ScheduledAction action;
  REQUIRE(config::parse_scalar(cron, false, action.recurrence.emplace()).ok());
  if (!zone.empty()) action.time_zone = TimeZone::named(zone).value();
  return action;
}

TEST_CASE("scheduled actions: they set bounds and desired capacity at their times, whatever the cooldown",
          "[auto_scaling][table]") {
  GroupConfig config = group_with({});
  config.scheduled_actions.push_back(at_times("0 9 * * MON-FRI", "Europe/Berlin"));
  config.scheduled_actions.back().desired = 20;
  config.scheduled_actions.back().min = 15;
  config.scheduled_actions.push_back(at_times("0 18 * * *"));
  config.scheduled_actions.back().min = 4;
  config.scheduled_actions.back().max = 6;
  GroupRun run(config, {}, config::parse_utc_time("2026-01-09T00:00:00Z").value());  // a Friday
  run.scaling.start();
  run.run_until(8_h - 1_ns);
  CHECK(run.desired() == 10);
  run.run_until(8_h);  // 09:00 in Berlin
  CHECK(run.desired() == 20);
  CHECK(run.count() == 20);
  run.run_until(18_h);
  CHECK(run.desired() == 6);
  run.run_until(24_h + 12_h);  // not on Saturday
  CHECK(run.desired() == 6);
  run.run_until(72_h + 8_h);
  CHECK(run.desired() == 15);  // max is 6, so min lifts it
}

TEST_CASE("scheduled actions: once at a time, and a recurrence between its start and end", "[auto_scaling][table]") {
  GroupConfig config = group_with({});
  const auto utc = [](std::string_view text) { return config::parse_utc_time(text).value(); };
  config.scheduled_actions.emplace_back();
  config.scheduled_actions.back().start = utc("2026-01-09T00:00:00Z");
  config.scheduled_actions.back().desired = 12;
  config.scheduled_actions.push_back(at_times("0 * * * *"));
  config.scheduled_actions.back().start = utc("2026-01-09T03:00:00Z");
  config.scheduled_actions.back().end = utc("2026-01-09T03:30:00Z");
  config.scheduled_actions.back().desired = 30;
  GroupRun run(config, {}, utc("2026-01-09T00:00:00Z"));
  run.scaling.start();
  run.run_until(1_ns);
  CHECK(run.desired() == 12);
  run.run_until(3_h - 1_ns);
  CHECK(run.desired() == 12);
  run.run_until(3_h);
  CHECK(run.desired() == 30);
  run.sim.run();
}

TEST_CASE("predictive scaling: after a day it launches before the full hour, and never shrinks", "[auto_scaling][table]") {
  GroupConfig config = group_with({auto_scaling::predictive_policy({.metric = GroupMetric::cpu, .target = 50, .scales = true, .max_buffer = {}})});
  GroupRun run(config, {}, config::parse_utc_time("2026-01-09T00:00:00Z").value());
  run.scaling.start();
  // Ten instances at 20 %, but at 90 % from 09:00 to 10:00.
  for (int minute = 0; minute < 33 * 60 - 6; ++minute) run.metric(minute / 60 % 24 == 9 ? 90 : 20);
  CHECK(run.desired() == 10);
  run.run_until(33_h - 5_min);  // 08:55 on the second day
  CHECK(run.desired() == 18);   // 10 x 90 / 50
  run.run_until(36_h);
  CHECK(run.desired() == 18);
}

TEST_CASE("predictive scaling: no other policy goes below the forecast of the hour", "[auto_scaling][table]") {
  GroupConfig config = group_with({auto_scaling::predictive_policy({.metric = GroupMetric::cpu, .target = 50, .scales = true, .max_buffer = {}}),
                                   step(below(5), -100)});
  GroupRun run(config, {}, config::parse_utc_time("2026-01-09T00:00:00Z").value());
  run.scaling.start();
  for (int minute = 0; minute < 25 * 60; ++minute) run.metric(40);
  run.metric(1);
  CHECK(run.desired() == 8);  // 10 x 40 / 50
}

TEST_CASE("predictive scaling: a forecast above max raises it for the hour, for every policy", "[auto_scaling][table]") {
  GroupConfig config = group_with({auto_scaling::predictive_policy({.metric = GroupMetric::cpu, .target = 50, .scales = true, .max_buffer = Ratio{0.1}}),
                                   step(above(90), 30)});
  config.max = 40;
  config.initial = 40;
  GroupRun run(config, {}, config::parse_utc_time("2026-01-09T00:00:00Z").value());
  run.scaling.start();
  for (int minute = 0; minute < 24 * 60; ++minute) run.metric(62.5);  // 40 x 62.5 / 50 = 50
  for (int minute = 0; minute < 60; ++minute) run.metric(62.5);
  CHECK(run.desired() == 50);
  run.settle();
  run.metric(95);
  CHECK(run.desired() == 55);  // 80 are wanted; max is 50 and a tenth more
}

TEST_CASE("policies: one with a warm-up of its own takes younger instances for warming", "[auto_scaling][table]") {
  auto_scaling::TargetTrackingConfig slow{.target = 50, .high = {1, 1}, .low = {1, 1}, .period = {}, .scale_in_share = {}};
  slow.instance_warmup = 10_min;
  GroupRun run(group_with({auto_scaling::target_tracking_policy(slow)}));
  run.scaling.start();
  run.metric(70);  // at 1 min
  CHECK(run.desired() == 14);
  run.settle();    // in service, and in the group's metric
  run.metric(70);
  CHECK(run.desired() == 14);  // the ten that are warm call for 14
  for (int minute = 3; minute <= 11; ++minute) run.metric(40);
  run.metric(70);  // at 12 min
  CHECK(run.desired() == 20);  // 14 x 70 / 50 = 19.6
}

TEST_CASE("policies: an activity whose launches are ended is over", "[auto_scaling][table]") {
  GroupConfig config = group_with({simple(above(60), 1)});
  config.termination_policies = {TerminationPolicy::newest_instance};
  config.user_actions = {{.at = Time::at(90_s), .kind = UserActionKind::set_desired, .count = 10, .zone = {}}};
  GroupRun run(config);
  run.scaling.start();
  std::vector<int> acted;
  for (int minute = 1; minute <= 20; ++minute) {
    const std::int64_t before = run.desired();
    run.metric(75);
    if (run.desired() > before || (minute == 1 && run.desired() == 11)) acted.push_back(minute);
    run.warm_up();  // though none comes into service
  }
  CHECK(acted == std::vector<int>{1, 7});  // what was pending ended at 1:30, and five minutes are the cooldown
}

}  // namespace
}  // namespace fleetsim
