#include "models/fleet/latency.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::fleet {

namespace {
/// Probability that an arrival waits, by the recursion of Erlang B, which cannot overflow.
double erlang_c(int servers, double offered_load) {
  double blocked = 1;  // Erlang B
  for (int k = 1; k <= servers; ++k) blocked = offered_load * blocked / (k + offered_load * blocked);
  const double utilization = offered_load / servers;
  return blocked / (1 - utilization * (1 - blocked));
}
}  // namespace

double late_fraction(int servers, double capacity, double arrivals, double budget) {
  if (budget <= 0 || arrivals >= capacity) return 1;
  const double service_rate = capacity / servers;
  const double drain_rate = capacity - arrivals;  // of the queue while all servers are busy
  // The tail decays at the smaller rate; below e^-40 nothing is left to compute.
  if (std::min(service_rate, drain_rate) * budget > 40) return 0;

  const double waits = erlang_c(servers, arrivals / service_rate);
  const double service_tail = std::exp(-service_rate * budget);
  const double difference = drain_rate - service_rate;
  // Equal rates: the limit, a two-stage Erlang tail.
  const double wait_and_service_tail =
      std::abs(difference) < 1e-9 * service_rate
          ? (1 + service_rate * budget) * service_tail
          : (drain_rate * service_tail - service_rate * std::exp(-drain_rate * budget)) / difference;
  return std::clamp((1 - waits) * service_tail + waits * wait_and_service_tail, 0.0, 1.0);
}

}  // namespace fleetsim::fleet
