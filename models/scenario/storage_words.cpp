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
    lines.push_back(fmt::format("  volume {}: {}", volume.name, volume_in_words(volume.limits)));
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
                                              : "demand " + plan.demands[l]->name;
    lines.push_back(fmt::format("  load {} on {}: {}{} I/Os, {}", load.name, on, to_text(load.io_size),
                                load.sequential ? " sequential" : "", from));
  }
  return lines;
}

}  // namespace fleetsim::scenario
