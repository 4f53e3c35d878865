#pragma once
/// Copies of data: incremental snapshots, their copies in other Regions and accounts, streams that lag behind and mirrors
/// that do not; and, for any instant of the run, the newest point that could be restored at a site.
///
/// Truth:      bytes and blocks are conserved; a point is usable at a site when its snapshot, and there its copy, is completed;
///             the recovery point actual of a disaster at t is t less the newest point usable at the site at t.
/// Leaves out: data in caches (points are crash-consistent); see
///             docs/models/data_replication.md.
/// Source:     Amazon EC2, RDS and Elastic Disaster Recovery user guides, as the model's page names them.

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fleetsim/divergence.hpp"
#include "fleetsim/ids.hpp"
#include "fleetsim/models/data_replication/config.hpp"
#include "fleetsim/models/data_replication/history.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

enum class RecoveryMeans : std::uint8_t { snapshot, log_backup, stream, mirror };
std::string_view to_name(RecoveryMeans means);

/// What is asked of the recovery points of one thing at one site.
struct PointQuery {
  Time at;                              ///< any instant up to the clock
  std::optional<Time> not_after = {};   ///< no data later than this, such as from before an intrusion
  std::span<const ZoneId> without = {}; ///< replicas in these zones cannot be used
};

struct NewestPoint {
  Time point;
  RecoveryMeans means = RecoveryMeans::snapshot;
  Bytes restored;       ///< written blocks at `point`, to be loaded
  Bytes lost;           ///< written after `point`, up to the instant asked
  Duration retrieval = {};  ///< from the archive tier, before anything can be restored
  bool in_sync = true;  ///< false: a mirror or stream whose target was being made whole then, and is not consistent
};

enum class ReplicaState : std::uint8_t {
  replicating, paused, resync,
  primary,  ///< the application has moved to it: nothing is sent to it
};

/// What one replica did in the measured time.
struct ReplicaStatistics {
  // Of the time in which it was a replica.
  Duration lag_mean, lag_max;
  Bytes backlog, backlog_max;           ///< now, and at most
  std::optional<Ratio> in_sync;         ///< share in which it replicated: a mirror's, with nothing lost; empty: there was no such time
  Ratio primary{0};                     ///< share of all time in which the application lived on it
  std::int64_t copied_anew = 0;         ///< begun after a return
  DataVolume sent;
};

struct PolicyStatistics {
  std::int64_t snapshots = 0;           ///< completed
  std::int64_t snapshots_refused = 0;   ///< ConcurrentSnapshotLimitExceeded
  std::int64_t snapshots_failed = 0;    ///< ended in error
  std::int64_t snapshots_skipped = 0;   ///< the source, its Region or its control plane was down
  std::int64_t copies = 0;
  std::int64_t copies_full = 0;
  std::int64_t copies_refused = 0;      ///< ResourceLimitExceeded, each attempt
  std::int64_t copies_failed = 0;       ///< ended in error: their key could not be used
  std::int64_t copies_dropped = 0;      ///< given up, or their snapshot was deleted before they began
  Duration copy_wait;                   ///< from the snapshot to the beginning of its copy, of all copies together
};

/// Data held at a site, over the measured time.
struct StoredData {
  Int128 byte_nanoseconds = 0;
  Bytes now;
};

/// What a synchronous mirror costs a writer: a write is sent to the target while it is made here, and acknowledged when both
/// have it.
struct MirrorCost {
  Duration write;                ///< max(local, round trip + remote)
  double writes_per_second = 0;  ///< of one writer that keeps queue_depth writes in flight: depth / write
};
MirrorCost mirror_cost(const ReplicaConfig& mirror);

enum class Resync : std::uint8_t { partial, full };

/// Port: told when data that fails back is in sync.
struct FailbackListener {
  virtual ~FailbackListener() = default;
  virtual void failback_in_sync(DataId data) = 0;
};

/// Port: the machine that a replica's agent reads and sends on. What it takes there it shares with the machine's loads.
struct ReplicationHost {
  virtual ~ReplicationHost() = default;
  /// The agent would send this much from now on; at least 1 byte/s. Answered by `host_rate_changed`.
  virtual void wants(std::size_t replica, BytesPerSecond rate) = 0;
};

/// Port: the machine that snapshots of a store are read from. What they take there they share with the machine's loads.
struct SnapshotHost {
  virtual ~SnapshotHost() = default;
  /// A snapshot's data are read, no faster than `rate`. Answered by `snapshot_read`, before which no other is asked for.
  virtual void read_snapshot(std::size_t store, Bytes data, BytesPerSecond rate) = 0;
  /// The source is lost: the one that is being read is given up, without an answer.
  virtual void give_up_snapshot(std::size_t store) = 0;
};

class DataReplication {
 public:
  /// Requires: `config` has been checked and outlives the model. `failback` may be null.
  DataReplication(Simulation& sim, const DataReplicationConfig& config, FailbackListener* failback = nullptr);
  ~DataReplication();
  DataReplication(const DataReplication&) = delete;
  DataReplication& operator=(const DataReplication&) = delete;

  /// Schedules the first snapshots. Once, at the start of the run.
  void start();
  /// Ends the warm-up: what is counted and integrated begins anew; points stay.
  void begin_measurement();
  /// The rate of writing from now on. A store that is lost takes it up when it is back.
  void set_write_rate(std::size_t store, BytesPerSecond rate);

  /// Before start(): the replica's agent runs on a machine, and sends no more than that grants.
  void set_host(std::size_t replica, ReplicationHost& host);
  void host_rate_changed(std::size_t replica, BytesPerSecond rate);
  /// Before start(): snapshots of the store are read on a machine, one after the other, and end no sooner than that is done.
  void set_snapshot_host(std::size_t store, SnapshotHost& host);
  void snapshot_read(std::size_t store);

  // Recovery points. All O(log n), for any instant up to the clock.
  std::optional<NewestPoint> newest(DataId data, SiteId site, const PointQuery& query) const;
  std::optional<NewestPoint> newest(DataId data, SiteId site, Time at) const { return newest(data, site, PointQuery{.at = at}); }
  /// Histories of its snapshots or copies at the site, one for each policy.
  std::vector<const PointHistory*> histories(DataId data, SiteId site) const;
  /// Of one policy. Requires: the policy protects this data, and has points at the site.
  const PointHistory& history(std::size_t policy, DataId data, SiteId site) const;
  /// Whether some of its points at the site are no snapshots: data that is sent as it is written, or logs.
  bool continuous(DataId data, SiteId site) const;
  /// Sites where it has, or may have, points; its home first if snapshots stay there.
  std::vector<SiteId> sites(DataId data) const;
  SiteId home(DataId data) const;
  Bytes written_between(DataId data, Time from, Time to) const;
  /// Distinct blocks written to: what a partial resync sends.
  Bytes changed_between(DataId data, Time from, Time to) const;
  /// Distinct blocks in which source and target differ at `at`. Requires: at >= since.resumed.
  Bytes diverged(DataId data, const Divergence& since, Time at) const;
  /// Blocks that hold data.
  Bytes data_size(DataId data, Time at) const;

  // Replicas, by their order in the config.
  ReplicaState replica_state(std::size_t replica, Time at) const;
  /// Age of the newest data at the target; empty while an initial sync has not ended.
  std::optional<Duration> replica_lag(std::size_t replica, Time at) const;
  /// Written and not yet at the target.
  Bytes replica_backlog(std::size_t replica, Time at) const;

  // Faults, from now on.
  void region_lost(RegionId region);
  void region_back(RegionId region);
  void zone_lost(ZoneId zone);
  void zone_back(ZoneId zone);
  /// Deletes every point in the account; until it is back nothing is written, taken or copied there.
  void account_compromised(std::uint32_t account);
  /// What was deleted stays deleted: the next snapshots and copies are full, replicas are filled anew.
  void account_back(std::uint32_t account);
  /// The data is lost where it lives, until it is back there: replaced, or failed back.
  void volume_lost(DataId data);
  void volume_back(DataId data);
  /// What is left of the link in this direction: 0 is cut, 1 is whole.
  void set_link(RegionId from, RegionId to, Ratio share);
  /// While it is down no snapshot and no copy begins in the Region.
  void control_plane(RegionId region, bool up);
  /// From now on nobody is served: nothing is written, taken or sent, even if home comes back, until it has failed over.
  void given_up(DataId data);
  /// The application runs at another site from now on, and writes there; nothing is taken or sent from home until it is back.
  /// `promoted_at`: replicas of the data there were promoted, or their volumes used; empty: it runs on what was restored.
  void failed_over(DataId data, std::optional<SiteId> promoted_at = {});
  void failed_back(DataId data);
  /// Replication in reverse, over the link from `from` to `to`: the blocks in which the two differ, or everything, are sent while
  /// writing goes on, no faster than `most`. Returns how much that is now. The listener is told when it is in sync; with writes
  /// as fast as the link it never is. While one of the two Regions is lost nothing moves.
  Bytes fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most);

  // What was counted since the measurement began.
  const PolicyStatistics& statistics(std::size_t policy) const;
  ReplicaStatistics replica_statistics(std::size_t replica) const;
  /// Snapshots of a store at its home, or their copies at another site.
  StoredData stored(std::size_t store, SiteId site) const;
  /// Its snapshots in the archive tier, at home: full ones.
  StoredData archived(std::size_t store) const;
  /// Bytes x ns that its archived snapshots are charged for without being held: deleted before 90 days, of each the rest of them to
  /// the nearest hour.
  Int128 deleted_early(std::size_t store) const;
  /// Copied and sent between two sites.
  DataVolume transferred(SiteId from, SiteId to) const;
  /// By the copies of a policy, in the order of its config; nothing of those that are not time-based.
  DataVolume copied_time_based(std::size_t policy, std::size_t copy) const;

 private:
  friend class FailbackBranch;
  std::unique_ptr<class ReplicationEngine> engine_;
};

/// Port: what faults leave of the way between two sites, in the run and in the branch.
struct BranchLinks {
  virtual ~BranchLinks() = default;
  /// 1 is whole; 0 is cut, or one of the two Regions is lost.
  virtual Ratio left(SiteId from, SiteId to, Time at) const = 0;
  /// The first instant after `at` at which any of it may change; empty: it stays.
  virtual std::optional<Time> next_change(Time at) const = 0;
};

/// Replication in reverse in a branch of a run: after a disaster that did not happen in the run itself, on a clock of its own.
/// Writing goes on as in the run, after its end at its last rate. What fails back in the branch shares the links with what the
/// run sent over them, as it asked for then; after the end of the run streams go on as at its end, and copies end.
///
/// Leaves out: that the disaster would have held up what the run sends from or to the lost place.
class FailbackBranch {
 public:
  /// `past` and `faults` outlive it; `past` has run past the disaster.
  FailbackBranch(Simulation& course, const DataReplication& past, const BranchLinks& faults, FailbackListener& listener);
  ~FailbackBranch();
  FailbackBranch(const FailbackBranch&) = delete;
  FailbackBranch& operator=(const FailbackBranch&) = delete;
  /// As DataReplication::fail_back.
  Bytes fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most);

 private:
  std::unique_ptr<class FailbackCourse> course_;
};

}  // namespace fleetsim
