#pragma once
/// The volumes of one instance under load: what each load gets, what holds it back, and how long its I/Os take.
///
/// Loads draw on the limits of their volume (IOPS, throughput) and of the instance (IOPS, throughput, and the network
/// where EBS has no bandwidth of its own), each with its burst bucket. What does not suffice is shared max-min fairly.
/// Rates change at events only: a load changed, a bucket ran empty, a backlog was worked off, a volume was modified.
///
/// Truth:      an open load's I/Os offered = done + backlog + lost at a stop, exactly; no limit is ever exceeded; a bucket that fills at f
///             and is drained at u > f lasts for level / (u - f).
/// Leaves out: single I/Os and their spread of latency, caches, failures; see docs/models/storage.md.
/// Source:     [1] Amazon EC2 user guide, ebs-optimized: the maximum for 30 minutes at least once in 24 hours;
///             [2] AWS Compute Blog, Optimizing Amazon EC2 workloads with CloudWatch.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/storage/machine_config.hpp"
#include "fleetsim/sim/fluid/max_min_sharing.hpp"
#include "fleetsim/sim/fluid/token_bucket.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/sim/statistics.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// Port: who gives a load work.
struct StorageWorkListener {
  virtual ~StorageWorkListener() = default;
  /// All that was given is done.
  virtual void work_done(std::size_t load) = 0;
  /// The load moves at another rate from now on.
  virtual void work_rate_changed(std::size_t load, BytesPerSecond rate) = 0;
};

/// Time spent, and I/Os that were offered and not done at once, by what held them back.
struct LimitShares {
  // Of a closed loop: what it would have done without the limits.
  std::array<Duration, storage_limit_count> time{};
  std::array<Requests, storage_limit_count> cut{};
};

/// How much of the time one limit held a volume, or the instance: shares of equal spans of the run.
struct LimitSeries {
  std::optional<std::size_t> volume;  ///< empty: the instance
  StorageLimit limit = StorageLimit::none;
  std::vector<double> shares;
};

/// Time by how much of a limit was in use: at most 10 %, in between, at least 80 %. The marks are those of the source [2].
enum class UseBand : std::uint8_t { idle, middle, busy };
struct UseShares {
  std::array<Duration, 3> time{};
  Duration of(UseBand band) const { return time[static_cast<std::size_t>(band)]; }
};

struct StorageBalanceReached { static constexpr std::string_view name = "storage.balance_reached"; };
struct StorageWorkDone {
  static constexpr std::string_view name = "storage.work_done";
  std::uint32_t load;
};
struct StorageWorkDue {
  static constexpr std::string_view name = "storage.work_due";
  std::uint32_t load;
};
struct StorageWorkRateChanged {
  static constexpr std::string_view name = "storage.work_rate_changed";
  std::uint32_t load;
};
struct VolumeModified {
  static constexpr std::string_view name = "storage.volume_modified";
  std::uint32_t modification;
};
struct VolumeOptimized {
  static constexpr std::string_view name = "storage.volume_optimized";
  std::uint32_t modification;
};

struct VolumeLoadStepped {
  static constexpr std::string_view name = "storage.volume_load_stepped";
  std::uint32_t volume;
  std::uint32_t step;  ///< that ends
};

struct InstanceStopped {
  static constexpr std::string_view name = "storage.instance_stopped";
  std::uint32_t stop;
};
struct InstanceStarted {
  static constexpr std::string_view name = "storage.instance_started";
  std::uint32_t stop;
};
struct StorageReviewed {
  static constexpr std::string_view name = "storage.reviewed";
  static constexpr Phase phase = Phase::observe;
};

/// The times at which a burst bucket ran empty, since the start or the end of the warm-up.
struct EmptiedBurst {
  std::uint64_t times = 0;
  std::optional<Time> first;
};

/// Port: who is told that the instance stops and starts.
struct InstanceListener {
  virtual ~InstanceListener() = default;
  virtual void instance_stopped() = 0;
  virtual void instance_started() = 0;
};

class StorageMachine
    : public EventHandler<StorageMachine, StorageBalanceReached, StorageWorkDue, StorageWorkDone,
                          StorageWorkRateChanged, VolumeModified,
                          VolumeOptimized, VolumeLoadStepped, InstanceStopped, InstanceStarted, StorageReviewed> {
 public:
  StorageMachine(Simulation& sim, StorageMachineConfig config);

  /// Keeps what held each volume and the instance in `parts` equal parts of the first `span`. Before start().
  void keep_series(Duration span, std::size_t parts);
  void listen(InstanceListener& listener) { instance_listener_ = &listener; }
  /// Schedules modifications, stops and reviews, and starts closed loops.
  void start();
  /// I/Os for each second that an open load offers from now on. Takes effect with update(), which may follow several of
  /// these. Requires: the load is open.
  void offer(std::size_t load, RequestRate rate);
  void update();
  /// Adds data to what a load of work has to move. Takes effect with update(). Requires: the load is work; data > 0.
  void give(std::size_t load, Bytes data);
  /// Lets the load of work go no faster than this from now on; empty: as fast as the limits allow. Takes effect with
  /// update(). Requires: pace > 0.
  void set_pace(std::size_t load, std::optional<BytesPerSecond> pace);
  /// What the load of work has still to move is not moved, and counts as lost; its listener is told nothing. Takes effect
  /// with update().
  void withdraw(std::size_t load);
  /// Tells of the load's progress from now on, each time by an event of its own, so the listener may call any of these.
  void listen(std::size_t load, StorageWorkListener& listener) { loads_[load].listener = &listener; }
  /// Something from outside stops the instance, as a stop of its own does, or lets go of it again; it runs while nothing does.
  void hold_down();
  void let_up();
  /// The volume answers nothing from now on: what waits for it is lost. As often back as lost, it answers again.
  void lose_volume(std::size_t volume);
  void restore_volume(std::size_t volume);
  /// Ends the warm-up: forgets what was done; levels and backlogs stay.
  void begin_measurement();

  const StorageMachineConfig& config() const { return config_; }
  /// As of the last update().
  RequestRate rate(std::size_t load) const { return RequestRate::of(sharing_.rate(static_cast<std::uint32_t>(load))); }
  BytesPerSecond throughput(std::size_t load) const;
  StorageLimit limit(std::size_t load) const { return loads_[load].limit; }
  /// The limit of the volume's load that lacks most.
  StorageLimit volume_limit(std::size_t volume) const;

  /// Since the start, or the end of the warm-up.
  Requests offered(std::size_t load) const { return booked(load).offered; }
  Requests done(std::size_t load) const { return booked(load).done; }
  /// Offered and not done yet, from before the end of the warm-up too.
  Requests backlog(std::size_t load) const;
  /// Open loops: offered since the start of the measurement while others waited, and those that took longer than the
  /// load's deadline.
  Requests waited(std::size_t load) const { return booked(load).waited_behind; }
  double late(std::size_t load) const { return booked(load).late; }
  /// Of work: from the time at which it was given until all was done, of each time in the measured part that ended.
  const Tally& work_time(std::size_t load) const { return loads_[load].work_time; }
  /// Waited when the instance stopped, or was withdrawn, and was never done.
  Requests lost(std::size_t load) const { return booked(load).lost; }
  /// What the load's I/Os in flight or waiting took on average, from Little's law; empty while none was done.
  std::optional<Duration> latency_mean(std::size_t load) const;
  /// The longest that an I/O had to take, of those offered at an event.
  Duration latency_max(std::size_t load) const { return booked(load).latency_max; }
  LimitShares limit_shares(std::size_t load) const { return booked(load).shares; }
  /// Time by the limit that held back the volume's load that lacked most; that of the instance by its own limits.
  std::array<Duration, storage_limit_count> volume_time(std::size_t volume) const { return clock_time(volume); }
  std::array<Duration, storage_limit_count> instance_time() const { return clock_time(volumes_.size()); }
  /// Of the volume's maximum IOPS or throughput, whichever is nearer; of the instance's; of its network.
  UseShares volume_use(std::size_t volume) const { return use_time(volume); }
  UseShares ebs_use() const { return use_time(volumes_.size()); }
  UseShares network_use() const { return use_time(volumes_.size() + 1); }
  /// I/Os on the volume or waiting for it, in the mean, as VolumeQueueLength; without those of work, of which nobody says
  /// how many are in flight.
  double queue_length(std::size_t volume) const;
  /// The time of the first I/O, if it is asked for at the start: of a restored volume with its share of a first touch.
  Duration serves_after(std::size_t volume) const { return volumes_[volume].serves_after; }
  /// From the start to full speed, zero for a volume that was not restored; empty while it loads.
  std::optional<Duration> full_speed_after(std::size_t volume) const;
  /// Share of the volume's burst bucket, as BurstBalance; empty for a volume without one.
  std::optional<Ratio> burst_balance(std::size_t volume) const;
  /// The lowest that it was.
  std::optional<Ratio> burst_balance_min(std::size_t volume) const;
  EmptiedBurst volume_emptied(std::size_t volume) const { return buckets_[volumes_[volume].face.bucket].emptied; }
  /// Of the instance's IOPS and throughput buckets, as EBSIOBalance% and EBSByteBalance%; empty without one.
  std::optional<Ratio> io_balance() const { return balance(iops_limit_); }
  std::optional<Ratio> byte_balance() const { return balance(throughput_limit_); }
  std::optional<Ratio> io_balance_min() const { return balance_min(iops_limit_); }
  std::optional<Ratio> byte_balance_min() const { return balance_min(throughput_limit_); }
  /// How often the bucket of the instance's EBS IOPS or that of its throughput ran empty, and when first.
  EmptiedBurst emptied_burst() const;
  /// The load's share of what a bucket of the instance lost in the instant before it ran empty, the mean over those times;
  /// empty if there were none.
  std::optional<Ratio> share_of_emptying(std::size_t load) const;

  /// Of an instance store: how often its data were lost, and how long the last rebuilding took, from the instance's start;
  /// empty while none has ended.
  std::uint64_t times_lost(std::size_t volume) const { return volumes_[volume].times_lost; }
  std::optional<Duration> rebuilt_after(std::size_t volume) const { return volumes_[volume].rebuilt_after; }
  Duration stopped_time() const;
  /// One of each limit that held at all, of each volume, then of the instance; empty unless keep_series was called.
  std::vector<LimitSeries> limit_series() const;

  /// Adds storage.<machine>.… of every load and volume.
  void report(MetricSink& sink) const;

  void on(const StorageBalanceReached&);
  void on(const StorageWorkDue&);
  void on(const StorageWorkDone&);
  void on(const StorageWorkRateChanged&);
  void on(const VolumeModified&);
  void on(const VolumeOptimized&);
  void on(const VolumeLoadStepped&);
  void on(const InstanceStopped&);
  void on(const InstanceStarted&);
  void on(const StorageReviewed&);

 private:
  /// Micro-I/Os for each second, more than any volume does: the demand while a backlog is worked off.
  static constexpr std::int64_t as_much_as_possible = std::int64_t{1} << 50;

  /// A capacity of the sharing whose size falls from `max` to `base` while its bucket is empty. Capacities of operations
  /// count millionths (of a volume: of a part of an operation), those of throughput millionths of a byte.
  struct Limit {
    std::int64_t base = 0, max = 0;
    std::int64_t busy_from = 0, idle_to = 0;  // 80 % and 10 % of max
    StorageLimit full = StorageLimit::none;   // who is held back while the bucket is not empty
    StorageLimit empty = StorageLimit::none;  // while it is
    std::optional<std::uint32_t> bucket;
  };
  /// A bucket and the limits that depend on it; the first is what drains it.
  struct Bucket {
    TokenBucket tokens;
    std::int64_t fill = 0;  // each second
    std::uint32_t drained_by = 0;               // a limit
    std::optional<std::uint32_t> also_governs;  // a limit
    bool active = true;                         // its limits differ
    bool empty = false;
    EmptiedBurst emptied = {};
    TokenBucket::Level lowest = 0;              // where it last rose from
  };
  /// The limits of a volume and what its burst draws on.
  struct Face {
    std::uint32_t throughput = 0, iops = 0;  // limits
    std::uint32_t bucket = 0;
    CreditKind credits = CreditKind::none;
  };
  struct Volume {
    Face face;
    std::optional<Face> other;             // counts I/Os as SSD where `face` counts them as HDD, or the reverse; no limit
                                           // but while the volume turns from one into the other
    VolumeLimits limits;                   // when all its blocks are there
    int snapshots = 0;                     // that are being uploaded
    int lost = 0;                          // by how many faults
    std::int64_t load_step = restore_steps;  // restore_steps: all are
    std::vector<std::uint32_t> loads;
    bool in_instance = false;
    Duration serves_after;
    std::optional<std::uint32_t> loading;     // the load that reads it whole
    std::optional<Time> full_speed;           // when it had been read whole
    std::optional<std::uint32_t> rebuilding;  // the load that writes its content again
    std::uint64_t times_lost = 0;
    std::optional<Duration> rebuilt_after;
  };
  struct Load {
    std::int64_t wanted_rate = 0;   // what is offered while the instance runs
    std::int64_t offered_rate = 0;  // micro-I/Os for each second; of a closed loop its demand
    Duration service;               // of one I/O without a queue
    std::optional<Duration> deadline;
    bool closed = false, work = false;  // as its config says; kept here because the loop over loads asks often
    bool on_instance = false;       // draws on the instance's EBS limits
    double emptying = 0;            // its share of what emptied a bucket of these, summed over the times
    TokenBucket backlog;
    bool waiting = false;           // there is a backlog to work off
    std::int64_t most = 0;          // its demand meanwhile
    StorageWorkListener* listener = nullptr;
    std::int64_t told = 0;          // the rate that the listener knows
    Time given_at = {};             // of work that is not done
    Tally work_time = {};           // seconds
    bool offer_changed = false;
    bool uploading = false;         // a snapshot
    StorageLimit limit = StorageLimit::none;
    Time since;                     // the rates hold from here
    std::int64_t rate = 0;
    Requests offered = {}, done = {};  // before `since`
    Requests waited_behind = {}, lost = {};
    double late = 0;
    double waited = 0;              // of all I/Os done or waiting, on the volume and in the backlog: I/O seconds
    Duration latency_max = {};
    LimitShares shares = {};
  };
  struct SeriesParts {
    Duration each;          // zero: no series is kept
    std::size_t count = 0;
  };
  /// Time by limit, of a volume or of the instance.
  struct LimitClock {
    StorageLimit limit = StorageLimit::none;
    Time since;
    std::array<Duration, storage_limit_count> time{};
    /// Time in each part of the series. A limit has a row from its first time on; `none`, which holds most volumes all
    /// the time, has none: the rest is its.
    struct Row {
      StorageLimit limit;
      std::vector<Duration> parts;
    };
    std::vector<Row> rows;
    void set(StorageLimit next, Time now, const SeriesParts& parts);
    /// Adds the time of the present limit up to now to the parts that it falls in.
    void spread(Time now, const SeriesParts& parts);
  };
  struct Review {
    bool larger_network = false, offload_to_network = false;
  };

  struct UseClock {
    UseBand band = UseBand::idle;
    Time since;
    UseShares shares;
    void set(UseBand next, Time now);
  };

  std::uint32_t add_limit(Limit limit);
  void set_sizes(std::uint32_t limit, std::int64_t base, std::int64_t max);
  std::uint32_t add_bucket(std::uint32_t drained_by, std::optional<std::uint32_t> also_governs);
  /// The limit of the instance, with its bucket; empty if it is not known.
  std::optional<std::uint32_t> add_instance_limit(const std::optional<BurstLimit>& given, Duration burst_time,
                                                  StorageLimit full);
  Face add_face(bool hdd);
  void add_volume(std::size_t volume);
  void add_load(const StorageLoadConfig& load);
  void apply(std::size_t volume, VolumeLimits limits);
  void set_face(Face& face, const VolumeLimits& limits);
  /// `volumes_there`: the load's volume draws on the network too.
  void draw_on_network(const StorageLoadConfig& load, bool volumes_there, std::vector<MaxMinSharing::Use>& uses);
  void set_uploading(std::size_t load, bool uploading);
  void lose_backlog(Load& load);
  void pause_loads();
  void resume_loads();

  /// The loads that the machine needs for itself, after those given: reading a restored volume, writing an instance store.
  static StorageMachineConfig with_own_loads(StorageMachineConfig config);
  bool paused(std::size_t load) const;
  void set_wanted(std::size_t load, std::int64_t rate);
  void own_work_done(std::uint32_t load);
  Review review_of(const UseShares& ebs, const UseShares& network, Duration span) const;

  void book(Load& load) const;
  Load booked(std::size_t load) const;
  void tell_rates();
  /// Each returns whether the shares must be solved again.
  bool follow_flow(std::uint32_t flow);
  bool follow_bucket(Bucket& bucket);
  void set_empty(Bucket& bucket, bool empty);
  void note_emptied(Bucket& bucket);
  StorageLimit limit_of(std::uint32_t flow) const;
  StorageLimit instance_limit() const;
  void set_clocks();
  std::array<Duration, storage_limit_count> clock_time(std::size_t clock) const;
  UseBand band_of(std::uint32_t limit) const;
  UseBand band_of(std::optional<std::uint32_t> limit) const { return limit ? band_of(*limit) : UseBand::idle; }
  void set_use_clocks();
  UseShares use_time(std::size_t clock) const;
  void schedule_next();
  std::optional<Ratio> balance(const Bucket& bucket) const;
  std::optional<Ratio> balance(std::optional<std::uint32_t> limit) const;
  std::optional<Ratio> balance_min(const Bucket& bucket) const;
  std::optional<Ratio> balance_min(std::optional<std::uint32_t> limit) const;

  Simulation& sim_;
  const StorageMachineConfig config_;
  MaxMinSharing sharing_;
  std::vector<Limit> limits_;    // by capacity
  std::vector<Bucket> buckets_;
  std::vector<Volume> volumes_;
  std::vector<Load> loads_;      // by flow
  std::vector<LimitClock> clocks_;    // by volume, then the instance's
  SeriesParts parts_;
  std::vector<UseClock> use_clocks_;  // by volume, then EBS, then the network
  std::optional<std::uint32_t> iops_limit_, throughput_limit_;
  struct NetworkLimits {
    std::optional<std::uint32_t> all, outside;  // made for the first load that draws on them
  };
  std::array<NetworkLimits, 2> network_;  // out, in
  EventHandle next_;
  Time next_at_;
  Time measured_from_;
  InstanceListener* instance_listener_ = nullptr;
  bool stopped_ = false;
  int held_down_ = 0;          // by how many, stops of its own among them
  Time changed_at_;            // of stopped_
  Duration stopped_time_;      // before changed_at_, since measurement began
  std::vector<Review> reviewed_;
  UseShares ebs_reviewed_, network_reviewed_;  // at the last review
};

}  // namespace fleetsim
