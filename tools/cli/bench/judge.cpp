#include "tools/cli/bench/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace fleetsim::cli::bench {

namespace {

Cost cost_of(double is, double was, Ratio allowed, std::optional<Unjudged> unjudged) {
  return {.is = is, .was = was, .regressed = !unjudged && is > was * (1 + allowed.value), .unjudged = unjudged};
}

std::optional<Unjudged> speed_unjudged(Elsewhere elsewhere) {
  if (elsewhere.other_build) return Unjudged::other_build;
  return std::nullopt;
}

std::optional<Unjudged> instructions_unjudged(Elsewhere elsewhere) {
  if (elsewhere.other_build) return Unjudged::other_build;
  if (elsewhere.other_processor) return Unjudged::other_processor;
  return std::nullopt;
}

/// The two lists are sorted by name.
std::vector<MovedMetric> moved_metrics(const std::vector<RecordedMetric>& recorded,
                                       const std::vector<RecordedMetric>& measured) {
  std::vector<MovedMetric> moved;
  auto was = recorded.begin();
  auto is = measured.begin();
  while (was != recorded.end() || is != measured.end()) {
    if (is == measured.end() || (was != recorded.end() && was->name < is->name)) {
      moved.push_back({.name = was->name, .unit = was->unit, .was = was->mean, .is = {}, .tolerance = was->tolerance});
      ++was;
    } else if (was == recorded.end() || is->name < was->name) {
      moved.push_back({.name = is->name, .unit = is->unit, .was = {}, .is = is->mean, .tolerance = is->tolerance});
      ++is;
    } else {
      if (was->mean != is->mean) {
        moved.push_back(
            {.name = is->name, .unit = is->unit, .was = was->mean, .is = is->mean, .tolerance = was->tolerance});
        MovedMetric& last = moved.back();
        last.within = std::abs(*last.is - *last.was) <= last.tolerance.value * std::abs(*last.was);
      }
      ++was;
      ++is;
    }
  }
  std::stable_sort(moved.begin(), moved.end(),
                   [](const MovedMetric& a, const MovedMetric& b) { return a.change() > b.change(); });
  std::stable_partition(moved.begin(), moved.end(), [](const MovedMetric& metric) { return !metric.within; });
  return moved;
}

/// Of metrics that both have. The two lists are sorted by name.
bool tolerances_differ(const std::vector<RecordedMetric>& recorded, const std::vector<RecordedMetric>& measured) {
  auto is = measured.begin();
  for (const RecordedMetric& was : recorded) {
    while (is != measured.end() && is->name < was.name) ++is;
    if (is != measured.end() && is->name == was.name && is->tolerance != was.tolerance) return true;
  }
  return false;
}

Outcome outcome_of(const Case& c, const Measured& measured, const Recorded& recorded, const Verdict& verdict) {
  if (!measured.deterministic) return Outcome::not_deterministic;
  if (verdict.settings != verdict.recorded_settings) return Outcome::settings_differ;
  if (c.compare == Comparison::fingerprint) {
    return verdict.fingerprint == recorded.fingerprint && verdict.moved.empty() ? Outcome::same : Outcome::moved;
  }
  if (verdict.moved.empty()) return Outcome::same;
  return verdict.moved.front().within ? Outcome::within_tolerance : Outcome::moved;
}

}  // namespace

double MovedMetric::change() const {
  if (!was || !is || *was == 0) return std::numeric_limits<double>::infinity();
  return std::abs(*is / *was - 1);
}

std::optional<double> Cost::change() const { return was ? std::optional(is / *was - 1) : std::nullopt; }

Recorded to_record(const Case& c, const Measured& measured) {
  Recorded recorded{.seed = measured.result.seed,
                    .replications = measured.result.replications,
                    .fingerprint = fmt::format("{:016x}", measured.result.fingerprint),
                    .loops = measured.loops,
                    .instructions = measured.instructions.value_or(0),
                    .counted_by = measured.counted_by,
                    .metrics = {}};
  for (const Metric& metric : measured.result.metrics) {
    if (metric.n == 0 || !std::isfinite(metric.mean)) continue;
    Ratio tolerance;
    if (c.compare == Comparison::metrics) {
      const auto own = std::find_if(c.tolerances.begin(), c.tolerances.end(),
                                    [&](const MetricTolerance& one) { return one.metric.value == metric.name; });
      tolerance = own != c.tolerances.end() ? own->tolerance : c.tolerance;
    }
    recorded.metrics.push_back({.name = metric.name, .unit = metric.unit, .mean = metric.mean, .tolerance = tolerance});
  }
  return recorded;
}

bool is_slower(const Suite& suite, double loops, const Recorded& recorded, Elsewhere elsewhere) {
  return recorded.loops && cost_of(loops, *recorded.loops, suite.slower_allowed, speed_unjudged(elsewhere)).regressed;
}

Verdict judge(const Suite& suite, const Case& c, const Measured& measured, const Recorded* recorded,
              Elsewhere elsewhere) {
  const Recorded now = to_record(c, measured);
  Verdict verdict;
  verdict.name = c.name;
  verdict.settings = {.seed = now.seed, .replications = now.replications};
  verdict.fingerprint = now.fingerprint;
  verdict.counted_by = now.counted_by;
  verdict.rounds = measured.rounds;
  verdict.seconds = measured.seconds;
  const auto told = [](double is, Unjudged why) { return Cost{.is = is, .was = {}, .unjudged = why}; };
  if (now.loops) verdict.speed = told(*now.loops, Unjudged::not_recorded);
  if (measured.instructions) verdict.instructions = told(now.instructions, Unjudged::not_recorded);
  if (recorded == nullptr) {
    verdict.outcome = measured.deterministic ? Outcome::not_recorded : Outcome::not_deterministic;
    return verdict;
  }
  verdict.recorded_settings = {.seed = recorded->seed, .replications = recorded->replications};
  verdict.recorded_fingerprint = recorded->fingerprint;
  verdict.moved = moved_metrics(recorded->metrics, now.metrics);
  verdict.other_tolerances = c.compare == Comparison::metrics && tolerances_differ(recorded->metrics, now.metrics);
  verdict.outcome = outcome_of(c, measured, *recorded, verdict);
  if (verdict.outcome == Outcome::settings_differ) {  // what costs more or less does so for that reason
    if (verdict.speed) verdict.speed->unjudged = Unjudged::other_settings;
    if (verdict.instructions) verdict.instructions->unjudged = Unjudged::other_settings;
    return verdict;
  }
  if (now.loops && recorded->loops) {
    verdict.speed = cost_of(*now.loops, *recorded->loops, suite.slower_allowed, speed_unjudged(elsewhere));
  }
  if (!measured.instructions || recorded->instructions <= 0) return verdict;
  if (recorded->counted_by == now.counted_by) {
    verdict.instructions = cost_of(now.instructions, recorded->instructions, suite.instructions_allowed,
                                   instructions_unjudged(elsewhere));
  } else {  // the two ways do not agree to the last percent
    verdict.instructions->unjudged = Unjudged::other_way_of_counting;
  }
  return verdict;
}

std::vector<std::string> left_over(const Suite& suite, const Baseline& baseline) {
  std::vector<std::string> names;
  for (const auto& [name, recorded] : baseline.cases) {
    const bool known =
        std::any_of(suite.cases.begin(), suite.cases.end(), [&](const Case& c) { return c.name == name; });
    if (!known) names.push_back(name);
  }
  return names;
}

}  // namespace fleetsim::cli::bench
