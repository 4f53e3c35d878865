#include "models/scenario/storage_words.hpp"

#include <fmt/format.h>

#include "fleetsim/text.hpp"

namespace fleetsim::scenario {
namespace {

/// "81.25 MB/s, 593.75 while its burst lasts".
std::string limit_in_words(const BurstLimit& limit, double unit, std::string_view name) {
  const double base = static_cast<double>(limit.base) / unit, most = static_cast<double>(limit.max) / unit;
  if (limit.base == limit.max) return fmt::format("{:.10g} {}", base, name);
  return fmt::format("{:.10g} {}, {:.10g} while its burst lasts", base, name, most);
}

std::string volume_in_words(const VolumeLimits& limits) {
  std::string text = fmt::format("{} IOPS, {:.6g} MiB/s", limits.iops.count(), to_mib_per_second(limits.throughput));
  if (limits.credits != CreditKind::none) {
    text += fmt::format("; {} IOPS, {:.6g} MiB/s while its credits last", limits.iops_burst.count(),
                        to_mib_per_second(limits.throughput_burst));
  }
  return limits.block_express ? text + "; Block Express" : text;
}

std::string_view direction_in_words(NetworkDirection direction) {
  switch (direction) {
    case NetworkDirection::out: return "sent";
    case NetworkDirection::in: return "received";
    case NetworkDirection::both: return "sent and received";
  }
  return "";
}

/// ", sent over the network to another Region, at most 5 Gbps".
std::string network_in_words(const NetworkUse& use, const InstanceStorageLimits& limits) {
  std::string text = fmt::format(", {} over the network", direction_in_words(use.direction));
  const bool outside = use.peer == NetworkPeer::internet || (use.peer == NetworkPeer::other_region && limits.other_regions_outside);
  const std::string_view way = use.direction == NetworkDirection::in ? "from" : "to";
  if (use.peer == NetworkPeer::internet) text += fmt::format(" {} the internet", way);
  if (use.peer == NetworkPeer::other_region) text += fmt::format(" {} another Region", way);
  const auto gbps = [](BytesPerSecond rate) { return static_cast<double>(rate.count()) / 125e6; };
  if (outside && limits.network_outside) text += fmt::format(", at most {:.6g} Gbps", gbps(*limits.network_outside));
  if (use.flows_max) text += fmt::format(", {:.6g} Gbps over its connections", gbps(*use.flows_max));
  return text;
}

std::string moves_in_words(const RecurringWork& work) {
  const std::string when = work.every ? fmt::format("every {} from {} on", to_text(*work.every), to_text(work.first))
                                      : fmt::format("once, at {}", to_text(work.first));
  return fmt::format("{} {}", to_text(work.data), when);
}

}  // namespace

std::vector<std::string> in_words(const StoragePlan& plan) {
  const StorageMachineConfig& config = plan.config;
  const InstanceStorageLimits& limits = config.limits;
  std::vector<std::string> lines;
  lines.push_back(fmt::format("machine {} in {}: {} at {}", config.name, plan.region, plan.instance_type,
                              to_text(plan.price.instance)));
  if (plan.price.licence > UsdPerHour{}) {
    lines.push_back(fmt::format("  licence of {}: {}", to_name(plan.operating_system), to_text(plan.price.licence)));
  }
  if (limits.iops) lines.push_back("  its volumes together: " + limit_in_words(*limits.iops, 1, "IOPS"));
  if (limits.throughput) lines.push_back("  and " + limit_in_words(*limits.throughput, 1e6, "MB/s"));
  if (limits.network) lines.push_back("  network: " + limit_in_words(*limits.network, 125e6, "Gbps"));
  if (limits.volumes_use_network && limits.network) lines.push_back("  its volumes share the network");
  for (const StorageVolumeConfig& volume : config.volumes) {
    lines.push_back(fmt::format("  volume {}: {}{}", volume.name, volume.in_instance ? "disks of the instance, " : "",
                                volume_in_words(volume.limits)));
    if (!volume.in_instance) continue;
    const std::string content = volume.content == Bytes{} ? "nothing"
                                : volume.content_from     ? fmt::format("{} from volume {}", to_text(volume.content),
                                                                        config.volumes[*volume.content_from].name)
                                                          : to_text(volume.content);
    lines.push_back(fmt::format("    its data are lost when the instance stops; {} is written again at the start", content));
  }
  for (const InstanceStop& stop : config.stops) {
    lines.push_back(fmt::format("  the instance {} at {}{}", stop.length ? "stops" : "is terminated",
                                to_text(stop.at.since_start()),
                                stop.length ? fmt::format(" for {}", to_text(*stop.length)) : ""));
  }
  for (const StorageVolumeConfig& volume : config.volumes) {
    if (!volume.restore) continue;
    lines.push_back(fmt::format("  volume {} loads {} from a snapshot, for {}; until then an I/O takes up to {} longer",
                                volume.name, to_text(volume.restore->data),
                                to_text(loaded_after(*volume.restore, restore_steps - 1)),
                                to_text(volume.restore->first_touch)));
  }
  for (const VolumeModification& change : config.modifications) {
    lines.push_back(fmt::format("  from {} on volume {} is changed, within {}, to {}",
                                to_text(change.at.since_start()), config.volumes[change.volume].name,
                                to_text(change.optimizing), volume_in_words(change.limits)));
  }
  for (std::size_t l = 0; l < config.loads.size(); ++l) {
    const StorageLoadConfig& load = config.loads[l];
    const std::string on = load.volume ? "volume " + config.volumes[*load.volume].name : "the network";
    const std::string from = load.queue_depth ? fmt::format("{} always in flight", *load.queue_depth)
                             : load.recurring ? moves_in_words(*load.recurring)
                             : load.snapshot  ? "snapshots as their policies take them"
                             : load.work      ? "as it is asked for"
                                              : "demand " + plan.demands[l]->name;
    std::string line = fmt::format("  load {} on {}: {}{} I/Os, {}", load.name, on, to_text(load.io_size),
                                   load.sequential ? " sequential" : "", from);
    if (load.network) line += network_in_words(*load.network, limits);
    if (load.reads) line += fmt::format("; {} read", to_text(*load.reads));
    if (load.deadline) line += fmt::format("; late after {}", to_text(*load.deadline));
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace fleetsim::scenario
