#pragma once
/// What the verbs that simulate share.

#include "fleetsim/scenario.hpp"
#include "tools/cli/commands/commands.hpp"

namespace fleetsim::cli {

RunOptions options_of(const SimulationArguments& arguments);

/// Runs it with a progress bar unless `quiet`. Ctrl-C ends it early: then the result has fewer replications than wanted.
RunResult run_watched(const Scenario& scenario, RunOptions options, bool quiet);

}  // namespace fleetsim::cli
