#include "models/spot_market/risks.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::spot_market {

std::optional<Duration> foresee(const RebalanceSignals& signals, Stream& risks, Duration until) {
  // All are drawn each time, so that other settings leave later draws as they are.
  const bool early = risks.chance(signals.early.value);
  const Duration lead = signals.lead.sample(risks);
  const bool false_alarm = risks.chance(signals.false_alarms.value);
  const double share = risks.uniform();
  std::optional<Duration> at;
  if (false_alarm) at = Duration::of(std::llround(share * static_cast<double>(until.count())));
  if (early) at = std::min(at.value_or(until), std::max(Duration{}, until - lead));
  return at;
}

}  // namespace fleetsim::spot_market
