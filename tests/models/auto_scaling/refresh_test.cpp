/// Instance refresh: the pace, checkpoints, failures and roll-back, what matches, alarms, warm-up and bake time.

#include <limits>

#include "support/catch.hpp"
#include "tests/models/auto_scaling/still_group.hpp"

namespace fleetsim {
namespace {

using test::drive;
using test::GroupRun;
using test::refreshed;
using test::user;

TEST_CASE("refresh: at 90 % healthy a tenth is replaced at a time, until all are", "[auto_scaling][table]") {
  GroupRun run(refreshed(20));
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.terminated.size() == 2);
  CHECK(run.count() == 20);
  run.run_until(1_h + 30_s);
  CHECK(run.terminated.size() == 2);  // nothing is warm yet
  drive(run, 2_h);
  CHECK(run.terminated.size() == 20);
  CHECK(run.reported("refreshes_done") == 1.0);
  for (std::uint32_t i = 0; i < 20; ++i) CHECK_FALSE(run.is_alive(i));
}

TEST_CASE("refresh: a group of which none may be missing goes one by one", "[auto_scaling][table]") {
  GroupRun run(refreshed(4));  // 90 % of 4 is 4
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.terminated.size() == 1);
  drive(run, 2_h);
  CHECK(run.terminated.size() == 4);
}

TEST_CASE("refresh: above 100 % the new ones come first", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.bounds = {.min_healthy = Ratio{1}, .max_healthy = Ratio{1.2}};
  GroupRun run(refreshed(10, refresh));
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.terminated.empty());
  CHECK(run.attempts.size() == 12);
  drive(run, 2_h);
  CHECK(run.terminated.size() == 10);
  CHECK(run.count() == 10);
}

TEST_CASE("refresh: at a checkpoint it pauses", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.checkpoints = {Ratio{0.2}, Ratio{1}};
  refresh.checkpoint_delay = 30_min;
  GroupRun run(refreshed(10, refresh));
  run.scaling.start();
  drive(run, 1_h + 25_min);
  CHECK(run.terminated.size() == 2);
  drive(run, 1_h + 40_min);
  CHECK(run.terminated.size() > 2);
  drive(run, 3_h);
  CHECK(run.reported("refreshes_done") == 1.0);
}

TEST_CASE("refresh: without progress for an hour it fails, and rolls back if it is told to", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.auto_rollback = true;
  const GroupConfig config = refreshed(10, refresh);
  GroupRun run(config);
  run.scaling.keep_activities(100);
  run.scaling.start();
  run.run_until(1_h + 30_min);  // what was launched never comes into service
  CHECK(run.terminated.size() == 1);
  run.run_until(2_h);
  CHECK(run.reported("refreshes_failed") == 1.0);
  drive(run, 3_h);
  CHECK(run.count() == 10);
  CHECK(run.reported("refreshes_done") == 1.0);  // back at the version before
  // The nine that were never touched are still there.
  std::int64_t untouched = 0;
  for (std::uint32_t i = 0; i < 10; ++i) untouched += run.is_alive(i) ? 1 : 0;
  CHECK(untouched == 9);
  const Activity& last = run.scaling.activities().activities().back();
  CHECK(what_was_done(last) == "instance refresh");
  CHECK(why_in_words(last, config) == "the instance refresh has rolled back");
}

TEST_CASE("refresh: protected instances are waited for, ignored or replaced", "[auto_scaling][table]") {
  const auto replaced = [](ProtectedInstances of_protected) {
    InstanceRefreshConfig refresh;
    refresh.of_protected = of_protected;
    GroupConfig config = refreshed(10, refresh);
    config.scale_in_protection = true;
    GroupRun run(config);
    run.scaling.start();
    drive(run, 4_h);
    return std::pair(run.terminated.size(), run.reported("refreshes_done").value());
  };
  CHECK(replaced(ProtectedInstances::wait) == std::pair<std::size_t, double>{0, 0.0});
  CHECK(replaced(ProtectedInstances::ignore) == std::pair<std::size_t, double>{0, 1.0});
  CHECK(replaced(ProtectedInstances::refresh) == std::pair<std::size_t, double>{10, 1.0});
}

TEST_CASE("refresh: one that changes no template replaces all, or with skip matching nothing", "[auto_scaling][table]") {
  for (const bool skips : {false, true}) {
    InstanceRefreshConfig refresh;
    refresh.new_template = false;
    refresh.skip_matching = skips;
    GroupRun run(refreshed(10, refresh));
    run.scaling.start();
    drive(run, 3_h);
    CHECK(run.terminated.size() == (skips ? 0 : 10));
    CHECK(run.reported("refreshes_done") == 1.0);
  }
}

TEST_CASE("refresh: skip matching replaces what a refresh before it left", "[auto_scaling][table]") {
  InstanceRefreshConfig half;  // ends after an hour without progress, half done
  half.checkpoints = {Ratio{0.5}};
  half.checkpoint_delay = 48_h;
  half.alarms = {{.metric = GroupMetric::cpu, .comparison = Comparison::greater, .threshold = 90, .rule = {1, 1}}};
  GroupConfig config = refreshed(10, half);
  InstanceRefreshConfig rest;
  rest.at = Time::at(5_h);
  rest.new_template = false;
  rest.skip_matching = true;
  config.refreshes.push_back(rest);
  GroupRun run(config);
  run.scaling.start();
  drive(run, 4_h);
  CHECK(run.terminated.size() == 5);
  run.metric(95);
  CHECK(run.reported("refreshes_failed") == 1.0);
  drive(run, 7_h);
  CHECK(run.terminated.size() == 10);
  for (std::uint32_t i = 0; i < 10; ++i) CHECK_FALSE(run.is_alive(i));
  CHECK(run.reported("refreshes_done") == 1.0);
}

TEST_CASE("refresh: an alarm ends it at once, and while it bakes; rolled back, all have the old version",
          "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.auto_rollback = true;
  refresh.bake_time = 30_min;
  refresh.alarms = {{.metric = GroupMetric::cpu, .comparison = Comparison::greater, .threshold = 90, .rule = {2, 2}}};
  GroupRun run(refreshed(10, refresh));
  run.scaling.start();
  drive(run, 1_h + 20_min);
  CHECK(run.terminated.size() == 10);  // all are replaced, and it bakes
  CHECK(run.reported("refreshes_done") == 0.0);
  run.metric(95);
  CHECK(run.reported("refreshes_failed") == 0.0);
  run.metric(95);
  CHECK(run.reported("refreshes_failed") == 1.0);
  drive(run, 2_h);
  CHECK(run.terminated.size() == 20);
  CHECK(run.reported("refreshes_done") == 1.0);
}

TEST_CASE("refresh: complete when it has baked", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.bounds.min_healthy = Ratio{0};  // all at once
  refresh.bake_time = 2_h;
  GroupRun run(refreshed(10, refresh));
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.terminated.size() == 10);
  drive(run, 3_h);  // warm after a minute
  CHECK(run.reported("refreshes_done") == 0.0);
  drive(run, 3_h + 2_min);
  CHECK(run.reported("refreshes_done") == 1.0);
}

TEST_CASE("refresh: it waits for its own warm-up, whatever the group's metrics count", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.instance_warmup = 20_min;
  GroupRun run(refreshed(10, refresh));  // 90 % of 10: one at a time
  run.scaling.start();
  run.run_until(1_h);
  run.settle();  // in service, and warm for the group
  CHECK(run.terminated.size() == 1);
  run.run_until(1_h + 20_min);
  CHECK(run.terminated.size() == 1);
  run.run_until(1_h + 20_min + 1_s);
  CHECK(run.terminated.size() == 2);
}

TEST_CASE("refresh: a range below and above 100 % replaces as many as it is wide", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.bounds = {.min_healthy = Ratio{0.9}, .max_healthy = Ratio{1.1}};
  GroupRun run(refreshed(10, refresh));
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.attempts.size() == 12);    // one beside the ten, one for what ended
  CHECK(run.terminated.size() == 1);
  drive(run, 2_h);
  CHECK(run.terminated.size() == 10);
  CHECK(run.count() == 10);
}

TEST_CASE("refresh: instances in standby are waited for, ignored or ended", "[auto_scaling][table]") {
  const auto refreshed_with = [](StandbyInstances of_standby, bool comes_back) {
    InstanceRefreshConfig refresh;
    refresh.of_standby = of_standby;
    GroupConfig config = refreshed(10, refresh);
    config.user_actions = {user(30_min, UserActionKind::enter_standby, 2)};
    config.user_actions[0].decrement_desired = true;
    if (comes_back) config.user_actions.push_back(user(1_h + 40_min, UserActionKind::exit_standby, 2));
    GroupRun run(config);
    run.scaling.start();
    drive(run, 4_h);
    return std::pair(run.terminated.size(), run.reported("refreshes_done").value());
  };
  using Outcome = std::pair<std::size_t, double>;
  CHECK(refreshed_with(StandbyInstances::wait, false) == Outcome{8, 0.0});
  CHECK(refreshed_with(StandbyInstances::wait, true) == Outcome{10, 1.0});
  CHECK(refreshed_with(StandbyInstances::ignore, false) == Outcome{8, 1.0});
  CHECK(refreshed_with(StandbyInstances::terminate, false) == Outcome{8, 1.0});  // and two that did not serve
}

TEST_CASE("refresh: one that is due while another runs is refused", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  GroupConfig config = refreshed(10, refresh);
  refresh.at = Time::at(1_h + 1_min);
  config.refreshes.push_back(refresh);
  GroupRun run(config);
  run.scaling.keep_activities(100);
  run.scaling.start();
  drive(run, 3_h);
  CHECK(run.terminated.size() == 10);
  std::int64_t refused = 0;
  for (const Activity& activity : run.scaling.activities().activities()) {
    refused += why_in_words(activity, config) == "the instance refresh is refused: one is under way" ? 1 : 0;
  }
  CHECK(refused == 1);
}

TEST_CASE("refresh: the warm pool is of the new version too", "[auto_scaling][table]") {
  GroupConfig config = refreshed(4);
  config.max = 20;
  config.warm_pool = WarmPoolConfig{.max_prepared = 6};
  config.user_actions = {user(4_h, UserActionKind::set_desired, 6)};
  GroupRun run(config);
  run.scaling.start();
  run.pool_ready();
  CHECK(run.pool_launches == 2);
  drive(run, 3_h);
  CHECK(run.pool_launches == 4);
  run.pool_ready();
  run.run_until(4_h);
  CHECK(run.reported("warm_starts") == 2.0);
}

TEST_CASE("refresh: an alarm on errors ends it before an instance of the new version is warm", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.alarms = {{.metric = GroupMetric::errors, .comparison = Comparison::greater, .threshold = 1, .rule = {2, 2}}};
  const GroupConfig config = refreshed(10, refresh);
  GroupRun run(config);
  run.scaling.keep_activities(100);
  run.scaling.start();
  const auto errors = [&](double percent) {
    run.run_until(run.sim.now().since_start() + 60_s);
    GroupMetrics metrics;
    metrics.values.fill(std::numeric_limits<double>::quiet_NaN());
    metrics[GroupMetric::errors] = percent;
    run.scaling.metric_published(run.group, metrics);
  };
  run.run_until(1_h);
  CHECK(run.terminated.size() == 1);
  for (const double percent : {0.0, 5.0, 0.5, 5.0}) errors(percent);
  CHECK(run.reported("refreshes_failed") == 0.0);
  errors(5);
  CHECK(run.reported("refreshes_failed") == 1.0);
  CHECK(why_in_words(run.scaling.activities().activities().back(), config) ==
        "the instance refresh fails: an alarm is raised, the share of errors is above 1 % in 2 of 2 periods, at 5 %");
}

TEST_CASE("refresh: what ends after others were launched is told, with its cause", "[auto_scaling][table]") {
  InstanceRefreshConfig refresh;
  refresh.bounds = {.min_healthy = Ratio{1}, .max_healthy = Ratio{1.2}};
  GroupRun run(refreshed(10, refresh));
  run.scaling.keep_activities(100);
  run.scaling.start();
  drive(run, 2_h);
  std::int64_t launched = 0, ended = 0;
  for (const Activity& activity : run.scaling.activities().activities()) {
    CHECK(activity.cause == ActivityCause::refresh);
    launched += activity.launched;
    ended += activity.ended;
    if (activity.ended == 0) continue;
    CHECK(activity.replaced);
    CHECK(why_in_words(activity, refreshed(10, refresh)) == "the instance refresh; what was launched instead serves");
  }
  CHECK(launched == 10);
  CHECK(ended == 10);
}

}  // namespace
}  // namespace fleetsim
