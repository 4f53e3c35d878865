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
  std::vector<ResultCourse> courses;
  std::vector<ResultDrill> drills;
  std::vector<ResultActivity> activities;
  std::uint64_t activities_left_out = 0;
  std::uint64_t fingerprint = 0;
  std::uint64_t events = 0;   ///< that ran
};

/// What to keep of a replication beside its metrics.
struct Keep {
  bool series = false;          ///< and the courses and drills of recovery plans
  std::size_t activities = 0;   ///< at most so many scaling activities
};
/// Runs one replication from start to horizon; `mirrored`: the antithetic run.
ReplicationResult run_replication(const ScenarioData& scenario, std::uint64_t seed, std::uint64_t replication, Keep keep,
                                  bool mirrored = false);

/// The metrics that a replication reports, sorted by name, without values. Costs little more than wiring the world.
std::vector<MetricValue> reported_metrics(const ScenarioData& scenario);

}  // namespace fleetsim::scenario
