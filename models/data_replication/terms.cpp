#include "fleetsim/models/data_replication/terms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/data_replication/timing.hpp"

namespace fleetsim {
namespace {

DrawnDuration drawn(const DurationDistribution& whole) {
  constexpr double nearly_none = 0x1p-53;
  return {whole.quantile(nearly_none), whole.mean(), whole.quantile(0.95)};
}

/// data / rate: the rate is log-normal, so its inverse is too, with mean exp(sigma^2 / 2) / median.
DrawnDuration drawn(Bytes data, const TransferRate& rate) {
  if (data == Bytes{}) return {};
  const auto at = [&](double bytes_per_second) {
    const double most = static_cast<double>(rate.most.count());
    return time_for(data, BytesPerSecond::of(std::max<std::int64_t>(1, detail::nearest(std::min(bytes_per_second, most)))));
  };
  const double median = static_cast<double>(rate.median.count());
  if (rate.sigma <= 0) return {at(median), at(median), at(median)};
  constexpr double z95 = 1.6448536269514722;
  const Duration least = rate.most == BytesPerSecond::max() ? Duration{} : time_for(data, rate.most);
  return {least, at(median * std::exp(-rate.sigma * rate.sigma / 2)), at(median * std::exp(-z95 * rate.sigma))};
}

void add(DrawnDuration& sum, Duration constant) {
  sum.least += constant;
  sum.mean += constant;
  sum.p95 += constant;
}

/// The largest of its stores' increments in an interval.
Bytes increment(const DataReplicationConfig& config, DataId data, Duration interval) {
  Bytes largest;
  for (const std::uint32_t s : config.data[data.index].stores) {
    const StoreConfig& store = config.stores[s];
    const auto written = static_cast<std::int64_t>(static_cast<Int128>(store.write_rate_mean.count()) * interval.count() / nanoseconds_per_second);
    largest = std::max(largest, store.blocks.block * DirtyBlocks(store.blocks).changed(0, written));
  }
  return largest;
}

/// Snapshots that may be pending of any of its stores.
std::int64_t pending_max(const DataReplicationConfig& config, DataId data) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const std::uint32_t s : config.data[data.index].stores) least = std::min(least, config.stores[s].snapshots_pending_max);
  return least;
}

std::optional<Duration> kept_for(const RetentionConfig& retention, Duration interval) {
  if (retention.age) return retention.age;
  if (retention.count) return interval * *retention.count;
  return std::nullopt;
}

bool covers(const DataReplicationConfig& config, DataId whole, DataId part) {
  const auto& stores = config.data[whole.index].stores;
  return std::all_of(config.data[part.index].stores.begin(), config.data[part.index].stores.end(),
                     [&](std::uint32_t s) { return std::find(stores.begin(), stores.end(), s) != stores.end(); });
}

void add(DrawnDuration& sum, const DrawnDuration& more) {
  sum.least += more.least;
  sum.mean += more.mean;
  sum.p95 += more.p95;
}

/// From the snapshot until the copy is usable, those that it is a copy of before it. `increment`: what changes between two points.
DrawnDuration copy_time(const DataReplicationConfig& config, const PolicyConfig& policy, const CopyConfig& copy, DataId data,
                        Bytes increment) {
  DrawnDuration time;
  Bytes sent = increment;
  if (copy.from) {
    time = copy_time(config, policy, policy.copies[*copy.from], data, increment);
    for (const std::uint32_t s : config.data[data.index].stores) {
      if (config.stores[s].database) sent = std::max(sent, config.stores[s].blocks.data);  // each time in full
    }
  }
  if (copy.complete_within) {
    add(time, *copy.complete_within);
  } else {
    add(time, copy.whole ? drawn(*copy.whole) : drawn(sent, copy.rate));
  }
  return time;
}

/// `at_least_old` tells whether what has been archived is asked for.
void add_policy(const DataReplicationConfig& config, const PolicyConfig& policy, DataId data, SiteId site, Duration at_least_old,
                std::vector<ProtectionTerms>& all) {
  const SiteId home = config.stores[config.data[data.index].stores.front()].home;
  ProtectionTerms terms;
  terms.name = policy.name;
  const ScheduleClock clock(policy.schedule, policy.time_zone, config.run_start);
  terms.interval = clock.longest_gap(Time::at(config.run_length)).value_or(config.run_length);
  const Bytes bytes = increment(config, data, terms.interval);
  if (policy.timing.whole) {
    terms.snapshot = drawn(*policy.timing.whole);
  } else {
    terms.snapshot = drawn(bytes, policy.timing.rate);
    add(terms.snapshot, policy.timing.overhead);
  }
  // With L pending at most, a snapshot that takes s is followed by I, …, (L - 1) I, and then by none until it is completed.
  const Duration scheduled = terms.interval;
  const auto gap = [&](Duration s) {
    if (scheduled == Duration{}) return scheduled;
    const std::int64_t during = (s.count() + scheduled.count() - 1) / scheduled.count();
    return scheduled * std::max<std::int64_t>(1, during - pending_max(config, data) + 1);
  };
  terms.interval = gap(terms.snapshot.p95);
  terms.interval_at_best = gap(terms.snapshot.least);
  terms.delay_mean = policy.start_delay.mean();
  terms.delay_max = policy.start_delay_max;
  if (policy.scheduler == Scheduler::dlm) terms.delay_mean = terms.delay_max = {};  // the same for every start: points are I apart
  const auto logs = [&](const ProtectionTerms& base) {
    if (!policy.logs) return;
    ProtectionTerms shipped = base;
    shipped.means = RecoveryMeans::log_backup;
    shipped.interval = shipped.interval_at_best = policy.logs->every;
    shipped.snapshot = {policy.logs->delay, policy.logs->delay, policy.logs->delay};
    shipped.copy = {};
    shipped.delay_mean = shipped.delay_max = {};
    all.push_back(shipped);
  };
  if (site == home) {
    terms.kept = kept_for(policy.retention, terms.interval);
    all.push_back(terms);
    logs(terms);
    if (policy.archive && terms.kept && at_least_old > *terms.kept) {
      ProtectionTerms archived = terms;
      archived.interval = terms.interval * policy.archive->every;
      archived.interval_at_best = terms.interval_at_best * policy.archive->every;
      archived.kept = *terms.kept + policy.archive->keep;
      archived.retrieval = policy.archive->restore;
      all.push_back(archived);
    }
  }
  for (const CopyConfig& copy : policy.copies) {
    if (copy.site != site) continue;
    ProtectionTerms at_site = terms;
    at_site.kept = kept_for(copy.retention, terms.interval);
    at_site.copy = copy_time(config, policy, copy, data, bytes);
    all.push_back(at_site);
    if (copy.logs) logs(at_site);
  }
}

}  // namespace

std::string ProtectionTerms::arithmetic() const {
  const auto rounded = [](Duration d) { return to_text(d >= 1_min ? seconds(std::round(to_seconds(d))) : d); };
  const Duration s = seconds(std::round(to_seconds(snapshot.p95) * 10) / 10), c = seconds(std::round(to_seconds(copy.p95) * 10) / 10);
  return fmt::format("{} + {} + {} + {} = {}", to_text(interval), to_text(s), to_text(c), to_text(delay_max),
                     rounded(interval + s + c + delay_max));
}

std::vector<ProtectionTerms> protection_terms(const DataReplicationConfig& config, DataId data, SiteId site, Duration at_least_old) {
  std::vector<ProtectionTerms> all;
  for (const PolicyConfig& policy : config.policies) {
    if (std::any_of(policy.protects.begin(), policy.protects.end(), [&](DataId whole) { return covers(config, whole, data); })) {
      add_policy(config, policy, data, site, at_least_old, all);
    }
  }
  for (const ReplicaConfig& replica : config.replicas) {
    if (replica.site != site || !covers(config, replica.data, data)) continue;
    ProtectionTerms terms;
    terms.means = replica.kind == ReplicaKind::mirror ? RecoveryMeans::mirror : RecoveryMeans::stream;
    terms.name = replica.name;
    terms.copy = {replica.latency, replica.latency, replica.latency};
    terms.kept = replica.points_in_time ? 1_d * replica.points_in_time->days : Duration{};  // it holds the present only
    if (replica.points_in_time && at_least_old > Duration{}) {
      terms.interval = terms.interval_at_best = at_least_old < 1_h ? 10_min : at_least_old < 1_d ? 1_h : 1_d;
    }
    all.push_back(terms);
  }
  for (ProtectionTerms& terms : all) terms.at_least_old = at_least_old;
  return all;
}

}  // namespace fleetsim
