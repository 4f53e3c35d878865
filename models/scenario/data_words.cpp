#include "models/scenario/data_words.hpp"

#include <cmath>

#include <fmt/format.h>

#include "fleetsim/models/data_replication/terms.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::scenario {
namespace {

/// In whole seconds where it is longer than a minute.
std::string rounded(Duration d) { return to_text(d >= 1_min ? seconds(std::round(to_seconds(d))) : d); }

std::string in_words(const RetentionConfig& retention) {
  if (retention.count) return fmt::format("the newest {} kept", *retention.count);
  if (retention.age) return fmt::format("each kept for {}", to_text(*retention.age));
  return "all kept";
}

std::string names(const DataReplicationConfig& config, const std::vector<DataId>& data) {
  std::string text;
  for (const DataId d : data) text += (text.empty() ? "" : ", ") + config.data[d.index].name;
  return text;
}

void add_terms(std::vector<std::string>& lines, const DataReplicationConfig& config, const PolicyConfig& policy, SiteId site) {
  for (const ProtectionTerms& terms : protection_terms(config, policy.protects.front(), site)) {
    if (terms.name != policy.name) continue;
    const std::string what = terms.means == RecoveryMeans::log_backup ? "with logs " : "";
    if (terms.overruns()) {
      lines.push_back(fmt::format("    at {} {}copies of {} in the mean are slower than the interval of {}: the newest point grows older without end",
                                  config.site_names[site.index], what, rounded(terms.copy.mean), to_text(terms.interval)));
      continue;
    }
    lines.push_back(fmt::format("    at {} {}the newest point is {} to {} old, {} in the mean", config.site_names[site.index], what,
                                rounded(terms.best()), rounded(terms.worst()), rounded(terms.mean())));
    if (terms.means == RecoveryMeans::snapshot) {
      lines.push_back(fmt::format("      at most: interval + snapshot + copy + delay = {}", terms.arithmetic()));
    }
    if (!policy.rpo) continue;
    lines.push_back(fmt::format("      the objective of {} is {}; by the interval alone it would be {}", to_text(*policy.rpo),
                                terms.valid(*policy.rpo) ? "kept" : "not kept", terms.valid_by_interval(*policy.rpo) ? "kept" : "not kept"));
  }
}

}  // namespace

std::vector<std::string> in_words(const ProtectionPlan& plan, const std::vector<DemandConfig>& demands) {
  const DataReplicationConfig& config = plan.config;
  std::vector<std::string> lines{"protected data"};
  for (std::size_t s = 0; s < config.stores.size(); ++s) {
    const StoreConfig& store = config.stores[s];
    std::string writes = store.write_rate.count() > 0 || !plan.follows[s].demand ? to_text(store.write_rate) + " written" : "";
    if (plan.follows[s].demand) {
      writes += fmt::format("{}{} written for each request of {}", writes.empty() ? "" : " and ", to_text(plan.follows[s].bytes_per_request),
                            demands[*plan.follows[s].demand].name);
    }
    lines.push_back(fmt::format("  {} {} in {}: {}, {} of data; {}", store.database ? "database" : "volume", store.name,
                                config.site_names[store.home.index], to_text(store.blocks.size), to_text(store.blocks.data), writes));
    if (plan.snapshots[s]) {
      lines.push_back("    its snapshots are read on its machine, and take longer than said below while others use the same limits");
    }
    const DirtyBlocks blocks(store.blocks);
    const std::int64_t hour = store.write_rate_mean.count() * 3600;
    if (hour > 0) {
      const double gib = static_cast<double>((blocks.block() * blocks.changed(0, hour)).count()) / static_cast<double>((1_GiB).count());
      lines.push_back(fmt::format("    an hour changes {:.4g} GiB of its blocks of {}", gib, to_text(blocks.block())));
    }
  }
  for (const PolicyConfig& policy : config.policies) {
    lines.push_back(fmt::format("  policy {} on {}: {}, by {}; {}", policy.name, names(config, policy.protects), policy.schedule.text(),
                                to_name(policy.scheduler), in_words(policy.retention)));
    if (policy.archive) {
      lines.push_back(fmt::format("    then one in {} archived in full for {}; {} to get it back", policy.archive->every, to_text(policy.archive->keep),
                                  to_text(policy.archive->restore)));
    }
    add_terms(lines, config, policy, config.stores[config.data[policy.protects.front().index].stores.front()].home);
    for (const CopyConfig& copy : policy.copies) {
      const std::string from = copy.from ? " from " + config.site_names[policy.copies[*copy.from].site.index] : "";
    lines.push_back(fmt::format("    copied{} to {}; {}{}", from, config.site_names[copy.site.index], in_words(copy.retention),
                                  copy.complete_within ? fmt::format("; completed within {}", to_text(*copy.complete_within)) : ""));
      add_terms(lines, config, policy, copy.site);
    }
  }
  for (const ReplicaConfig& replica : config.replicas) {
    const bool mirror = replica.kind == ReplicaKind::mirror;
    const std::string behind = mirror ? "nothing lost while in sync" : fmt::format("at least {} behind", to_text(replica.latency));
    lines.push_back(fmt::format("  {} {} of {} at {}: {}{}", mirror ? "mirror" : "stream", replica.name,
                                config.data[replica.data.index].name, config.site_names[replica.site.index], behind,
                                replica.bandwidth ? fmt::format(", {} at most", to_text(*replica.bandwidth)) : ""));
    if (mirror) {
      const MirrorCost cost = mirror_cost(replica);
      lines.push_back(fmt::format("    a write takes {}, one writer makes {:.4g} a second", to_text(cost.write), cost.writes_per_second));
    }
    if (replica.points_in_time) {
      lines.push_back(fmt::format("    points of every 10m for 1h, every 1h for 1d, every 1d for {}d", replica.points_in_time->days));
    }
    if (replica.migration) {
      lines.push_back(fmt::format("    free for {}, of which {} have gone when the run starts; then {:g} USD/h",
                                  to_text(replica.migration->free), to_text(replica.migration->replicating_for),
                                  to_usd_per_hour(plan.prices.migration_server)));
    }
  }
  return lines;
}

}  // namespace fleetsim::scenario
