#include "models/scenario/study/evaluator.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "fleetsim/sim/random.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/world.hpp"

namespace fleetsim::scenario {

namespace {

/// Enough for the threads of a large machine, each with a design of its own.
constexpr std::size_t scenarios_kept = 128;

/// Without common random numbers each design has a seed of its own, whatever its number in the store.
std::uint64_t seed_of(const StudyPlan& plan, const experiment::Design& design) {
  if (plan.common_random_numbers) return plan.seed;
  return Stream(plan.seed, 0, "study/design/" + design.name).bits();
}

}  // namespace

std::shared_ptr<const Scenario> Evaluator::load(std::size_t design) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = loaded_.find(design);
    if (found != loaded_.end()) return found->second;
  }
  // Two threads may load the same one; that costs time once and keeps the others going.
  const DesignSource source = source_of(plan_, designs_[design].settings);
  const LoadedScenario read = load_scenario(source.file, source.sets);
  if (!read.scenario) {
    std::string reasons;
    for (const config::Diagnostic& diagnostic : read.diagnostics)
      if (diagnostic.severity == config::Severity::error) reasons += "\n" + config::to_text(diagnostic);
    throw std::runtime_error(fmt::format("design {} cannot be run:{}", designs_[design].name, reasons));
  }
  const auto loaded = std::make_shared<const Scenario>(*read.scenario);
  const std::lock_guard lock(mutex_);
  const auto [it, added] = loaded_.emplace(design, loaded);
  if (!added) return it->second;
  recent_.push_back(design);
  if (recent_.size() > scenarios_kept) {
    loaded_.erase(recent_.front());
    recent_.pop_front();
  }
  return loaded;
}

std::vector<double> Evaluator::operator()(std::size_t design, std::uint64_t replication) {
  const std::shared_ptr<const Scenario> scenario = load(design);
  const std::uint64_t seed = seed_of(plan_, designs_[design]);
  const bool mirrored = plan_.antithetic_pairs && replication % 2 == 1;
  const std::uint64_t draws = plan_.antithetic_pairs ? replication / 2 : replication;
  const ReplicationResult result = run_replication(scenario->data(), seed, draws, {}, mirrored);
  std::vector<double> values;
  for (const StudyMetric& metric : plan_.metrics) {
    const auto found = std::find_if(result.metrics.begin(), result.metrics.end(),
                                    [&](const MetricValue& value) { return value.name == metric.column.source; });
    const bool observed = found != result.metrics.end() && found->value;
    values.push_back(observed ? *found->value : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}

}  // namespace fleetsim::scenario
