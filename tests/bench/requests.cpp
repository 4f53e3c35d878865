/// Requests one by one: how many a second, on one core.
///
///   bench_requests
///
/// A fleet of 10 instances with 8 vCPUs at 80 % utilization, for each algorithm of the balancer, and a fleet in a retry
/// storm. The time is the thread's processor time, the counter attempts a second.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "bench/support/count_allocations.hpp"
#include "fleetsim/models/fleet.hpp"

namespace {

using namespace fleetsim;

class FleetOfTen final : public InstanceOwner, public FleetScaling {
 public:
  FleetOfTen(BalancingAlgorithm algorithm, double utilization, RetryConfig retries, Duration timeout)
      : fleet_(sim_, config(algorithm, retries, timeout), {"g"}, GroupId{0}, *this, *this) {
    const PlacementId place = fleet_.add_placement({.group = {0}, .instance_type = "c5.2xlarge", .zone = "us-east-1a",
                                                    .purchase = Purchase::on_demand, .vcpus = 8, .instance_warmup = {},
                                                    .home_round_trip = {}});
    for (int i = 0; i < 10; ++i) fleet_.launch_in_service(place);
    fleet_.demand_changed(requests_per_second(utilization * 10 * 8 * 300));
    sim_.run_until(Time::at(10_s));
  }
  /// Requests that arrived in another second.
  double run_second() {
    sim_.run_until(sim_.now() + 1_s);
    MetricSink sink;
    fleet_.report(sink);
    double attempts = 0;
    for (const MetricValue& metric : sink.values()) {
      if (metric.name.ends_with(".attempts")) attempts = metric.value.value_or(0);
    }
    const double since = attempts - attempts_;
    attempts_ = attempts;
    return since;
  }

 private:
  static FleetConfig config(BalancingAlgorithm algorithm, RetryConfig retries, Duration timeout) {
    FleetConfig config;
    config.name = "web";
    config.capacity_per_vcpu = 300_per_s;
    config.load_balancer.emplace().algorithm = algorithm;
    config.requests.emplace().model = RequestModel::each;
    config.requests->retries = retries;
    config.requests->timeout = timeout;
    return config;
  }
  void instance_running(InstanceId, PlacementId) override {}
  void instance_stopped(InstanceId, PlacementId, EndedBy) override {}
  void instance_ended(InstanceId, PlacementId, bool, EndedBy) override {}
  void metrics_published(GroupId, std::span<const std::optional<PeriodMetrics>>) override {}
  void instance_interrupted(PlacementId, InstanceId) override {}

  Simulation sim_;
  Fleet fleet_;
  double attempts_ = 0;
};

void run(benchmark::State& state, BalancingAlgorithm algorithm, double utilization, const RetryConfig& retries,
         Duration timeout) {
  FleetOfTen fleet(algorithm, utilization, retries, timeout);
  fleet.run_second();
  const std::uint64_t before = bench::allocations;
  double requests = 0;
  std::uint64_t seconds = 0;
  for (auto _ : state) {
    requests += fleet.run_second();
    ++seconds;
  }
  state.counters["requests"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
  state.counters["allocations_a_second"] =
      static_cast<double>(bench::allocations - before) / static_cast<double>(seconds);
}

BENCHMARK_CAPTURE(run, round_robin, BalancingAlgorithm::round_robin, 0.8, RetryConfig{}, Duration::of(60'000'000'000));
BENCHMARK_CAPTURE(run, least_outstanding, BalancingAlgorithm::least_outstanding_requests, 0.8, RetryConfig{},
                  Duration::of(60'000'000'000));
BENCHMARK_CAPTURE(run, retry_storm, BalancingAlgorithm::round_robin, 1.2, RetryConfig{.count = 3, .initial = {}},
                  Duration::of(30'000'000));

}  // namespace

BENCHMARK_MAIN();
