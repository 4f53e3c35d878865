#include "fleetsim/models/demand/profile.hpp"

#include <algorithm>
#include <iterator>

#include "fleetsim/sim/invariant.hpp"
#include "models/demand/weights.hpp"

namespace fleetsim {
namespace {

RequestRate times(RequestRate rate, std::int64_t factor_micro) {
  return RequestRate::of(
      static_cast<std::int64_t>(divide_rounded(static_cast<Int128>(rate.count()) * factor_micro, demand::million)));
}

/// Turns weights into micro-requests/s of which a run of `length` from `begin` on has the mean `mean`.
void scale_to_mean(RegularShape& shape, RequestRate mean, Duration begin, Duration length) {
  // The mean weight has 20 bits more than a weight, so that its rounding is far below a micro-request.
  constexpr std::int64_t finer = std::int64_t{1} << 20;
  const Int128 mean_weight = divide_rounded(shape.integral(begin, length) * finer, length.count());
  invariant(mean_weight > 0, "a shape that is scaled to a mean has some demand in the run");
  for (std::int64_t& row : shape.rows) {
    row = static_cast<std::int64_t>(divide_rounded(static_cast<Int128>(mean.count()) * row * finer, mean_weight));
  }
}

/// Turns the counts of a trace into micro-requests/s.
void set_recorded_rates(RegularShape& shape, const config::RegularSeries& trace) {
  std::transform(trace.values.begin(), trace.values.end(), shape.rows.begin(), [&](std::int64_t requests_micro) {
    return static_cast<std::int64_t>(
        divide_rounded(static_cast<Int128>(requests_micro) * nanoseconds_per_second, trace.step.count()));
  });
}

}  // namespace

DemandProfile::DemandProfile(const DemandConfig& config, const DemandRun& run, Duration begin) : begin_(begin) {
  const std::int64_t factor = demand::to_micro(config.factor);
  if (const auto* constant = std::get_if<ConstantDemand>(&config.shape)) {
    steps_ = {{Duration{}, times(constant->rate, factor)}};
  } else if (const auto* stepped = std::get_if<SteppedDemand>(&config.shape)) {
    for (const DemandStep& step : stepped->steps) steps_.push_back({step.at, times(step.rate, factor)});
  } else {
    shape_ = demand::weights_of(config);
    if (const auto* daily = std::get_if<DailyDemand>(&config.shape)) {
      begin_ = demand::begin_in_week(run.start);
      scale_to_mean(shape_, daily->mean, begin_, demand::week);
    } else if (const auto& trace = std::get<TraceDemand>(config.shape); trace.mean) {
      scale_to_mean(shape_, *trace.mean, begin_, run.length);
    } else {
      set_recorded_rates(shape_, *trace.trace);
    }
    for (std::int64_t& row : shape_.rows) row = times(RequestRate::of(row), factor).count();
  }
  for (const DemandBurst& burst : config.bursts) {
    bursts_.push_back({burst.at, burst.at + burst.duration, demand::to_micro(burst.factor)});
  }
}

DemandProfile::Piece DemandProfile::without_bursts(Duration t) const {
  if (!shape_.rows.empty()) {
    const RegularShape::Piece piece = shape_.at(begin_, t);
    return {RequestRate::of(piece.value), piece.end};
  }
  const auto next = std::upper_bound(steps_.begin(), steps_.end(), t,
                                     [](Duration instant, const DemandStep& step) { return instant < step.at; });
  return {next == steps_.begin() ? RequestRate{} : std::prev(next)->rate,
          next == steps_.end() ? Duration::max() : next->at};
}

DemandProfile::Piece DemandProfile::at(Duration t) const {
  Piece piece = without_bursts(t);
  for (const Burst& burst : bursts_) {
    if (t < burst.begin) {
      piece.end = std::min(piece.end, burst.begin);
    } else if (t < burst.end) {
      piece.end = std::min(piece.end, burst.end);
      piece.rate = times(piece.rate, burst.factor_micro);
    }
  }
  return piece;
}

DemandBeginnings demand_beginnings(const DemandConfig& config, const DemandRun& run) {
  const auto* trace = std::get_if<TraceDemand>(&config.shape);
  if (trace == nullptr) return {};
  if (trace->start) {
    return {1_s * (trace->start->seconds_since_1970 - trace->trace->start.seconds_since_1970), 1};
  }
  if (!trace->random_day) return {};
  const Duration last = trace->trace->span() - (trace->repeat ? Duration::of(1) : run.length);
  return {Duration{}, last.count() / Duration{1_d}.count() + 1};
}

}  // namespace fleetsim
