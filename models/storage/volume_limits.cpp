#include <algorithm>

#include "fleetsim/sim/invariant.hpp"
#include "models/storage/volume_rules.hpp"

namespace fleetsim {
namespace {

// Latencies without a queue. AWS gives "single-digit milliseconds" (gp2, gp3), "below 1 ms", later "average under
// 500 us" (Block Express), and no figure for the rest; the others are our choice in the same order of magnitude.
constexpr Duration general_latency = 1_ms;
constexpr Duration express_latency = 500_us;
constexpr Duration hdd_latency = 10_ms;

BytesPerSecond at_io_size(std::int64_t iops, Bytes size) { return BytesPerSecond::of(iops * size.count()); }

VolumeLimits gp2_limits(std::int64_t gib) {
  VolumeLimits limits;
  const std::int64_t base = std::clamp<std::int64_t>(3 * gib, 100, 16'000);
  limits.iops = Iops::of(base);
  limits.iops_burst = Iops::of(std::max<std::int64_t>(base, 3000));
  const BytesPerSecond most = mib_per_second(gib <= 170 ? 128 : 250);
  limits.throughput_burst = most;
  limits.throughput = gib >= 334 ? most : std::min(most, at_io_size(base, ssd_io_max));
  limits.io_max = ssd_io_max;
  limits.latency = general_latency;
  if (base < 3000) {
    limits.credits = CreditKind::operations;
    limits.credits_max = 5'400'000;
    limits.credits_fill = base;
  }
  return limits;
}

VolumeLimits steady(std::int64_t iops, BytesPerSecond throughput, Duration latency) {
  VolumeLimits limits;
  limits.iops = limits.iops_burst = Iops::of(iops);
  limits.throughput = limits.throughput_burst = throughput;
  limits.io_max = ssd_io_max;
  limits.latency = latency;
  return limits;
}

/// io1, and io2 that is not Block Express.
BytesPerSecond provisioned_throughput(std::int64_t iops) {
  if (iops <= 32'000) return std::min(mib_per_second(500), at_io_size(iops, ssd_io_max));
  return std::min(mib_per_second(1000), at_io_size(iops, 16_KiB));
}

/// MiB/s for each TiB, to the byte.
BytesPerSecond by_tib(std::int64_t mibps, std::int64_t gib) { return BytesPerSecond::of((mibps << 20U) * gib / 1024); }

struct HddRates {
  std::int64_t base, base_max, burst, burst_max;  // MiB/s; base and burst for each TiB
};

VolumeLimits hdd_limits(std::int64_t gib, const HddRates& rates) {
  VolumeLimits limits;
  limits.throughput = std::min(mib_per_second(rates.base_max), by_tib(rates.base, gib));
  limits.throughput_burst = std::min(mib_per_second(rates.burst_max), by_tib(rates.burst, gib));
  // Operations are counted by the MiB, so their limit is the throughput's.
  limits.iops = limits.iops_burst = Iops::of(rates.burst_max);
  limits.io_max = hdd_io_max;
  limits.latency = hdd_latency;
  if (limits.throughput < limits.throughput_burst) {
    limits.credits = CreditKind::bytes;
    limits.credits_max = gib << 30U;
    limits.credits_fill = limits.throughput.count();
  }
  return limits;
}

}  // namespace

VolumeLimits limits_of(const VolumeRequest& request, const VolumeHost& host, Date as_of) {
  const std::int64_t gib = request.size_gib;
  switch (request.type) {
    case VolumeType::gp2: return gp2_limits(gib);
    case VolumeType::gp3:
      return steady(request.iops.value_or(storage::gp3_iops_included),
                    mib_per_second(request.mibps.value_or(storage::gp3_mibps_included)), general_latency);
    case VolumeType::io1: return steady(*request.iops, provisioned_throughput(*request.iops), general_latency);
    case VolumeType::io2: {
      if (!runs_block_express(host, as_of)) {
        return steady(*request.iops, provisioned_throughput(*request.iops), general_latency);
      }
      // 0.256 MiB/s for each IOPS.
      const auto throughput = BytesPerSecond::of((*request.iops << 20U) * 256 / 1000);
      VolumeLimits limits = steady(*request.iops, std::min(mib_per_second(4000), throughput), express_latency);
      limits.block_express = true;
      return limits;
    }
    case VolumeType::st1: return hdd_limits(gib, {.base = 40, .base_max = 500, .burst = 250, .burst_max = 500});
    case VolumeType::sc1: return hdd_limits(gib, {.base = 12, .base_max = 192, .burst = 80, .burst_max = 250});
    case VolumeType::standard: return steady(100, mib_per_second(90), hdd_latency);
    case VolumeType::instance_store: break;
  }
  invariant(false, "an instance store has the limits of its instance type");
  return {};
}

CountedIo counted_io(Bytes io_max, Bytes size, bool sequential) {
  const std::int64_t most = io_max.count();
  const std::int64_t bytes = size.count();
  if (bytes >= most) return {.operation_parts = (bytes + most - 1) / most * parts_per_operation, .bytes = size};
  // io_max divides 2^20, so the parts of a merged I/O are whole.
  if (sequential) return {.operation_parts = parts_per_operation / most * bytes, .bytes = size};
  return {.operation_parts = parts_per_operation, .bytes = io_max == hdd_io_max ? io_max : size};
}

std::optional<Duration> burst_duration(const VolumeLimits& limits) {
  const std::int64_t burst = limits.credits == CreditKind::operations ? limits.iops_burst.count()
                             : limits.credits == CreditKind::bytes    ? limits.throughput_burst.count()
                                                                      : 0;
  if (burst <= limits.credits_fill) return std::nullopt;
  const Int128 credits = static_cast<Int128>(limits.credits_max) * nanoseconds_per_second;
  return Duration::of(static_cast<std::int64_t>(credits / (burst - limits.credits_fill)));
}

BilledPerformance billed_performance(const VolumeRequest& request) {
  BilledPerformance billed;
  const std::int64_t iops = request.iops.value_or(0);
  if (request.type == VolumeType::gp3) {
    billed.iops[0] = std::max<std::int64_t>(0, iops - storage::gp3_iops_included);
    billed.mibps = std::max<std::int64_t>(0, request.mibps.value_or(0) - storage::gp3_mibps_included);
  } else {
    billed.iops = {std::min<std::int64_t>(iops, 32'000), std::clamp<std::int64_t>(iops - 32'000, 0, 32'000),
                   std::max<std::int64_t>(0, iops - 64'000)};
  }
  return billed;
}

ModificationRules modification_rules(Date as_of) {
  if (as_of < storage::day::modifications_by_day) return {.wait_after = 6_h, .per_day_max = 0};
  return {.wait_after = {}, .per_day_max = 4};
}

Duration optimizing_time(std::int64_t size_gib) { return 6_h / 1024 * size_gib; }

VolumeRequest gp3_from_gp2(const VolumeRequest& gp2, Date as_of) {
  VolumeRequest gp3 = gp2;
  gp3.type = VolumeType::gp3;
  const VolumeLimits old = limits_of(gp2, {}, as_of);
  const std::int64_t old_mibps = old.throughput_burst.count() >> 20U;
  gp3.iops = std::max(old.iops.count(), storage::gp3_iops_included);
  gp3.mibps = std::max(old_mibps, storage::gp3_mibps_included);
  return gp3;
}

}  // namespace fleetsim
