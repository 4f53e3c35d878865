#pragma once
/// The composite metric of an instance, a pure function of what it was offered and what it could serve.

#include "fleetsim/models/fleet.hpp"

namespace fleetsim::fleet {

/// In percent. offered: requests/s that reached the instance, >= 0. capacity: requests/s at 100 % utilization, > 0.
/// admitted: of the offered, those it accepted.
double metric_percent(const FleetConfig& config, double offered, double admitted, double capacity);

}  // namespace fleetsim::fleet
