#pragma once
/// The parts of DataReplication, in one place: what is protected, its snapshots and their copies, its replicas.
///
/// A *store* is a volume or a database's storage. A *series* is one policy on one thing; it has a *place* for each site with
/// points of its own. A *lane* is the copies of one store from one site to another: one at a time, in the order in which they were asked for.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "fleetsim/models/data_replication.hpp"
#include "fleetsim/sim/random.hpp"
#include "models/data_replication/failback.hpp"
#include "models/data_replication/links.hpp"
#include "models/data_replication/snapshot_chain.hpp"
#include "models/data_replication/timeline.hpp"

namespace fleetsim {

struct PolicyFired { static constexpr std::string_view name = "data_replication.policy_fired"; std::uint32_t policy; };
struct SnapshotsStarted { static constexpr std::string_view name = "data_replication.snapshots_started"; std::uint32_t policy; };
struct CopyRetried { static constexpr std::string_view name = "data_replication.copy_retried"; std::uint32_t lane; };
struct ReplicaCrossed { static constexpr std::string_view name = "data_replication.replica_crossed"; std::uint32_t replica; };
struct ReplicaCut { static constexpr std::string_view name = "data_replication.replica_cut"; std::uint32_t replica; bool cut; };
struct PointInTimeTaken { static constexpr std::string_view name = "data_replication.point_in_time_taken"; std::uint32_t replica; };

/// Blocks held over time.
struct StoredMeter {
  Int128 block_nanoseconds = 0;
  std::int64_t blocks = 0;
  Time since;
  void set(std::int64_t held, Time now) {
    block_nanoseconds += static_cast<Int128>(blocks) * (now - since).count();
    blocks = held;
    since = now;
  }
};

/// Whether a copy sends changes only: data was copied there before, the newest copy is still there, and it has the same key.
constexpr bool copy_is_incremental(bool copied_before, bool newest_copy_kept, bool same_key) {
  return copied_before && newest_copy_kept && same_key;
}

class ReplicationEngine final
    : public EventHandler<ReplicationEngine, PolicyFired, SnapshotsStarted, SnapshotEnded, PointExpired, CopyEnded,
                          CopyRetried, ReplicaCrossed, ReplicaCut, PointInTimeTaken, FailbackCaughtUp> {
 public:
  /// Where the application of a store runs, and writes.
  enum class Lives : std::uint8_t { at_home, nowhere, elsewhere };

  ReplicationEngine(Simulation& sim, const DataReplicationConfig& config, FailbackListener* failback);

  void start();
  void begin_measurement();
  void set_write_rate(std::size_t store, BytesPerSecond rate);
  void host_rate_changed(std::size_t replica, BytesPerSecond rate);
  void snapshot_read(std::size_t store);

  std::optional<NewestPoint> newest(DataId data, SiteId site, const PointQuery& query) const;
  std::vector<const PointHistory*> histories(DataId data, SiteId site) const;
  std::vector<SiteId> sites(DataId data) const;
  bool continuous(DataId data, SiteId site) const;

  void on(const PolicyFired&);
  void on(const SnapshotsStarted&);
  void on(const SnapshotEnded&);
  void on(const PointExpired&);
  void on(const CopyEnded&);
  void on(const CopyRetried&);
  void on(const ReplicaCrossed&);
  void on(const ReplicaCut&);
  void on(const PointInTimeTaken&);
  void on(const FailbackCaughtUp&);

  // Faults.
  void region_lost(RegionId region);
  void region_back(RegionId region);
  void zone_changed(ZoneId zone, bool lost);
  void account_compromised(std::uint32_t account);
  void account_back(std::uint32_t account);
  void volume_changed(DataId data, bool lost);
  void set_link(RegionId from, RegionId to, Ratio share);
  void control_plane(RegionId region, bool up);
  void move(DataId data, Lives lives, std::optional<SiteId> promoted_at = {});
  Bytes fail_back(DataId data, SiteId from, SiteId to, Resync resync, const Divergence& since, BytesPerSecond most);
  DataVolume transferred(SiteId from, SiteId to) const;

  struct Outage {
    Time from, to = Time::max();
  };
  /// What a snapshot has to read of a store on its machine.
  struct SnapshotRead {
    std::uint32_t series = 0, point = 0;
    Bytes data;
    BytesPerSecond rate;
    Duration after;  // from the end of reading until it is completed
  };
  struct Store {
    const StoreConfig* config;
    WriteLog log;
    DirtyBlocks blocks;
    SnapshotChain chain;       // at home
    StoredMeter stored;
    BytesPerSecond wanted;     // rate of writing while it is there
    std::int64_t pending = 0;  // snapshots
    bool lost = false;         // its volume
    bool next_full = false;    // its next snapshot is the first of its volume
    std::vector<Time> replaced;  // another volume since
    Lives lives = Lives::at_home;
    std::optional<SiteId> promoted_at;  // lives elsewhere: on replicas of it there
    std::vector<Outage> down;  // times in which it was not written to
    std::vector<std::uint32_t> replicas;
    std::vector<std::uint32_t> failbacks;
    SnapshotHost* host = nullptr;
    std::vector<SnapshotRead> reads;  // on the host, the first of them now
    std::uint32_t timeline = 0;
    explicit Store(const StoreConfig& of) : config(&of), blocks(of.blocks), chain(blocks), wanted(of.write_rate) {}
  };
  /// One site of a series.
  struct Place {
    SiteId site;
    const RetentionConfig* retention = nullptr;
    PointHistory history;
    std::size_t oldest = 0;    // points before it are gone
    std::int64_t kept = 0;     // usable and not gone
    bool expiring = false;     // the next expiry is known
    const CopyConfig* copy = nullptr;           // null at home
    const ArchiveConfig* archive = nullptr;     // the archive tier at home, whose points begin when they get there
    std::vector<StoredMeter> archived;          // there, of each store
    std::vector<Int128> deleted_early;          // of each store, block x ns that are charged for and were not held
    std::uint32_t source = 0;                   // the place that its points are copied from
    std::vector<std::uint32_t> lanes;           // of each store
    std::vector<std::uint16_t> parts_missing;   // of each point: copies; at home what its snapshot waits for
  };
  struct Series {
    std::uint32_t policy = 0;
    DataId data;
    std::uint32_t timeline = 0;
    std::vector<Place> places;  // home first
  };
  struct CopyJob {
    std::uint32_t series = 0;
    std::uint32_t place = 0;
    std::uint32_t point = 0;
    std::uint32_t store = 0;  // of the series
    Time asked;
  };
  struct Lane {
    std::uint32_t store = 0;
    std::uint32_t timeline = 0;
    SiteId from, to;
    SnapshotChain chain;
    StoredMeter stored;
    std::vector<CopyJob> queue;  // from `head` on; the running one is at `head`
    std::size_t head = 0;
    bool running = false;
    bool full = false;           // the running copy
    bool shared = false;         // the running copy's rate is that of `flow`
    bool timed = false;          // the running copy takes a time whatever its data: `left` is in 10^-9 ns
    bool time_based = false;
    std::uint32_t flow = 0;
    NanoBytes left = 0;
    BytesPerSecond rate, wanted;
    Time since;
    bool ending = false;         // its end is known
    EventHandle end;             // unless it is a step of a timeline of its own
    bool copied_before = false;
    std::uint64_t newest_copy = 0;
    Time newest_point;           // its data
    std::size_t key = 0;         // changes of key before the newest copy
    std::optional<Time> refused_since;
    Time last_attempt;
    EventHandle retry;
    Stream rates;
    Lane(const DirtyBlocks& blocks, Stream stream) : chain(blocks), rates(stream) {}
    bool waiting() const { return head < queue.size(); }
  };
  struct Destination {
    std::int64_t running = 0;
    std::vector<std::uint32_t> refused;  // lanes without a slot, in the order of their first request
  };
  struct ReplicaKnot {
    Time since;
    NanoBytes sent = 0;  // of the source's log, held at the target
    std::int64_t rate = 0;
    ReplicaState state = ReplicaState::replicating;
    bool whole = true;   // an initial sync has ended
  };
  struct Replica {
    const ReplicaConfig* config;
    WriteLog log;                    // of all its stores together
    std::uint32_t flow = 0;
    ReplicaState state = ReplicaState::replicating;
    bool whole = true;
    int cuts = 0;                    // pauses and lost places that hold it up now
    NanoBytes backlog = 0;           // waiting, or left of the resync
    NanoBytes sent = 0;
    NanoBytes moved = 0;             // all that went over the link
    Time since;
    std::int64_t rate = 0;
    std::vector<ReplicaKnot> knots;
    EventHandle crossing;
    Place points;                    // in time; without retention of its own
    std::vector<SnapshotChain> chains;
    std::vector<StoredMeter> stored;
    NanoBytes moved_at_measurement = 0;
    std::int64_t copied_anew = 0, copied_anew_at_measurement = 0;
    std::vector<Outage> destroyed;   // from the deletion of what was at the target until it is filled anew
    ReplicationHost* host = nullptr;
    std::int64_t host_wanted = 0, host_rate = 0;  // asked of it, granted by it
    explicit Replica(const ReplicaConfig& of) : config(&of) {}
  };
  // Sums over the stores of one thing.
  Bytes written_between(DataId data, Time from, Time to) const;
  Bytes changed_between(DataId data, Time from, Time to) const;
  Bytes diverged(DataId data, const Divergence& since, Time at) const;
  Bytes data_size(DataId data, Time at) const;
  /// Whether what the flow asks for goes on after the run as at its end: a stream's does, a copy's ends.
  bool goes_on(std::uint32_t flow) const { return owners_[flow].kind == Owner::replica; }

  NanoBytes replica_sent(const Replica& replica, Time at) const;
  const ReplicaKnot& replica_knot(const Replica& replica, Time at) const;
  bool is_primary(const Replica& replica, Time at) const {
    return !replica.knots.empty() && replica_knot(replica, at).state == ReplicaState::primary && at >= replica.knots.front().since;
  }
  std::optional<Time> replica_point(const Replica& replica, Time at) const;
  Bytes replica_backlog(const Replica& replica, Time at) const;
  ReplicaStatistics replica_statistics(const Replica& replica) const;
  StoredData stored(std::size_t store, SiteId site) const;
  StoredData archived(std::size_t store) const;
  Int128 deleted_early(std::size_t store) const;

  /// Takes the steps of timelines of their own up to and including the instant: before whatever reads or changes what they do.
  /// Faults find what ends in their instant still under way, questions find it ended.
  void catch_up(Time until);
  void catch_up(std::uint32_t timeline, Time until);
  void catch_up_for(DataId data) { catch_up(stores_[config_.data[data.index].stores.front()].timeline, sim_.now()); }

  Simulation& sim_;
  const DataReplicationConfig& config_;
  FailbackListener* failback_listener_;
  Links links_;
  std::vector<Store> stores_;
  std::vector<ScheduleClock> clocks_;       // by policy
  std::vector<Duration> first_delay_;       // by policy, drawn once
  std::vector<Stream> delays_, durations_, failures_;  // by policy
  std::vector<std::vector<std::uint32_t>> series_of_policy_;
  std::vector<Series> series_;
  std::vector<Lane> lanes_;
  std::vector<Timeline> timelines_;
  std::vector<Destination> destinations_;   // by site
  std::vector<Replica> replicas_;
  std::vector<Failback> failbacks_;
  std::vector<PolicyStatistics> statistics_;
  std::vector<DataVolume> transferred_;               // by (from, to) site
  std::vector<std::vector<DataVolume>> time_based_;   // by policy and its copies
  std::vector<BytesPerSecond> pair_time_based_;       // running, by (from, to) Region
  std::vector<bool> region_lost_, control_down_;
  std::vector<bool> account_lost_;
  std::vector<bool> zone_lost_;
  Time measured_from_;

 private:
  std::optional<Time> step_;  // of a timeline of its own, while one is taken
  Time now() const { return step_.value_or(sim_.now()); }
  void find_timelines();
  void find_own_timelines();
  template <class Event>
  EventHandle expect(std::uint32_t timeline, Time at, const Event& event) {
    if (!timelines_[timeline].own) return sim_.schedule_at(*this, at, event);
    timelines_[timeline].add(at, event);
    return {};
  }

  /// What holds points of one thing: series and replicas of it, or of a set that it is part of.
  struct Covers {
    std::vector<std::uint32_t> series, replicas;
  };
  std::vector<Covers> covers_;  // by DataId
  void find_covers();
  std::optional<Time> log_point(const Series& series, std::size_t place, const PointQuery& query) const;

  // Snapshots.
  void schedule_next(std::uint32_t policy, std::optional<Time> at);
  void take(std::uint32_t series);
  bool source_up(const Series& series) const;
  std::uint64_t id_of(std::uint32_t series, std::uint32_t place, std::uint32_t point) const {
    return (static_cast<std::uint64_t>(series) << 40U) | (static_cast<std::uint64_t>(place) << 32U) | point;
  }
  void usable(std::uint32_t series, std::uint32_t place, std::uint32_t point);
  /// Deletes what retention no longer keeps.
  void retire(std::uint32_t series, std::uint32_t place);
  void remove_point(std::uint32_t series, std::uint32_t place, std::uint32_t point);
  void archive_point(std::uint32_t series, std::uint32_t point);
  void remove_archived(Series& series, std::size_t point);
  void expire_archived(std::uint32_t series);
  void kill_pending(std::uint32_t series);
  void read_next(std::size_t store);

  // Copies.
  std::uint32_t lane_of(std::uint32_t store, SiteId from, SiteId to);
  std::map<std::tuple<std::uint32_t, SiteId, SiteId>, std::uint32_t> lane_ids_;
  void ask_for_copies(std::uint32_t series, std::uint32_t place, std::uint32_t point);
  void ask(std::uint32_t lane, CopyJob job);
  void try_start(std::uint32_t lane);
  void begin_copy(std::uint32_t lane, const CopyJob& job);
  void end_lane_copy(Lane& lane);
  void drop(std::uint32_t lane);
  void fail_running(std::uint32_t lane);
  void serve_refused(SiteId site);
  Time next_attempt(const Lane& lane, Time from) const;
  bool can_copy(const Lane& lane) const;
  bool slot_for(const Lane& lane, const CopyConfig& copy) const;
  bool key_denied(const CopyConfig& copy) const;
  const CopyConfig& copy_of(const CopyJob& job) const { return *series_[job.series].places[job.place].copy; }
  std::size_t pair(SiteId from, SiteId to) const { return from.index * config_.site_region.size() + to.index; }
  std::size_t region_pair(SiteId from, SiteId to) const {
    return config_.site_region[from.index].index * region_lost_.size() + config_.site_region[to.index].index;
  }
  void cancel_end(Lane& lane);
  void set_copy_demand(Lane& lane, BytesPerSecond rate);
  void copy_rate_changed(Lane& lane, BytesPerSecond rate);
  void set_copy_rate(Lane& lane, BytesPerSecond rate);
  void keep_time(Lane& lane);

  // Replicas.
  NanoBytes backlog_now(const Replica& replica) const;
  NanoBytes moved_now(const Replica& replica) const;
  void settle(Replica& replica);
  void follow(std::uint32_t replica);
  void note(Replica& replica);
  void set_demand(Replica& replica);
  void write_rate_changed(std::uint32_t replica);
  void set_cut(std::uint32_t replica, bool cut);
  NanoBytes changed_since(const Replica& replica, Time from) const;
  void thin(std::uint32_t replica, std::size_t tick);
  void promote(std::uint32_t replica);
  void take_back(std::uint32_t replica);
  void failback_rate_changed(std::uint32_t failback);
  void hold_failbacks(RegionId region);
  void cut_where(bool cut, const std::function<bool(SiteId)>& there);
  void replace(std::size_t store);
  void set_lost(std::size_t store, bool lost);
  void solve_links();
  void apply_write_rate(std::size_t store);

  enum class Owner : std::uint8_t { lane, replica, failback };
  struct FlowOwner {
    Owner kind;
    std::uint32_t index;
  };
  std::vector<FlowOwner> owners_;  // by flow of links_
};

}  // namespace fleetsim
