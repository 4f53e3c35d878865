#pragma once
/// What a scenario says about instances with volumes, before the catalogue and the demands are looked up.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/operating_system.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/sim/config/value.hpp"

namespace fleetsim {

/// A volume made from a snapshot when the run begins.
struct RestoreSettings {
  Bytes data;                                   ///< written blocks
  std::optional<Bytes> initialization_rate;     ///< paid for, each second
  Bytes background_rate = Bytes::of(30 << 20);  ///< each second, unless the rate is paid for
  Duration first_touch = Duration::of(30'000'000);
  std::optional<std::int64_t> snapshot_gib;     ///< empty: the volume's size
  std::optional<Duration> fast_restore_enabled_for;
  config::Location where;
};

/// A request with the places of its keys: where[breach.field] is where a broken rule is reported.
struct VolumeSettings {
  std::string name;
  VolumeRequest request;
  std::optional<RestoreSettings> restore;
  std::map<std::string, config::Location> where;
};
struct VolumeChangeSettings {
  Time at;
  VolumeSettings to;  ///< name and keys of the volume that changes; what is not given stays
  config::Location where;
};
struct StorageLoadSettings {
  std::string name;
  std::optional<config::Located<std::string>> volume;  ///< empty: traffic on the network
  std::optional<config::Located<std::string>> serves;  ///< a demand; of an open loop
  std::optional<std::int64_t> queue_depth;             ///< of a closed loop
  Bytes io_size = Bytes::of(16384);
  bool sequential = false;
  config::Location where;
};
struct StorageMachineSettings {
  std::string name;
  config::Located<std::string> instance_type;
  std::optional<config::Located<std::string>> region;
  OperatingSystem operating_system = OperatingSystem::linux;
  std::vector<VolumeSettings> volumes;
  std::vector<VolumeChangeSettings> changes;  ///< sorted by volume as in the file
  std::vector<StorageLoadSettings> loads;
};
struct StorageSettings {
  std::optional<config::UtcTime> rules_as_of;  ///< empty: the start of the run
  std::vector<StorageMachineSettings> machines;
};

/// Reads `storage` of the scenario.
StorageSettings read_storage(config::Section& scenario);

}  // namespace fleetsim
