#pragma once
/// One replication's world: every model of a scenario, created and wired through its ports. This is the only place
/// where models meet.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fleetsim/models/billing.hpp"
#include "fleetsim/result.hpp"
#include "fleetsim/sim/metrics.hpp"

namespace fleetsim {
struct ScenarioData;
}

namespace fleetsim::scenario {

/// What one replication measured.
struct ReplicationResult {
  std::vector<MetricValue> metrics;
  std::vector<LedgerLine> ledger;
  std::vector<ResultSeries> series;
  std::vector<std::string> warnings;
  std::uint64_t fingerprint = 0;
  std::uint64_t events = 0;   ///< that ran
};

/// Runs one replication from start to horizon. `keep_series` asks for the time series, `mirrored` for the antithetic run.
ReplicationResult run_replication(const ScenarioData& scenario, std::uint64_t seed, std::uint64_t replication,
                                  bool keep_series, bool mirrored = false);

/// The metrics that a replication reports, sorted by name, without values. Costs little more than wiring the world.
std::vector<MetricValue> reported_metrics(const ScenarioData& scenario);

}  // namespace fleetsim::scenario
