#include "models/auto_scaling/forecast.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim::auto_scaling {

void LoadHistory::add(std::int64_t hour, std::optional<double> load) {
  const auto slot = static_cast<std::size_t>(hour % history_hours);
  loads_[slot] = load.value_or(0);
  known_[slot] = load.has_value();
  last_ = hour;
  hours_ = std::min(hours_ + 1, hours_max_);
}

std::optional<double> LoadHistory::expected(std::int64_t hour) const {
  if (hours_ < history_needed) return std::nullopt;
  const auto mean_of_every = [&](int period) -> std::optional<double> {
    double sum = 0;
    int count = 0;
    for (std::int64_t past = last_; past > last_ - hours_; --past) {
      if ((hour - past) % period != 0) continue;
      const auto slot = static_cast<std::size_t>(past % history_hours);
      if (!known_[slot]) continue;
      sum += loads_[slot];
      ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / count;
  };
  const std::optional<double> of_week = mean_of_every(hours_of_week);
  return of_week ? of_week : mean_of_every(24);
}

std::int64_t forecast_capacity(double load, const ForecastRule& rule) {
  return static_cast<std::int64_t>(std::ceil(load / rule.target - 1e-9));
}

std::int64_t forecast_max(std::int64_t forecast, const ForecastRule& rule, std::int64_t max) {
  if (!rule.max_buffer || forecast <= max) return max;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(forecast) * (1 + rule.max_buffer->value) - 1e-9));
}

}  // namespace fleetsim::auto_scaling
