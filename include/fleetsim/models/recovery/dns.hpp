#pragma once
/// How long health checks take to see a failure and clients to follow a changed DNS record.
///
/// Truth:      a checker fails after k failed checks in a row, the first of them U(0, interval) after the failure, the
///             last one known `timeout` later; the endpoint is unhealthy once at most 18 % of the checkers find it
///             healthy [1]. A resolver that honours the TTL asks anew U(0, TTL) after the record changed.
/// Leaves out: checkers that disagree for other reasons; clients that never ask again.
/// Source:     [1] Amazon Route 53 developer guide, dns-failover-determining-health-of-endpoints; [2] the same,
///             health-checks-how-route-53-chooses-records.

#include <cstdint>

#include "fleetsim/sim/random.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

namespace config { class Section; }

struct DnsHealthCheckConfig {
  Duration interval = Duration::of(30 * nanoseconds_per_second);  ///< 30 s, or 10 s for fast checks [1]
  std::int64_t failure_threshold = 3;                             ///< checks in a row, 1 to 10
  Duration timeout = Duration::of(6 * nanoseconds_per_second);    ///< HTTP: 4 s to connect, 2 s to answer [1]
  std::int64_t checkers = 16;     ///< Route 53 does not publish how many
  Ratio healthy_above{0.18};      ///< of the checkers, for the endpoint to count as healthy [1]
};
DnsHealthCheckConfig read_dns_health_check(config::Section& in);

/// From the failure until the endpoint counts as unhealthy: the first check of each checker is drawn.
Duration detection_time(const DnsHealthCheckConfig& check, Stream& stream);
/// Its mean: (k - 1) i + i m / (n + 1) + timeout, m the number of checkers that must fail, by the mean of the m-th order
/// statistic of n uniform numbers.
Duration mean_detection_time(const DnsHealthCheckConfig& check);
/// No draw is longer: k i + timeout.
Duration longest_detection_time(const DnsHealthCheckConfig& check);
/// How many checkers must fail.
std::int64_t checkers_to_fail(const DnsHealthCheckConfig& check);

struct DnsConfig {
  Duration ttl = Duration::of(60 * nanoseconds_per_second);
  Ratio moved{0.95};          ///< share of the clients that must have moved for the service to count as restored
  Ratio stale_share{0.02};    ///< of the resolvers keep a record longer than its TTL
  std::int64_t stale_factor = 10;  ///< so many times as long
};
DnsConfig read_dns(config::Section& in);

/// From the change of the record until the share `moved` of the clients has seen it: solves
/// (1 - stale) min(1, t / TTL) + stale min(1, t / (factor TTL)) = moved.
Duration redirection_time(const DnsConfig& dns);
/// Mean over all clients: TTL / 2 for those that honour it.
Duration mean_client_wait(const DnsConfig& dns);

/// Failover records: the primary while it is healthy, else the secondary if that is; if none is healthy all count as
/// healthy, so the primary [2]. True: the primary answers.
bool primary_answers(bool primary_healthy, bool secondary_healthy);

}  // namespace fleetsim
