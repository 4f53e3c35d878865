#pragma once
/// The share of responses that come too late, from a queueing approximation.
/// Source: the Erlang C formula and the sum of an exponential wait and an exponential service, as in any text on
/// queueing, for example Kleinrock, Queueing Systems I (1975), 3.5.

namespace fleetsim::fleet {

/// Probability that an arrival to k servers without a queue finds all of them busy (M/M/k/k). servers >= 1;
/// offered_load >= 0.
double erlang_b(int servers, double offered_load);

/// Probability that an arrival to an M/M/k queue has to wait. servers >= 1; offered_load: arrivals / service rate of
/// one server, in [0, servers).
double erlang_c(int servers, double offered_load);

/// P(response time > budget) in an M/M/k queue: Poisson arrivals, k servers, exponential service, first come first
/// served. Exact for that queue; for an instance it is an approximation (docs/models/fleet.md, "The deadline").
/// servers: vCPUs, >= 1. capacity: requests/s at 100 % utilization, > 0. arrivals: admitted requests/s, >= 0.
/// budget: seconds left for queueing and service; everything is late when it is not positive.
/// Returns 0 for shares below 2e-16, and 1 when arrivals reach capacity.
double late_fraction(int servers, double capacity, double arrivals, double budget);

/// late_fraction of one kind of instance: what does not depend on the arrivals is computed once. Parameters as there.
class Lateness {
 public:
  Lateness(int servers, double capacity, double budget);
  /// late_fraction of so many arrivals.
  double of(double arrivals) const;
  /// Up to so many arrivals it is 0; below zero if it may never be.
  double punctual_arrivals() const;

 private:
  int servers_;
  double capacity_, budget_;
  double service_rate_;   // of one server
  double service_tail_;   // P(service time > budget)
};

}  // namespace fleetsim::fleet
