#pragma once
/// What a run answers: metrics with intervals over its replications, objectives, the ledger and time series.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleetsim/sim/bucket_runs.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// One metric over the replications that observed it.
struct Metric {
  std::string name;
  std::string unit;
  double mean = 0;
  /// 95 % Student-t interval of the mean, of a share cut off at 0 and 1; empty for fewer than 2 values.
  std::optional<double> ci95_low, ci95_high;
  double stddev = 0;
  double min = 0, p05 = 0, p50 = 0, p95 = 0, max = 0;
  std::uint64_t n = 0;                        ///< replications that observed it
  std::vector<double> values;                 ///< one a replication, in order; NaN where it was not observed
};

/// Whether the metric of that name and unit is a share of a whole, from 0 to 1, rather than a count.
bool is_share(std::string_view name, std::string_view unit);

/// Whether a stated expectation holds.
struct ObjectiveResult {
  std::string name;         ///< the expectation in words: "fleet.bidder.drop_fraction below 0.1% with probability 95%"
  bool met = false;
  bool decided = true;      ///< false: the interval around the measured value includes the bound, or there is none
  std::uint64_t n = 0;      ///< replications that observed what it is about; without any, the numbers say nothing
  double probability = 0;   ///< share of those replications in which it holds
  double target = 0;        ///< wanted probability; 0 for an objective on the mean
  double measured = 0;      ///< the mean, or the statistic asked for; of an ordering, the mean of its first metric
  std::string unit;         ///< of what was measured; "1" for a quotient of two metrics
  std::string bound;        ///< in words, with units
  std::vector<std::string> ordering;  ///< names of the metrics that are to rise in this order; empty for other kinds
};

struct ResultLedgerLine {
  std::string region, zone, fleet, group, resource, purchase, unit;
  double quantity = 0;      ///< mean over the replications
  double cost_usd = 0;      ///< mean over the replications
};

/// A level over time in the first replication, for drawing.
struct ResultSeries {
  std::string name;
  std::string unit;
  Duration bucket_width;
  BucketRuns buckets;
};

/// One group of one fleet, as the summary table shows it; every number is also a metric.
struct GroupSummary {
  std::string fleet, group, purchase, zones;
};

/// One recovery plan, as the summary table shows it; every number is also a metric.
struct PlanSummary {
  std::string name, protects, target;
  std::vector<std::string> steps;       ///< in an order in which each comes after those that it follows
  std::vector<std::string> resources;   ///< what it recovers
  std::vector<std::string> answers;     ///< names of the faults that set it off
  std::string drills;                   ///< their schedule; empty: none
  std::optional<Duration> rpo, rto;     ///< its objectives
};

/// What is protected and how, as the summary tables show it; every number is also a metric.
struct ProtectionSummary {
  struct Policy {
    std::string name;
    std::vector<std::string> sites;     ///< of its points, its home first
  };
  std::vector<Policy> policies;
  std::vector<std::string> replicas, stores, data, sites, instants;
};

/// What followed from the first disaster of the first replication that a plan answered.
struct ResultCourse {
  std::string plan, fault;
  std::string time;          ///< of the disaster, UTC
  struct Entry {
    double at_s = 0;         ///< since the disaster
    std::string step, resource;  ///< may be empty
    std::string what;        ///< "begun as m5.xlarge", "done", "users are served"
  };
  std::vector<Entry> entries;  ///< in the order of time
};

/// A drill of the first replication: how long it took, and whether it met the objectives of its plan.
struct ResultDrill {
  /// Of the plan as a whole, or of one resource. Empty: no recovery point survived, or never.
  struct Times {
    std::optional<double> rpa_s;  ///< empty also of what holds no data
    std::optional<double> rta_s, full_speed_s;
  };
  std::string plan;
  std::string time;                      ///< at which it began, UTC
  Times whole;
  std::optional<bool> rpo_met, rto_met;  ///< empty without the objective
  bool passed = false;                   ///< it met its objectives and did not fail
  std::vector<std::pair<std::string, Times>> resources;
};

/// What a group did in the first replication, as the console's activity history tells it.
struct ResultActivity {
  std::string time;         ///< UTC, "2026-01-05T09:03:00Z"
  std::string fleet, group;
  std::string what;         ///< "launched 3"
  std::string why;          ///< a sentence without a full stop
};

struct RunResult {
  std::string scenario;
  std::string version;
  std::uint64_t seed = 0;
  std::uint64_t replications = 0;           ///< finished
  std::uint64_t replications_wanted = 0;
  Duration duration, warm_up;
  std::vector<Metric> metrics;              ///< sorted by name
  std::vector<ObjectiveResult> objectives;  ///< in the order of the scenario
  std::vector<ResultLedgerLine> ledger;
  std::vector<ResultSeries> series;
  std::vector<GroupSummary> groups;
  std::vector<PlanSummary> plans;
  ProtectionSummary protection;
  std::vector<ResultCourse> courses;        ///< in the order of the plans
  std::vector<ResultDrill> drills;          ///< in the order of the plans, then of time
  std::vector<ResultActivity> activities;   ///< in the order of time; at most as many as were asked for
  std::uint64_t activities_left_out = 0;    ///< how many more there were
  std::vector<std::string> warnings;        ///< sentences, such as thresholds that contradict the cost order
  std::uint64_t fingerprint = 0;            ///< digest over the events of all replications

  /// Null if there is no metric of that name.
  const Metric* find(std::string_view name) const;
};

}  // namespace fleetsim
