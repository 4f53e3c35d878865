#pragma once
/// The volumes of one instance under load: what each load gets, what holds it back, and how long its I/Os take.
///
/// Loads draw on the limits of their volume (IOPS, throughput) and of the instance (IOPS, throughput, and the network
/// where EBS has no bandwidth of its own), each with its burst bucket. What does not suffice is shared max-min fairly.
/// Rates change at events only: a load changed, a bucket ran empty, a backlog was worked off, a volume was modified.
///
/// Truth:      an open load's I/Os offered = done + backlog, exactly; no limit is ever exceeded; a bucket that fills at f
///             and is drained at u > f lasts for level / (u - f).
/// Leaves out: single I/Os and their spread of latency, caches, the two directions of the network apart, failures; see
///             docs/models/storage.md.
/// Source:     [1] Amazon EC2 user guide, ebs-optimized: the maximum for 30 minutes at least once in 24 hours;
///             [2] AWS Compute Blog, Optimizing Amazon EC2 workloads with CloudWatch.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/storage/restore.hpp"
#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/sim/fluid/max_min_sharing.hpp"
#include "fleetsim/sim/fluid/token_bucket.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// What holds a load below its demand.
enum class StorageLimit : std::uint8_t {
  none, volume_iops, volume_throughput, volume_burst_empty, instance_iops, instance_throughput, instance_burst_empty,
  network
};
inline constexpr std::size_t storage_limit_count = 8;
/// "none", "volume_iops", …
std::string_view to_name(StorageLimit limit);

/// A limit with burst: the maximum while the bucket lasts, then the base. Counted in IOPS or bytes for each second.
struct BurstLimit {
  std::int64_t base = 0;
  std::int64_t max = 0;        ///< >= base; equal where there is no bucket
};
/// Limits of the instance, all volumes together. Empty: none is known, none is applied.
struct InstanceStorageLimits {
  std::optional<BurstLimit> iops;
  std::optional<BurstLimit> throughput;
  std::optional<BurstLimit> network;
  bool volumes_use_network = false;  ///< EBS without bandwidth of its own
  Duration burst_time = Duration::of(1800 * nanoseconds_per_second);  ///< at the maximum from a full bucket [1]
  Duration network_burst_time = Duration::of(1800 * nanoseconds_per_second);
};

struct StorageVolumeConfig {
  std::string name;
  VolumeLimits limits;
  std::optional<VolumeRestore> restore = {};  ///< empty: all its blocks are there from the start
};
/// Changes a volume while it is in use. The new limits hold once it is optimized; until then those of its source do, or
/// of the target where that is lower.
struct VolumeModification {
  std::size_t volume = 0;
  Time at;
  Duration optimizing;
  VolumeLimits limits;
};

/// A flow of I/Os. Of a closed loop so many I/Os are in flight, always; of an open one they come at a rate, and wait in
/// a backlog; of work they come in lumps, and are done as fast as limits and pace allow.
struct StorageLoadConfig {
  std::string name;
  std::optional<std::size_t> volume;  ///< empty: traffic on the network, in I/Os of `io_size`
  Bytes io_size = Bytes::of(16384);   ///< of one I/O of the application; 1 B to 1 GiB
  bool sequential = false;
  std::optional<std::int64_t> queue_depth;   ///< of a closed loop; empty for the other two
  bool work = false;                         ///< its I/Os come with give(), not with offer()
  std::optional<BytesPerSecond> pace = {};   ///< of work: no faster than this; > 0
  bool on_instance = true;  ///< draws on the instance's EBS limits; not so what passes between a volume and S3 alone
  bool on_network = false;  ///< draws on the network too, as what is read here and sent elsewhere
};

/// Port: who gives a load work.
struct StorageWorkListener {
  virtual ~StorageWorkListener() = default;
  /// All that was given is done.
  virtual void work_done(std::size_t load) = 0;
  /// The load moves at another rate from now on.
  virtual void work_rate_changed(std::size_t load, BytesPerSecond rate) = 0;
};

struct StorageMachineConfig {
  std::string name;
  InstanceStorageLimits limits;
  std::vector<StorageVolumeConfig> volumes;
  std::vector<StorageLoadConfig> loads;
  std::vector<VolumeModification> modifications;
};

/// Time spent, and I/Os that were offered and not done at once, by what held them back.
struct LimitShares {
  // Of a closed loop: what it would have done without the limits.
  std::array<Duration, storage_limit_count> time{};
  std::array<Requests, storage_limit_count> cut{};
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

class StorageMachine
    : public EventHandler<StorageMachine, StorageBalanceReached, StorageWorkDone, StorageWorkRateChanged, VolumeModified,
                          VolumeOptimized, VolumeLoadStepped> {
 public:
  StorageMachine(Simulation& sim, StorageMachineConfig config);

  /// Schedules the modifications and starts closed loops.
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
  /// Tells of the load's progress from now on, each time by an event of its own, so the listener may call any of these.
  void listen(std::size_t load, StorageWorkListener& listener) { loads_[load].listener = &listener; }
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
  /// From the start to full speed, zero for a volume that was not restored; empty while it loads.
  std::optional<Duration> full_speed_after(std::size_t volume) const;
  /// Share of the volume's burst bucket, as BurstBalance; empty for a volume without one.
  std::optional<Ratio> burst_balance(std::size_t volume) const;
  /// Of the instance's IOPS and throughput buckets, as EBSIOBalance% and EBSByteBalance%; empty without one.
  std::optional<Ratio> io_balance() const { return balance(iops_limit_); }
  std::optional<Ratio> byte_balance() const { return balance(throughput_limit_); }

  /// Adds storage.<machine>.… of every load and volume.
  void report(MetricSink& sink) const;

  void on(const StorageBalanceReached&);
  void on(const StorageWorkDone&);
  void on(const StorageWorkRateChanged&);
  void on(const VolumeModified&);
  void on(const VolumeOptimized&);
  void on(const VolumeLoadStepped&);

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
  };
  struct Volume {
    std::uint32_t throughput = 0, iops = 0;  // limits
    std::uint32_t bucket = 0;
    CreditKind credits = CreditKind::none;
    VolumeLimits limits;                   // when all its blocks are there
    std::int64_t load_step = restore_steps;  // restore_steps: all are
    std::vector<std::uint32_t> loads;
  };
  struct Load {
    std::int64_t offered_rate = 0;  // micro-I/Os for each second; of a closed loop its demand
    Duration service;               // of one I/O without a queue
    TokenBucket backlog;
    bool waiting = false;           // there is a backlog to work off
    std::int64_t most = 0;          // its demand meanwhile
    StorageWorkListener* listener = nullptr;
    std::int64_t told = 0;          // the rate that the listener knows
    bool offer_changed = false;
    StorageLimit limit = StorageLimit::none;
    Time since;                     // the rates hold from here
    std::int64_t rate = 0;
    Requests offered = {}, done = {};  // before `since`
    double waited = 0;              // of all I/Os done or waiting, on the volume and in the backlog: I/O seconds
    Duration latency_max = {};
    LimitShares shares = {};
  };
  /// Time by limit, of a volume or of the instance.
  struct LimitClock {
    StorageLimit limit = StorageLimit::none;
    Time since;
    std::array<Duration, storage_limit_count> time{};
    void set(StorageLimit next, Time now);
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
  void add_volume(const StorageVolumeConfig& volume);
  void add_load(const StorageLoadConfig& load);
  void apply(std::size_t volume, VolumeLimits limits);

  void book(Load& load) const;
  Load booked(std::size_t load) const;
  void tell_rates();
  /// Each returns whether the shares must be solved again.
  bool follow_flow(std::uint32_t flow);
  bool follow_bucket(Bucket& bucket);
  void set_empty(Bucket& bucket, bool empty);
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

  Simulation& sim_;
  const StorageMachineConfig config_;
  MaxMinSharing sharing_;
  std::vector<Limit> limits_;    // by capacity
  std::vector<Bucket> buckets_;
  std::vector<Volume> volumes_;
  std::vector<Load> loads_;      // by flow
  std::vector<LimitClock> clocks_;    // by volume, then the instance's
  std::vector<UseClock> use_clocks_;  // by volume, then EBS, then the network
  std::optional<std::uint32_t> iops_limit_, throughput_limit_, network_limit_;
  EventHandle next_;
  Time next_at_;
  Time measured_from_;
};

}  // namespace fleetsim
