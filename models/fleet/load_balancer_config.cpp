#include <algorithm>

#include "fleetsim/models/fleet/load_balancer.hpp"
#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {
namespace {

void read_health_check(config::Section& in, HealthCheckConfig& check) {
  in.optional("interval", check.interval).between(5_s, 300_s).doc("from one check of a target to the next");
  const auto timeout =
      in.optional("timeout", check.timeout).between(2_s, 120_s).doc("a check without an answer for this long has failed");
  if (!in.describing() && check.timeout >= check.interval) {
    in.error(timeout.given() ? "timeout" : "interval", "timeout is not shorter than interval",
             "let a check end before the next begins, as 5s of 30s does");
  }
  in.optional("first_healthy_count", check.first_healthy_count)
      .between(1, 10)
      .doc("checks that a new target passes before its first request");
  in.optional("healthy_count", check.healthy_count)
      .between(2, 10)
      .doc("checks passed in a row until an unhealthy target is healthy");
  in.optional("unhealthy_count", check.unhealthy_count)
      .between(2, 10)
      .doc("checks failed in a row until a healthy target is unhealthy");
}

void read_charges(config::Section& in, BalancerCharges& charges) {
  in.optional("price", charges.price).not_negative().default_is("the Region's").doc("of an hour");
  in.optional("lcu_price", charges.lcu_price).not_negative().doc("of a capacity unit (LCU) for an hour");
  in.optional("requests_per_connection", charges.requests_per_connection)
      .at_least(1.0)
      .doc("requests that a client sends over one connection");
  in.optional("connection_time", charges.connection_time).not_negative().doc("time that a connection is open");
  in.optional("rules", charges.rules).between(1, 1000).doc("rules of the listener that a request is compared with");
}

}  // namespace

double capacity_unit_hours(const BalancerCharges& charges, double requests, double bytes_per_request) {
  const double connections = requests / charges.requests_per_connection;
  constexpr double hour = 3600, free_rules = 10;
  return std::max({connections / 25 / hour, connections * to_seconds(charges.connection_time) / 3000 / hour,
                   requests * bytes_per_request / 1e9, requests * std::max(0.0, charges.rules - free_rules) / 1000 / hour});
}

std::optional<LoadBalancerConfig> read_load_balancer(config::Section& fleet) {
  std::optional<LoadBalancerConfig> balancer;
  fleet.optional_section("load_balancer", "an Application Load Balancer before the instances; without it requests are split "
                         "evenly over those that serve, and none is sent to one that does not", [&](config::Section& in) {
    balancer.emplace();
    in.optional_choice<BalancingAlgorithm>(
          "algorithm", balancer->algorithm,
          {{"round_robin", BalancingAlgorithm::round_robin},
           {"least_outstanding_requests", BalancingAlgorithm::least_outstanding_requests}})
        .doc("to each target in turn, or to the one with the fewest requests in flight");
    in.optional_section("health_check", "how it learns whether a target answers",
                        [&](config::Section& check) { read_health_check(check, balancer->health_check); });
    const auto slow_start = in.optional("slow_start", balancer->slow_start)
                                .not_negative()
                                .doc("in which a new target's share grows to a full one, 30s to 15m; 0s: at once");
    if (slow_start.given() && balancer->slow_start > Duration{}) {
      if (balancer->slow_start < 30_s || balancer->slow_start > 900_s) {
        in.error("slow_start", "slow_start is not between 30 s and 15 min", "leave it out to send a full share at once");
      } else if (balancer->algorithm == BalancingAlgorithm::least_outstanding_requests) {
        in.error("slow_start", "slow_start does not go with least_outstanding_requests",
                 "leave it out, or write algorithm: round_robin");
      }
    }
    in.optional("deregistration_delay", balancer->deregistration_delay)
        .between(0_s, 3600_s)
        .doc("a target that leaves may finish its requests for this long; what is in flight then is lost");
    in.optional("cross_zone", balancer->cross_zone)
        .doc("whether every target gets the same; if not every zone does, however many targets it has");
    in.optional("fail_open", balancer->fail_open).doc("whether requests go to all targets when none is healthy");
    in.optional("nodes", balancer->nodes)
        .between(1, 1000)
        .default_is("one for each zone of the fleet")
        .doc("parts of the balancer, each of which deals its requests out in turn by itself");
    in.optional_section("charges", "what it costs, and what of its traffic AWS counts",
                        [&](config::Section& charges) { read_charges(charges, balancer->charges); });
  });
  return balancer;
}

std::optional<FailureConfig> read_failures(config::Section& fleet) {
  std::optional<FailureConfig> failures;
  fleet.optional_section("failures", "applications that fail on an instance which runs on", [&](config::Section& in) {
    failures.emplace();
    in.required("every", failures->every).positive().doc("time in service until the application of an instance fails");
    in.optional("lasts", failures->lasts)
        .positive()
        .default_is("until the instance is replaced")
        .doc("time until it answers again by itself");
    in.optional_choice<FailedAnswer>("answer", failures->answer,
                                     {{"nothing", FailedAnswer::nothing}, {"error", FailedAnswer::error}})
        .doc("what a failed instance says to requests and health checks: nothing until they time out, or an error at once");
  });
  return failures;
}

}  // namespace fleetsim
