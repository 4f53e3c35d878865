#pragma once
/// The recovery point actual of a protection in closed form, before any run: what to expect, and whether an objective can be
/// met at all.
///
/// With interval I between snapshots, s from a snapshot's call to its completion, c for its copy, j the delay of its start:
/// a point is usable s + c after its data, so that a disaster finds the newest one between s + c and I + s + c + j_max old, and on
/// average I/2 + s + c + E[j], while copies are no slower than I; with c > I each waits for the one before it and the age grows
/// without bound. Source: docs/models/data_replication.md.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/data_replication.hpp"

namespace fleetsim {

/// A duration that is drawn: the least that can be, the mean, and what 95 % of the draws do not exceed. All alike if constant.
struct DrawnDuration {
  Duration least, mean, p95;
};

struct ProtectionTerms {
  RecoveryMeans means = RecoveryMeans::snapshot;
  std::string name;              ///< of the policy or replica
  /// The longest between two points, counting those that the limit on pending snapshots refuses where snapshots take long;
  /// zero for what is sent as it is written.
  Duration interval;
  Duration interval_at_best;     ///< the same with the fastest snapshots
  DrawnDuration snapshot, copy;  ///< of a replica: nothing, and its latency
  Duration delay_mean, delay_max;
  Duration at_least_old;         ///< only data that old is used
  Duration retrieval = {};       ///< before it can be restored: from the archive tier
  std::optional<Duration> kept;  ///< every point is kept at least so long; empty: to the end

  Duration best() const { return std::max(snapshot.least + copy.least, at_least_old); }
  Duration mean() const { return interval / 2 + std::max(snapshot.mean + copy.mean + delay_mean, at_least_old); }
  Duration worst() const { return interval + std::max(snapshot.p95 + copy.p95 + delay_max, at_least_old); }
  /// The age just before a newer point is usable, with the fastest snapshot and copy and no delay: no schedule of failures
  /// does better.
  Duration worst_at_best() const { return interval_at_best + std::max(snapshot.least + copy.least, at_least_old); }
  /// Copies take longer than the interval on average: the age grows without bound.
  bool overruns() const { return copy.mean > interval && interval > Duration{}; }
  /// I + s + c + j <= RPO, with j_max and the 95 % quantiles of s and c.
  bool valid(Duration rpo) const { return !overruns() && worst() <= rpo; }
  /// I <= RPO: the rule by which a backup product calls a policy valid when copies are made as often as the objective asks. It
  /// leaves out what a point takes, not that of data which must be old the newest point is an interval older at times.
  bool valid_by_interval(Duration rpo) const { return interval + at_least_old <= rpo; }
  /// "24h + 1m + 5m + 0s = 24h6m": I, s, c, j_max and their sum.
  std::string arithmetic() const;
};

/// What protects this at the site, one for each policy and replica; empty: nothing does. `at_least_old`: of the points, only
/// those whose data is that old are used, as after an intrusion that was noticed late.
std::vector<ProtectionTerms> protection_terms(const DataReplicationConfig& config, DataId data, SiteId site,
                                              Duration at_least_old = {});

}  // namespace fleetsim
