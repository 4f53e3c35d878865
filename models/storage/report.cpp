// The metrics of a machine.

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "fleetsim/models/storage.hpp"

namespace fleetsim {
namespace {

/// A metric is near its maximum if it is so for one twentieth of the time: its 95th percentile is.
constexpr double often = 0.05;

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
  void add_mean(std::string_view name, std::string unit, double sum) {
    const double span = to_seconds(measured_);
    add(name, std::move(unit), span > 0 ? std::optional(sum / span) : std::nullopt);
  }
  void add_time(std::string_view name, Duration time) {
    add(name, "1", measured_ > Duration{} ? std::optional(time / measured_) : std::nullopt);
  }
  void add_limits(const std::array<Duration, storage_limit_count>& time, StorageLimit first) {
    for (auto k = static_cast<std::size_t>(first); k < storage_limit_count; ++k) {
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
    const std::optional<Duration> latency = latency_mean(l);
    names.add("latency_mean", "s", latency ? std::optional(to_seconds(*latency)) : std::nullopt);
    names.add("latency_max", "s",
              latency ? std::optional(to_seconds(std::max({load.latency_max, load.service, *latency}))) : std::nullopt);
    names.add_limits(load.shares.time, StorageLimit::volume_iops);
    for (std::size_t k = 1; k < storage_limit_count; ++k) {
      names.add(fmt::format("demand_cut_by.{}", to_name(static_cast<StorageLimit>(k))), "1",
                offered > 0 ? std::optional(to_double(load.shares.cut[k]) / offered) : std::nullopt);
    }
  }
  for (std::size_t v = 0; v < volumes_.size(); ++v) {
    Names names(sink, fmt::format("storage.{}.volume.{}", config_.name, config_.volumes[v].name), measured);
    names.add("burst_balance", "1", value(burst_balance(v)));
    const std::optional<Duration> full_speed = full_speed_after(v);
    names.add("full_speed_after", "s", full_speed ? std::optional(to_seconds(*full_speed)) : std::nullopt);
    names.add_limits(volume_time(v), StorageLimit::volume_iops);
    const Duration busy = volume_use(v).of(UseBand::busy);
    names.add_time("time_busy", busy);
    const bool held_back = volume_time(v)[static_cast<std::size_t>(StorageLimit::none)] < measured;
    names.add("advice_cheaper_volume", "1", busy == Duration{} && !held_back ? 1 : 0);
  }
  Names names(sink, fmt::format("storage.{}.instance", config_.name), measured);
  names.add("io_balance", "1", value(io_balance()));
  names.add("byte_balance", "1", value(byte_balance()));
  names.add_limits(instance_time(), StorageLimit::instance_iops);
  names.add_time("ebs_time_busy", ebs_use().of(UseBand::busy));
  names.add_time("network_time_busy", network_use().of(UseBand::busy));
  names.add_time("network_time_idle", network_use().of(UseBand::idle));
  if (measured <= Duration{}) return;
  const bool ebs_busy = ebs_use().of(UseBand::busy) / measured >= often;
  const bool network_busy = network_use().of(UseBand::busy) / measured >= often;
  const bool network_idle = network_use().of(UseBand::idle) / measured >= 1 - often;
  names.add("advice_larger_network", "1", network_busy ? 1 : 0);
  names.add("advice_offload_to_network", "1", network_idle && ebs_busy ? 1 : 0);
}

}  // namespace fleetsim
