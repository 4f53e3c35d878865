#include "models/spot_market/calibration/durations.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fleetsim::calibration {
namespace {

/// The form that is written into a scenario. Availability must come out right, so the mean counts before the last
/// hundredth of a distance: an exponential if it stands the test; else a hyper-exponential, whose mean is the sample's;
/// else, where durations vary less than an exponential's, the form at the smallest distance.
std::optional<std::size_t> choose(const std::vector<ModelFit>& models, double cv) {
  std::optional<std::size_t> nearest, exponential, mixture;
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!nearest || models[i].ks_on_grid < models[*nearest].ks_on_grid) nearest = i;
    if (models[i].name == "exponential") exponential = i;
    if (models[i].name == "hyperexponential") mixture = i;
  }
  if (exponential && !models[*exponential].rejected) return exponential;
  return mixture && cv > 1 ? mixture : nearest;
}

}  // namespace

const ModelFit* Durations::model(std::string_view name) const {
  for (const ModelFit& candidate : models) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

Runs runs_of(const StepTrace<std::int64_t>& trace, std::int64_t needed, Duration begin, Duration end) {
  Runs runs;
  bool first = true;
  Duration run_begin = begin;
  std::optional<bool> open;
  const auto close_run = [&](Duration run_end, bool at_end) {
    if (run_end <= run_begin) return;
    if (*open) runs.open_time += run_end - run_begin;
    fit::Sample& sample = *open ? runs.up : runs.down;
    if (!std::exchange(first, false)) {
      (at_end ? sample.censored : sample.ended).push_back(to_seconds(run_end - run_begin));
    }
  };
  for (std::size_t i = 0; i < trace.times.size() && trace.times[i] < end; ++i) {
    const bool now_open = trace.values[i] >= needed;
    if (!open || trace.times[i] <= begin) {
      open = now_open;
    } else if (now_open != *open) {
      close_run(trace.times[i], false);
      run_begin = trace.times[i];
      open = now_open;
    }
  }
  if (open) close_run(end, true);
  return runs;
}

Duration resolution_of(const Runs& runs, Duration tick) {
  constexpr std::size_t runs_min = 40;
  if (tick == Duration{} || runs.up.ended.size() + runs.down.ended.size() < runs_min) return tick;
  double shortest = to_seconds(tick) * 10;
  for (const fit::Sample* sample : {&runs.up, &runs.down}) {
    for (const double run : sample->ended) shortest = std::min(shortest, run);
  }
  return std::max(tick, seconds(shortest));
}

Durations fit_durations(fit::Sample seconds, Duration resolution) {
  Durations result;
  result.seconds = std::move(seconds);
  if (result.seconds.ended.empty()) return result;
  result.survival = fit::kaplan_meier(result.seconds);
  result.ks_allowed = fit::ks_critical_5_percent(result.seconds.ended.size());
  const auto add = [&](std::string_view name, std::optional<fit::Fit> fitted) {
    if (!fitted) return;
    ModelFit model{.name = name, .fit = std::move(*fitted)};
    model.ks = fit::ks_distance(result.survival, model.fit.distribution);
    model.ks_on_grid = resolution > Duration{}
                           ? fit::ks_distance(result.survival, model.fit.distribution, to_seconds(resolution))
                           : model.ks;
    model.rejected = model.ks_on_grid > result.ks_allowed;
    result.models.push_back(std::move(model));
  };
  add("exponential", fit::exponential(result.seconds));
  add("weibull", fit::weibull(result.seconds));
  add("hyperexponential", fit::hyper_exponential(result.seconds));
  add("lognormal", fit::log_normal(result.seconds));
  result.chosen = choose(result.models, result.cv());
  return result;
}

std::optional<HoldOut> check_hold_out(const StepTrace<std::int64_t>& trace, std::int64_t needed, Duration resolution,
                                      double hold_out) {
  const Duration cut =
      Duration::of(static_cast<std::int64_t>(static_cast<double>(trace.span.count()) * (1 - hold_out)));
  if (cut >= trace.span) return std::nullopt;
  Runs early = runs_of(trace, needed, Duration{}, cut);
  const Runs late = runs_of(trace, needed, cut, trace.span);
  const Durations up = fit_durations(std::move(early.up), resolution);
  const Durations down = fit_durations(std::move(early.down), resolution);
  if (!up.chosen || !down.chosen || late.up.ended.empty()) return std::nullopt;
  const double mean_up = up.models[*up.chosen].fit.distribution.mean();
  const double mean_down = down.models[*down.chosen].fit.distribution.mean();
  const double seen = fit::mean(late.up);
  return HoldOut{.span = trace.span - cut,
                 .availability_predicted = mean_up / (mean_up + mean_down),
                 .availability_seen = late.open_time / (trace.span - cut),
                 .mean_up_hours_predicted = mean_up / 3600,
                 .mean_up_hours_seen = seen / 3600,
                 .runs = late.up.ended.size(),
                 .mean_up_hours_error = fit::coefficient_of_variation(late.up) * seen / 3600 /
                                        std::sqrt(static_cast<double>(late.up.ended.size()))};
}

std::optional<Reclaims> reclaims_of(const StepTrace<std::int64_t>& trace) {
  // 92 % of the interruptions of one pool that come together come within three minutes (docs/models/calibration.md,
  // [4]).
  constexpr Duration window = 3_min;
  Reclaims all;
  double shares = 0;
  std::int64_t held = 0, lost = 0;  // before and in the burst under way
  std::int64_t left = 0;
  Duration last;
  const auto close_burst = [&] {
    if (lost == 0) return;
    ++all.bursts;
    all.lost += lost;
    all.largest = std::max(all.largest, lost);
    if (lost > 1) all.lost_with_others += lost;
    if (left == 0) ++all.whole;
    shares += static_cast<double>(lost) / static_cast<double>(held);
    lost = 0;
  };
  for (std::size_t i = 1; i < trace.times.size(); ++i) {
    const std::int64_t drop = trace.values[i - 1] - trace.values[i];
    if (lost > 0 && trace.times[i] - last > window) close_burst();
    if (drop <= 0) {
      if (lost > 0) held -= drop;  // what came during the burst was there to be lost
    } else {
      if (lost == 0) held = trace.values[i - 1];
      lost += drop;
      last = trace.times[i];
    }
    left = trace.values[i];
  }
  close_burst();
  if (all.bursts == 0 || *std::max_element(trace.values.begin(), trace.values.end()) < 2) return std::nullopt;
  all.mean_share_lost = shares / static_cast<double>(all.bursts);
  return all;
}

}  // namespace fleetsim::calibration
