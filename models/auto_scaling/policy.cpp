#include "models/auto_scaling/policy.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::auto_scaling {

std::int64_t scale_out_count(const GroupConfig& group, double percent) {
  const double excess = percent - group.scale_out_above;
  if (excess <= 0) return 0;
  std::int64_t count = 0;
  for (const ScaleOutStep& step : group.scale_out_steps) {
    if (excess >= step.above) count = step.count;  // the steps rise
  }
  return count;
}

std::int64_t on_demand_count(const PurchaseMix& mix, std::int64_t total) {
  const std::int64_t above = std::max<std::int64_t>(0, total - mix.on_demand_base);
  // A small excess over a whole number is rounding of the share, not an instance.
  const double share = mix.on_demand_above_base.value * static_cast<double>(above);
  return std::min(total, mix.on_demand_base) + static_cast<std::int64_t>(std::ceil(share - 1e-9));
}

Duration retry_wait(const LaunchRetryConfig& retry, int failures, Stream& stream) {
  const double wait = std::min(to_seconds(retry.initial) * std::pow(retry.factor, failures), to_seconds(retry.max));
  const double spread = retry.jitter.value * (2 * stream.uniform() - 1);
  return seconds(wait * (1 + spread));
}

}  // namespace fleetsim::auto_scaling
