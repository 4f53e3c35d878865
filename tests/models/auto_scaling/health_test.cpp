/// Failures of instances, how a group learns of them, and how many it replaces at a time.

#include "support/catch.hpp"
#include "tests/models/auto_scaling/still_group.hpp"

namespace fleetsim {
namespace {

using test::counts;
using test::GroupRun;
using test::Numbers;
using test::still_group;
using test::user;

GroupConfig failing(std::int64_t initial, InstanceFailureKind kind, Duration after) {
  GroupConfig config = still_group(initial);
  config.failures = {{.kind = kind, .after = after}};
  return config;
}

TEST_CASE("health: an instance that stopped is replaced at once, even within the grace period", "[auto_scaling][table]") {
  GroupConfig config = failing(1, InstanceFailureKind::stopped, 100_s);
  config.health.grace = 300_s;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(100_s);
  CHECK(run.failed == std::vector<std::pair<std::uint32_t, bool>>{{0, true}});
  CHECK(run.terminated == Numbers{0});
  CHECK(run.count() == 1);
  CHECK(run.attempts.size() == 2);
}

TEST_CASE("health: a failed status check counts after the next check and three minutes, and not before the grace period ends",
          "[auto_scaling][table]") {
  GroupRun run(failing(1, InstanceFailureKind::impaired, 100_s));
  run.scaling.start();
  run.run_until(120_s + 180_s - 1_ns);
  CHECK(run.terminated.empty());
  run.run_until(300_s);
  CHECK(run.terminated == Numbers{0});
  GroupConfig config = failing(1, InstanceFailureKind::impaired, 100_s);
  config.health.grace = 900_s;
  GroupRun graced(config);
  graced.scaling.start();
  graced.run_until(900_s - 1_ns);
  CHECK(graced.terminated.empty());
  graced.run_until(900_s);
  CHECK(graced.terminated == Numbers{0});
}

TEST_CASE("health: the load balancer's checks count only where the group looks at them, after the grace period",
          "[auto_scaling][table]") {
  GroupConfig config = failing(1, InstanceFailureKind::application, 100_s);
  const auto told = [](GroupRun& run) {
    run.scaling.start();
    run.run_until(155_s);
    run.scaling.target_health_changed(run.group, {0}, false);
  };
  GroupRun blind(config);
  told(blind);
  blind.run_until(2_h);
  CHECK(blind.terminated.empty());
  config.health = {.grace = 300_s, .elb = true};
  GroupRun run(config);
  told(run);
  run.run_until(300_s - 1_ns);
  CHECK(run.terminated.empty());
  run.run_until(300_s);  // a multiple of a minute
  CHECK(run.terminated == Numbers{0});
}

TEST_CASE("health: a target that recovers before the group looks is left alone", "[auto_scaling][table]") {
  GroupConfig config = still_group(1);
  config.health = {.grace = {}, .elb = true};
  GroupRun run(config);
  run.scaling.start();
  run.run_until(10_s);
  run.scaling.target_health_changed(run.group, {0}, false);
  run.run_until(50_s);
  run.scaling.target_health_changed(run.group, {0}, true);
  run.run_until(10_min);
  CHECK(run.terminated.empty());
  run.scaling.target_health_changed(run.group, {0}, false);
  run.run_until(11_min);
  CHECK(run.terminated == Numbers{0});
}

TEST_CASE("health: a tenth at a time is replaced, each wave when the one before is warm", "[auto_scaling][table]") {
  GroupConfig config = still_group(30);
  config.health.elb = true;
  config.instance_warmup = 60_s;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(100_s);
  for (std::uint32_t i = 0; i < 30; ++i) run.scaling.target_health_changed(run.group, {i}, false);
  run.run_until(120_s);  // all 30 are unhealthy
  CHECK(run.terminated.size() == 3);
  run.run_until(300_s);
  CHECK(run.terminated.size() == 3);
  run.in_service();
  run.run_until(330_s);  // in service, not yet warm
  CHECK(run.terminated.size() == 3);
  run.warm_up();
  run.run_until(361_s);
  CHECK(run.terminated.size() == 6);
}

TEST_CASE("health: a maintenance policy has the new instance first", "[auto_scaling][table]") {
  GroupConfig config = still_group(10);
  config.health.elb = true;
  config.maintenance = {.min_healthy = Ratio{1}, .max_healthy = Ratio{1.1}};
  GroupRun run(config);
  run.scaling.start();
  run.run_until(60_s);
  run.scaling.target_health_changed(run.group, {3}, false);
  run.run_until(120_s);
  CHECK(run.attempts.size() == 11);
  CHECK(run.terminated.empty());
  run.settle();
  CHECK(run.terminated == Numbers{3});
  CHECK(run.count() == 10);
}

TEST_CASE("lifetime: an instance that reaches it is replaced, one after the other or a tenth at once",
          "[auto_scaling][table]") {
  GroupConfig config = still_group(20);
  config.max_instance_lifetime = 24_h;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(24_h - 1_ns);
  CHECK(run.terminated.empty());
  run.run_until(24_h);
  CHECK(run.terminated.size() == 2);
  for (int i = 0; i < 20; ++i) {
    run.settle();
    run.run_until(24_h + 1_min * (i + 1));
  }
  CHECK(run.terminated.size() == 20);  // each once
  CHECK(run.count() == 20);
}

TEST_CASE("health: within the grace period a target's failure is not acted on, but a stopped instance is replaced",
          "[auto_scaling][table]") {
  GroupConfig config = failing(10, InstanceFailureKind::stopped, 250_s);
  config.health = {.grace = 300_s, .elb = true};
  GroupRun run(config);
  run.scaling.start();
  run.run_until(90_s);
  run.scaling.target_health_changed(run.group, {7}, false);
  run.run_until(250_s - 1_ns);
  CHECK(run.terminated.empty());
  run.run_until(250_s);
  CHECK(run.terminated == Numbers{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});  // all stopped then
}

TEST_CASE("health: of an application that failed the balancer's verdict decides", "[auto_scaling][table]") {
  GroupConfig config = failing(10, InstanceFailureKind::application, 100_s);
  config.health.elb = true;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.failed.size() == 10);
  CHECK(run.terminated.empty());
  run.run_until(1_h + 30_s);
  run.scaling.target_health_changed(run.group, {3}, false);
  run.run_until(1_h + 60_s);  // at the next check
  CHECK(run.terminated == Numbers{3});
}

TEST_CASE("health: a verdict of the balancer leaves an instance's own failure as it will come", "[auto_scaling][table]") {
  GroupConfig config = failing(1, InstanceFailureKind::stopped, 3_h);
  config.health = {.grace = 24_h, .elb = true};
  GroupRun run(config);
  run.scaling.start();
  for (int minute = 30; minute < 180; minute += 30) {
    run.run_until(1_min * minute);
    run.scaling.target_health_changed(run.group, {0}, false);
    run.run_until(1_min * (minute + 2));
    run.scaling.target_health_changed(run.group, {0}, true);
  }
  run.run_until(3_h);
  CHECK(run.terminated == Numbers{0});
}

TEST_CASE("health: without capacity to replace them unhealthy instances stay, but for a tenth", "[auto_scaling][table]") {
  GroupConfig config = still_group(20);
  config.health.elb = true;
  GroupRun run(config);
  run.scaling.start();
  run.zones[0].free = 0;
  run.run_until(30_s);
  for (std::uint32_t i = 0; i < 20; ++i) run.scaling.target_health_changed(run.group, {i}, false);
  run.run_until(3_h);
  CHECK(run.terminated.size() == 2);
  run.zones[0].free = 100;
  run.run_until(4_h);  // the next try finds two, which are not yet warm
  CHECK(run.count() == 20);
  CHECK(run.terminated.size() == 2);
  for (int wave = 0; wave < 12; ++wave) {
    run.settle();
    run.run_until(run.sim.now().since_start() + 1_min);
  }
  CHECK(run.terminated.size() == 20);
}

TEST_CASE("health: the range of a maintenance policy is how many are replaced at a time", "[auto_scaling][table]") {
  const auto first_wave = [](MaintenanceConfig policy) {
    GroupConfig config = still_group(20);
    config.health.elb = true;
    config.maintenance = policy;
    GroupRun run(config);
    run.scaling.start();
    run.run_until(30_s);
    for (std::uint32_t i = 0; i < 20; ++i) run.scaling.target_health_changed(run.group, {i}, false);
    run.run_until(1_h);
    return std::pair(run.terminated.size(), run.attempts.size() - 20);
  };
  using Wave = std::pair<std::size_t, std::size_t>;
  CHECK(first_wave({.min_healthy = Ratio{1}, .max_healthy = Ratio{1}}) == Wave{1, 1});
  CHECK(first_wave({.min_healthy = Ratio{0.7}, .max_healthy = Ratio{1}}) == Wave{6, 6});
  CHECK(first_wave({.min_healthy = Ratio{1}, .max_healthy = Ratio{1.2}}) == Wave{0, 4});
  // Four are launched first, the further two take the place of what ended.
  CHECK(first_wave({.min_healthy = Ratio{0.9}, .max_healthy = Ratio{1.2}}) == Wave{2, 6});
}

TEST_CASE("lifetime: without capacity an old instance stays, but for a tenth", "[auto_scaling][table]") {
  GroupConfig config = still_group(20);
  config.max_instance_lifetime = 24_h;
  GroupRun run(config);
  run.scaling.start();
  run.zones[0].free = 0;
  run.run_until(27_h);
  CHECK(run.terminated.size() == 2);
}

TEST_CASE("lifetime: it counts from service, not from the time in a warm pool", "[auto_scaling][table]") {
  GroupConfig config = still_group(1);
  config.max = 20;
  config.max_instance_lifetime = 24_h;
  config.warm_pool = WarmPoolConfig{.max_prepared = 2};
  config.user_actions = {user(10_h, UserActionKind::set_desired, 2)};
  GroupRun run(config);
  run.scaling.start();
  run.pool_ready();
  run.run_until(10_h);
  run.settle();
  run.run_until(24_h);
  run.settle();
  CHECK(run.terminated == Numbers{0});
  run.run_until(34_h);
  CHECK(run.terminated == Numbers{0, 1});
}

}  // namespace
}  // namespace fleetsim
