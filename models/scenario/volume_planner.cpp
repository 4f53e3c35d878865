#include "models/scenario/volume_planner.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "fleetsim/models/storage/instance_store.hpp"
#include "fleetsim/text.hpp"

namespace fleetsim::scenario {
namespace {

/// AWS's blocks of snapshots, which a read of a missing one fetches.
constexpr Bytes snapshot_block = 512_KiB;

VolumeLimits striped(VolumeLimits limits, std::int64_t stripes) {
  limits.iops = limits.iops * stripes;
  limits.iops_burst = limits.iops_burst * stripes;
  limits.throughput = limits.throughput * stripes;
  limits.throughput_burst = limits.throughput_burst * stripes;
  limits.credits_max *= stripes;
  limits.credits_fill *= stripes;
  return limits;
}

class VolumePlanner {
 public:
  VolumePlanner(const StorageMachineSettings& machine, const InstanceType& type, const Catalog& catalog, Date as_of,
                StoragePlan& plan, config::Diagnostics& diagnostics)
      : machine_(machine), type_(type), host_{.instance_type = type.name, .nitro = type.nitro}, catalog_(catalog),
        as_of_(as_of), plan_(plan), diagnostics_(diagnostics) {}

  void run() {
    for (const VolumeSettings& volume : machine_.volumes) {
      if (volume.request.type == VolumeType::instance_store) {
        add_instance_store(volume);
      } else {
        add_volume(volume);
      }
    }
    check_instance_store();
  }

 private:
  bool report(const std::vector<VolumeBreach>& breaches, const VolumeSettings& volume) {
    for (const VolumeBreach& breach : breaches) {
      const auto place = volume.where.find(breach.field);
      diagnostics_.error(place != volume.where.end() ? place->second : volume.where.at("type"), breach.message,
                         breach.help);
    }
    return !breaches.empty();
  }

  void add_volume(const VolumeSettings& volume) {
    if (volume.request.size_gib <= 0) return;  // reported
    if (report(check_volume(volume.request, host_, as_of_), volume)) return;
    const std::size_t index = plan_.config.volumes.size();
    plan_.config.volumes.push_back({.name = volume.name,
                                    .limits = striped(limits_of(volume.request, host_, as_of_), volume.stripes),
                                    .restore = plan_restore(volume)});
    charge_restore(volume);
    const VolumeSettings* latest = &volume;
    Time from;
    std::vector<const VolumeChangeSettings*> before;
    for (const VolumeChangeSettings& change : machine_.changes) {
      if (change.to.name != volume.name) continue;
      if (!check_change(*latest, change, before)) return;
      charge(*latest, from, change.at);
      plan_.config.modifications.push_back({.volume = index, .at = change.at,
                                            .optimizing = optimizing_time(change.to.request.size_gib),
                                            .limits = striped(limits_of(change.to.request, host_, as_of_), volume.stripes)});
      from = change.at;
      latest = &change.to;
      before.push_back(&change);
    }
    charge(*latest, from, Time::max());
  }

  /// Empty for a volume that is whole from the start.
  std::optional<VolumeRestore> plan_restore(const VolumeSettings& volume) {
    if (!volume.restore) return std::nullopt;
    const RestoreSettings& given = *volume.restore;
    const std::int64_t snapshot_gib = given.snapshot_gib.value_or(volume.request.size_gib);
    if (snapshot_gib > volume.request.size_gib || given.data > 1_GiB * snapshot_gib) {
      diagnostics_.error(given.where,
                         fmt::format("a volume of {} GiB cannot hold a snapshot of {} GiB with {} of data",
                                     volume.request.size_gib, snapshot_gib, to_text(given.data)),
                         "data is at most snapshot_size, and that at most the volume's size");
    }
    // The year is that of the announcement; the day is not known to us.
    if (given.initialization_rate && as_of_ < Date{std::chrono::year{2025} / 1 / 1}) {
      diagnostics_.error(given.where, "an initialization rate is offered from 2025 on",
                         "leave initialization_rate away, or set storage.rules_as_of");
    }
    constexpr std::int64_t one_credit = 1'000'000;
    if (given.fast_restore_enabled_for && !given.initialization_rate) {
      if (snapshot_gib > 16'384) {
        diagnostics_.error(given.where, fmt::format("fast restore takes snapshots up to 16384 GiB, not {}", snapshot_gib),
                           "leave fast_restore_enabled_for away");
      } else if (fast_restore_credits(snapshot_gib, enabled(snapshot_gib, *given.fast_restore_enabled_for), as_of_) >= one_credit) {
        return std::nullopt;
      }
    }
    VolumeRestore restore{.data = given.data,
                          .rate = given.initialization_rate.value_or(given.background_rate),
                          .first_touch = given.first_touch,
                          .iops_percent = loading_iops_percent(volume.request.type)};
    if (given.read_whole_depth) {
      restore.by_reading = true;
      // Each block that is missing takes its first touch; so many are fetched at once.
      const Int128 bytes = static_cast<Int128>(snapshot_block.count()) * *given.read_whole_depth * nanoseconds_per_second;
      const Duration touch = std::max(given.first_touch, 1_ms);
      restore.rate = BytesPerSecond::of(static_cast<std::int64_t>(bytes / touch.count()));
    }
    return restore;
  }

  /// How long a snapshot has been ready for fast restore, which is first optimized.
  static Duration enabled(std::int64_t snapshot_gib, Duration turned_on_for) {
    return std::max(Duration{}, turned_on_for - fast_restore_optimizing(snapshot_gib));
  }

  void charge_restore(const VolumeSettings& volume) {
    if (!volume.restore) return;
    const RestoreSettings& restore = *volume.restore;
    if (restore.initialization_rate && restore.initialization_price > UsdPerGb{}) {
      plan_.once.push_back({fmt::format("initialization of volume {}", volume.name), volume_of(restore.data),
                            restore.initialization_price});
    }
    if (!restore.fast_restore_enabled_for) return;
    if (const auto prices = catalog_.snapshot_prices(plan_.region)) {
      plan_.hourly.push_back({fmt::format("fast restore of the snapshot of volume {}", volume.name), "hours",
                              prices->fast_restore});
    }
  }

  bool check_change(const VolumeSettings& from, const VolumeChangeSettings& change,
                    const std::vector<const VolumeChangeSettings*>& before) {
    const bool broken = report(check_volume(change.to.request, host_, as_of_), change.to);
    if (report(check_modification(from.request, change.to.request, host_, as_of_), change.to) || broken) return false;
    if (before.empty()) return true;
    const VolumeChangeSettings* previous = before.back();
    const ModificationRules rules = modification_rules(as_of_);
    const auto most = static_cast<std::size_t>(rules.per_day_max);
    if (most > 0 && before.size() >= most && change.at < before[before.size() - most]->at + 24_h) {
      diagnostics_.error(change.where, fmt::format("a volume is modified at most {} times in 24 hours", most),
                         fmt::format("the earliest time is {}",
                                     to_text((before[before.size() - most]->at + 24_h).since_start())));
      return false;
    }
    const Duration optimizing = optimizing_time(from.request.size_gib);
    const Time earliest = previous->at + std::max(rules.wait_after, optimizing);
    if (change.at >= earliest) return true;
    diagnostics_.error(change.where,
                       rules.wait_after > optimizing ? "a volume is modified again six hours later at the earliest"
                                                     : "a volume is modified again when it is optimized",
                       fmt::format("the earliest time is {}", to_text(earliest.since_start())));
    return false;
  }

  void charge(const VolumeSettings& volume, Time from, Time to) {
    const VolumeRequest& request = volume.request;
    const std::string_view type = to_name(request.type);
    const auto prices = catalog_.volume_prices(plan_.region, type);
    if (!prices) {
      if (!plan_.region.empty()) {
        diagnostics_.error(volume.where.at("type"), fmt::format("{} has no price in Region '{}'", type, plan_.region),
                           "take another type or Region");
      }
      return;
    }
    const auto add = [&](std::string_view what, std::string_view unit, std::int64_t units, Usd per_month) {
      if (units <= 0) return;
      plan_.charges.push_back({.resource = fmt::format("{} {} of volume {}", type, what, volume.name),
                               .unit = std::string(unit), .units = units * volume.stripes, .per_month = per_month, .from = from,
                               .to = to});
    };
    add("storage", "GiB-months", request.size_gib, prices->per_gib);
    const BilledPerformance billed = billed_performance(request);
    constexpr std::array<std::string_view, 3> tiers{"IOPS", "IOPS above 32,000", "IOPS above 64,000"};
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
      add(tiers[tier], "IOPS-months", billed.iops[tier], prices->per_iops[tier]);
    }
    add("throughput", "MiB/s-months", billed.mibps, prices->per_mibps);
  }

  void add_instance_store(const VolumeSettings& volume) {
    StorageVolumeConfig config;
    config.name = volume.name;
    config.in_instance = true;
    const std::optional<Iops> published = type_.instance_store_read_iops;
    if (type_.instance_store > Bytes{} && !published && !volume.store_iops) {
      diagnostics_.error(volume.where.at("type"),
                         fmt::format("AWS prints no IOPS of the instance store of {}", type_.name),
                         "give store_iops, or take another type");
      return;
    }
    if (type_.instance_store == Bytes{}) return;  // reported by check_instance_store
    const Iops reads = volume.store_iops ? Iops::of(*volume.store_iops) : *published;
    const Iops writes = volume.store_iops ? reads : type_.instance_store_write_iops.value_or(reads);
    config.limits = instance_store_limits(reads, std::min(writes, reads));
    config.content = volume.content.value_or(Bytes{});
    for (std::size_t v = 0; volume.content_from && v < plan_.config.volumes.size(); ++v) {
      if (plan_.config.volumes[v].name == volume.content_from->value) config.content_from = v;
    }
    if (volume.content_from && !config.content_from) {
      std::vector<std::string> names;
      for (const StorageVolumeConfig& other : plan_.config.volumes) names.push_back(other.name);
      diagnostics_.error(volume.content_from->where,
                         fmt::format("there is no volume '{}' before {}", volume.content_from->value, volume.name),
                         config::name_help("volume", volume.content_from->value, names));
    }
    for (const VolumeChangeSettings& change : machine_.changes) {
      if (change.to.name == volume.name) {
        diagnostics_.error(change.where, "an instance store cannot be changed", "take another instance type");
      }
    }
    plan_.config.volumes.push_back(std::move(config));
  }

  /// All instance-store volumes of a machine share its disks.
  void check_instance_store() {
    std::int64_t gib = 0, count = 0;
    for (const VolumeSettings& volume : machine_.volumes) {
      if (volume.request.type != VolumeType::instance_store) continue;
      gib += volume.request.size_gib;
      if (volume.content) gib = std::max(gib, volume.content->count() / Bytes{1_GiB}.count());
      if (++count > 1) {
        diagnostics_.error(volume.where.at("type"), "the disks of an instance are taken as one volume",
                           "let one volume be instance_store");
      }
      if (type_.instance_store == Bytes{}) {
        diagnostics_.error(volume.where.at("type"), fmt::format("{} has no instance store", type_.name), store_help());
      } else if (1_GiB * gib > type_.instance_store) {
        diagnostics_.error(volume.where.at("size"),
                           fmt::format("the instance store of {} holds {}, not {} GiB", type_.name,
                                       to_text(type_.instance_store), gib),
                           fmt::format("the nearest size allowed is {} GiB",
                                       type_.instance_store.count() / Bytes{1_GiB}.count()));
      }
    }
  }

  /// "m5d.large has one": the type's sibling with disks, if there is one.
  std::string store_help() const {
    const std::size_t dot = type_.name.find('.');
    const std::string sibling = type_.name.substr(0, dot) + "d" + type_.name.substr(std::min(dot, type_.name.size()));
    const std::optional<InstanceType> found = catalog_.type(sibling);
    if (found && found->instance_store > Bytes{}) return fmt::format("the nearest type that has one is {}", sibling);
    return "take a type with disks, such as m5d or i3";
  }

  const StorageMachineSettings& machine_;
  const InstanceType& type_;
  const VolumeHost host_;
  const Catalog& catalog_;
  Date as_of_;
  StoragePlan& plan_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

void plan_volumes(const StorageMachineSettings& machine, const InstanceType& type, const Catalog& catalog, Date as_of,
                  StoragePlan& plan, config::Diagnostics& diagnostics) {
  VolumePlanner(machine, type, catalog, as_of, plan, diagnostics).run();
}

}  // namespace fleetsim::scenario
