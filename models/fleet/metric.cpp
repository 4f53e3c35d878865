#include "models/fleet/metric.hpp"

#include <algorithm>

namespace fleetsim::fleet {

double metric_percent(const FleetConfig& config, double offered, double admitted, double capacity) {
  const auto utilization = [&] { return admitted / capacity; };
  const auto drops = [&] { return offered > 0 ? 1 - admitted / offered : 0; };
  double percent = 0;
  switch (config.metric) {
    case FleetMetric::demanded_utilization:
      percent = 100 * offered / capacity;  // = 100 u / (1 - d), also where admitted is zero
      break;
    case FleetMetric::utilization_or_drops:
      percent = 100 * std::max(utilization(), drops() / config.metric_drop_reference.value);
      break;
    case FleetMetric::utilization_and_drops: {
      const double weight = config.metric_utilization_weight.value;
      percent = 100 * (weight * utilization() + (1 - weight) * drops());
      break;
    }
  }
  return std::min(percent, config.metric_cap);
}

}  // namespace fleetsim::fleet
