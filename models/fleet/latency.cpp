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

Lateness::Lateness(int servers, double capacity, double budget)
    : servers_(servers), capacity_(capacity), budget_(budget), service_rate_(capacity / servers),
      service_tail_(std::exp(-service_rate_ * budget)) {}

double Lateness::of(double arrivals) const {
  if (budget_ <= 0 || arrivals >= capacity_) return 1;
  const double drain_rate = capacity_ - arrivals;  // of the queue while all servers are busy
  const double slower = std::min(service_rate_, drain_rate);
  const double faster = std::max(service_rate_, drain_rate);
  if (slower * budget_ > decays_most) return 0;

  const double waits = erlang_c(servers_, arrivals / service_rate_);
  // The sum of two exponentials, written so that rates which are nearly equal do not cancel.
  const double difference = faster - slower;
  const double second_stage = difference > 0 ? -std::expm1(-difference * budget_) / difference : budget_;
  const double slower_tail = drain_rate < service_rate_ ? std::exp(-slower * budget_) : service_tail_;
  const double wait_and_service_tail = slower_tail * (1 + slower * second_stage);
  return std::clamp((1 - waits) * service_tail_ + waits * wait_and_service_tail, 0.0, 1.0);
}

double Lateness::punctual_arrivals() const {
  const double most = capacity_ - decays_most / budget_ * (1 + 1e-6);
  // The drain rate falls as arrivals rise, so what holds for these holds for fewer.
  return most >= 0 && of(most) == 0 ? most : -1;
}

double late_fraction(int servers, double capacity, double arrivals, double budget) {
  return Lateness(servers, capacity, budget).of(arrivals);
}

}  // namespace fleetsim::fleet
