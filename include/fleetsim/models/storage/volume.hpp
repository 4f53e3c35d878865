#pragma once
/// What a volume may be asked for and what it then delivers, by type, size, host and date.
///
/// Truth:      the tables and formulas of Amazon's pages, to the unit; a request against a rule comes back as the rule
///             and the nearest request that it allows.
/// Leaves out: Multi-Attach, RAID, the 90 % to 99.9 % of the year for which a volume delivers its rate, gp2 volumes from
///             before December 2018; see docs/models/storage.md.
/// Source:     [1] Amazon EC2 user guide of August 2021 and of May 2023, ebs-volume-types, general-purpose,
///             provisioned-iops, hdd-vols, ebs-io-characteristics; [2] EC2 API reference, CreateVolume and ModifyVolume,
///             2026; [3] user guide, modify-volume-requirements; [4] AWS News Blog, io2 Block Express on R5b (2021).

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/data_rate.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

using Date = std::chrono::sys_days;

enum class VolumeType : std::uint8_t { gp2, gp3, io1, io2, st1, sc1, standard, instance_store };
/// "gp2", …, "instance_store".
std::string_view to_name(VolumeType type);
/// Empty for a name of no type.
std::optional<VolumeType> volume_type_of(std::string_view name);

/// The instance that a volume is attached to, as far as the volume's rules ask.
struct VolumeHost {
  std::string instance_type;  ///< "r5b.large": its family decides on Block Express
  bool nitro = true;
};

/// A volume as the user asks for it.
struct VolumeRequest {
  VolumeType type = VolumeType::gp3;
  std::int64_t size_gib = 0;
  std::optional<std::int64_t> iops = {};   ///< provisioned: gp3, io1 and io2 only
  std::optional<std::int64_t> mibps = {};  ///< provisioned throughput: gp3 only
  bool boot = false;
  bool encrypted = false;
  bool from_unencrypted_or_shared_image = false;
  bool fast_snapshot_restore = false;
};

/// Whether an io2 volume runs as Block Express on such a host: R5b alone in 2021, the families of the guide from May
/// 2023, every host from 21 November 2023 [1, 4].
bool runs_block_express(const VolumeHost& host, Date as_of);

/// A rule that a request breaks.
struct VolumeBreach {
  std::string field;    ///< "size", "iops", "throughput", "type" or "boot": the key that stands against the rule
  std::string message;  ///< what was found and what is allowed
  std::string help;     ///< the nearest request that is allowed
  /// Of a number: the nearest value allowed, in the field's unit (GiB, IOPS, MiB/s).
  std::optional<std::int64_t> nearest;
};
/// Every rule that the request breaks on that host at that date; empty for one that EC2 takes.
std::vector<VolumeBreach> check_volume(const VolumeRequest& request, const VolumeHost& host, Date as_of);

/// What fills and drains a volume's burst bucket.
enum class CreditKind : std::uint8_t { none, operations, bytes };

/// What a volume delivers. A volume without a bucket has burst equal to base.
struct VolumeLimits {
  Iops iops, iops_burst;                          ///< I/O operations counted by `counted_io`
  BytesPerSecond throughput, throughput_burst;
  CreditKind credits = CreditKind::none;
  std::int64_t credits_max = 0;                   ///< operations or bytes; a new volume's bucket is full
  std::int64_t credits_fill = 0;                  ///< each second
  Bytes io_max;                                   ///< ssd_io_max or hdd_io_max
  Duration latency;                               ///< of one I/O without a queue; our choice, see docs/models/storage.md
  bool block_express = false;
  std::int64_t write_millionths = 1'000'000;     ///< what a write counts as, of a read; an instance store's are slower
};
/// Requires: the request breaks no rule; it is no instance store, whose limits are its instance type's.
VolumeLimits limits_of(const VolumeRequest& request, const VolumeHost& host, Date as_of);

/// Operations are counted in parts of this many, so that what I/Os merged into one count is a whole number.
inline constexpr std::int64_t parts_per_operation = 1 << 20;

/// The largest I/O counted as one, and what small ones merge to [1].
inline constexpr Bytes ssd_io_max = 256_KiB, hdd_io_max = 1024_KiB;
constexpr bool is_hdd(const VolumeLimits& limits) { return limits.io_max == hdd_io_max; }

/// What one I/O of an application counts as at its volume. Sequential small ones are merged up to `io_max`, larger ones
/// are split into several; on HDD a random I/O counts as a whole `io_max` [1].
struct CountedIo {
  std::int64_t operation_parts = parts_per_operation;
  Bytes bytes;  ///< counted against throughput and byte credits
};
/// Requires: 1 byte <= size <= 1 GiB.
CountedIo counted_io(Bytes io_max, Bytes size, bool sequential);

/// How long a gp2, st1 or sc1 volume runs at its burst rate from a full bucket; empty if for ever.
std::optional<Duration> burst_duration(const VolumeLimits& limits);

/// Provisioned performance that is billed beside the size: IOPS up to 32,000, from there to 64,000, and above; of gp3
/// only what is above the 3,000 IOPS and 125 MiB/s included.
struct BilledPerformance {
  std::array<std::int64_t, 3> iops{};
  std::int64_t mibps = 0;
};
BilledPerformance billed_performance(const VolumeRequest& request);

/// The rules for changing volumes in place [2, 3].
struct ModificationRules {
  Duration wait_after;           ///< from one modification to the next; zero: as soon as it is completed
  std::int64_t per_day_max = 0;  ///< in any 24 hours; 0: not stated
};
ModificationRules modification_rules(Date as_of);
/// What is against turning `from` into `to`: sizes never shrink, a boot volume does not become HDD, and until May 2023 a
/// Block Express volume keeps its size and IOPS. The rules for `to` itself are check_volume's.
std::vector<VolumeBreach> check_modification(const VolumeRequest& from, const VolumeRequest& to, const VolumeHost& host,
                                             Date as_of);
/// How long a modified volume stays in `optimizing`. MODEL: in proportion to its size, six hours for a full TiB [3].
Duration optimizing_time(std::int64_t size_gib);
/// gp2 to gp3 without naming performance: the larger of the gp2 volume's and gp3's own [3].
VolumeRequest gp3_from_gp2(const VolumeRequest& gp2, Date as_of);

}  // namespace fleetsim
