#include "models/fleet/latency.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::fleet {

double erlang_b(int servers, double offered_load) {
  double blocked = 1;  // by its recursion, which cannot overflow as the factorials do
  for (int k = 1; k <= servers; ++k) blocked = offered_load * blocked / (k + offered_load * blocked);
  return blocked;
}

double erlang_c(int servers, double offered_load) {
  const double blocked = erlang_b(servers, offered_load);
  const double utilization = offered_load / servers;
  return blocked / (1 - utilization * (1 - blocked));
}

namespace {
/// The tail of the response times decays at the rate of a server or of the queue; below 41 e^-40 nothing is left to compute.
constexpr double decays_most = 40;
}  // namespace

double late_fraction(int servers, double capacity, double arrivals, double budget) {
  if (budget <= 0 || arrivals >= capacity) return 1;
  const double service_rate = capacity / servers;
  const double drain_rate = capacity - arrivals;  // of the queue while all servers are busy
  const double slower = std::min(service_rate, drain_rate);
  const double faster = std::max(service_rate, drain_rate);
  if (slower * budget > decays_most) return 0;

  const double waits = erlang_c(servers, arrivals / service_rate);
  const double service_tail = std::exp(-service_rate * budget);
  // The sum of two exponentials, written so that rates which are nearly equal do not cancel.
  const double difference = faster - slower;
  const double second_stage = difference > 0 ? -std::expm1(-difference * budget) / difference : budget;
  const double wait_and_service_tail = std::exp(-slower * budget) * (1 + slower * second_stage);
  return std::clamp((1 - waits) * service_tail + waits * wait_and_service_tail, 0.0, 1.0);
}

double punctual_arrivals(int servers, double capacity, double budget) {
  const double most = capacity - decays_most / budget * (1 + 1e-6);
  // The drain rate falls as arrivals rise, so what holds for these holds for fewer.
  return most >= 0 && late_fraction(servers, capacity, most, budget) == 0 ? most : -1;
}

}  // namespace fleetsim::fleet
