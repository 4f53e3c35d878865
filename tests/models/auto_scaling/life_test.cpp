/// The life of a group's instances: hooks, warm pool, protection, termination policies, zones, what is done by hand.

#include <map>
#include <tuple>

#include "support/catch.hpp"
#include "tests/models/auto_scaling/still_group.hpp"

namespace fleetsim {
namespace {

using test::Counts;
using test::counts;
using test::drive;
using test::GroupRun;
using test::Numbers;
using test::refreshed;
using test::still_group;
using test::user;

// --- hooks

LifecycleHookConfig hook(std::optional<Duration> duration, bool launching = true) {
  LifecycleHookConfig config;
  config.launching = launching;
  if (duration) config.duration = DurationDistribution(*duration);
  return config;
}
/// A group of one whose second instance, launched at once, waits for these hooks.
GroupConfig hooked(std::vector<LifecycleHookConfig> hooks) {
  GroupConfig config = still_group(1);
  config.hooks = std::move(hooks);
  config.user_actions = {user(1_s, UserActionKind::set_desired, 2)};
  return config;
}

TEST_CASE("hooks: one that stays silent abandons the instance after its time-out, and another is launched",
          "[auto_scaling][table]") {
  GroupRun run(hooked({hook({})}));
  run.scaling.start();
  run.run_until(10_s);
  run.in_service();
  CHECK(run.holds == std::vector<Duration>{Duration::max()});
  run.run_until(3610_s - 1_ns);
  CHECK(run.is_alive(1));
  run.run_until(3610_s);
  CHECK_FALSE(run.is_alive(1));
  CHECK(run.count() == 1);
  CHECK(run.desired() == 2);
  run.run_until(3610_s + 15_s);  // as after a launch that failed
  CHECK(run.count() == 2);
}

TEST_CASE("hooks: with CONTINUE a silent one only delays", "[auto_scaling][table]") {
  LifecycleHookConfig silent = hook({});
  silent.continues = true;
  GroupRun run(hooked({silent}));
  run.scaling.start();
  run.run_until(10_s);
  run.in_service();
  CHECK(run.holds == std::vector<Duration>{3600_s});
}

TEST_CASE("hooks: those of one transition run side by side, and the first that abandons ends the wait",
          "[auto_scaling][table]") {
  GroupRun slowest(hooked({hook(30_s), hook(90_s)}));
  slowest.scaling.start();
  slowest.run_until(10_s);
  slowest.in_service();
  CHECK(slowest.holds == std::vector<Duration>{90_s});
  LifecycleHookConfig refusing = hook(30_s);
  refusing.abandons = Ratio{1};
  GroupRun refused(hooked({refusing, hook(90_s)}));
  refused.scaling.start();
  refused.run_until(10_s);
  refused.in_service();
  refused.run_until(40_s);
  CHECK_FALSE(refused.is_alive(1));
}

TEST_CASE("hooks: heartbeats extend the wait to 100 time-outs or 48 hours", "[auto_scaling][table]") {
  LifecycleHookConfig config = hook(2_h);
  config.heartbeat_timeout = 60_s;
  CHECK(longest_wait(config) == 6000_s);
  config.heartbeat_timeout = 3600_s;
  CHECK(longest_wait(config) == 48_h);
  config.heartbeat_timeout = 60_s;
  config.heartbeats = true;
  config.duration = DurationDistribution(5999_s);
  GroupRun run(hooked({config}));
  run.scaling.start();
  run.run_until(10_s);
  run.in_service();
  CHECK(run.holds == std::vector<Duration>{5999_s});
}

TEST_CASE("hooks: an instance that ends is held, whatever the result", "[auto_scaling][table]") {
  GroupConfig config = still_group(2);
  config.hooks = {hook(45_s, false), hook({}, false)};
  config.hooks[1].heartbeat_timeout = 100_s;
  config.user_actions = {user(1_s, UserActionKind::set_desired, 1)};
  GroupRun run(config);
  run.scaling.start();
  run.run_until(2_s);
  CHECK(run.end_holds == std::vector<Duration>{100_s});
  CHECK(run.count() == 1);
}

TEST_CASE("hooks: launches that they refuse again and again come ever more slowly", "[auto_scaling][table]") {
  LifecycleHookConfig refusing = hook(1_s);
  refusing.abandons = Ratio{1};
  GroupRun run(hooked({refusing}));
  run.scaling.start();
  std::vector<Time> launches;
  for (Duration t; t < 300_s; t += 1_s) {
    run.run_until(t);
    run.in_service();
  }
  for (const auto& attempt : run.attempts) launches.push_back(attempt.at);
  // Launched, ready within a second, refused a second later, and then a wait of 15, 30, 60, 120 s.
  REQUIRE(launches.size() >= 5);
  const auto gap = [&](std::size_t i) { return launches[i + 1] - launches[i]; };
  CHECK((gap(1) >= 15_s && gap(1) <= 18_s));
  CHECK((gap(2) >= 30_s && gap(2) <= 33_s));
  CHECK((gap(3) >= 60_s && gap(3) <= 63_s));
}

// --- warm pool

TEST_CASE("warm pool: its size is what is left to max, or to the prepared capacity, and at least its minimum",
          "[auto_scaling][table]") {
  WarmPoolConfig pool;
  CHECK(pool_size(pool, 6, 10) == 4);
  pool.max_prepared = 8;
  CHECK(pool_size(pool, 6, 10) == 2);
  pool.max_prepared = 5;
  CHECK(pool_size(pool, 6, 10) == 0);
  pool.min_size = 3;
  CHECK(pool_size(pool, 6, 10) == 3);
}

TEST_CASE("warm pool: a group grows out of it and fills it again", "[auto_scaling][table]") {
  GroupConfig config = still_group(6);
  config.max = 20;
  config.warm_pool = WarmPoolConfig{.max_prepared = 10};
  config.user_actions = {user(1_h, UserActionKind::set_desired, 9), user(2_h, UserActionKind::set_desired, 4)};
  GroupRun run(config);
  run.scaling.start();
  CHECK(run.in_pool() == 4);
  run.pool_ready();
  run.run_until(1_h);
  CHECK(run.count() == 9);
  CHECK(run.reported("warm_starts") == 3.0);
  CHECK(run.in_pool() == 1);
  run.settle();
  run.run_until(2_h);
  CHECK(run.count() == 4);
  CHECK(run.in_pool() == 6);
}

TEST_CASE("warm pool: without capacity it is filled when there is some again", "[auto_scaling][table]") {
  GroupConfig config = still_group(6, {"a", "b"});
  config.max = 20;
  config.warm_pool = WarmPoolConfig{.max_prepared = 10};
  GroupRun run(config);
  run.zones[0].free = run.zones[1].free = 3;
  run.scaling.start();
  CHECK(run.in_pool() == 0);
  run.run_until(10_min);
  CHECK(run.in_pool() == 0);
  run.zones[1].free = 100;
  run.run_until(30_min);  // waits grow to at most 10 min
  CHECK(run.in_pool() == 4);
}

TEST_CASE("warm pool: with reuse, what the group gives back returns to it", "[auto_scaling][table]") {
  GroupConfig config = still_group(6);
  config.max = 8;
  config.warm_pool = WarmPoolConfig{.max_prepared = {}, .reuse_on_scale_in = true};
  config.user_actions = {user(1_h, UserActionKind::set_desired, 4)};
  GroupRun run(config);
  run.scaling.start();
  run.pool_ready();
  run.run_until(1_h);
  CHECK(run.count() == 4);
  CHECK(run.terminated.empty());
  CHECK(run.in_pool() == 4);
}

// --- scale-in

TEST_CASE("protection: where all are protected desired falls but nothing ends", "[auto_scaling][table]") {
  GroupConfig config = still_group(10);
  config.scale_in_protection = true;
  config.user_actions = {user(1_h, UserActionKind::set_desired, 4)};
  GroupRun run(config);
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.desired() == 4);
  CHECK(run.count() == 10);
  CHECK(run.terminated.empty());
}

/// Which of four instances, launched in this order, ends first: 0 at 0:00 of the old version and type 0, 1 at 0:20 of
/// type 1, 2 at 0:50 of type 0, 3 at 1:10 of type 1; at 1:30.
std::uint32_t first_to_end(std::vector<TerminationPolicy> policies) {
  GroupConfig config = still_group(1);
  config.instance_types = {{"c5.large", {}}, {"m5.large", {}}};
  config.termination_policies = std::move(policies);
  for (const auto& [at, count] : std::map<int, int>{{20, 2}, {50, 3}, {70, 4}, {90, 3}}) {
    config.user_actions.push_back(user(1_min * at, UserActionKind::set_desired, count));
  }
  GroupRun run(config);
  run.preference = {0, 1};
  run.scaling.start();
  run.preference = {1, 0};
  run.run_until(20_min);
  run.preference = {0, 1};
  run.run_until(50_min);
  run.preference = {1, 0};
  run.run_until(70_min);
  run.settle();
  run.preference = {0, 1};  // type 0 is what the strategy wants now
  run.run_until(90_min);
  return run.terminated.at(0);
}

TEST_CASE("termination policies: each ends its own first", "[auto_scaling][table]") {
  CHECK(first_to_end({TerminationPolicy::oldest_instance}) == 0);
  CHECK(first_to_end({TerminationPolicy::newest_instance}) == 3);
  // To the next hour of their lives: 30, 50, 20 and 40 minutes.
  CHECK(first_to_end({TerminationPolicy::closest_to_next_instance_hour}) == 2);
  // Of those of the type that the strategy wants least, the second policy picks.
  CHECK(first_to_end({TerminationPolicy::allocation_strategy, TerminationPolicy::oldest_instance}) == 1);
  CHECK(first_to_end({TerminationPolicy::allocation_strategy, TerminationPolicy::newest_instance}) == 3);
  // All have one template: the one closest to its next hour among type 1, 40 minutes away.
  CHECK(first_to_end({TerminationPolicy::by_default}) == 3);
}

TEST_CASE("termination policies: instances of an older launch template end first", "[auto_scaling][table]") {
  for (const TerminationPolicy policy :
       {TerminationPolicy::oldest_launch_template, TerminationPolicy::oldest_launch_configuration, TerminationPolicy::by_default}) {
    GroupConfig config = refreshed(10, {});
    config.refreshes[0].checkpoints = {Ratio{0.6}};
    config.refreshes[0].checkpoint_delay = 10_h;
    config.termination_policies = {policy};
    config.user_actions = {user(2_h, UserActionKind::set_desired, 7)};
    GroupRun run(config);
    run.scaling.start();
    drive(run, 2_h);
    REQUIRE(run.terminated.size() == 6 + 3);  // six were replaced; then three of the four old ones went
    for (const std::uint32_t ended : run.terminated) CHECK(ended < 10);
  }
}

TEST_CASE("termination policies: where zones are even the policy looks at all of them", "[auto_scaling][table]") {
  GroupConfig config = still_group(4, {"a", "b"});
  config.user_actions = {user(1_h, UserActionKind::terminate, 2), user(2_h, UserActionKind::set_desired, 3)};
  config.user_actions[0].zone = 0;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(2_h);  // zone a has two of an hour, zone b two of two hours
  REQUIRE(run.terminations.size() == 3);
  CHECK(run.terminations[2] == 1);
}

// --- zones

TEST_CASE("zones: one of two without capacity; best effort puts all into the other, balanced-only stays short",
          "[auto_scaling][table]") {
  GroupConfig config = still_group(6, {"a", "b"});
  GroupRun best_effort(config);
  best_effort.zones[0].free = 0;
  best_effort.scaling.start();
  CHECK(counts(best_effort) == Counts{0, 6});
  config.zone_distribution = ZoneDistribution::balanced_only;
  GroupRun balanced(config);
  balanced.zones[0].free = 1;
  balanced.scaling.start();
  CHECK(counts(balanced) == Counts{1, 2});
  balanced.zones[0].free = 10;
  balanced.run_until(1_h);
  CHECK(counts(balanced) == Counts{3, 3});
}

TEST_CASE("zones: reserved capacity is used first", "[auto_scaling][table]") {
  GroupConfig config = still_group(6, {"a", "b"});
  config.zone_distribution = ZoneDistribution::reservations_then_balanced;
  config.zone_reservations = {0, 5};
  GroupRun run(config);
  run.scaling.start();
  CHECK(counts(run) == Counts{1, 5});
}

TEST_CASE("zones: at max the group rebalances all the same, a tenth above it for a while", "[auto_scaling][table]") {
  GroupConfig config = still_group(20, {"a", "b"});
  config.max = 20;
  config.zone_rebalancing = 5_min;
  GroupRun run(config);
  run.zones[0].free = 0;
  run.scaling.start();
  CHECK(counts(run) == Counts{0, 20});
  run.run_until(5_min);  // the zone is still without capacity
  CHECK(counts(run) == Counts{0, 20});
  run.zones[0].free = 100;
  run.run_until(10_min);
  CHECK(counts(run) == Counts{2, 20});
  CHECK(run.terminated.empty());
  std::int64_t most = 0;
  while (run.sim.now() < Time::at(2_h)) {
    run.run_until(run.sim.now().since_start() + 1_min);
    most = std::max(most, run.zones[0].count[0] + run.zones[1].count[0]);
    run.settle();
  }
  CHECK(counts(run) == Counts{10, 10});
  CHECK(most == 22);
  CHECK(run.count() == 20);
}

// --- capacity rebalancing

TEST_CASE("capacity rebalancing: at EC2's recommendation another comes first, and then the instance goes",
          "[auto_scaling][table]") {
  GroupConfig config = still_group(4);
  config.purchases = {Purchase::spot};
  config.capacity_rebalance = true;
  GroupRun run(config);
  run.scaling.start();
  run.scaling.rebalance_recommended(run.group, {2});
  CHECK(run.attempts.size() == 5);
  CHECK(run.terminated.empty());
  run.settle();
  CHECK(run.terminated == Numbers{2});
  CHECK(run.count() == 4);
}

TEST_CASE("capacity rebalancing: no move to a pool that is less available, but at the notice whatever the risk",
          "[auto_scaling][table]") {
  GroupConfig config = still_group(4);
  config.purchases = {Purchase::spot};
  config.capacity_rebalance = true;
  GroupRun run(config);
  run.available = false;
  run.scaling.start();
  run.scaling.rebalance_recommended(run.group, {2});
  CHECK(run.attempts.size() == 4);
  run.scaling.instance_noticed(run.group, {2});
  CHECK(run.attempts.size() == 5);
  run.settle();
  CHECK(run.terminated.empty());  // EC2 takes it back itself
  CHECK(run.count() == 4);
}

TEST_CASE("capacity rebalancing: above max by a share of it, and at least by one", "[auto_scaling][table]") {
  for (const auto& [max, excess, moves] : {std::tuple{4, Ratio{0.1}, 1}, std::tuple{20, Ratio{0.1}, 2}, std::tuple{20, Ratio{0.25}, 5}}) {
    GroupConfig config = still_group(max);
    config.max = max;
    config.purchases = {Purchase::spot};
    config.capacity_rebalance = true;
    config.capacity_rebalance_excess = excess;
    GroupRun run(config);
    run.scaling.start();
    for (std::uint32_t instance = 0; instance < 4; ++instance) run.scaling.rebalance_recommended(run.group, {instance});
    CHECK(run.attempts.size() == static_cast<std::size_t>(max + std::min(moves, 4)));
  }
}

TEST_CASE("capacity rebalancing: off, an instance is replaced when it is gone and a check has seen it",
          "[auto_scaling][table]") {
  GroupConfig config = still_group(4);
  config.purchases = {Purchase::spot};
  GroupRun run(config);
  run.scaling.start();
  run.run_until(10_s);
  run.scaling.rebalance_recommended(run.group, {0});
  run.scaling.instance_noticed(run.group, {0});
  run.run_until(130_s);
  CHECK(run.attempts.size() == 4);
  run.lose(0, 1);
  run.run_until(190_s - 1_ns);
  CHECK(run.attempts.size() == 4);
  run.run_until(190_s);
  CHECK(run.attempts.size() == 5);
}

// --- by hand

TEST_CASE("by hand: what is ended, detached or put into standby is replaced unless desired falls with it",
          "[auto_scaling][table]") {
  for (const UserActionKind kind : {UserActionKind::terminate, UserActionKind::detach, UserActionKind::enter_standby}) {
    for (const bool decrement : {false, true}) {
      GroupConfig config = still_group(6);
      config.user_actions = {user(1_h, kind, 2)};
      config.user_actions[0].decrement_desired = decrement;
      GroupRun run(config);
      run.scaling.start();
      run.run_until(1_h);
      CHECK(run.desired() == (decrement ? 4 : 6));
      CHECK(run.count() == (decrement ? 4 : 6));
      CHECK(run.terminated.size() == (kind == UserActionKind::terminate ? 2 : 0));
    }
  }
}

TEST_CASE("by hand: an instance comes back from standby and desired rises with it", "[auto_scaling][table]") {
  GroupConfig config = still_group(6);
  config.user_actions = {user(1_h, UserActionKind::enter_standby, 2), user(2_h, UserActionKind::exit_standby, 2)};
  config.user_actions[0].decrement_desired = true;
  GroupRun run(config);
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.count() == 4);
  run.run_until(2_h);
  CHECK(run.desired() == 6);
  CHECK(run.count() == 6);
  CHECK(run.attempts.size() == 6);
}

TEST_CASE("by hand: an instance set unhealthy is replaced at once, and the list of activities says why", "[auto_scaling][table]") {
  GroupConfig config = still_group(6);
  config.user_actions = {user(1_h, UserActionKind::set_unhealthy, 3)};
  config.health.grace = 2_h;
  GroupRun run(config);
  run.scaling.keep_activities(10);
  run.scaling.start();
  run.run_until(1_h);
  CHECK(run.terminated == Numbers{0, 1, 2});
  CHECK(run.count() == 6);
  REQUIRE(run.scaling.activities().activities().size() == 1);
  const Activity& activity = run.scaling.activities().activities().front();
  CHECK(what_was_done(activity) == "ended 3, launched 3");
  CHECK(why_in_words(activity, config) == "an instance was marked as unhealthy");
}

TEST_CASE("by hand: protection is from scale-in alone", "[auto_scaling][table]") {
  for (const UserActionKind kind : {UserActionKind::terminate, UserActionKind::set_unhealthy, UserActionKind::enter_standby}) {
    GroupConfig config = still_group(6);
    config.scale_in_protection = true;
    config.user_actions = {user(1_h, kind, 2)};
    GroupRun run(config);
    run.scaling.start();
    run.run_until(1_h);
    CHECK(run.attempts.size() == 8);  // two are replaced
    CHECK(run.count() == 6);
  }
}

}  // namespace
}  // namespace fleetsim
