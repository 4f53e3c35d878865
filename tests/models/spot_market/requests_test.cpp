// The life of Spot requests: each row of EC2's table of status codes that a simulated user can meet.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/spot_market/requests.hpp"
#include "harness.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

struct Timing {
  Duration poll, reclaim_spread, fulfilment;
};

/// A market whose only holder is a table of requests; writes down what their owner hears.
class RequestRun : private SpotHolder, private SpotPriceListener, private SpotRequestOwner {
 public:
  explicit RequestRun(std::vector<SpotPoolConfig> pools, Timing timing = {})
      : market(sim, polled(make_config(std::move(pools), timing.reclaim_spread), timing.poll), 24_h, *this, *this),
        requests(sim, market, {.fulfilment = timing.fulfilment, .retry = 60_s}, *this) {
    market.start();
  }

  static SpotMarketConfig polled(SpotMarketConfig config, Duration poll) {
    config.poll = poll;
    return config;
  }

  void run_to(Duration since_start) { sim.run_until(Time::at(since_start)); }

  /// "status, state, instance", in EC2's words.
  std::string tuple(SpotRequestId id) const {
    constexpr std::string_view states[] = {"open", "active", "disabled", "closed", "cancelled"};
    constexpr std::string_view instances[] = {"-", "running", "stopping", "stopped", "terminated"};
    return std::string(to_name(requests.status(id))) + ", " +
           std::string(states[static_cast<std::size_t>(requests.state(id))]) + ", " +
           std::string(instances[static_cast<std::size_t>(requests.instance(id))]);
  }

  Simulation sim;
  SpotMarket market;
  SpotRequests requests;
  std::vector<std::pair<Time, std::string>> heard;
  std::function<void(std::string_view, SpotRequestId)> when_heard;

 private:
  void hear(std::string_view what, SpotRequestId request) {
    heard.emplace_back(sim.now(), std::string(what) + " " + std::to_string(request.index));
    if (when_heard) when_heard(what, request);
  }
  void spot_instance_started(SpotRequestId request, bool memory_kept) override {
    hear(memory_kept ? "resumed" : "started", request);
  }
  void spot_instance_noticed(SpotRequestId request) override { hear("noticed", request); }
  void spot_rebalance_recommended(SpotRequestId request) override { hear("at risk", request); }
  void spot_instance_stopping(SpotRequestId request, bool hibernates) override {
    hear(hibernates ? "hibernating" : "stopping", request);
  }
  void spot_instance_stopped(SpotRequestId request) override {
    if (when_heard) when_heard("stopped", request);
  }
  void spot_instance_ended(SpotRequestId request, EndedBy ended_by) override {
    hear(ended_by == EndedBy::interruption ? "taken" : "ended", request);
  }
  void rebalance_recommended(SpotHolderId holder) override { requests.rebalance_recommended(holder); }
  void notice_given(SpotHolderId holder) override { requests.notice_given(holder); }
  void interruption_noticed(SpotHolderId holder) override { requests.interruption_noticed(holder); }
  void interrupted(SpotHolderId holder) override { requests.interrupted(holder); }
  void spot_price_changed(PoolId, UsdPerHour) override {}
};

/// Units of the pool: 1 until 2 h, none until 5 h, then 1.
SpotPoolConfig closed_from_2_to_5() { return make_pool(replay({{0_s, 1}, {2_h, 0}, {5_h, 1}}, 24_h)); }

SpotRequestConfig persistent(InterruptionBehavior behavior) {
  return {.pool = PoolId{0}, .type = SpotRequestType::persistent, .interruption = behavior, .valid_for = {},
          .launch_group = {}};
}
SpotRequestConfig one_time(std::uint32_t pool = 0) {
  return {.pool = PoolId{pool}, .valid_for = {}, .launch_group = {}};
}

}  // namespace

TEST_CASE("spot requests: a one-time request is closed with its instance, which runs on through its notice",
          "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5()});
  const SpotRequestId id = run.requests.submit(one_time());
  CHECK(run.tuple(id) == "pending-evaluation, open, -");
  run.run_to(1_h);
  CHECK(run.tuple(id) == "fulfilled, active, running");
  run.run_to(2_h + 119_s);
  CHECK(run.tuple(id) == "instance-terminated-no-capacity, closed, running");
  run.run_to(24_h);
  CHECK(run.tuple(id) == "instance-terminated-no-capacity, closed, terminated");
  CHECK(run.heard == std::vector<std::pair<Time, std::string>>{{Time::at(1_ns), "started 0"},
                                                               {Time::at(2_h), "noticed 0"},
                                                               {Time::at(2_h + 120_s), "taken 0"}});
}

TEST_CASE("spot requests: a persistent request asks again, and gets a new instance when its pool has room",
          "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5()});
  const SpotRequestId id = run.requests.submit(persistent(InterruptionBehavior::terminate));
  run.run_to(2_h + 60_s);
  CHECK(run.tuple(id) == "instance-terminated-no-capacity, open, running");
  run.run_to(4_h);
  CHECK(run.tuple(id) == "capacity-not-available, open, terminated");
  run.run_to(24_h);
  CHECK(run.tuple(id) == "fulfilled, active, running");
  CHECK(run.heard.back() == std::pair{Time::at(5_h + 1_ns), std::string("started 0")});
}

TEST_CASE("spot requests: one without room waits, until it expires or is cancelled", "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{1})});
  const SpotRequestId first = run.requests.submit(one_time());
  SpotRequestConfig limited = one_time();
  limited.valid_for = 3_h;
  const SpotRequestId second = run.requests.submit(limited);
  const SpotRequestId third = run.requests.submit(one_time());
  const SpotRequestId fourth = run.requests.submit(one_time());
  run.run_to(1_h);
  CHECK(run.tuple(first) == "fulfilled, active, running");
  for (const SpotRequestId id : {second, third, fourth}) CHECK(run.tuple(id) == "capacity-not-available, open, -");
  run.requests.cancel(third);
  CHECK(run.tuple(third) == "canceled-before-fulfillment, cancelled, -");
  run.run_to(4_h);
  CHECK(run.tuple(second) == "schedule-expired, cancelled, -");
  run.requests.terminate(first);
  CHECK(run.tuple(first) == "instance-terminated-by-user, closed, terminated");
  run.run_to(5_h);
  CHECK(run.tuple(fourth) == "fulfilled, active, running");  // its turn, and the only one left
}

TEST_CASE("spot requests: one that is to begin later is not evaluated before", "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{1})});
  SpotRequestConfig later = one_time();
  later.valid_from = 2_h;
  const SpotRequestId first = run.requests.submit(later);
  const SpotRequestId second = run.requests.submit(later);
  later.valid_for = 3_h;
  const SpotRequestId third = run.requests.submit(later);
  run.run_to(2_h - 1_ns);
  for (const SpotRequestId id : {first, second, third}) CHECK(run.tuple(id) == "not-scheduled-yet, open, -");
  run.requests.cancel(second);
  CHECK(run.tuple(second) == "canceled-before-fulfillment, cancelled, -");
  run.run_to(2_h);
  CHECK(run.tuple(first) == "fulfilled, active, running");
  CHECK(run.tuple(third) == "capacity-not-available, open, -");
  run.run_to(3_h);
  CHECK(run.tuple(third) == "schedule-expired, cancelled, -");
}

TEST_CASE("spot requests: those that wait are served in the order in which they came", "[spot_market][requests][table]") {
  RequestRun run({make_pool(replay({{0_s, 0}, {1_h, 2}, {2_h, 3}}, 24_h))});
  for (int i = 0; i < 3; ++i) run.requests.submit(one_time());
  run.run_to(24_h);
  CHECK(run.heard == std::vector<std::pair<Time, std::string>>{{Time::at(1_h + 1_ns), "started 0"},
                                                               {Time::at(1_h + 1_ns), "started 1"},
                                                               {Time::at(2_h + 1_ns), "started 2"}});
}

TEST_CASE("spot requests: an instance that EC2 stopped is started again by EC2, under the same request",
          "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5()});
  const SpotRequestId id = run.requests.submit(persistent(InterruptionBehavior::stop));
  run.run_to(2_h + 60_s);
  CHECK(run.tuple(id) == "marked-for-stop, active, running");
  run.run_to(2_h + 120_s);
  CHECK(run.tuple(id) == "marked-for-stop, active, stopping");
  run.run_to(4_h);
  CHECK(run.tuple(id) == "instance-stopped-no-capacity, disabled, stopped");
  run.run_to(24_h);
  CHECK(run.tuple(id) == "fulfilled, active, running");
  CHECK(run.heard == std::vector<std::pair<Time, std::string>>{{Time::at(1_ns), "started 0"},
                                                               {Time::at(2_h), "noticed 0"},
                                                               {Time::at(2_h + 120_s), "stopping 0"},
                                                               {Time::at(5_h + 1_ns), "started 0"}});
}

TEST_CASE("spot requests: hibernation begins with the notice and keeps the memory; without an agent it is a stop",
          "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5(), closed_from_2_to_5()});
  run.requests.submit(persistent(InterruptionBehavior::hibernate));
  SpotRequestConfig without = persistent(InterruptionBehavior::hibernate);
  without.pool = PoolId{1};
  without.hibernation_agent = false;
  run.requests.submit(without);
  run.run_to(24_h);
  std::vector<std::pair<Time, std::string>> first, second;
  for (const auto& one : run.heard) (one.second.ends_with("0") ? first : second).push_back(one);
  CHECK(first == std::vector<std::pair<Time, std::string>>{{Time::at(1_ns), "started 0"},
                                                           {Time::at(2_h), "noticed 0"},
                                                           {Time::at(2_h), "hibernating 0"},
                                                           {Time::at(5_h + 1_ns), "resumed 0"}});
  CHECK(second == std::vector<std::pair<Time, std::string>>{{Time::at(1_ns), "started 1"},
                                                            {Time::at(2_h), "noticed 1"},
                                                            {Time::at(2_h), "stopping 1"},
                                                            {Time::at(5_h + 1_ns), "started 1"}});
}

TEST_CASE("spot requests: who cancels keeps a running instance, and loses a stopped one", "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5()});
  const SpotRequestId id = run.requests.submit(persistent(InterruptionBehavior::stop));
  SECTION("while it runs") {
    run.run_to(1_h);
    run.requests.cancel(id);
    CHECK(run.tuple(id) == "request-canceled-and-instance-running, cancelled, running");
    run.requests.terminate(id);
    CHECK(run.tuple(id) == "instance-terminated-by-user, cancelled, terminated");
    CHECK(run.market.units_in_use(PoolId{0}) == 0);
  }
  SECTION("while it is stopped") {
    run.run_to(3_h);
    run.requests.cancel(id);
    CHECK(run.tuple(id) == "instance-terminated-by-user, cancelled, terminated");
    run.run_to(24_h);
    CHECK(run.heard.back().second == "ended 0");  // EC2 does not start it at 5 h
  }
  SECTION("while it stops") {
    run.run_to(2_h + 150_s);
    run.requests.cancel(id);
    run.run_to(3_h);
    CHECK(run.tuple(id) == "instance-terminated-by-user, cancelled, terminated");
  }
}

TEST_CASE("spot requests: what the user stops, the user starts", "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{1})});
  const SpotRequestId id = run.requests.submit(persistent(InterruptionBehavior::stop));
  run.run_to(1_h);
  run.requests.stop(id);
  CHECK(run.tuple(id) == "marked-for-stop, active, stopping");
  run.run_to(2_h);
  CHECK(run.tuple(id) == "instance-stopped-by-user, disabled, stopped");
  run.run_to(3_h);  // there is room, but EC2 does not start it
  CHECK(run.tuple(id) == "instance-stopped-by-user, disabled, stopped");
  run.requests.start(id);
  CHECK(run.tuple(id) == "pending-evaluation, open, stopped");
  run.run_to(4_h);
  CHECK(run.tuple(id) == "fulfilled, active, running");
}

TEST_CASE("spot requests: of a launch group all start or none, and if EC2 takes one all end",
          "[spot_market][requests][table]") {
  // Two in a pool that is there, one in a pool that opens at 1 h and closes at 2 h.
  RequestRun run({make_pool(FixedCapacity{9}),
                  make_pool(replay({{0_s, 0}, {1_h, 1}, {2_h, 0}}, 24_h), ConstantPrice{0.1_usd_per_h}, "us-east-1b")});
  std::vector<SpotRequestId> group;
  for (const std::uint32_t pool : {0U, 0U, 1U}) {
    SpotRequestConfig config = one_time(pool);
    config.launch_group = 7;
    group.push_back(run.requests.submit(config));
  }
  run.run_to(30_min);
  CHECK(run.tuple(group[0]) == "launch-group-constraint, open, -");
  CHECK(run.tuple(group[2]) == "capacity-not-available, open, -");
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
  run.run_to(1_h + 1_s);
  for (const SpotRequestId id : group) CHECK(run.tuple(id) == "fulfilled, active, running");
  // The notice of the one is that of all.
  run.run_to(2_h + 119_s);
  CHECK(run.tuple(group[0]) == "marked-for-termination, active, running");
  CHECK(run.tuple(group[1]) == "marked-for-termination, active, running");
  CHECK(run.tuple(group[2]) == "instance-terminated-no-capacity, closed, running");
  run.run_to(2_h + 120_s);
  CHECK(run.tuple(group[0]) == "instance-terminated-launch-group-constraint, closed, terminated");
  CHECK(run.tuple(group[1]) == "instance-terminated-launch-group-constraint, closed, terminated");
  CHECK(run.tuple(group[2]) == "instance-terminated-no-capacity, closed, terminated");
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
}

TEST_CASE("spot requests: a launch group whose pools have room at different times waits in one of them at a time",
          "[spot_market][requests][table]") {
  // It waits for the second pool, which has no room at first. When that opens at 2 h, the first has closed, at 1 h, and the
  // group waits for that one, which opens again at 4 h. That the second has room until then changes nothing.
  RequestRun run({make_pool(replay({{0_s, 1}, {1_h, 0}, {4_h, 1}}, 24_h)),
                  make_pool(replay({{0_s, 0}, {2_h, 1}}, 24_h), ConstantPrice{0.1_usd_per_h}, "us-east-1b")});
  std::vector<SpotRequestId> group;
  for (const std::uint32_t pool : {0U, 1U}) {
    SpotRequestConfig config = one_time(pool);
    config.launch_group = 7;
    group.push_back(run.requests.submit(config));
  }
  run.run_to(1_h + 30_min);
  CHECK(run.tuple(group[0]) == "launch-group-constraint, open, -");
  CHECK(run.tuple(group[1]) == "capacity-not-available, open, -");
  run.run_to(2_h + 1_ns);  // an attempt, now that there is room in the second pool
  const std::uint64_t events = run.sim.events_run();
  run.run_to(2_h + 1_us);
  REQUIRE(run.sim.events_run() == events);  // nothing polls
  run.run_to(4_h - 1_ns);
  CHECK(run.sim.events_run() == events);
  CHECK(run.tuple(group[0]) == "capacity-not-available, open, -");
  CHECK(run.tuple(group[1]) == "launch-group-constraint, open, -");
  run.run_to(4_h + 1_ns);
  for (const SpotRequestId id : group) CHECK(run.tuple(id) == "fulfilled, active, running");
}

TEST_CASE("spot requests: a launch group goes on without a member that expires or is cancelled while all wait for it",
          "[spot_market][requests][table]") {
  const bool expires = GENERATE(false, true);
  RequestRun run({make_pool(FixedCapacity{9}), make_pool(FixedCapacity{0}, ConstantPrice{0.1_usd_per_h}, "us-east-1b")});
  std::vector<SpotRequestId> group;
  for (const std::uint32_t pool : {0U, 0U, 1U}) {
    SpotRequestConfig config = one_time(pool);
    config.launch_group = 7;
    if (expires && pool == 1) config.valid_for = 1_h;
    group.push_back(run.requests.submit(config));
  }
  run.run_to(1_h - 1_ns);
  CHECK(run.tuple(group[0]) == "launch-group-constraint, open, -");
  CHECK(run.tuple(group[2]) == "capacity-not-available, open, -");
  run.run_to(1_h);
  if (!expires) run.requests.cancel(group[2]);
  run.run_to(1_h + 1_ns);
  CHECK(run.tuple(group[0]) == "fulfilled, active, running");
  CHECK(run.tuple(group[1]) == "fulfilled, active, running");
  CHECK(run.tuple(group[2]) ==
        (expires ? "schedule-expired, cancelled, -" : "canceled-before-fulfillment, cancelled, -"));
}

TEST_CASE("spot requests: a launch group leaves room to those that have waited longer", "[spot_market][requests][table]") {
  // A unit comes to each pool at 2 h; that of the second belongs to the request that has waited there since the start.
  RequestRun run({make_pool(replay({{0_s, 0}, {2_h, 1}}, 24_h)),
                  make_pool(replay({{0_s, 0}, {2_h, 1}}, 24_h), ConstantPrice{0.1_usd_per_h}, "us-east-1b")});
  const SpotRequestId first = run.requests.submit(one_time(1));
  std::vector<SpotRequestId> group;
  for (const std::uint32_t pool : {0U, 1U}) {
    SpotRequestConfig config = one_time(pool);
    config.launch_group = 7;
    group.push_back(run.requests.submit(config));
  }
  run.run_to(3_h);
  CHECK(run.tuple(first) == "fulfilled, active, running");
  CHECK(run.tuple(group[0]) == "launch-group-constraint, open, -");
  CHECK(run.tuple(group[1]) == "capacity-not-available, open, -");
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
}

TEST_CASE("spot requests: if EC2 takes one of a launch group all have their notice at that instant",
          "[spot_market][requests][table]") {
  // Both are to be taken back within three minutes of 2 h, each at a time of its own; the earlier notice is that of both.
  RequestRun run({make_pool(replay({{0_s, 2}, {2_h, 0}}, 24_h))}, {.poll = {}, .reclaim_spread = 3_min, .fulfilment = {}});
  for (int i = 0; i < 2; ++i) {
    SpotRequestConfig config = one_time();
    config.launch_group = 7;
    run.requests.submit(config);
  }
  run.run_to(3_h);
  std::vector<Time> noticed, taken;
  for (const auto& [when, what] : run.heard) {
    if (what.starts_with("noticed")) noticed.push_back(when);
    if (what.starts_with("taken")) taken.push_back(when);
  }
  REQUIRE(noticed.size() == 2);
  REQUIRE(taken.size() == 2);
  CHECK(noticed[0] == noticed[1]);
  CHECK(taken[0] == noticed[0] + 120_s);
  CHECK(taken[1] == taken[0]);
}

TEST_CASE("spot requests: an owner hears of a notice that came before its instance ran once that runs, and so do its peers",
          "[spot_market][requests][table]") {
  // Asked for 30 s before its pool closes and fulfilled 30 s after, when 90 s of the notice are left.
  RequestRun run({make_pool(replay({{0_s, 0}, {2_h - 30_s, 1}, {2_h, 0}}, 24_h)),
                  make_pool(FixedCapacity{9}, ConstantPrice{0.1_usd_per_h}, "us-east-1b")},
                 {.poll = {}, .reclaim_spread = {}, .fulfilment = 60_s});
  for (const std::uint32_t pool : {0U, 1U}) {
    SpotRequestConfig config = one_time(pool);
    config.launch_group = 7;
    run.requests.submit(config);
  }
  run.run_to(3_h);
  const Time started = Time::at(2_h + 30_s + 1_ns), taken = Time::at(2_h + 120_s);
  using Heard = std::vector<std::pair<Time, std::string>>;
  CHECK(run.heard == Heard{{started, "started 0"}, {started, "noticed 0"}, {started, "started 1"}, {started, "noticed 1"},
                           {taken, "taken 0"}, {taken, "taken 1"}});
}

TEST_CASE("spot requests: an owner may submit others when it hears of one", "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{99})});
  const SpotRequestId stopped = run.requests.submit(persistent(InterruptionBehavior::stop));
  run.run_to(1_h);
  run.when_heard = [&](std::string_view what, SpotRequestId) {
    if (what != "stopped") return;
    for (int i = 0; i < 50; ++i) run.requests.submit(one_time());
  };
  run.requests.stop(stopped);
  run.run_to(2_h);
  CHECK(run.tuple(stopped) == "instance-stopped-by-user, disabled, stopped");
  CHECK(run.market.units_in_use(PoolId{0}) == 50);
}

TEST_CASE("spot requests: a launch group does not end with a member that its user ends", "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{9})});
  std::vector<SpotRequestId> group;
  for (int i = 0; i < 3; ++i) {
    SpotRequestConfig config = one_time();
    config.launch_group = 7;
    group.push_back(run.requests.submit(config));
  }
  run.run_to(1_h);
  run.requests.terminate(group[1]);
  run.run_to(2_h);
  CHECK(run.tuple(group[0]) == "fulfilled, active, running");
  CHECK(run.tuple(group[1]) == "instance-terminated-by-user, closed, terminated");
  CHECK(run.tuple(group[2]) == "fulfilled, active, running");
}

TEST_CASE("spot requests: with every pool down a request waits for ever and nothing polls",
          "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{1})});
  run.requests.submit(one_time());
  const SpotRequestId waiting = run.requests.submit(persistent(InterruptionBehavior::terminate));
  run.run_to(1_s);
  const std::uint64_t events = run.sim.events_run();
  run.run_to(24_h);
  CHECK(run.sim.events_run() == events);
  CHECK(run.tuple(waiting) == "capacity-not-available, open, -");
}

TEST_CASE("spot requests: one that expires while its instance is stopped leaves it stopped, until its user ends it",
          "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5()});
  SpotRequestConfig config = persistent(InterruptionBehavior::stop);
  config.valid_for = 4_h;
  const SpotRequestId id = run.requests.submit(config);
  run.run_to(24_h);  // EC2 does not start it at 5 h
  CHECK(run.tuple(id) == "instance-stopped-no-capacity, cancelled, stopped");
  run.requests.cancel(id);
  CHECK(run.tuple(id) == "instance-terminated-by-user, cancelled, terminated");
}

TEST_CASE("spot requests: a launch group that lacks room is tried once a minute, whatever its size",
          "[spot_market][requests][table]") {
  RequestRun run({make_pool(FixedCapacity{3})});
  for (int i = 0; i < 5; ++i) {
    SpotRequestConfig config = one_time();
    config.launch_group = 7;
    run.requests.submit(config);
  }
  run.run_to(1_h);
  // The first attempt is for all: the fourth finds no room, and waits. The fifth, which it did not reach, has a turn of its
  // own. Then the fourth tries every minute.
  MetricSink sink;
  run.market.report(sink);
  for (const MetricValue& metric : sink.values()) {
    if (metric.name == "spot.launch_failures") CHECK(metric.value.value() == 2 + 59);
  }
  CHECK(run.market.units_in_use(PoolId{0}) == 0);
}

TEST_CASE("spot requests: EC2's codes change with the notice, whenever the instance's agent asks for it",
          "[spot_market][requests][table]") {
  RequestRun run({closed_from_2_to_5(), closed_from_2_to_5()}, {.poll = 5_s, .reclaim_spread = {}, .fulfilment = {}});
  const SpotRequestId ends = run.requests.submit(one_time());
  SpotRequestConfig stopping = persistent(InterruptionBehavior::stop);
  stopping.pool = PoolId{1};
  const SpotRequestId stops = run.requests.submit(stopping);
  run.run_to(2_h);
  CHECK(run.tuple(ends) == "instance-terminated-no-capacity, closed, running");
  CHECK(run.tuple(stops) == "marked-for-stop, active, running");
  CHECK(run.heard.size() == 2);  // both have started, and neither has asked
  run.run_to(2_h + 5_s);
  REQUIRE(run.heard.size() == 4);
  for (std::size_t i = 2; i != 4; ++i) {
    CHECK(run.heard[i].first > Time::at(2_h));
    CHECK(run.heard[i].second.starts_with("noticed "));
  }
  // The two minutes are those from the notice.
  run.run_to(2_h + 120_s);
  CHECK(run.tuple(ends) == "instance-terminated-no-capacity, closed, terminated");
  CHECK(run.tuple(stops) == "marked-for-stop, active, stopping");
  run.run_to(4_h);
  CHECK(run.tuple(stops) == "instance-stopped-no-capacity, disabled, stopped");
}

TEST_CASE("spot requests: an agent that has not asked when its instance ends or hibernates never hears of the notice",
          "[spot_market][requests][table]") {
  // Sixteen agents that ask once in 24 h: within the two minutes one does with probability 16 x 120 / 86,400 = 0.022, and
  // with this seed none. Hibernation begins with the notice, so nobody asks in time.
  const InterruptionBehavior behavior = GENERATE(InterruptionBehavior::terminate, InterruptionBehavior::hibernate);
  RequestRun run({make_pool(replay({{0_s, 16}, {2_h, 0}}, 24_h))},
                 {.poll = behavior == InterruptionBehavior::hibernate ? 5_s : 24_h, .reclaim_spread = {}, .fulfilment = {}});
  for (int i = 0; i < 16; ++i) run.requests.submit(persistent(behavior));
  run.run_to(24_h);
  std::size_t ended = 0;
  for (const auto& [at, what] : run.heard) {
    CHECK_FALSE(what.starts_with("noticed"));
    if (what.starts_with("started")) continue;
    CHECK(at == Time::at(behavior == InterruptionBehavior::hibernate ? 2_h : 2_h + 120_s));
    ++ended;
  }
  CHECK(ended == 16);
}
