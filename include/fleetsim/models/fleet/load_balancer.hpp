#pragma once
/// How a load balancer spreads requests over its targets, and how it learns that one of them no longer answers.
/// Source: Application Load Balancers user guide, target groups and health checks (docs/models/fleet.md, [9]).

#include <cstdint>
#include <optional>

#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

namespace config { class Section; }

enum class BalancingAlgorithm : std::uint8_t {
  round_robin,                ///< to each target in turn
  least_outstanding_requests  ///< to the target with the fewest requests in flight
};

/// A check every `interval` from registration on. A target that answers none within `timeout` fails it.
struct HealthCheckConfig {
  Duration interval = Duration::of(30 * nanoseconds_per_second);
  Duration timeout = Duration::of(5 * nanoseconds_per_second);
  int first_healthy_count = 1;  ///< checks that a new target passes before its first request
  int healthy_count = 5;        ///< in a row, until an unhealthy target is healthy again
  int unhealthy_count = 2;      ///< failed in a row, until a healthy target is unhealthy
};

/// What AWS charges an Application Load Balancer for: hours, and capacity units by the largest of four measures.
struct BalancerCharges {
  std::optional<UsdPerHour> price;         ///< empty: the Region's
  UsdPerHour lcu_price = UsdPerHour::of(8'000'000);  ///< of a capacity unit
  double requests_per_connection = 100;
  Duration connection_time = Duration::of(60 * nanoseconds_per_second);  ///< that one is open
  int rules = 1;                           ///< that each request is compared with
};
/// Capacity-unit hours of so many requests: an LCU is 25 new connections/s, 3,000 active connections, 1 GB/h or 1,000 rules
/// evaluated a second, of which ten for each request are free. All four grow with the requests, so the largest is the same one
/// at every load.
double capacity_unit_hours(const BalancerCharges& charges, double requests, double bytes_per_request);

struct LoadBalancerConfig {
  BalancingAlgorithm algorithm = BalancingAlgorithm::round_robin;
  HealthCheckConfig health_check;
  Duration slow_start;          ///< a new target's share grows to a full one; 0: off
  Duration deregistration_delay = Duration::of(300 * nanoseconds_per_second);
  bool cross_zone = true;       ///< false: each zone gets the same, however many targets it has
  bool fail_open = true;        ///< with no healthy target, send to all
  std::optional<int> nodes;     ///< each deals its requests out by itself; empty: one for each zone
  BalancerCharges charges;
};

/// What a failed instance does with requests and health checks.
enum class FailedAnswer : std::uint8_t {
  nothing,  ///< the client waits in vain
  error     ///< at once
};
/// The application on an instance fails, while EC2 sees nothing wrong.
struct FailureConfig {
  DurationDistribution every;                 ///< in service, until it fails
  std::optional<DurationDistribution> lasts;  ///< empty: until somebody replaces the instance
  FailedAnswer answer = FailedAnswer::nothing;
};

/// Read `load_balancer` and `failures` of a fleet; empty where they are not given.
std::optional<LoadBalancerConfig> read_load_balancer(config::Section& fleet);
std::optional<FailureConfig> read_failures(config::Section& fleet);

}  // namespace fleetsim
