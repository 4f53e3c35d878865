#include "models/demand/trace.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/sim/config/time_series.hpp"
#include "fleetsim/text.hpp"
#include "models/demand/weights.hpp"

namespace fleetsim::demand {
namespace {

using config::Section;
using config::UtcTime;

UtcTime after(UtcTime time, Duration span) {
  return {time.seconds_since_1970 + span.count() / nanoseconds_per_second};
}

/// False if the run does not fit where it begins in the trace, which is then reported.
bool check_fits(Section& in, const TraceDemand& demand, const DemandRun& run) {
  const config::RegularSeries& trace = *demand.trace;
  const UtcTime begin = demand.start.value_or(trace.start);
  const UtcTime end = after(trace.start, trace.span());
  if (begin < trace.start || begin >= end) {
    in.error("start", fmt::format("start: {} is not in the trace, which lasts from {} to {}", to_text(begin),
                                  to_text(trace.start), to_text(end)));
    return false;
  }
  if (demand.repeat) return true;
  const Duration rest = trace.span() - 1_s * (begin.seconds_since_1970 - trace.start.seconds_since_1970);
  if (rest < run.length) {
    in.error("trace", fmt::format("trace: lasts {} from {} on, the run {}", rest, to_text(begin), run.length),
             "repeat: true starts the trace again when it ends");
    return false;
  }
  if (demand.random_day && rest < run.length + 1_d) {
    in.warning("replay_start",
               fmt::format("replay_start: the trace lasts {}, the run {}: there is only one day to begin on", rest,
                           run.length));
  }
  return true;
}

/// The largest product of burst factors at any instant.
double burst_peak(const DemandConfig& demand) {
  double peak = 1;
  for (const DemandBurst& at : demand.bursts) {
    double product = 1;
    for (const DemandBurst& burst : demand.bursts) {
      if (burst.at <= at.at && at.at < burst.at + burst.duration) product *= burst.factor;
    }
    peak = std::max(peak, product);
  }
  return peak;
}

/// The highest rate of the shape before factor and bursts, in requests/s; empty after an error.
std::optional<double> shape_peak(Section& in, const DemandConfig& demand, const DemandRun& run) {
  if (const auto* constant = std::get_if<ConstantDemand>(&demand.shape)) return to_requests_per_second(constant->rate);
  if (const auto* stepped = std::get_if<SteppedDemand>(&demand.shape)) {
    double peak = 0;
    for (const DemandStep& step : stepped->steps) peak = std::max(peak, to_requests_per_second(step.rate));
    return peak;
  }
  const auto* trace = std::get_if<TraceDemand>(&demand.shape);
  if (trace != nullptr && !trace->mean) {
    const std::int64_t largest = *std::max_element(trace->trace->values.begin(), trace->trace->values.end());
    return static_cast<double>(largest) * 1e-6 / to_seconds(trace->trace->step);
  }
  const RegularShape shape = weights_of(demand);
  const Duration length = trace != nullptr ? run.length : week;
  const RequestRate mean = trace != nullptr ? *trace->mean : std::get<DailyDemand>(demand.shape).mean;
  const DemandBeginnings beginnings = demand_beginnings(demand, run);
  double peak = 0;
  for (std::int64_t day = 0; day < beginnings.days; ++day) {
    const Duration begin = trace != nullptr ? beginnings.first + day * 1_d : begin_in_week(run.start);
    const Int128 integral = shape.integral(begin, length);
    if (integral == 0) {
      // A daily shape has some hour above zero; only a stretch of a trace can be empty.
      in.error("trace", fmt::format("trace: there is no request in the {} from {} on, so they can't be scaled to a mean",
                                    length, to_text(trace != nullptr ? after(trace->trace->start, begin) : run.start)));
      return std::nullopt;
    }
    const double mean_weight = static_cast<double>(integral) / static_cast<double>(length.count());
    peak = std::max(peak, to_requests_per_second(mean) * static_cast<double>(weight_max) / mean_weight);
  }
  return peak;
}

}  // namespace

void read_trace(Section& in, DemandConfig& demand) {
  std::optional<config::FilePath> file;
  in.optional("trace", file).doc("requests in equal intervals: a CSV file, plain or .gz");
  std::string time_column = "time_utc";
  config::ValueColumn column{"requests", million};
  TraceDemand trace;
  in.when(in.has("trace"), "trace is given", [&](Section& of_trace) {
    of_trace.optional("time_column", time_column).doc("the column with each interval's beginning, in UTC");
    of_trace.optional("column", column.name).doc("the column with the requests in the interval");
    of_trace.optional("start", trace.start)
        .default_is("the beginning of the trace")
        .doc("the moment of the trace at which the run begins");
    of_trace.optional_choice("replay_start", trace.random_day, {{"beginning", false}, {"random_day", true}})
        .doc("where in the trace a replication begins; random_day: a whole number of days into it, drawn for each "
             "replication from the days that leave it inside the trace (from all days, with repeat)");
    of_trace.at_most_one_of({"start", "replay_start"});
    of_trace.optional("repeat", trace.repeat).doc("start the trace again when it ends before the run");
  });
  if (!file) return;
  if (auto series = config::read_regular_series(*file, time_column, column, in.diagnostics())) {
    trace.trace = std::make_shared<const config::RegularSeries>(std::move(*series));
    demand.shape = std::move(trace);
  }
}

void check_against_run(Section& in, const DemandConfig& demand, const DemandRun& run) {
  for (const DemandBurst& burst : demand.bursts) {
    if (burst.at < run.length || run.length <= Duration{}) continue;
    in.warning("bursts", fmt::format("bursts: the one at {} comes after the end of the run, which lasts {}", burst.at,
                                     run.length),
               "it has no effect");
  }
  const auto* trace = std::get_if<TraceDemand>(&demand.shape);
  if (trace != nullptr && (run.length <= Duration{} || !check_fits(in, *trace, run))) return;
  if (const auto* daily = std::get_if<DailyDemand>(&demand.shape)) {
    if (daily->mean == RequestRate{} || daily->hourly.size() != 24) return;
  }
  const std::optional<double> peak = shape_peak(in, demand, run);
  if (!peak) return;
  const double highest = *peak * std::max(1.0, demand.factor) * burst_peak(demand);
  if (highest > to_requests_per_second(demand_max)) {
    in.error_at(in.where(),
                fmt::format("demand reaches {:.3g} requests/s, at most {} are allowed", highest, demand_max));
  }
}

}  // namespace fleetsim::demand
