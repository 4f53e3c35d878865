#include "models/auto_scaling/choices.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::auto_scaling {

std::int64_t on_demand_count(const PurchaseMix& mix, std::int64_t total) {
  const std::int64_t above = std::max<std::int64_t>(0, total - mix.on_demand_base);
  // A small excess over a whole number is rounding of the share, not an instance.
  const double share = mix.on_demand_above_base.value * static_cast<double>(above);
  return std::min(total, mix.on_demand_base) + static_cast<std::int64_t>(std::ceil(share - 1e-9));
}

Duration retry_wait(const LaunchRetryConfig& retry, int failures, Stream& stream) {
  const double wait = std::min(to_seconds(retry.initial) * std::pow(retry.factor, failures), to_seconds(retry.max));
  const double spread = retry.jitter.value * (2 * stream.uniform() - 1);
  return std::max(seconds(wait * (1 + spread)), 1_ns);
}

}  // namespace fleetsim::auto_scaling
