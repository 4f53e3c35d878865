#include "fleetsim/models/recovery/dns.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

DnsHealthCheckConfig read_dns_health_check(config::Section& in) {
  DnsHealthCheckConfig check;
  in.optional("interval", check.interval).between(10_s, 30_s).doc("between two checks of one checker: 30s, or 10s");
  in.optional("failure_threshold", check.failure_threshold)
      .between(std::int64_t{1}, std::int64_t{10})
      .doc("failed checks in a row until a checker finds the endpoint unhealthy");
  in.optional("timeout", check.timeout).between(Duration{}, 1_min).doc("until a check without an answer has failed");
  in.optional("checkers", check.checkers)
      .between(std::int64_t{1}, std::int64_t{1000})
      .doc("that check the endpoint; Route 53 does not say how many");
  in.optional("healthy_above", check.healthy_above)
      .between(Ratio{0}, Ratio{0.99})
      .doc("share of the checkers above which the endpoint counts as healthy");
  return check;
}

std::int64_t checkers_to_fail(const DnsHealthCheckConfig& check) {
  // Of n checkers m failed: healthy while (n - m) / n > share.
  const double healthy_most = check.healthy_above.value * static_cast<double>(check.checkers);
  return check.checkers - static_cast<std::int64_t>(std::floor(healthy_most + 1e-9));
}

Duration detection_time(const DnsHealthCheckConfig& check, Stream& stream) {
  std::vector<double> phases(static_cast<std::size_t>(check.checkers));
  for (double& phase : phases) phase = stream.uniform();
  const auto last = phases.begin() + checkers_to_fail(check) - 1;
  std::nth_element(phases.begin(), last, phases.end());
  return check.interval * (check.failure_threshold - 1) + seconds(*last * to_seconds(check.interval)) + check.timeout;
}

Duration mean_detection_time(const DnsHealthCheckConfig& check) {
  return check.interval * (check.failure_threshold - 1) +
         Duration::of(check.interval.count() * checkers_to_fail(check) / (check.checkers + 1)) + check.timeout;
}

Duration longest_detection_time(const DnsHealthCheckConfig& check) {
  return check.interval * check.failure_threshold + check.timeout;
}

DnsConfig read_dns(config::Section& in) {
  DnsConfig dns;
  in.optional("ttl", dns.ttl).between(Duration{}, 172'800_s).doc("time to live of the record; 60s for failover records");
  in.optional("moved", dns.moved)
      .between(Ratio{0}, Ratio{1})
      .doc("share of the clients that must follow the record for the service to count as restored");
  in.optional("stale_share", dns.stale_share)
      .between(Ratio{0}, Ratio{1})
      .doc("share of the clients whose resolvers keep a record longer than its ttl");
  in.optional("stale_factor", dns.stale_factor)
      .between(std::int64_t{1}, std::int64_t{1000})
      .doc("how many times as long those keep it");
  return dns;
}

Duration redirection_time(const DnsConfig& dns) {
  const double ttl = to_seconds(dns.ttl), stale = dns.stale_share.value, moved = dns.moved.value;
  const auto factor = static_cast<double>(dns.stale_factor);
  const double at_ttl = (1 - stale) + stale / factor;  // moved when the TTL has passed
  if (moved <= at_ttl) return seconds(ttl * moved / at_ttl);
  return seconds(std::min(1.0, (moved - (1 - stale)) / stale) * factor * ttl);
}

Duration mean_client_wait(const DnsConfig& dns) {
  const double stale = dns.stale_share.value;
  return seconds(to_seconds(dns.ttl) / 2 * ((1 - stale) + stale * static_cast<double>(dns.stale_factor)));
}

bool primary_answers(bool primary_healthy, bool secondary_healthy) { return primary_healthy || !secondary_healthy; }

}  // namespace fleetsim
