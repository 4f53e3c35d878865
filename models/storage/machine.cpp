// Builds the capacities, buckets and flows of a machine, and changes them at its events.

#include <algorithm>
#include <array>
#include <utility>

#include "fleetsim/models/storage.hpp"
#include "fleetsim/sim/invariant.hpp"
#include "models/storage/capacity_units.hpp"

namespace fleetsim {
namespace {

constexpr std::int64_t micro = 1'000'000;
constexpr TokenBucket::Level boundless = TokenBucket::Level{1} << 120;

constexpr std::array<std::string_view, storage_limit_count> limit_names{
    "none",          "volume_iops",         "volume_throughput",    "volume_burst_empty",
    "instance_iops", "instance_throughput", "instance_burst_empty", "network",
    "network_outside", "network_flow"};
constexpr std::array<std::string_view, storage_limit_count> limit_words{
    "nothing",
    "the volume's IOPS",
    "the volume's throughput",
    "the volume's empty burst bucket",
    "the instance's EBS IOPS",
    "the instance's EBS throughput",
    "the instance's empty EBS burst bucket",
    "the instance's network",
    "what the instance's network lets through to other Regions and the internet",
    "what its connections carry"};

/// Loads that want more than there is share it equally in bytes as their volume counts them, an I/O counting as 16 KiB at
/// least: that is the size at which an instance's IOPS are stated, so neither small nor large I/Os push the others out.
std::int64_t weight_of(Bytes counted) {
  return std::max<std::int64_t>(1, (1 << 24) / std::max<std::int64_t>(16'384, counted.count()));
}

bool needs_reading(const StorageVolumeConfig& volume) { return volume.restore && volume.restore->by_reading; }
bool needs_rebuilding(const StorageVolumeConfig& volume) { return volume.content > Bytes{}; }

/// An I/O of so many reads, where a write counts as more than a read.
std::int64_t with_writes(std::int64_t amount, const VolumeLimits& limits, const std::optional<Ratio>& reads) {
  if (limits.write_millionths == micro || !reads) return amount;
  const double factor = reads->value + (1 - reads->value) * static_cast<double>(limits.write_millionths) / 1e6;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(amount) * factor));
}

}  // namespace

std::vector<StorageLoadConfig> own_loads(const StorageMachineConfig& config) {
  std::vector<StorageLoadConfig> loads;
  for (std::size_t v = 0; v < config.volumes.size(); ++v) {
    const StorageVolumeConfig& volume = config.volumes[v];
    StorageLoadConfig own{.name = volume.name, .volume = v, .io_size = 1_MiB, .sequential = true, .queue_depth = {},
                          .work = true};
    if (needs_reading(volume)) {
      own.name = volume.name + "-reading";
      own.pace = volume.restore->rate;
      own.reads = Ratio{1};
      loads.push_back(own);
    }
    if (needs_rebuilding(volume)) {
      own.name = volume.name + "-rebuilding";
      own.pace = std::nullopt;
      own.reads = Ratio{0};
      own.from = volume.content_from;
      loads.push_back(own);
    }
  }
  return loads;
}

StorageMachineConfig StorageMachine::with_own_loads(StorageMachineConfig config) {
  for (StorageLoadConfig& own : own_loads(config)) config.loads.push_back(std::move(own));
  return config;
}

std::string_view to_name(StorageLimit limit) { return limit_names[static_cast<std::size_t>(limit)]; }
std::string_view in_words(StorageLimit limit) { return limit_words[static_cast<std::size_t>(limit)]; }
std::optional<StorageLimit> storage_limit_of(std::string_view name) {
  const auto found = std::find(limit_names.begin(), limit_names.end(), name);
  if (found == limit_names.end()) return std::nullopt;
  return static_cast<StorageLimit>(found - limit_names.begin());
}

StorageMachine::StorageMachine(Simulation& sim, StorageMachineConfig config)
    : EventHandler(sim), sim_(sim), config_(with_own_loads(std::move(config))), measured_from_(sim.now()) {
  const InstanceStorageLimits& instance = config_.limits;
  throughput_limit_ = add_instance_limit(instance.throughput, instance.burst_time, StorageLimit::instance_throughput);
  iops_limit_ = add_instance_limit(instance.iops, instance.burst_time, StorageLimit::instance_iops);
  for (std::size_t v = 0; v < config_.volumes.size(); ++v) add_volume(v);
  for (const StorageLoadConfig& load : config_.loads) add_load(load);
  std::uint32_t own = static_cast<std::uint32_t>(config_.loads.size());
  for (std::size_t v = volumes_.size(); v-- > 0;) {
    if (needs_rebuilding(config_.volumes[v])) volumes_[v].rebuilding = --own;
    if (needs_reading(config_.volumes[v])) volumes_[v].loading = --own;
  }
  clocks_.resize(volumes_.size() + 1);
  for (LimitClock& clock : clocks_) clock.since = sim.now();
  use_clocks_.resize(volumes_.size() + 2);
  for (UseClock& clock : use_clocks_) clock.since = sim.now();
}

std::uint32_t StorageMachine::add_limit(Limit limit) {
  limits_.push_back(limit);
  const std::uint32_t index = sharing_.add_capacity(limit.max);
  set_sizes(index, limit.base, limit.max);
  return index;
}

void StorageMachine::set_sizes(std::uint32_t limit, std::int64_t base, std::int64_t max) {
  limits_[limit].base = base;
  limits_[limit].max = max;
  limits_[limit].busy_from = max / 5 * 4;
  limits_[limit].idle_to = max / 10;
  sharing_.set_capacity(limit, max);
}

std::uint32_t StorageMachine::add_bucket(std::uint32_t drained_by, std::optional<std::uint32_t> also_governs) {
  const auto index = static_cast<std::uint32_t>(buckets_.size());
  buckets_.push_back({.tokens = TokenBucket(0, 0), .drained_by = drained_by, .also_governs = also_governs});
  limits_[drained_by].bucket = index;
  if (also_governs) limits_[*also_governs].bucket = index;
  return index;
}

std::optional<std::uint32_t> StorageMachine::add_instance_limit(const std::optional<BurstLimit>& given,
                                                                Duration burst_time, StorageLimit full) {
  if (!given) return std::nullopt;
  invariant(given->base <= given->max, "a limit's base is no more than its maximum");
  const bool network = full == StorageLimit::network;
  const std::uint32_t limit = add_limit({.base = given->base * micro,
                                         .max = given->max * micro,
                                         .full = full,
                                         .empty = network ? full : StorageLimit::instance_burst_empty,
                                         .bucket = {}});
  if (given->base == given->max) return limit;
  // What the maximum draws over the base in the burst time; it meets "30 minutes at least once every 24 hours".
  Bucket& bucket = buckets_[add_bucket(limit, std::nullopt)];
  const TokenBucket::Level level = TokenBucket::Level{(given->max - given->base) * micro} * burst_time.count();
  bucket.tokens = TokenBucket(level, level);
  bucket.lowest = level;
  bucket.fill = given->base * micro;
  return limit;
}

StorageMachine::Face StorageMachine::add_face(bool hdd) {
  Face face;
  face.throughput = add_limit({.full = StorageLimit::volume_throughput, .empty = StorageLimit::volume_burst_empty,
                               .bucket = {}});
  face.iops = add_limit({.full = StorageLimit::volume_iops, .empty = StorageLimit::volume_burst_empty, .bucket = {}});
  face.bucket = hdd ? add_bucket(face.throughput, std::nullopt) : add_bucket(face.iops, face.throughput);
  return face;
}

void StorageMachine::add_volume(std::size_t index) {
  const StorageVolumeConfig& config = config_.volumes[index];
  Volume volume;
  const bool hdd = is_hdd(config.limits);
  volume.face = add_face(hdd);
  const bool turns = std::any_of(config_.modifications.begin(), config_.modifications.end(), [&](const VolumeModification& change) {
    return change.volume == index && is_hdd(change.limits) != hdd;
  });
  if (turns) set_face(volume.other.emplace(add_face(!hdd)), no_limits());
  if (config.restore) volume.load_step = 0;
  volume.in_instance = config.in_instance;
  volume.serves_after = config.limits.latency + (config.restore ? first_touch_of(*config.restore, 0) : Duration{});
  volumes_.push_back(std::move(volume));
  apply(index, config.limits);
}

void StorageMachine::set_empty(Bucket& bucket, bool empty) {
  bucket.empty = empty;
  const auto set = [&](std::uint32_t limit) {
    sharing_.set_capacity(limit, empty ? limits_[limit].base : limits_[limit].max);
  };
  set(bucket.drained_by);
  if (bucket.also_governs) set(*bucket.also_governs);
}

void StorageMachine::add_load(const StorageLoadConfig& config) {
  invariant(config.io_size >= 1_B && config.io_size <= 1_GiB, "an I/O has 1 byte to 1 GiB");
  invariant(!config.snapshot || (config.work && config.volume), "a snapshot is work on a volume");
  const auto index = static_cast<std::uint32_t>(loads_.size());
  std::vector<MaxMinSharing::Use> uses;
  const std::int64_t bytes = config.io_size.count();
  bool on_ebs = false;
  const auto draw_on = [&](std::size_t v, const std::optional<Ratio>& reads) {
    Volume& volume = volumes_[v];
    const VolumeLimits& limits = config_.volumes[v].limits;
    const auto count_at = [&](const Face& face, Bytes io_max) {
      const CountedIo io = counted_io(io_max, config.io_size, config.sequential);
      uses.push_back({face.throughput, with_writes(io.bytes.count(), limits, reads)});
      uses.push_back({face.iops, with_writes(io.operation_parts, limits, reads)});
    };
    count_at(volume.face, limits.io_max);
    if (volume.other) count_at(*volume.other, is_hdd(limits) ? ssd_io_max : hdd_io_max);
    volume.loads.push_back(index);
    on_ebs = on_ebs || !volume.in_instance;
  };
  if (config.volume) draw_on(*config.volume, config.reads);
  if (config.from) draw_on(*config.from, Ratio{1});
  if (on_ebs && config.on_instance) {
    if (throughput_limit_) uses.push_back({*throughput_limit_, bytes});
    if (iops_limit_) uses.push_back({*iops_limit_, 1});
  }
  draw_on_network(config, config_.limits.volumes_use_network && config.on_instance && on_ebs, uses);
  invariant(!uses.empty(), "a load on the network needs the network's limit");
  Bytes counted = config.io_size;
  if (config.volume) counted = counted_io(config_.volumes[*config.volume].limits.io_max, config.io_size, config.sequential).bytes;
  sharing_.add_flow(uses, weight_of(counted));
  Load load{.service = {},
            .deadline = config.deadline,
            .closed = config.queue_depth.has_value(),
            .work = config.work,
            .on_instance = on_ebs && config.on_instance,
            .backlog = TokenBucket(boundless, 0), .most = as_much_as_possible, .since = sim_.now()};
  loads_.push_back(load);
  if (config.pace) set_pace(index, config.pace);
  if (config.volume) apply(*config.volume, config_.volumes[*config.volume].limits);
}

void StorageMachine::start() {
  for (std::uint32_t m = 0; m < config_.modifications.size(); ++m) {
    sim_.schedule_at(*this, config_.modifications[m].at, VolumeModified{m});
  }
  for (std::uint32_t v = 0; v < volumes_.size(); ++v) {
    const std::optional<VolumeRestore>& restore = config_.volumes[v].restore;
    if (volumes_[v].loading) {
      give(*volumes_[v].loading, step_of(*restore));
    } else if (restore) {
      sim_.schedule(*this, loaded_after(*restore, 0), VolumeLoadStepped{v, 0});
    }
  }
  for (std::uint32_t l = 0; l < config_.loads.size(); ++l) {
    if (const auto& work = config_.loads[l].recurring) sim_.schedule_at(*this, work->first, StorageWorkDue{l});
  }
  for (std::uint32_t stop = 0; stop < config_.stops.size(); ++stop) {
    sim_.schedule_at(*this, config_.stops[stop].at, InstanceStopped{stop});
  }
  if (config_.review > Duration{}) sim_.schedule(*this, config_.review, StorageReviewed{});
  update();
}

void StorageMachine::offer(std::size_t load, RequestRate rate) {
  invariant(!loads_[load].closed, "a closed loop offers what its queue depth allows");
  invariant(!loads_[load].work, "work is given, not offered");
  set_wanted(load, rate.count());
}

void StorageMachine::update() {
  const auto flows = static_cast<std::uint32_t>(loads_.size());
  for (std::uint32_t flow = 0; flow < flows; ++flow) {
    Load& load = loads_[flow];
    if (!load.offer_changed) continue;
    if (!load.waiting) sharing_.set_demand(flow, load.offered_rate);
  }
  // A bucket that empties lowers a limit, which may leave another bucket or backlog more or less: a few rounds at most.
  for (int round = 0;; ++round) {
    invariant(round < 1000, "the buckets of a machine settle");
    sharing_.solve();
    bool again = false;
    for (const std::uint32_t flow : sharing_.touched()) again |= follow_flow(flow);
    for (std::uint32_t flow = 0; flow < flows; ++flow) {
      if (loads_[flow].waiting || loads_[flow].offer_changed) again |= follow_flow(flow);
    }
    for (Bucket& bucket : buckets_) again |= follow_bucket(bucket);
    if (!again) break;
  }
  tell_rates();
  set_clocks();
  set_use_clocks();
  schedule_next();
}

/// Takes over a load's rate, and sees whether its backlog begins or ends.
bool StorageMachine::follow_flow(std::uint32_t flow) {
  Load& load = loads_[flow];
  const std::int64_t rate = sharing_.rate(flow);
  const StorageLimit limit = limit_of(flow);
  if (rate != load.rate || limit != load.limit || load.offer_changed) {
    book(load);
    load.rate = rate;
    load.limit = limit;
    load.offer_changed = false;
    if (!load.closed) load.backlog.set_rate(sim_.now(), load.offered_rate - rate);
  }
  if (load.closed) return false;
  if (load.waiting && !load.backlog.lasts_until(sim_.now() + 1_ns)) {
    book(load);
    load.waiting = false;
    sharing_.set_demand(flow, load.offered_rate);
    if (load.work) sim_.schedule(*this, Duration{}, StorageWorkDone{flow});
    return true;
  }
  if (!load.waiting && rate < load.offered_rate) {
    load.waiting = true;
    sharing_.set_demand(flow, load.most);
    return true;
  }
  return false;
}

/// Takes over what drains a bucket, and sees whether it is empty now or no longer.
bool StorageMachine::follow_bucket(Bucket& bucket) {
  if (!bucket.active) return false;
  const Time now = sim_.now();
  const std::int64_t rate = bucket.fill - sharing_.used(bucket.drained_by);
  if (rate != bucket.tokens.rate()) {
    if (bucket.tokens.rate() < 0) bucket.lowest = std::min(bucket.lowest, bucket.tokens.level(now));
    bucket.tokens.set_rate(now, rate);
  }
  if (!bucket.empty) {
    if (bucket.tokens.lasts_until(now + 1_ns)) return false;
    note_emptied(bucket);
    set_empty(bucket, true);
    return true;
  }
  // The limits stay low while they hold somebody back: with the few credits of an instant he would only empty it again.
  if (rate < 0 || sharing_.holds_back(bucket.drained_by)) return false;
  if (bucket.also_governs && sharing_.holds_back(*bucket.also_governs)) return false;
  set_empty(bucket, false);
  return true;
}

StorageLimit StorageMachine::limit_of(std::uint32_t flow) const {
  const std::optional<std::uint32_t> held_by = sharing_.limit(flow);
  if (!held_by) return StorageLimit::none;
  const Limit& limit = limits_[*held_by];
  return limit.bucket && buckets_[*limit.bucket].empty ? limit.empty : limit.full;
}

void StorageMachine::schedule_next() {
  constexpr Time far = Time::at(Duration::of(std::int64_t{1} << 61));
  Time next = far;
  // The instant takes a division, so it is only computed where it comes before the others.
  const auto see = [&next](const TokenBucket& level) {
    if (level.lasts_until(next)) return;
    if (const auto when = level.empty_at()) next = std::min(next, *when);
  };
  for (const Bucket& bucket : buckets_) {
    if (bucket.active && !bucket.empty) see(bucket.tokens);
  }
  for (const Load& load : loads_) {
    if (load.waiting) see(load.backlog);
  }
  if (sim_.pending(next_)) {
    if (next == next_at_) return;
    sim_.cancel(next_);
  }
  next_at_ = next;
  if (next < far) next_ = sim_.schedule_at(*this, next, StorageBalanceReached{});
}

void StorageMachine::on(const StorageBalanceReached&) { update(); }

}  // namespace fleetsim
