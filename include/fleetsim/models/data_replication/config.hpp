#pragma once
/// What is protected and how, with every name resolved: what the model of data replication is built from.
///
/// Source: docs/models/data_replication.md gives the source of, or the reason for, every default.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/data_rate.hpp"
#include "fleetsim/ids.hpp"
#include "fleetsim/models/data_replication/writes.hpp"
#include "fleetsim/sim/config/schedule.hpp"
#include "fleetsim/sim/distribution.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// How long points are kept; without either for the whole run. The newest is kept until a newer one is usable.
struct RetentionConfig {
  std::optional<std::int64_t> count;  ///< newest ones kept; >= 1
  std::optional<Duration> age;        ///< since the data's instant
};

/// A rate drawn for each transfer: log-normal, cut off at `most`.
struct TransferRate {
  BytesPerSecond median;              ///< > 0
  double sigma = 0;                   ///< of the rate's logarithm; 0: always the median
  BytesPerSecond most = BytesPerSecond::max();
};

/// For which the archive tier is charged at the least.
inline constexpr Duration archive_minimum = Duration::of(90 * 24 * nanoseconds_per_hour);

/// What becomes of snapshots that retention no longer keeps: full ones in the archive tier.
struct ArchiveConfig {
  std::int64_t every = 1;   ///< of the schedule's snapshots each that many-th is archived, the others are deleted; >= 1
  Duration keep;            ///< from then on; at least 90 days, which are charged for anyway
  Duration restore = 72_h;  ///< from the archive to the standard tier, before a volume can be made of it
};

/// What a snapshot takes from the call until it is completed.
struct SnapshotTiming {
  std::optional<DurationDistribution> whole;  ///< if given, whatever the data
  Duration overhead = 60_s;
  TransferRate rate{mib_per_second(120), 0.4, BytesPerSecond::max()};
};

enum class Scheduler : std::uint8_t { api, dlm, aws_backup, rds };
std::string_view to_name(Scheduler scheduler);

/// A time in which something does not work.
struct PauseConfig {
  Time at;
  Duration length;
};

/// Where copies of a policy's snapshots go.
struct CopyConfig {
  SiteId site;
  std::optional<std::size_t> from;            ///< a copy earlier in the policy's list that this is a copy of; empty: of the snapshot
  RetentionConfig retention;
  std::optional<DurationDistribution> whole;  ///< time of a copy, whatever the data
  TransferRate rate{mib_per_second(100), 0.5, mib_per_second(500)};
  std::optional<Duration> complete_within;    ///< a time-based copy
  std::vector<Time> key_changes;              ///< from each on, copies are made under another key: the next one is full
  bool encrypted_with_own_key = false;        ///< the copy has another key than its source
  std::vector<PauseConfig> key_denied;        ///< copies that begin then end in error, which nobody is told
  bool logs = false;                          ///< transaction logs are replicated too, as soon as they are ready
  Duration retry_after = 60_s;                ///< a refused request is made again
  std::optional<Duration> give_up_after;      ///< since it was first refused; empty: never
  bool queued = false;                        ///< a request above the limit waits instead of being refused (RDS)
  std::int64_t fast_restore_zones = 0;
};

/// Transaction logs shipped beside snapshots: any instant up to the last shipped one can be restored.
struct LogConfig {
  Duration every = 5_min;
  Duration delay;                     ///< from the end of a log to its use
};

struct PolicyConfig {
  std::string name;
  std::vector<DataId> protects;
  Schedule schedule;
  TimeZone time_zone;
  Scheduler scheduler = Scheduler::api;
  DurationDistribution start_delay;   ///< after the scheduled time; drawn once a run for DLM, else for each start
  Duration start_delay_max;           ///< no draw is counted on to be longer, for the closed form
  RetentionConfig retention;
  SnapshotTiming timing;
  Ratio failure{0};                   ///< probability that a snapshot ends in error
  std::vector<CopyConfig> copies;
  std::optional<LogConfig> logs;      ///< at home
  std::optional<ArchiveConfig> archive;  ///< at home
  std::optional<Duration> rpo;        ///< objective of each of its sites
  std::int64_t fast_restore_zones = 0;
};

/// With what data at rest are encrypted, which says who can read a snapshot.
enum class Encryption : std::uint8_t {
  none,
  aws_managed_key,       ///< of the account; cannot be shared
  customer_managed_key,  ///< can be
};

/// One volume, or the storage of one database.
struct StoreConfig {
  std::string name;
  DirtyBlockConfig blocks;
  BytesPerSecond write_rate;          ///< at the start; a demand that it follows changes it
  BytesPerSecond write_rate_mean;     ///< over the run, for closed forms
  SiteId home;
  std::optional<ZoneId> zone;
  std::int64_t snapshots_pending_max = 5;  ///< 1 for st1 and sc1
  bool database = false;
  Encryption encryption = Encryption::none;
};

/// What can be protected, by DataId: a store, or several as of one instant.
struct DataConfig {
  std::string name;
  std::vector<std::uint32_t> stores;
};

enum class ReplicaKind : std::uint8_t { stream, mirror };

/// What becomes of a replica that an application has moved to, when that is back at its source.
enum class AfterReturn : std::uint8_t {
  continues,    ///< it was sent back from here: both are alike, and replication goes on
  rescanned,    ///< the application ran on volumes made of it: blocks changed since then are sent
  copied_anew,  ///< promotion made a database of its own of it, which is kept until a new replica has all of the data
};

/// Points in time that Elastic Disaster Recovery keeps beside the newest: every ten minutes for an hour, every hour for a
/// day, every day for `days`.
struct PointInTimeConfig {
  std::int64_t days = 7;
};

/// A server that Application Migration Service moves: its replication is free for a while.
struct MigrationConfig {
  Duration free = 90_d;
  Duration replicating_for;  ///< when the run starts
};

/// Data that is sent as it is written.
struct ReplicaConfig {
  std::string name;
  DataId data;
  ReplicaKind kind = ReplicaKind::stream;
  SiteId site;
  std::optional<ZoneId> zone;         ///< of a replica in a zone of the same Region
  std::optional<BytesPerSecond> bandwidth = BytesPerSecond::of(125'000'000);  ///< of its own, beside the link's
  Duration latency;                   ///< from the sending of a write to its use at the target, at least
  /// Of a mirror: what waits to be sent before it pauses. Of a stream: what waits before it falls back on the bitmap of
  /// changed blocks; empty: no limit.
  std::optional<Bytes> buffer;
  bool initial_sync = false;          ///< the run begins with an empty target
  std::vector<PauseConfig> pauses;
  std::optional<PointInTimeConfig> points_in_time;
  std::optional<MigrationConfig> migration;
  AfterReturn after_return = AfterReturn::continues;
  Duration local_write = 1_ms;        ///< of one write, for the latency that a mirror costs
  Duration remote_write = 1_ms;
  Duration round_trip;
  std::int64_t queue_depth = 1;
};

struct RegionPair {
  RegionId from, to;
  std::optional<BytesPerSecond> bandwidth;
};

/// An instant whose recovery points are reported.
struct InstantConfig {
  std::string name;
  Time at;
};

struct DataReplicationConfig {
  config::UtcTime run_start;
  Duration run_length;
  std::vector<StoreConfig> stores;
  std::vector<DataConfig> data;       ///< by DataId
  std::vector<PolicyConfig> policies;
  std::vector<ReplicaConfig> replicas;
  std::vector<RegionPair> links;      ///< both directions of each pair
  std::vector<RegionId> site_region;  ///< by SiteId
  std::vector<std::uint32_t> site_account;
  std::vector<std::string> site_names;
  std::vector<RegionId> zone_region;  ///< by ZoneId
  std::vector<InstantConfig> instants;
  std::int64_t copies_max = 20;       ///< at once to one Region of an account
  BytesPerSecond time_based_rate_max = mib_per_second(500);        ///< of one time-based copy
  BytesPerSecond time_based_pair_rate_max = mib_per_second(2000);  ///< of all between two Regions

  std::optional<DataId> find(std::string_view name) const;
};

}  // namespace fleetsim
