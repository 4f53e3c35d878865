// The metrics of a machine.

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "fleetsim/models/storage.hpp"

namespace fleetsim {
namespace {

std::optional<double> value(const std::optional<Ratio>& ratio) {
  return ratio ? std::optional(ratio->value) : std::nullopt;
}

/// Adds metrics below a common name; shares of the measured time are absent while there is none.
class Names {
 public:
  Names(MetricSink& sink, std::string prefix, Duration measured)
      : sink_(sink), prefix_(std::move(prefix)), measured_(measured) {}

  void add(std::string_view name, std::string unit, std::optional<double> metric) {
    sink_.add(fmt::format("{}.{}", prefix_, name), std::move(unit), metric);
  }
  void add_emptied(const EmptiedBurst& emptied) {
    add("burst_emptied", "1", static_cast<double>(emptied.times));
    add("burst_emptied_first", "s", emptied.first ? std::optional(to_seconds(emptied.first->since_start())) : std::nullopt);
  }
  void add_mean(std::string_view name, std::string unit, double sum) {
    const double span = to_seconds(measured_);
    add(name, std::move(unit), span > 0 ? std::optional(sum / span) : std::nullopt);
  }
  void add_time(std::string_view name, Duration time) {
    add(name, "1", measured_ > Duration{} ? std::optional(time / measured_) : std::nullopt);
  }
  void add_share(std::string_view name, double part, double whole) {
    add(name, "1", whole > 0 ? std::optional(part / whole) : std::nullopt);
  }
  /// What each limit kept loads from doing at once, of all that was offered.
  void add_cuts(const std::array<double, storage_limit_count>& cut, double offered, bool of_instance) {
    double all = 0;
    for (const double by : cut) all += by;
    add_share("demand_cut_by.none", offered - all, offered);
    for (std::size_t k = 1; k < storage_limit_count; ++k) {
      if (of_instance && !is_of_instance(static_cast<StorageLimit>(k))) continue;
      add_share(fmt::format("demand_cut_by.{}", to_name(static_cast<StorageLimit>(k))), cut[k], offered);
    }
  }
  void add_limits(const std::array<Duration, storage_limit_count>& time, StorageLimit first) {
    for (auto k = static_cast<std::size_t>(first); k < storage_limit_count; ++k) {
      if (first != StorageLimit::none && !is_of_instance(static_cast<StorageLimit>(k))) continue;
      add_time(fmt::format("time_limited_by.{}", to_name(static_cast<StorageLimit>(k))), time[k]);
    }
  }

 private:
  MetricSink& sink_;
  std::string prefix_;
  Duration measured_;
};

}  // namespace

void StorageMachine::report(MetricSink& sink) const {
  const Duration measured = sim_.now() - measured_from_;
  struct Cut {
    std::array<double, storage_limit_count> cut{};
    double offered = 0;
  };
  std::vector<Cut> cut_at(volumes_.size() + 1);  // by volume, then of the instance
  for (std::size_t l = 0; l < loads_.size(); ++l) {
    const Load load = booked(l);
    const StorageLoadConfig& config = config_.loads[l];
    Names names(sink, fmt::format("storage.{}.load.{}", config_.name, config.name), measured);
    const double done = to_double(load.done), offered = to_double(load.offered);
    names.add_mean("iops", "IOPS", done);
    names.add_mean("throughput", "MiB/s", done * static_cast<double>(config.io_size.count()) / 1'048'576.0);
    names.add("offered", "1", offered);
    names.add("done", "1", done);
    names.add("backlog", "1", to_double(backlog(l)));
    // Work is given in lumps, so that the time of one of its I/Os says nothing; work_time does.
    const std::optional<Duration> latency = config.work ? std::nullopt : latency_mean(l);
    names.add("latency_mean", "s", latency ? std::optional(to_seconds(*latency)) : std::nullopt);
    names.add("latency_max", "s",
              latency ? std::optional(to_seconds(std::max({load.latency_max, load.service, *latency}))) : std::nullopt);
    if (!config.queue_depth && !config.work) {
      names.add_share("wait_fraction", to_double(load.waited_behind), offered);
      if (config.deadline) names.add_share("late_fraction", load.late, offered);
    }
    if (config.work) {
      const Tally& time = load.work_time;
      names.add("work_time_mean", "s", time.count() > 0 ? std::optional(time.mean()) : std::nullopt);
      names.add("work_time_max", "s", time.count() > 0 ? std::optional(time.max()) : std::nullopt);
    }
    if (!config_.stops.empty()) names.add("lost", "1", to_double(load.lost));
    if (config.reads) {
      names.add_mean("read_iops", "IOPS", done * config.reads->value);
      names.add_mean("write_iops", "IOPS", done * (1 - config.reads->value));
    }
    if (load.on_instance) names.add("share_of_emptying", "1", value(share_of_emptying(l)));
    names.add_limits(load.shares.time, StorageLimit::none);
    std::array<double, storage_limit_count> cut{};
    for (std::size_t k = 1; k < storage_limit_count; ++k) {
      cut[k] = to_double(load.shares.cut[k]);
      if (config.volume) cut_at[*config.volume].cut[k] += cut[k];
      if (is_of_instance(static_cast<StorageLimit>(k))) cut_at.back().cut[k] += cut[k];
    }
    names.add_cuts(cut, offered, false);
    if (config.work) continue;  // which is cut by nothing
    if (config.volume) cut_at[*config.volume].offered += offered;
    cut_at.back().offered += offered;
  }
  for (std::size_t v = 0; v < volumes_.size(); ++v) {
    Names names(sink, fmt::format("storage.{}.volume.{}", config_.name, config_.volumes[v].name), measured);
    names.add("burst_balance", "1", value(burst_balance(v)));
    names.add("burst_balance_min", "1", value(burst_balance_min(v)));
    names.add_emptied(volume_emptied(v));
    names.add("serves_after", "s", to_seconds(serves_after(v)));
    const std::optional<Duration> full_speed = full_speed_after(v);
    names.add("full_speed_after", "s", full_speed ? std::optional(to_seconds(*full_speed)) : std::nullopt);
    names.add("queue_length", "1", measured > Duration{} ? std::optional(queue_length(v)) : std::nullopt);
    names.add_limits(volume_time(v), StorageLimit::none);
    names.add_cuts(cut_at[v].cut, cut_at[v].offered, false);
    if (volumes_[v].in_instance) {
      names.add("times_lost", "1", static_cast<double>(times_lost(v)));
      const std::optional<Duration> rebuilt = rebuilt_after(v);
      names.add("rebuilt_after", "s", rebuilt ? std::optional(to_seconds(*rebuilt)) : std::nullopt);
    }
    double reads = 0, writes = 0, read_bytes = 0, write_bytes = 0;
    bool told_apart = !volumes_[v].loads.empty();
    for (const std::uint32_t l : volumes_[v].loads) {
      const StorageLoadConfig& config = config_.loads[l];
      told_apart = told_apart && config.reads.has_value();
      if (!config.reads) continue;
      // What is read here to be written elsewhere.
      const double share = config.from == v ? 1 : config.reads->value;
      const double done_here = to_double(done(l)), size = static_cast<double>(config.io_size.count());
      reads += done_here * share;
      writes += done_here * (1 - share);
      read_bytes += done_here * share * size;
      write_bytes += done_here * (1 - share) * size;
    }
    if (told_apart) {
      names.add_mean("read_iops", "IOPS", reads);
      names.add_mean("write_iops", "IOPS", writes);
      names.add_mean("read_throughput", "MiB/s", read_bytes / 1'048'576.0);
      names.add_mean("write_throughput", "MiB/s", write_bytes / 1'048'576.0);
    }
    const Duration busy = volume_use(v).of(UseBand::busy);
    names.add_time("time_busy", busy);
    const bool held_back = volume_time(v)[static_cast<std::size_t>(StorageLimit::none)] < measured;
    names.add("advice_cheaper_volume", "1", busy == Duration{} && !held_back ? 1 : 0);
  }
  Names names(sink, fmt::format("storage.{}.instance", config_.name), measured);
  names.add("io_balance", "1", value(io_balance()));
  names.add("byte_balance", "1", value(byte_balance()));
  names.add("io_balance_min", "1", value(io_balance_min()));
  names.add("byte_balance_min", "1", value(byte_balance_min()));
  names.add_emptied(emptied_burst());
  const std::array<Duration, storage_limit_count> by_instance = instance_time();
  names.add_time("time_limited_by.none", by_instance[0]);
  names.add_limits(by_instance, StorageLimit::instance_iops);
  names.add_cuts(cut_at.back().cut, cut_at.back().offered, true);
  if (!config_.stops.empty()) names.add("stopped_time", "s", to_seconds(stopped_time()));
  for (std::size_t k = 0; k < config_.reviews; ++k) {
    const bool known = k < reviewed_.size();
    names.add(fmt::format("review.{}.advice_larger_network", k + 1), "1",
              known ? std::optional(reviewed_[k].larger_network ? 1.0 : 0.0) : std::nullopt);
    names.add(fmt::format("review.{}.advice_offload_to_network", k + 1), "1",
              known ? std::optional(reviewed_[k].offload_to_network ? 1.0 : 0.0) : std::nullopt);
  }
  names.add_time("ebs_time_busy", ebs_use().of(UseBand::busy));
  names.add_time("network_time_busy", network_use().of(UseBand::busy));
  names.add_time("network_time_idle", network_use().of(UseBand::idle));
  if (measured <= Duration{}) return;
  const Review review = review_of(ebs_use(), network_use(), measured);
  names.add("advice_larger_network", "1", review.larger_network ? 1 : 0);
  names.add("advice_offload_to_network", "1", review.offload_to_network ? 1 : 0);
}

}  // namespace fleetsim
