#include "models/demand/weights.hpp"

#include <algorithm>

namespace fleetsim::demand {
namespace {

std::vector<std::int64_t> normalized(const std::vector<std::int64_t>& rows) {
  const std::int64_t largest = *std::max_element(rows.begin(), rows.end());
  std::vector<std::int64_t> weights(rows.size());
  if (largest == 0) return weights;
  std::transform(rows.begin(), rows.end(), weights.begin(), [&](std::int64_t row) {
    return static_cast<std::int64_t>(divide_rounded(static_cast<Int128>(row) * weight_max, largest));
  });
  return weights;
}

std::vector<std::int64_t> rows_of(const DailyDemand& daily) {
  std::vector<std::int64_t> rows;
  for (const double of_day : daily.weekly.empty() ? std::vector<double>(7, 1.0) : daily.weekly) {
    for (const double of_hour : daily.hourly) rows.push_back(to_micro(of_hour * of_day));
  }
  return rows;
}

}  // namespace

Duration begin_in_week(config::UtcTime start) {
  constexpr std::int64_t week_s = 7 * 24 * 3600;
  constexpr std::int64_t first_monday_s = 4 * 24 * 3600;  // 1970-01-01 was a Thursday
  const std::int64_t since_monday = (start.seconds_since_1970 - first_monday_s) % week_s;
  return 1_s * (since_monday < 0 ? since_monday + week_s : since_monday);
}

RegularShape weights_of(const DemandConfig& config) {
  RegularShape shape;
  shape.interpolation = config.interpolation;
  shape.resolution = config.resolution;
  if (const auto* daily = std::get_if<DailyDemand>(&config.shape)) {
    shape.rows = normalized(rows_of(*daily));
    shape.step = 1_h;
    shape.repeat = true;
  } else {
    const auto& trace = std::get<TraceDemand>(config.shape);
    shape.rows = normalized(trace.trace->values);
    shape.step = trace.trace->step;
    shape.repeat = trace.repeat;
  }
  return shape;
}

}  // namespace fleetsim::demand
