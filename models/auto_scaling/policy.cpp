#include "models/auto_scaling/policy.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::auto_scaling {

namespace {
/// Percentage points by which `percent` is above `threshold`, without the noise of summing a mean.
double points_above(double percent, double threshold) { return std::round((percent - threshold) * 1e9) / 1e9; }
}  // namespace

bool is_high(const GroupConfig& group, double percent) { return points_above(percent, group.scale_out_above) > 0; }
bool is_low(const GroupConfig& group, double percent) { return points_above(percent, group.scale_in_below) < 0; }

bool steps_are_ordered(const std::vector<ScaleOutStep>& steps) {
  return !steps.empty() && steps.front().above == 0 &&
         std::adjacent_find(steps.begin(), steps.end(), [](const ScaleOutStep& a, const ScaleOutStep& b) {
           return b.above <= a.above;
         }) == steps.end();
}

std::int64_t scale_out_count(const GroupConfig& group, double percent) {
  const double excess = points_above(percent, group.scale_out_above);
  if (excess <= 0) return 0;
  std::int64_t count = 0;
  for (const ScaleOutStep& step : group.scale_out_steps) {
    if (excess >= step.above) count = step.count;
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
  return std::max(seconds(wait * (1 + spread)), 1_ns);
}

}  // namespace fleetsim::auto_scaling
