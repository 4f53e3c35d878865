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

Duration retry_wait(const LaunchRetryConfig& retry, int failures, Stream& stream) {
  const double wait = std::min(to_seconds(retry.initial) * std::pow(retry.factor, failures), to_seconds(retry.max));
  const double spread = retry.jitter.value * (2 * stream.uniform() - 1);
  return seconds(wait * (1 + spread));
}

}  // namespace fleetsim::auto_scaling
