#pragma once
/// The published numbers of each volume type, by date.

#include "fleetsim/models/storage/volume.hpp"

namespace fleetsim::storage {

/// Days on which rules changed.
namespace day {
using namespace std::chrono;
/// The first guide that lists Block Express beyond R5b, and lets such volumes change.
inline constexpr Date block_express_families = 2023y / May / 1;
/// From here on every new io2 volume is Block Express.
inline constexpr Date block_express_everywhere = 2023y / November / 21;
/// gp3 grew in September 2025; the day is not known to us, so the month's first stands for it.
inline constexpr Date gp3_grew = 2025y / September / 1;
/// Between the guide of 2023 and the API text of 2026 the wait of six hours became four changes a day; the day is not
/// known to us.
inline constexpr Date modifications_by_day = 2026y / January / 1;
/// The first guide that gives large instances half of their network to other Regions and the internet.
inline constexpr Date half_of_network = 2023y / May / 1;
/// The first guide that has ENA Express.
inline constexpr Date ena_express = 2023y / May / 1;
/// The present text names gateways and no longer Regions; since when is not known to us.
inline constexpr Date network_of_today = 2026y / January / 1;
}  // namespace day

/// What a request of a type may hold.
struct VolumeRange {
  std::int64_t gib_min = 1, gib_max = 16'384;
  std::int64_t iops_min = 0, iops_max = 0;  // provisioned; 0: cannot be given
  std::int64_t iops_per_gib = 0;
  std::int64_t mibps_min = 0, mibps_max = 0;  // provisioned; 0: cannot be given
  bool boot = true;
};

/// Requires: not an instance store.
VolumeRange range_of(VolumeType type, const VolumeHost& host, Date as_of);

/// gp3 takes at most 0.25 MiB/s for each IOPS.
inline constexpr std::int64_t gp3_iops_per_mibps = 4;
inline constexpr std::int64_t gp3_iops_included = 3000;
inline constexpr std::int64_t gp3_mibps_included = 125;
/// Beyond either, an io2 volume exists only as Block Express.
inline constexpr std::int64_t plain_io2_gib_max = 16'384;
inline constexpr std::int64_t plain_io2_iops_max = 64'000;

}  // namespace fleetsim::storage
