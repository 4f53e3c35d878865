#include "models/scenario/balancer_words.hpp"

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::scenario {

namespace {
/// Of a distribution, to the second.
Duration mean_of(const DurationDistribution& duration) { return 1_s * ((duration.mean() + 500_ms).count() / nanoseconds_per_second); }
}  // namespace

std::vector<std::string> balancer_in_words(const FleetConfig& fleet) {
  std::vector<std::string> lines;
  if (!fleet.load_balancer) return lines;
  const LoadBalancerConfig& balancer = *fleet.load_balancer;
  const HealthCheckConfig& check = balancer.health_check;
  lines.push_back(fmt::format("  a load balancer sends each request to {}, {}",
                              balancer.algorithm == BalancingAlgorithm::round_robin
                                  ? "the next target in turn"
                                  : "the target with the fewest in flight",
                              balancer.cross_zone ? "in any zone" : "zone by zone, each zone the same"));
  lines.push_back(fmt::format("    it checks a target every {}; {} failed in a row of {} each make it unhealthy, {} passed "
                              "healthy again",
                              check.interval, check.unhealthy_count, check.timeout, check.healthy_count));
  const Duration soonest = check.interval * (check.unhealthy_count - 1);
  lines.push_back(fmt::format("    so a target that answers nothing is found out after {} to {}", soonest + check.timeout,
                              soonest + check.interval + check.timeout));
  if (balancer.slow_start > Duration{}) {
    lines.push_back(fmt::format("    a new target's share grows to a full one in {}", balancer.slow_start));
  }
  lines.push_back(fmt::format("    a target that leaves may finish its requests for {}", balancer.deregistration_delay));
  if (fleet.requests) {
    const RequestsConfig& requests = *fleet.requests;
    const bool each = requests.model == RequestModel::each;
    lines.push_back(fmt::format("  {} requests wait on an instance at most, and more are refused{}", requests.queue_limit,
                                each ? "; each is simulated by itself" : ""));
    if (each) {
      std::string line = fmt::format("    a client gives up after {}", requests.timeout);
      const RetryConfig& retries = requests.retries;
      if (retries.count > 0) line += fmt::format(" and tries again up to {} times", retries.count);
      if (retries.count > 0 && retries.initial == Duration{}) line += ", at once";
      if (retries.count > 0 && retries.initial > Duration{}) {
        line += fmt::format(", first after {}, then {:g} times as long, at most {}", retries.initial, retries.factor,
                            retries.max);
      }
      lines.push_back(std::move(line));
    }
  }
  if (fleet.failures) {
    lines.push_back(fmt::format("  the application of an instance fails after {} in the mean, {}", mean_of(fleet.failures->every),
                                fleet.failures->lasts
                                    ? fmt::format("for {} in the mean", mean_of(*fleet.failures->lasts))
                                    : std::string("until the instance is replaced")));
  }
  return lines;
}

}  // namespace fleetsim::scenario
