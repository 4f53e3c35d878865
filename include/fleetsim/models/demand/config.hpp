#pragma once
/// What a scenario says about a demand.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fleetsim/sim/config/time_series.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// No demand is higher, so that products of rates and times fit their integers.
inline constexpr RequestRate demand_max = 1'000'000'000'000_per_s;

struct ConstantDemand { RequestRate rate; };

/// The rate is `rate` from `at` on. Before the first step it is zero.
struct DemandStep {
  Duration at;
  RequestRate rate;
};
struct SteppedDemand { std::vector<DemandStep> steps; };  ///< `at` rises strictly

/// Hours of the day (UTC) and days of the week multiply; only their proportions count.
struct DailyDemand {
  std::vector<double> hourly;               ///< 24, from midnight UTC on; not negative, not all zero
  std::vector<double> weekly;               ///< 7, from Monday on; or empty: all days alike
  RequestRate mean;                         ///< over the whole cycle
};

/// Requests counted in equal intervals.
struct TraceDemand {
  std::shared_ptr<const config::RegularSeries> trace;  ///< requests in each interval, not negative
  std::optional<RequestRate> mean;          ///< over the run, whatever the trace's own; empty: as recorded
  std::optional<config::UtcTime> start;     ///< where in the trace the run begins; empty: at its first interval
  bool random_day = false;                  ///< begin a whole number of days after its first interval, drawn for each
                                            ///< replication, so that the hour of the day is kept
  bool repeat = false;                      ///< start again when the trace ends before the run
};

enum class Interpolation : std::uint8_t {
  step,   ///< each interval at its mean rate
  linear  ///< a line through the mean rates, each in the middle of its interval
};

struct DemandBurst {
  Duration at;
  Duration duration;                        ///< > 0
  double factor = 1;                        ///< >= 0; where bursts overlap their factors multiply
};

struct DemandConfig {
  std::string name;
  std::variant<ConstantDemand, SteppedDemand, DailyDemand, TraceDemand> shape;
  double factor = 1;                        ///< multiplies every rate, after scaling to a mean
  Interpolation interpolation = Interpolation::step;
  Duration resolution = 60_s;               ///< of a line: it is held level for so long, at the value of the middle
  std::vector<DemandBurst> bursts;
};

/// When a run begins on the calendar and how long it is, for shapes and traces that depend on it.
struct DemandRun {
  config::UtcTime start;
  Duration length;
};

}  // namespace fleetsim
