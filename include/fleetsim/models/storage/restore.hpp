#pragma once
/// A volume made from a snapshot: it serves at once, and is at full speed when its blocks have come from S3.
///
/// Source: Amazon EC2 user guide, ebs-initialize and ebs-fast-snapshot-restore; EC2 API reference, CreateVolume (2026).

#include <cstdint>

#include "fleetsim/models/storage/volume.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// Loading in the background. AWS publishes neither rate nor latency unless the rate is paid for.
struct VolumeRestore {
  Bytes data;                   ///< written blocks of the snapshot
  BytesPerSecond rate;          ///< > 0
  Duration first_touch;         ///< more for an I/O whose block is not there yet
  std::int64_t iops_percent = 100;  ///< of its IOPS that the volume does meanwhile
  /// The instance reads the volume whole, which draws on its limits and the volume's and goes at `rate` at most; else the
  /// blocks come in the background and draw on neither.
  bool by_reading = false;
};

/// Loading goes in steps of this many parts of the data, each with the mean share of missing blocks of its time.
inline constexpr std::int64_t restore_steps = 20;
/// Mean additional latency of an I/O during a step, 0 to restore_steps - 1: I/Os fall on any block alike.
constexpr Duration first_touch_of(const VolumeRestore& restore, std::int64_t step) {
  return restore.first_touch * (2 * (restore_steps - step) - 1) / (2 * restore_steps);
}
/// From the volume's creation to the end of a step; of the last one, data / rate.
constexpr Duration loaded_after(const VolumeRestore& restore, std::int64_t step) {
  const Int128 ns = static_cast<Int128>(restore.data.count()) * (step + 1) * nanoseconds_per_second;
  return Duration::of(static_cast<std::int64_t>(ns / (restore.rate.count() * restore_steps)));
}

/// The data of one step, rounded up.
constexpr Bytes step_of(const VolumeRestore& restore) {
  return Bytes::of((restore.data.count() + restore_steps - 1) / restore_steps);
}

/// What Provisioned IOPS volumes do while they load: "may run below 50 %".
constexpr std::int64_t loading_iops_percent(VolumeType type) {
  return type == VolumeType::io1 || type == VolumeType::io2 ? 50 : 100;
}

/// Credits of fast snapshot restore for one snapshot in one zone, in millionths: each volume made from it takes one and is
/// loaded from the start. They fill at min(10, 1024 GiB / size) an hour, from none when the snapshot is `enabled`, to the
/// bucket's size: the same number, at least 1, until January 2022 without its fraction.
/// Requires: size_gib > 0, enabled_for >= 0.
std::int64_t fast_restore_credits(std::int64_t size_gib, Duration enabled_for, Date as_of);
/// From enabling to `enabled`: 60 minutes for each TiB.
Duration fast_restore_optimizing(std::int64_t size_gib);
/// From enabling to the first whole credit: it is optimized, then one fills. Requires: size_gib > 0.
Duration fast_restore_first_credit(std::int64_t size_gib);
/// The largest snapshot that can have fast restore.
inline constexpr std::int64_t fast_restore_gib_max = 16'384;

}  // namespace fleetsim
