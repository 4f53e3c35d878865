// The limits of a volume as they change: while its blocks come, while it is modified, while its snapshots are uploaded.

#include <algorithm>

#include "fleetsim/models/storage.hpp"
#include "models/storage/capacity_units.hpp"

namespace fleetsim {
namespace {

constexpr std::int64_t micro = 1'000'000;

/// While snapshots are uploaded st1 and sc1 are at their base rate.
VolumeLimits with_snapshots(VolumeLimits limits, int snapshots) {
  if (snapshots > 0 && is_hdd(limits)) limits.throughput_burst = limits.throughput;
  return limits;
}

/// What makes an SSD of an HDD, or the reverse, and is not optimized yet; null if nothing does.
const VolumeModification* turning(const StorageMachineConfig& config, std::size_t volume, bool hdd, Time now) {
  const VolumeModification* last = nullptr;
  for (const VolumeModification& change : config.modifications) {
    if (change.volume == volume && change.at <= now && (last == nullptr || change.at >= last->at)) last = &change;
  }
  return last != nullptr && is_hdd(last->limits) != hdd ? last : nullptr;
}

}  // namespace

/// Sets the volume's limits, lowered while it loads. A bucket that it did not have before is full.
void StorageMachine::apply(std::size_t index, VolumeLimits limits) {
  Volume& volume = volumes_[index];
  volume.limits = limits;
  if (volume.load_step < restore_steps) {
    const VolumeRestore& restore = *config_.volumes[index].restore;
    limits.latency += first_touch_of(restore, volume.load_step);
    limits.iops = limits.iops * restore.iops_percent / 100;
    limits.iops_burst = limits.iops_burst * restore.iops_percent / 100;
  }
  set_face(volume.face, with_snapshots(limits, volume.snapshots));
  if (const VolumeModification* turn = turning(config_, index, is_hdd(limits), sim_.now())) {
    set_face(*volume.other, with_snapshots(turn->limits, volume.snapshots));
  }
  for (const std::uint32_t load : volume.loads) {
    book(loads_[load]);
    loads_[load].service = limits.latency;
    if (config_.loads[load].queue_depth) {
      const Int128 in_flight = static_cast<Int128>(*config_.loads[load].queue_depth) * micro * nanoseconds_per_second;
      set_wanted(load, static_cast<std::int64_t>(in_flight / limits.latency.count()));
    }
  }
}

void StorageMachine::set_face(Face& face, const VolumeLimits& limits) {
  Bucket& bucket = buckets_[face.bucket];
  constexpr std::int64_t part = micro * parts_per_operation;
  set_sizes(face.throughput, in_units(limits.throughput.count(), micro), in_units(limits.throughput_burst.count(), micro));
  set_sizes(face.iops, in_units(limits.iops.count(), part), in_units(limits.iops_burst.count(), part));
  const bool bytes = limits.credits == CreditKind::bytes;
  const std::int64_t unit = micro * (bytes ? 1 : parts_per_operation);
  bucket.active = limits.credits != CreditKind::none;
  bucket.fill = limits.credits_fill * unit;
  const TokenBucket::Level capacity = TokenBucket::Level{limits.credits_max} * unit * nanoseconds_per_second;
  const TokenBucket::Level level = limits.credits == face.credits ? bucket.tokens.level(sim_.now()) : capacity;
  bucket.lowest = limits.credits == face.credits ? std::min({bucket.lowest, level, capacity}) : capacity;
  bucket.tokens = TokenBucket(capacity, std::min(level, capacity));
  bucket.tokens.set_rate(sim_.now(), 0);
  // An empty bucket stays so until its limits hold nobody back, whatever they are now.
  set_empty(bucket, bucket.empty && bucket.active && limits.credits == face.credits);
  face.credits = limits.credits;
}

void StorageMachine::on(const VolumeModified& modified) {
  const VolumeModification& change = config_.modifications[modified.modification];
  const VolumeLimits source = volumes_[change.volume].limits;
  // While it is optimized a volume performs as its source, or as the target where that is lower.
  sim_.schedule(*this, change.optimizing, VolumeOptimized{modified.modification});
  if (is_hdd(source) != is_hdd(change.limits)) {
    apply(change.volume, source);
    update();
    return;
  }
  VolumeLimits during = change.limits;
  during.iops = std::min(during.iops, source.iops);
  during.iops_burst = std::min(during.iops_burst, source.iops_burst);
  during.throughput = std::min(during.throughput, source.throughput);
  during.throughput_burst = std::min(during.throughput_burst, source.throughput_burst);
  if (source.credits != CreditKind::none) {
    // Its burst lasts no longer than the source's.
    const bool both = during.credits == source.credits;
    during.credits_max = both ? std::min(during.credits_max, source.credits_max) : source.credits_max;
    during.credits_fill = both ? std::min(during.credits_fill, source.credits_fill) : source.credits_fill;
    during.credits = source.credits;
  }
  apply(change.volume, during);
  update();
}

void StorageMachine::on(const VolumeOptimized& optimized) {
  const VolumeModification& change = config_.modifications[optimized.modification];
  Volume& volume = volumes_[change.volume];
  if (is_hdd(volume.limits) != is_hdd(change.limits)) {
    std::swap(volume.face, *volume.other);
    set_face(*volume.other, no_limits());
  }
  apply(change.volume, change.limits);
  update();
}

void StorageMachine::on(const VolumeLoadStepped& ended) {
  Volume& volume = volumes_[ended.volume];
  volume.load_step = ended.step + 1;
  if (volume.load_step < restore_steps) {
    const Time next = Time::at(loaded_after(*config_.volumes[ended.volume].restore, volume.load_step));
    sim_.schedule_at(*this, next, VolumeLoadStepped{ended.volume, ended.step + 1});
  } else {
    volume.full_speed = sim_.now();
  }
  apply(ended.volume, volume.limits);
  update();
}

}  // namespace fleetsim
