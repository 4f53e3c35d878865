// What the loads of a machine offered, got and waited.

#include <algorithm>
#include <cmath>

#include "fleetsim/models/storage.hpp"

namespace fleetsim {
namespace {

constexpr double micro = 1e6;

double to_io(TokenBucket::Level level) { return static_cast<double>(level) / 1e15; }

/// Of a line from `begin` to `end`: the share of it that is above `mark`.
double share_above(double begin, double end, double mark) {
  if (begin <= mark && end <= mark) return 0;
  if (begin > mark && end > mark) return 1;
  return (std::max(begin, end) - mark) / std::abs(end - begin);
}

}  // namespace

void StorageMachine::LimitClock::set(StorageLimit next, Time now, const SeriesParts& parts) {
  time[static_cast<std::size_t>(limit)] += now - since;
  if (limit != StorageLimit::none && parts.count > 0 && now > since) spread(now, parts);
  since = now;
  limit = next;
}

void StorageMachine::LimitClock::spread(Time now, const SeriesParts& parts) {
  auto row = std::find_if(rows.begin(), rows.end(), [this](const Row& of) { return of.limit == limit; });
  if (row == rows.end()) row = rows.insert(row, {limit, std::vector<Duration>(parts.count)});
  Duration from = since.since_start();
  const Duration to = now.since_start();
  while (from < to) {
    const auto index = static_cast<std::size_t>(from.count() / parts.each.count());
    if (index >= parts.count) return;
    const Duration end = std::min(to, parts.each * (static_cast<std::int64_t>(index) + 1));
    row->parts[index] += end - from;
    from = end;
  }
}

void StorageMachine::keep_series(Duration span, std::size_t parts) {
  parts_ = {.each = Duration::of((span.count() + static_cast<std::int64_t>(parts) - 1) / static_cast<std::int64_t>(parts)),
            .count = parts};
}

std::vector<LimitSeries> StorageMachine::limit_series() const {
  std::vector<LimitSeries> all;
  if (parts_.count == 0) return all;
  const Duration now = sim_.now().since_start();
  std::vector<Duration> rest(parts_.count);  // of the parts so far, no limit holding
  for (std::size_t c = 0; c < clocks_.size(); ++c) {
    LimitClock clock = clocks_[c];
    clock.set(clock.limit, sim_.now(), parts_);
    for (std::size_t p = 0; p < parts_.count; ++p) {
      rest[p] = std::clamp(now - parts_.each * static_cast<std::int64_t>(p), Duration{}, parts_.each);
      for (const LimitClock::Row& row : clock.rows) rest[p] -= row.parts[p];
    }
    const auto add = [&](StorageLimit limit, const std::vector<Duration>& times) {
      if (std::all_of(times.begin(), times.end(), [](Duration time) { return time == Duration{}; })) return;
      LimitSeries& series = all.emplace_back();
      if (c < volumes_.size()) series.volume = c;
      series.limit = limit;
      series.shares.reserve(times.size());
      for (const Duration time : times) series.shares.push_back(time / parts_.each);
    };
    add(StorageLimit::none, rest);
    for (std::size_t k = 1; k < storage_limit_count; ++k) {
      for (const LimitClock::Row& row : clock.rows) {
        if (row.limit == static_cast<StorageLimit>(k)) add(row.limit, row.parts);
      }
    }
  }
  return all;
}

/// Adds what the load did at its present rates up to now.
void StorageMachine::book(Load& load) const {
  const Time now = sim_.now();
  const Duration span = now - load.since;
  const auto limit = static_cast<std::size_t>(load.limit);
  if (span > Duration{}) {
    load.offered += RequestRate::of(load.offered_rate) * span;
    load.done += RequestRate::of(load.rate) * span;
    load.waited += static_cast<double>(load.rate) / micro * to_seconds(span) * to_seconds(load.service);
    load.shares.time[limit] += span;
    if (load.offered_rate > load.rate) {
      load.shares.cut[limit] += RequestRate::of(load.offered_rate - load.rate) * span;
    }
    if (load.waiting) load.waited_behind += RequestRate::of(load.offered_rate) * span;
    load.since = now;
  }
  if (!load.waiting) {
    if (load.deadline && *load.deadline < load.service) load.late += static_cast<double>(load.offered_rate) / micro * to_seconds(span);
    return;
  }
  // The backlog is linear in between, so its mean is that of its ends.
  const TokenBucket::Level end = load.backlog.level(now);
  const TokenBucket::Level begin = end - TokenBucket::Level{load.backlog.rate()} * span.count();
  load.waited += to_io(begin + end) / 2 * to_seconds(span);
  if (load.deadline) {
    // An I/O that comes now takes the time of one and that of the backlog before it.
    const double most = to_seconds(*load.deadline - load.service) * static_cast<double>(load.rate) / micro;
    load.late += static_cast<double>(load.offered_rate) / micro * to_seconds(span) *
                 share_above(to_io(begin), to_io(end), most);
  }
  if (load.rate > 0) {
    const Duration wait = seconds(to_io(end) / (static_cast<double>(load.rate) / micro));
    load.latency_max = std::max(load.latency_max, load.service + wait);
  }
}

StorageMachine::Load StorageMachine::booked(std::size_t load) const {
  Load copy = loads_[load];
  book(copy);
  return copy;
}

Requests StorageMachine::backlog(std::size_t load) const {
  return Requests::of(loads_[load].backlog.level(sim_.now()));
}

std::optional<Duration> StorageMachine::latency_mean(std::size_t index) const {
  const Load load = booked(index);
  if (load.done == Requests{}) return std::nullopt;
  const double done = to_double(load.done);
  if (const auto depth = config_.loads[index].queue_depth) {
    const Duration running = sim_.now() - measured_from_ - stopped_time();
    return seconds(static_cast<double>(*depth) * to_seconds(running) / done);
  }
  return seconds(load.waited / done);
}

double StorageMachine::queue_length(std::size_t volume) const {
  const Duration measured = sim_.now() - measured_from_;
  if (measured <= Duration{}) return 0;
  double in_flight = 0;
  for (const std::uint32_t index : volumes_[volume].loads) {
    if (loads_[index].work) continue;
    const auto depth = config_.loads[index].queue_depth;
    in_flight += depth ? static_cast<double>(*depth) * to_seconds(measured - stopped_time()) : booked(index).waited;
  }
  return in_flight / to_seconds(measured);
}

StorageLimit StorageMachine::volume_limit(std::size_t volume) const {
  StorageLimit limit = StorageLimit::none;
  std::int64_t lacks = 0;
  for (const std::uint32_t index : volumes_[volume].loads) {
    const Load& load = loads_[index];
    if (load.limit == StorageLimit::none) continue;
    if (limit != StorageLimit::none && load.offered_rate - load.rate <= lacks) continue;
    limit = load.limit;
    lacks = load.offered_rate - load.rate;
  }
  return limit;
}

StorageLimit StorageMachine::instance_limit() const {
  StorageLimit limit = StorageLimit::none;
  std::int64_t lacks = 0;
  for (const Load& load : loads_) {
    if (!is_of_instance(load.limit)) continue;
    if (limit != StorageLimit::none && load.offered_rate - load.rate <= lacks) continue;
    limit = load.limit;
    lacks = load.offered_rate - load.rate;
  }
  return limit;
}

void StorageMachine::set_clocks() {
  for (std::size_t v = 0; v <= volumes_.size(); ++v) {
    const StorageLimit limit = v < volumes_.size() ? volume_limit(v) : instance_limit();
    if (limit != clocks_[v].limit) clocks_[v].set(limit, sim_.now(), parts_);
  }
}

std::array<Duration, storage_limit_count> StorageMachine::clock_time(std::size_t clock) const {
  const LimitClock& of = clocks_[clock];
  std::array<Duration, storage_limit_count> time = of.time;
  time[static_cast<std::size_t>(of.limit)] += sim_.now() - of.since;
  return time;
}

void StorageMachine::UseClock::set(UseBand next, Time now) {
  shares.time[static_cast<std::size_t>(band)] += now - since;
  since = now;
  band = next;
}

UseBand StorageMachine::band_of(std::uint32_t limit) const {
  const std::int64_t used = sharing_.used(limit);
  return used >= limits_[limit].busy_from ? UseBand::busy : used <= limits_[limit].idle_to ? UseBand::idle : UseBand::middle;
}

void StorageMachine::set_use_clocks() {
  const Time now = sim_.now();
  const auto set = [now](UseClock& clock, UseBand band) {
    if (band != clock.band) clock.set(band, now);
  };
  for (std::size_t v = 0; v < volumes_.size(); ++v) {
    const Face& face = volumes_[v].face;
    set(use_clocks_[v], std::max(band_of(face.iops), band_of(face.throughput)));
  }
  set(use_clocks_[volumes_.size()], std::max(band_of(iops_limit_), band_of(throughput_limit_)));
  set(use_clocks_[volumes_.size() + 1], std::max(band_of(network_[0].all), band_of(network_[1].all)));
}

UseShares StorageMachine::use_time(std::size_t clock) const {
  UseClock copy = use_clocks_[clock];
  copy.set(copy.band, sim_.now());
  return copy.shares;
}

void StorageMachine::begin_measurement() {
  measured_from_ = sim_.now();
  stopped_time_ = {};
  for (Load& load : loads_) {
    book(load);
    load.offered = load.done = load.waited_behind = load.lost = {};
    load.waited = load.late = 0;
    load.latency_max = {};
    load.work_time = {};
    load.shares = {};
    load.emptying = 0;
  }
  for (Bucket& bucket : buckets_) {
    bucket.emptied = {};
    bucket.lowest = bucket.tokens.level(sim_.now());
  }
  for (LimitClock& clock : clocks_) {
    clock.set(clock.limit, sim_.now(), parts_);
    clock.time = {};
  }
  for (UseClock& clock : use_clocks_) {
    clock.set(clock.band, sim_.now());
    clock.shares = {};
  }
  ebs_reviewed_ = network_reviewed_ = {};
}

void StorageMachine::note_emptied(Bucket& bucket) {
  if (bucket.emptied.times++ == 0) bucket.emptied.first = sim_.now();
  const bool bytes = bucket.drained_by == throughput_limit_;
  if (!bytes && bucket.drained_by != iops_limit_) return;
  const auto used = static_cast<double>(sharing_.used(bucket.drained_by));
  for (std::uint32_t flow = 0; flow < loads_.size(); ++flow) {
    if (!loads_[flow].on_instance) continue;
    const double each = bytes ? static_cast<double>(config_.loads[flow].io_size.count()) : 1;
    loads_[flow].emptying += each * static_cast<double>(sharing_.rate(flow)) / used;
  }
}

EmptiedBurst StorageMachine::emptied_burst() const {
  EmptiedBurst both;
  for (const std::optional<std::uint32_t>& limit : {throughput_limit_, iops_limit_}) {
    if (!limit || !limits_[*limit].bucket) continue;
    const EmptiedBurst& one = buckets_[*limits_[*limit].bucket].emptied;
    both.times += one.times;
    if (one.first && (!both.first || *one.first < *both.first)) both.first = one.first;
  }
  return both;
}

std::optional<Ratio> StorageMachine::share_of_emptying(std::size_t load) const {
  const std::uint64_t times = emptied_burst().times;
  if (times == 0) return std::nullopt;
  return Ratio{loads_[load].emptying / static_cast<double>(times)};
}

std::optional<Ratio> StorageMachine::balance(const Bucket& bucket) const {
  if (!bucket.active) return std::nullopt;
  return Ratio{static_cast<double>(bucket.tokens.level(sim_.now())) / static_cast<double>(bucket.tokens.capacity())};
}

std::optional<Ratio> StorageMachine::balance(std::optional<std::uint32_t> limit) const {
  if (!limit || !limits_[*limit].bucket) return std::nullopt;
  return balance(buckets_[*limits_[*limit].bucket]);
}

std::optional<Ratio> StorageMachine::balance_min(const Bucket& bucket) const {
  if (!bucket.active) return std::nullopt;
  const TokenBucket::Level lowest = std::min(bucket.lowest, bucket.tokens.level(sim_.now()));
  return Ratio{static_cast<double>(lowest) / static_cast<double>(bucket.tokens.capacity())};
}

std::optional<Ratio> StorageMachine::balance_min(std::optional<std::uint32_t> limit) const {
  if (!limit || !limits_[*limit].bucket) return std::nullopt;
  return balance_min(buckets_[*limits_[*limit].bucket]);
}

std::optional<Duration> StorageMachine::full_speed_after(std::size_t volume) const {
  if (volumes_[volume].load_step < restore_steps) return std::nullopt;
  const std::optional<Time>& full_speed = volumes_[volume].full_speed;
  return full_speed ? full_speed->since_start() : Duration{};
}

std::optional<Ratio> StorageMachine::burst_balance(std::size_t volume) const {
  return balance(buckets_[volumes_[volume].face.bucket]);
}

std::optional<Ratio> StorageMachine::burst_balance_min(std::size_t volume) const {
  return balance_min(buckets_[volumes_[volume].face.bucket]);
}

}  // namespace fleetsim
