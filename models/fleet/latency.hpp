#pragma once
/// The share of responses that come too late, from a queueing approximation.

namespace fleetsim::fleet {

/// P(response time > budget) in an M/M/k queue: Poisson arrivals, k servers, exponential service, first come first
/// served. Exact for that queue; for an instance it is an approximation (docs/models/fleet.md, "The deadline").
/// Source: the Erlang C formula and the sum of an exponential wait and an exponential service, as in any text on
/// queueing, for example Kleinrock, Queueing Systems I (1975), 3.5.
/// servers: vCPUs, >= 1. capacity: requests/s at 100 % utilization, > 0. arrivals: admitted requests/s, >= 0.
/// budget: seconds left for queueing and service; everything is late when it is not positive.
/// Returns 0 for shares below 10^-15, and 1 when arrivals reach capacity.
double late_fraction(int servers, double capacity, double arrivals, double budget);

}  // namespace fleetsim::fleet
