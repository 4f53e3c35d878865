#pragma once
/// What a scenario says about instances with volumes, before the catalogue and the demands are looked up.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/storage/network.hpp"
#include "fleetsim/models/storage/machine_config.hpp"
#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/operating_system.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim {

/// A volume made from a snapshot when the run begins.
struct RestoreSettings {
  Bytes data;                                   ///< written blocks
  std::optional<BytesPerSecond> initialization_rate;                 ///< paid for
  BytesPerSecond background_rate = BytesPerSecond::of(30 << 20);     ///< unless the rate is paid for
  Duration first_touch = Duration::of(30'000'000);
  std::optional<std::int64_t> snapshot_gib;     ///< empty: the volume's size
  std::optional<Duration> fast_restore_enabled_for;
  std::optional<std::int64_t> read_whole_depth;  ///< blocks in flight while the instance reads the volume whole
  UsdPerGb initialization_price;                 ///< of the paid rate, for the data
  config::Location where;
};

/// A request with the places of its keys: where[breach.field] is where a broken rule is reported.
struct VolumeSettings {
  std::string name;
  VolumeRequest request;
  std::int64_t stripes = 1;                    ///< so many of these make a RAID 0 that is used as one volume
  bool temporary = false;                      ///< its data may be lost: it could be on an instance store
  std::optional<std::int64_t> store_iops;      ///< of an instance store whose type has no published IOPS
  std::optional<Bytes> content;                ///< of an instance store: written again after each start
  std::optional<config::Located<std::string>> content_from;
  std::optional<RestoreSettings> restore;
  std::map<std::string, config::Location> where;
};
struct VolumeChangeSettings {
  Time at;
  VolumeSettings to;  ///< name and keys of the volume that changes; what is not given stays
  config::Location where;
};
/// Reads and writes of a recorded machine, in equal windows.
struct BlockTrace {
  struct Window {
    std::int64_t reads = 0, writes = 0;
    Bytes read_bytes, write_bytes;
  };
  Duration window;
  std::vector<Window> windows;
};
struct BlockTraceSettings {
  BlockTrace trace;
  bool repeat = false;
  double factor = 1;  ///< multiplies reads and writes; their sizes stay
};
/// Reads the rows of one machine: columns machine, window_end_s, reads, writes, read_bytes, write_bytes. A window without
/// a row is idle. Errors: a machine without rows, a window that ends before it begins, bytes without requests.
BlockTrace read_block_trace(const config::FilePath& file, const config::Located<std::string>& machine, Duration window,
                            config::Diagnostics& diagnostics);

/// A backup, a snapshot or a copy of data, once or again and again.
struct RecurringWorkSettings {
  RecurringWork work;
  std::optional<BytesPerSecond> pace;
  bool through_instance = true;
  bool through_network = false;
  bool snapshot = false;
};

struct StorageLoadSettings {
  std::string name;
  std::optional<config::Located<std::string>> volume;  ///< empty: traffic on the network
  std::optional<config::Located<std::string>> serves;  ///< a demand; of an open loop
  std::optional<std::int64_t> queue_depth;             ///< of a closed loop
  Bytes io_size = Bytes::of(16384);
  bool sequential = false;
  std::optional<Ratio> reads;
  std::optional<Duration> deadline;
  std::optional<BlockTraceSettings> trace;             ///< of an open loop: both reads and writes
  std::optional<RecurringWorkSettings> moves;
  std::optional<NetworkUse> network;
  FlowKind connection_kind = FlowKind::ordinary;       ///< of its connections, whose number `network` counts in
  config::Location where, network_where;
};
struct InstanceStopSettings {
  Time at;
  std::optional<Duration> length;  ///< empty: terminated
};
struct StorageMachineSettings {
  std::string name;
  config::Located<std::string> instance_type;
  std::optional<config::Located<std::string>> region, zone;
  OperatingSystem operating_system = OperatingSystem::linux;
  std::vector<VolumeSettings> volumes;
  std::vector<VolumeChangeSettings> changes;  ///< sorted by volume as in the file
  std::vector<StorageLoadSettings> loads;
  std::vector<InstanceStopSettings> stops;
  std::optional<Duration> review;
  Duration network_burst_time = Duration::of(1800 * nanoseconds_per_second);
  config::Location where;
};
struct StorageSettings {
  std::optional<config::UtcTime> rules_as_of;  ///< empty: the start of the run
  std::vector<StorageMachineSettings> machines;
};

/// Reads `storage` of the scenario.
StorageSettings read_storage(config::Section& scenario);

}  // namespace fleetsim
