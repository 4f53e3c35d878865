#pragma once
/// Reads a scenario file into a checked Scenario, explains it, and runs it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "fleetsim/result.hpp"
#include "fleetsim/sim/config/diagnostic.hpp"

namespace fleetsim {

struct ScenarioData;  // the configs of all models; in models/scenario/

/// A scenario that has been read and checked whole. Cheap to copy; immutable.
class Scenario {
 public:
  explicit Scenario(std::shared_ptr<const ScenarioData> data) : data_(std::move(data)) {}
  const std::string& name() const;
  /// What the scenario asks, in sentences; may be empty.
  const std::string& description() const;
  std::uint64_t seed() const;
  std::uint64_t replications() const;
  Duration duration() const;  ///< of a replication, warm-up included
  Duration warm_up() const;
  const ScenarioData& data() const { return *data_; }

 private:
  std::shared_ptr<const ScenarioData> data_;
};

struct LoadedScenario {
  std::optional<Scenario> scenario;               ///< empty if there are errors
  std::vector<config::Diagnostic> diagnostics;    ///< errors and warnings, sorted by place
  std::vector<std::string> files;                 ///< that it is read from: its own, those it includes, its data
};

/// Reads the file at `path`; `sets` are overrides "path=value" as given with --set, applied in order.
LoadedScenario load_scenario(const std::string& path, const std::vector<std::string>& sets = {});

struct RunOptions {
  std::optional<std::uint64_t> seed;              ///< instead of the scenario's
  std::optional<std::uint64_t> replications;
  unsigned jobs = 0;                              ///< threads; 0: as many as the machine has
  std::size_t activities_max = 0;                 ///< scaling activities of the first replication to keep
  /// Called after each replication, never by two threads at once.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  std::stop_token stop;                           ///< what is in flight is finished, then the run ends early
};

/// Runs the replications. Throws InvariantViolation if a bug of ours shows.
RunResult run(const Scenario& scenario, const RunOptions& options = {});

/// The names of all metrics that a run reports, sorted. It sets the scenario up but runs no more than its first instant.
std::vector<std::string> metric_names(const Scenario& scenario);

/// What the scenario means after defaults: Regions, demand, groups with their alarms and steps, pools, and the cost
/// order of the groups. Plain text of at most 100 columns.
std::string explain(const Scenario& scenario);
/// The environments and the recovery plans as graphs for Graphviz, one digraph after another; empty without any.
std::string explain_dot(const Scenario& scenario);
/// The JSON Schema of a scenario file.
std::string scenario_schema();
/// The scenario reference, Markdown.
std::string scenario_reference();

}  // namespace fleetsim
