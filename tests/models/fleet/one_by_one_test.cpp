/// Requests one by one: by hand where nothing is random, against queueing theory, and against the fluid.

#include <cmath>
#include <string>
#include <vector>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "models/fleet/latency.hpp"
#include "models/fleet/response_time.hpp"
#include "support/catch.hpp"
#include "tests/models/fleet/harness.hpp"

namespace fleetsim {
namespace {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;
using test::at;
using test::FleetRun;
using test::simple_placement;

/// One vCPU of 100 requests/s an instance; the deadline is far.
FleetConfig each_config() {
  FleetConfig config = test::simple_fleet();
  config.drain_time = {};
  config.load_balancer.emplace().nodes = 1;
  config.requests.emplace().model = RequestModel::each;
  config.requests->queue_limit = 100'000;
  return config;
}

/// The named metrics of the fleet, over replications of `length` after a warm-up of a tenth.
std::vector<Tally> replicated(const FleetConfig& config, RequestRate offered, int instances, int vcpus, Duration length,
                              const std::vector<std::string>& metrics, std::uint64_t replications) {
  std::vector<Tally> tallies(metrics.size());
  for (std::uint64_t r = 0; r < replications; ++r) {
    FleetRun run(config, {"g"}, {.seed = 5, .replication = r});
    PlacementConfig placement = simple_placement();
    placement.vcpus = vcpus;
    const PlacementId place = run.fleet.add_placement(placement);
    for (int i = 0; i < instances; ++i) run.fleet.launch_in_service(place);
    run.fleet.demand_changed(offered);
    run.run_until(length / 10);
    run.fleet.begin_measurement();
    run.run_until(length);
    run.fleet.finish();
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      tallies[m].add(run.reported("fleet.bidder." + metrics[m]).value());
    }
  }
  return tallies;
}

Tally replicated(const FleetConfig& config, RequestRate offered, int instances, int vcpus, Duration length,
                 const std::string& metric) {
  return replicated(config, offered, instances, vcpus, length, std::vector{metric}, 12).front();
}

void check_mean(const Tally& replications, double theory, double narrow) {
  const Interval interval = mean_interval(replications, 0.99999).value();
  CAPTURE(theory, replications.mean(), interval.low, interval.high);
  CHECK(interval.contains(theory));
  CHECK(interval.half_width() < narrow * theory);
}

TEST_CASE("one by one: the mean response time is that of M/M/k", "[fleet][stochastic]") {
  for (const int vcpus : {1, 4}) {
    const double capacity = 100.0 * vcpus;
    const double wait = fleet::erlang_c(vcpus, 0.8 * vcpus) / (capacity * 0.2);
    check_mean(replicated(each_config(), requests_per_second(0.8 * capacity), 1, vcpus, 800_s, "latency_mean"),
               0.01 + wait, 0.2);
  }
}

TEST_CASE("one by one: the mean response time is that of Pollaczek and Khinchine", "[fleet][stochastic]") {
  for (const double cv : {0.0, 0.5, 2.0}) {
    FleetConfig config = each_config();
    config.service_time_cv = cv;
    const double wait = 0.7 / 0.3 * 0.01 * (1 + cv * cv) / 2;
    check_mean(replicated(config, 70_per_s, 1, 1, 800_s, "latency_mean"), 0.01 + wait, 0.25);
  }
}

TEST_CASE("one by one: a queue of limited length refuses what M/M/1/K does", "[fleet][stochastic]") {
  // K = 5 in the system: P(full) = (1 - r) r^5 / (1 - r^6); at r = 1 a sixth.
  FleetConfig config = each_config();
  config.requests->queue_limit = 4;
  for (const double load : {0.8, 1.0, 1.5}) {
    const double full = load == 1.0 ? 1.0 / 6 : (1 - load) * std::pow(load, 5) / (1 - std::pow(load, 6));
    check_mean(replicated(config, requests_per_second(100 * load), 1, 1, 300_s, "drop_fraction"), full, 0.15);
    CHECK_THAT(fleet::ResponseTime({.servers = 1, .capacity = 100, .arrivals = 100 * load, .queue_limit = 4}).refused(),
               WithinRel(full, 1e-12));
  }
}

TEST_CASE("one by one: dealing out in turn to n alike targets gives each Erlang-n arrivals", "[fleet][stochastic]") {
  // Two targets: the root of E2/M/1 at utilization 1/2 is (3 - sqrt 5) / 2.
  const double x = (3 - std::sqrt(5.0)) / 2;
  check_mean(replicated(each_config(), 100_per_s, 2, 1, 800_s, "latency_mean"), 0.01 / (1 - x), 0.05);
}

TEST_CASE("one by one: per round every target gets one request", "[fleet][property]") {
  FleetConfig config = each_config();
  FleetRun run(config, {"a", "b", "c"});
  for (std::uint32_t g = 0; g < 3; ++g) {
    run.fleet.launch_in_service(run.fleet.add_placement(simple_placement(Purchase::on_demand, g)));
  }
  run.fleet.demand_changed(30_per_s);
  run.run_until(1000_s);
  run.fleet.demand_changed({});
  run.run_until(2000_s);
  run.fleet.finish();
  const double all = to_double(run.fleet.served());
  for (const char* group : {"a", "b", "c"}) {
    const double share = run.reported(std::string("fleet.bidder.group.") + group + ".share_of_work").value();
    CHECK(std::abs(share * all - all / 3) <= 1);
  }
}

TEST_CASE("one by one: constant services behind a limit, by hand", "[fleet][table]") {
  // Nothing random but the arrivals: with one vCPU of 10 ms and room for two to wait, what is answered is at most 100/s,
  // and nobody waits longer than 20 ms.
  FleetConfig config = each_config();
  config.service_time_cv = 0;
  config.requests->queue_limit = 2;
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.demand_changed(1000_per_s);
  run.run_until(100_s);
  run.fleet.finish();
  CHECK(to_double(run.fleet.served()) <= 10'000);
  CHECK(to_double(run.fleet.served()) > 9'980);  // it is never idle for longer than it takes to begin
  CHECK_THAT(run.reported("fleet.bidder.latency_p99").value(), WithinRel(0.03, 0.011));
  CHECK_THAT(run.reported("fleet.bidder.utilization").value(), WithinAbs(1, 0.001));
}

TEST_CASE("one by one: a client that gives up leaves its work behind", "[fleet][table]") {
  // Every service takes 10 ms and every client waits 5 ms: all is dropped, and the vCPU works all the same.
  FleetConfig config = each_config();
  config.service_time_cv = 0;
  config.requests->timeout = 5_ms;
  FleetRun run(config);
  run.fleet.launch_in_service(run.fleet.add_placement(simple_placement()));
  run.fleet.demand_changed(50_per_s);
  run.run_until(1000_s);
  run.fleet.finish();
  CHECK(run.fleet.served() == Requests{});
  CHECK(run.reported("fleet.bidder.drop_fraction") == 1.0);
  CHECK(run.reported("fleet.bidder.attempts_timed_out") == run.reported("fleet.bidder.attempts"));
  CHECK_THAT(run.reported("fleet.bidder.utilization").value(), WithinRel(0.5, 0.02));
}

TEST_CASE("one by one: a request is tried as often as its client tries, after the waits of the back-off",
          "[fleet][table]") {
  // No target: every attempt fails at once. Three retries after 1, 2 and 4 s.
  FleetConfig config = each_config();
  config.requests->retries = {.count = 3, .initial = 1_s, .factor = 2, .max = 60_s, .jitter = BackOffJitter::none};
  FleetRun run(config);
  run.fleet.add_placement(simple_placement());
  run.fleet.demand_changed(1000_per_s);
  run.run_until(1_s);
  run.fleet.demand_changed({});
  const auto attempts = [&] { return run.reported("fleet.bidder.attempts").value(); };
  const double arrived = attempts();
  run.run_until(2_s);
  CHECK(attempts() == 2 * arrived);
  run.run_until(4_s);
  CHECK(attempts() == 3 * arrived);
  run.run_until(6_s + 999_ms);
  CHECK(attempts() < 4 * arrived);
  run.run_until(8_s);
  run.fleet.finish();
  CHECK(attempts() == 4 * arrived);
  CHECK(to_double(run.fleet.offered()) == arrived);
  CHECK(run.reported("fleet.bidder.drop_fraction") == 1.0);
}

TEST_CASE("one by one: what is on an instance that fails is lost, and tried again elsewhere", "[fleet][table]") {
  FleetConfig config = each_config();
  config.service_time_cv = 0;
  config.capacity_per_vcpu = requests_per_second(0.1);  // 10 s each
  config.deadline = 1000_h;
  config.requests->timeout = 1000_h;
  config.requests->retries = {.count = 1, .initial = {}, .jitter = BackOffJitter::none};
  FleetRun run(config);
  const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
  const InstanceId doomed = run.fleet.launch_in_service(place);
  run.fleet.demand_changed(requests_per_second(0.5));
  run.run_until(100_s);
  const double arrived = run.reported("fleet.bidder.attempts").value();
  run.fleet.demand_changed({});
  run.fleet.launch_in_service(place);
  run.fleet.interrupted(doomed);
  run.run_until(10_h);
  run.fleet.finish();
  // Each is answered once: on the first instance before it went, or on the second.
  CHECK(to_double(run.fleet.served()) == arrived);
  CHECK(run.reported("fleet.bidder.attempts").value() == arrived + run.reported("fleet.bidder.requests_lost").value());
  CHECK(run.reported("fleet.bidder.requests_lost").value() > 0);
}

TEST_CASE("one by one: a draining instance ends with the last request on it", "[fleet][table]") {
  FleetConfig config = each_config();
  config.service_time_cv = 0;
  config.capacity_per_vcpu = requests_per_second(0.1);
  config.deadline = 1000_h;
  config.requests->timeout = 1000_h;
  for (const bool cut : {false, true}) {
    config.load_balancer->deregistration_delay = cut ? 3_s : 3600_s;
    FleetRun run(config);
    const PlacementId place = run.fleet.add_placement(simple_placement());
    const InstanceId id = run.fleet.launch_in_service(place);
    run.fleet.demand_changed(1000_per_s);
    run.run_until(2_ms);
    run.fleet.demand_changed({});
    const double arrived = run.reported("fleet.bidder.attempts").value();
    REQUIRE(arrived > 0);
    run.fleet.terminate(id);
    run.run_until(1_h);
    run.fleet.finish();
    REQUIRE(run.ended.size() == 1);
    const double after = to_seconds(run.ended[0].at - at({}));
    CHECK_THAT(after, WithinAbs(cut ? 3.002 : 10 * arrived, 0.01));
    CHECK(to_double(run.fleet.served()) == (cut ? 0 : arrived));
  }
}

TEST_CASE("one by one: every request that arrives is answered or dropped, once", "[fleet][property]") {
  for (std::uint64_t r = 0; r < 20; ++r) {
    Stream random(3, r, "test");
    FleetConfig config = each_config();
    if (random.chance(0.5)) config.load_balancer->algorithm = BalancingAlgorithm::least_outstanding_requests;
    config.load_balancer->nodes = 1 + static_cast<int>(random.below(3));
    config.requests->queue_limit = static_cast<int>(random.below(20));
    config.requests->timeout = 20_ms + 1_ms * random.below(100);
    config.requests->retries = {.count = static_cast<int>(random.below(4)), .initial = 1_ms * random.below(50)};
    config.failures = FailureConfig{.every = DurationDistribution(Distribution(Exponential{.mean = 20})),
                                    .lasts = 30_s,
                                    .answer = random.chance(0.5) ? FailedAnswer::error : FailedAnswer::nothing};
    FleetRun run(config, {"g"}, {.seed = 3, .replication = r});
    const PlacementId place = run.fleet.add_placement(simple_placement(Purchase::spot));
    std::vector<InstanceId> alive;
    for (int i = 0; i < 4; ++i) alive.push_back(run.fleet.launch_in_service(place));
    run.fleet.demand_changed(requests_per_second(100 + 10 * static_cast<double>(random.below(60))));
    const auto metric = [&](const std::string& name) { return run.reported("fleet.bidder." + name).value(); };
    for (int step = 0; step < 20; ++step) {
      run.run_until(1_s * (step + 1));
      if (step % 5 == 3) {
        run.fleet.interrupted(alive.front());
        alive.erase(alive.begin());
        alive.push_back(run.fleet.launch_in_service(place));
      }
    }
    run.fleet.demand_changed({});
    run.run_until(1_h);
    run.fleet.finish();
    // After an hour without demand nothing is under way: what was attempted and no retry has arrived, and is decided.
    const double arrived = metric("attempts") - metric("attempts_repeated");
    CHECK(arrived > 1000);
    CHECK(metric("requests_offered") == arrived);
    CHECK(metric("requests_served") + metric("requests_dropped") == arrived);
    // An attempt that fails is repeated or the last one, and only these drop a request that is not answered late.
    const double failed = metric("attempts_refused") + metric("attempts_timed_out") + metric("requests_lost");
    const double late = metric("late_fraction") * arrived;
    CHECK_THAT(failed - metric("attempts_repeated"), WithinAbs(metric("requests_dropped") - late, 1e-6));
  }
}

// --- the fluid beside it, on shared scenarios

struct Shared {
  const char* name;
  BalancingAlgorithm algorithm;
  double load;
  double cv;
  int queue_limit;
  double latency_error;  // relative, of mean and 95th percentile
  double drop_error;     // absolute
};

TEST_CASE("one by one: the fluid agrees within the bounds that its page states", "[fleet][stochastic]") {
  // Eight instances of four vCPUs of 100 requests/s, a deadline of five mean service times. No theory gives the bounds: they
  // are what docs/models/fleet.md, "How far the fluid is off", saw, with room.
  using enum BalancingAlgorithm;
  for (const Shared& c : {Shared{"half", round_robin, 0.5, 1, 100, 0.03, 0.002},
                          Shared{"busy", round_robin, 0.8, 1, 100, 0.05, 0.005},
                          Shared{"full", round_robin, 0.95, 1, 100, 0.1, 0.03},
                          Shared{"short queue", round_robin, 0.95, 1, 4, 0.05, 0.05},
                          Shared{"overload", round_robin, 1.2, 1, 20, 0.1, 0.03},
                          Shared{"constant", round_robin, 0.8, 0, 100, 0.2, 0.002},
                          Shared{"heavy tail", round_robin, 0.8, 2, 1000, 0.25, 0.03},
                          Shared{"fewest", least_outstanding_requests, 0.8, 1, 100, 0.03, 0.002},
                          Shared{"fewest, full", least_outstanding_requests, 0.95, 1, 100, 0.15, 0.02}}) {
    FleetConfig config = each_config();
    config.deadline = 50_ms;
    config.load_balancer->algorithm = c.algorithm;
    config.service_time_cv = c.cv;
    config.requests->queue_limit = c.queue_limit;
    const RequestRate offered = requests_per_second(c.load * 3200);
    const std::vector<std::string> metrics{"latency_mean", "latency_p95", "drop_fraction"};
    const auto each = replicated(config, offered, 8, 4, 40_s, metrics, 3);
    config.requests->model = RequestModel::fluid;
    const auto fluid = replicated(config, offered, 8, 4, 40_s, metrics, 1);
    for (std::size_t m = 0; m < metrics.size(); ++m) UNSCOPED_INFO(c.name << " " << metrics[m] << " " << each[m].mean() << ", fluid " << fluid[m].mean());
    CHECK_THAT(fluid[0].mean(), WithinRel(each[0].mean(), c.latency_error));
    CHECK_THAT(fluid[1].mean(), WithinRel(each[1].mean(), c.latency_error));
    CHECK_THAT(fluid[2].mean(), WithinAbs(each[2].mean(), c.drop_error));
  }
}

}  // namespace
}  // namespace fleetsim
