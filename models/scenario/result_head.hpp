#pragma once
/// What every result says first.

#include "fleetsim/version.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// Of which scenario it is, by which version, from which seed and over which time. A seed of the options goes before the
/// scenario's.
template <class Result, class Options>
void fill_head(Result& result, const ScenarioData& data, const Options& options) {
  result.scenario = data.name;
  result.version = version;
  result.seed = options.seed.value_or(data.run.seed);
  result.duration = data.run.duration;
  result.warm_up = data.run.warm_up;
}

}  // namespace fleetsim::scenario
