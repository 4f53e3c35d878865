// Health checks and records, by their formulas.

#include "fleetsim/models/recovery/dns.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "support/catch.hpp"

using namespace fleetsim;

TEST_CASE("health check: detection lies between (k - 1) i and k i after the failure, plus the time-out", "[recovery][stochastic]") {
  for (const Duration interval : {10_s, 30_s}) {
    const DnsHealthCheckConfig check{.interval = interval, .failure_threshold = 3, .timeout = 6_s, .checkers = 16, .healthy_above = {0.18}};
    CHECK(checkers_to_fail(check) == 14);  // 2 of 16 are 12.5 %, 3 would be 18.75 %
    CHECK(longest_detection_time(check) == interval * 3 + 6_s);  // 96 s, and 36 s for fast checks
    Stream stream(3, 0, "detection");
    Tally times;
    for (int i = 0; i < 4000; ++i) {
      const Duration time = detection_time(check, stream);
      CHECK(time >= interval * 2 + 6_s);
      CHECK(time <= longest_detection_time(check));
      times.add(to_seconds(time));
    }
    const double mean = to_seconds(mean_detection_time(check));
    CHECK_THAT(times.mean(), Catch::Matchers::WithinAbs(mean, 4 * times.standard_error()));
    // The 0.82-quantile of one checker's first check, for very many checkers.
    CHECK_THAT(mean, Catch::Matchers::WithinAbs(to_seconds(interval) * 2.82 + 6, 0.1 * to_seconds(interval) * 0.1));
  }
}

TEST_CASE("DNS: clients move within the TTL, stale ones later", "[recovery][analytic]") {
  CHECK(redirection_time({.ttl = 60_s, .moved = {1}, .stale_share = {0}, .stale_factor = 10}) == 60_s);
  CHECK(redirection_time({.ttl = 60_s, .moved = {0.5}, .stale_share = {0}, .stale_factor = 10}) == 30_s);
  // 2 % ask every 600 s: all have moved after that.
  CHECK(redirection_time({.ttl = 60_s, .moved = {1}, .stale_share = {0.02}, .stale_factor = 10}) == 600_s);
  // At 300 s half of the stale ones: 99 %.
  CHECK_THAT(to_seconds(redirection_time({.ttl = 60_s, .moved = {0.99}, .stale_share = {0.02}, .stale_factor = 10})),
             Catch::Matchers::WithinAbs(300, 1e-6));
}

TEST_CASE("DNS: a TTL of 1,200 s makes clients wait 600 s in the mean, one of 30 s 15 s", "[recovery][table]") {
  for (const auto& [ttl, mean] : {std::pair(1200_s, 600_s), std::pair(30_s, 15_s)}) {
    CHECK(mean_client_wait({.ttl = ttl, .moved = {1}, .stale_share = {0}, .stale_factor = 1}) == mean);
    CHECK(redirection_time({.ttl = ttl, .moved = {1}, .stale_share = {0}, .stale_factor = 1}) == ttl);
  }
}

TEST_CASE("DNS: failover records answer as Route 53 does", "[recovery][table]") {
  CHECK(primary_answers(true, true));
  CHECK(primary_answers(true, false));
  CHECK_FALSE(primary_answers(false, true));
  CHECK(primary_answers(false, false));  // none is healthy: all count as healthy
}
