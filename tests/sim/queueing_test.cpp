/// Queues built on the public kernel against queueing theory (Gross et al., "Fundamentals of queueing theory", 2008).
/// Every check replicates, and asks that the theory's value lie in the interval of the mean over the replications that
/// covers it with probability 99.999 %.

#include <deque>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/sim/experiment.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using Catch::Matchers::WithinAbs;

namespace {

struct CustomerArrived { static constexpr std::string_view name = "queue.customer_arrived"; };
struct CustomerServed { static constexpr std::string_view name = "queue.customer_served"; };
struct WarmUpEnded { static constexpr std::string_view name = "queue.warm_up_ended"; };

struct QueueConfig {
  DurationDistribution interarrival;
  DurationDistribution service;
  int servers = 1;
};

/// Customers who wait in one line for the next free of several alike servers, first come, first served.
class Queue : public EventHandler<Queue, CustomerArrived, CustomerServed, WarmUpEnded> {
 public:
  Queue(Simulation& sim, const QueueConfig& config, Duration warm_up)
      : EventHandler(sim), sim_(sim), config_(config), interarrivals_(sim.stream("queue/interarrival")),
        services_(sim.stream("queue/service")) {
    sim_.schedule(*this, config_.interarrival.sample(interarrivals_), CustomerArrived{});
    sim_.schedule(*this, warm_up, WarmUpEnded{});
  }

  void on(const CustomerArrived&) {
    in_system_.add(1, sim_.now());
    line_.push_back(sim_.now());
    serve_next();
    sim_.schedule(*this, config_.interarrival.sample(interarrivals_), CustomerArrived{});
  }
  void on(const CustomerServed&) {
    in_system_.add(-1, sim_.now());
    busy_.add(-1, sim_.now());
    serve_next();
  }
  void on(const WarmUpEnded&) {
    waits_ = {};
    delayed_ = {};
    in_system_.reset(sim_.now());
    busy_.reset(sim_.now());
  }

  const Tally& waits() const { return waits_; }      // in line, in seconds
  const Tally& delayed() const { return delayed_; }  // 1 for a customer who had to wait, else 0
  const TimeWeighted& in_system() const { return in_system_; }
  const TimeWeighted& busy() const { return busy_; }

 private:
  void serve_next() {
    if (line_.empty() || busy_.level() == config_.servers) return;
    const Duration wait = sim_.now() - line_.front();
    line_.pop_front();
    waits_.add(to_seconds(wait));
    delayed_.add(wait > Duration{} ? 1 : 0);
    busy_.add(1, sim_.now());
    sim_.schedule(*this, config_.service.sample(services_), CustomerServed{});
  }

  Simulation& sim_;
  const QueueConfig config_;
  Stream interarrivals_;
  Stream services_;
  std::deque<Time> line_;  // when each who waits arrived
  Tally waits_;
  Tally delayed_;
  TimeWeighted in_system_;
  TimeWeighted busy_;
};

struct QueueResult {
  double in_system, wait, delayed, utilization;
};

/// Means over the replications, each of 20,000 seconds after a warm-up of 1,000 that starts empty.
struct QueueStudy {
  Tally in_system, wait, delayed, utilization;

  explicit QueueStudy(const QueueConfig& config) {
    const auto replicate = [&config](std::uint64_t replication) {
      Simulation sim({.seed = 11, .replication = replication});
      Queue queue(sim, config, 1'000_s);
      const Time end = Time{} + 21'000_s;
      sim.run_until(end);
      return QueueResult{queue.in_system().mean(end), queue.waits().mean(), queue.delayed().mean(),
                         queue.busy().mean(end) / config.servers};
    };
    for (const auto& result : run_replications({.replications = 30}, replicate).by_replication) {
      in_system.add(result->in_system);
      wait.add(result->wait);
      delayed.add(result->delayed);
      utilization.add(result->utilization);
    }
  }
};

void check_mean(const Tally& replications, double theory) {
  const Interval interval = mean_interval(replications, 0.99999).value();
  CAPTURE(theory, replications.mean(), interval.low, interval.high);
  CHECK(interval.contains(theory));
  CHECK(interval.half_width() < 0.2 * theory);  // narrow enough to tell
}

DurationDistribution exponential(double mean) { return DurationDistribution(Distribution(Exponential{mean})); }

/// Probability that a customer waits in M/M/k with offered load a (Erlang's C formula), from Erlang's B by recursion.
double erlang_c(int servers, double load) {
  double blocked = 1;
  for (int k = 1; k <= servers; ++k) blocked = load * blocked / (k + load * blocked);
  return blocked / (1 - load / servers * (1 - blocked));
}

}  // namespace

TEST_CASE("queueing: M/M/1 has the number in system and the wait of theory", "[queueing][stochastic]") {
  for (const double load : {0.3, 0.7}) {
    const QueueStudy study({.interarrival = exponential(1 / load), .service = exponential(1)});
    INFO("load " << load);
    check_mean(study.in_system, load / (1 - load));
    check_mean(study.wait, load / (1 - load));  // rho / (mu - lambda), mu = 1
    check_mean(study.delayed, load);            // an arrival sees the server busy as often as time does
    check_mean(study.utilization, load);
  }
}

TEST_CASE("queueing: Erlang's C formula for one and for two servers is its closed form", "[queueing][analytic]") {
  CHECK_THAT(erlang_c(1, 0.7), WithinAbs(0.7, 1e-15));
  CHECK_THAT(erlang_c(2, 1.5), WithinAbs(1.5 * 1.5 / (2 + 1.5), 1e-15));  // a^2 / (2 + a)
}

TEST_CASE("queueing: M/M/k has Erlang's probability of waiting, and the mean wait and number of theory",
          "[queueing][stochastic]") {
  struct Row {
    int servers;
    double load;
  };
  for (const auto& [servers, load] : {Row{2, 1.5}, Row{10, 8}}) {
    const QueueStudy study({.interarrival = exponential(1 / load), .service = exponential(1), .servers = servers});
    INFO(servers << " servers, load " << load);
    const double waits = erlang_c(servers, load);
    const double wait = waits / (servers - load);
    check_mean(study.delayed, waits);
    check_mean(study.wait, wait);
    check_mean(study.in_system, load * wait + load);  // Little's law
    check_mean(study.utilization, load / servers);
  }
}

TEST_CASE("queueing: M/G/1 has the wait of Pollaczek and Khinchine for regular and for wild service times",
          "[queueing][stochastic]") {
  const double load = 0.6;
  for (const Distribution& service :
       {Distribution(Constant{1}), Distribution(Gamma{.shape = 4, .scale = 0.25}), Distribution(Uniform{0, 2}),
        Distribution(HyperExponential{{0.8, 0.2}, {0.5, 3}})}) {
    const QueueStudy study({.interarrival = exponential(1 / load), .service = DurationDistribution(service)});
    INFO("service variance " << service.variance());
    // lambda E[S^2] / (2 (1 - rho)), E[S] = 1
    check_mean(study.wait, load * (1 + service.variance()) / (2 * (1 - load)));
    check_mean(study.delayed, load);
  }
}
