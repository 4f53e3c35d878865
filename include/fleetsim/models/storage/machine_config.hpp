#pragma once
/// What a machine with volumes is made of: its limits, volumes, loads and what changes on the way.
///
/// Source: [1] Amazon EC2 user guide, ebs-optimized: the maximum for 30 minutes at least once in 24 hours;
///         [2] AWS Compute Blog, Optimizing Amazon EC2 workloads with CloudWatch; [3] user guide, hdd-vols.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/models/storage/restore.hpp"
#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// What holds a load below its demand.
enum class StorageLimit : std::uint8_t {
  none, volume_iops, volume_throughput, volume_burst_empty, instance_iops, instance_throughput, instance_burst_empty,
  network,          // of the instance, in one direction
  network_outside,  // of the instance, to other Regions or the internet
  network_flow      // of the load's connections
};
inline constexpr std::size_t storage_limit_count = 10;
/// A larger instance would raise it.
constexpr bool is_of_instance(StorageLimit limit) {
  return limit >= StorageLimit::instance_iops && limit != StorageLimit::network_flow;
}
/// "none", "volume_iops", …
std::string_view to_name(StorageLimit limit);
/// "nothing", "the volume's IOPS", …, for sentences.
std::string_view in_words(StorageLimit limit);
/// Empty for a name of no limit.
std::optional<StorageLimit> storage_limit_of(std::string_view name);

/// A limit with burst: the maximum while the bucket lasts, then the base. Counted in IOPS or bytes for each second.
struct BurstLimit {
  std::int64_t base = 0;
  std::int64_t max = 0;        ///< >= base; equal where there is no bucket
};
/// Limits of the instance, all volumes together. Empty: none is known, none is applied.
struct InstanceStorageLimits {
  std::optional<BurstLimit> iops;
  std::optional<BurstLimit> throughput;
  std::optional<BurstLimit> network;  ///< in each direction
  std::optional<BytesPerSecond> network_outside;  ///< of it, in each direction, to the internet and other Regions together
  bool other_regions_outside = true;  ///< else traffic to them is like any other
  bool volumes_use_network = false;  ///< EBS without bandwidth of its own
  Duration burst_time = Duration::of(1800 * nanoseconds_per_second);  ///< at the maximum from a full bucket [1]
  Duration network_burst_time = Duration::of(1800 * nanoseconds_per_second);
};

struct StorageVolumeConfig {
  std::string name;
  VolumeLimits limits;
  std::optional<VolumeRestore> restore = {};  ///< empty: all its blocks are there from the start
  /// Of an instance store: what it holds is lost when the instance stops. It draws on no limit of the instance's EBS.
  bool in_instance = false;
  Bytes content = {};                           ///< of an instance store: what is written again after each start
  std::optional<std::size_t> content_from = {}; ///< of an instance store: the volume that it is read from
};
/// The instance does not run: its loads offer nothing, what waited is lost, and its work goes on after the start.
struct InstanceStop {
  Time at;
  std::optional<Duration> length;  ///< empty: terminated
};
/// Changes a volume while it is in use. The new limits hold once it is optimized; until then those of its source do, or
/// of the target where that is lower. Between SSD and HDD both count the I/Os until then, each in its way.
struct VolumeModification {
  std::size_t volume = 0;
  Time at;
  Duration optimizing;
  VolumeLimits limits;
};

/// Data moved again and again, such as a backup or a snapshot: so much at each time, done as fast as limits and pace allow.
struct RecurringWork {
  Bytes data;                     ///< > 0
  Time first;
  std::optional<Duration> every;  ///< > 0; empty: once. What is not done by then is added to
};

enum class NetworkDirection : std::uint8_t { out, in, both };
enum class NetworkPeer : std::uint8_t { same_region, other_region, internet };
/// What a load takes of the network.
struct NetworkUse {
  NetworkDirection direction = NetworkDirection::out;
  NetworkPeer peer = NetworkPeer::same_region;
  std::optional<BytesPerSecond> flows_max = {};  ///< that its connections carry together; empty: so many that it is no limit
};

/// A flow of I/Os. Of a closed loop so many I/Os are in flight, always; of an open one they come at a rate, and wait in
/// a backlog; of work they come in lumps, and are done as fast as limits and pace allow.
struct StorageLoadConfig {
  std::string name;
  std::optional<std::size_t> volume;  ///< empty: traffic on the network alone, in I/Os of `io_size`
  Bytes io_size = Bytes::of(16384);   ///< of one I/O of the application; 1 B to 1 GiB
  bool sequential = false;
  std::optional<std::int64_t> queue_depth;   ///< of a closed loop; empty for the other two
  std::optional<Ratio> reads = {};           ///< share of its I/Os that read; empty: not told apart
  std::optional<Duration> deadline = {};     ///< of an open loop: an I/O that takes longer is late; > 0
  bool work = false;                         ///< its I/Os come with give(), not with offer()
  std::optional<RecurringWork> recurring = {};  ///< of work that the machine gives itself
  std::optional<BytesPerSecond> pace = {};   ///< of work: no faster than this; > 0
  bool on_instance = true;  ///< draws on the instance's EBS limits; not so what passes between a volume and S3 alone
  std::optional<std::size_t> from = {};  ///< a volume that the same data are read from, and which it draws on too
  std::optional<NetworkUse> network = {};  ///< draws on the network, as what is read here and sent elsewhere
  /// Of work: the upload of a snapshot. It goes on while the instance is stopped, and until it is done st1 and sc1 are at
  /// their base rate [3].
  bool snapshot = false;
};

struct StorageMachineConfig {
  std::string name;
  InstanceStorageLimits limits;
  std::vector<StorageVolumeConfig> volumes;
  std::vector<StorageLoadConfig> loads;
  std::vector<VolumeModification> modifications;
  std::vector<InstanceStop> stops = {};  ///< by time, each after the end of the one before
  Duration review = {};                  ///< how often the advice is judged anew; zero: never
  std::size_t reviews = 0;               ///< that fit into the run
};

/// The loads that a machine has of itself beside those given: reading a restored volume whole, writing an instance store's
/// content again. In the order of its volumes.
std::vector<StorageLoadConfig> own_loads(const StorageMachineConfig& config);

}  // namespace fleetsim
