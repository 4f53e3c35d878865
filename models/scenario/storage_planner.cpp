#include "models/scenario/storage_planner.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "fleetsim/models/storage/instance_store.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/storage_traces.hpp"

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

Date date_of(config::UtcTime time) {
  return Date{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds{std::chrono::seconds{time.seconds_since_1970}})};
}

bool is_hdd(VolumeType type) { return type == VolumeType::st1 || type == VolumeType::sc1; }

template <class Unit>
std::optional<BurstLimit> limit_of(const std::optional<Unit>& base, const std::optional<Unit>& max) {
  if (!base || !max) return std::nullopt;
  return BurstLimit{std::min(base->count(), max->count()), max->count()};
}

class Planner {
 public:
  Planner(const ScenarioData& data, const Catalog& catalog, const std::vector<std::string>& demands_given, Date as_of,
          config::Diagnostics& diagnostics)
      : data_(data), catalog_(catalog), demands_given_(demands_given), as_of_(as_of), diagnostics_(diagnostics) {}

  std::optional<StoragePlan> plan(const StorageMachineSettings& machine) {
    StoragePlan plan;
    plan.config.name = machine.name;
    plan.instance_type = machine.instance_type.value;
    find_region(machine, plan);
    const std::optional<InstanceType> type = find_type(machine, plan);
    if (!type) return std::nullopt;
    const VolumeHost host{.instance_type = type->name, .nitro = type->nitro};
    set_limits(*type, plan);
    check_count(machine, *type);
    for (const VolumeSettings& volume : machine.volumes) {
      if (volume.request.type == VolumeType::instance_store) {
        add_instance_store(machine, volume, *type, plan);
      } else {
        add_volume(machine, volume, host, plan);
      }
    }
    check_instance_store(machine, *type);
    for (const InstanceStopSettings& stop : machine.stops) plan.config.stops.push_back({stop.at, stop.length});
    if (machine.review) {
      plan.config.review = *machine.review;
      plan.config.reviews = static_cast<std::size_t>(data_.run.duration.count() / machine.review->count());
    }
    for (const StorageLoadSettings& load : machine.loads) add_load(machine, load, plan);
    return plan;
  }

 private:
  void find_region(const StorageMachineSettings& machine, StoragePlan& plan) {
    std::vector<std::string> names;
    for (const RegionConfig& region : data_.topology.regions) names.push_back(region.name.value);
    if (!machine.region) {
      if (!names.empty()) plan.region = names.front();
      return;
    }
    plan.region = machine.region->value;
    if (std::find(names.begin(), names.end(), plan.region) != names.end()) return;
    diagnostics_.error(machine.region->where, fmt::format("there is no Region '{}'", plan.region),
                       config::name_help("Region", plan.region, names));
    plan.region.clear();  // one error is enough
  }

  std::optional<InstanceType> find_type(const StorageMachineSettings& machine, StoragePlan& plan) {
    const config::Located<std::string>& name = machine.instance_type;
    if (name.value.empty()) return std::nullopt;  // reported as missing
    std::optional<InstanceType> type = catalog_.type(name.value);
    if (!type) {
      diagnostics_.error(name.where, fmt::format("instance type '{}' is not in the catalogue", name.value),
                         catalog_.type_help(name.value));
      return type;
    }
    plan.operating_system = machine.operating_system;
    const PriceKey key{.region = plan.region, .instance_type = name.value,
                       .os = std::string(to_name(machine.operating_system))};
    if (const auto price = catalog_.price_with_licence(key, Purchase::on_demand, as_of_)) {
      plan.price = *price;
    } else if (!plan.region.empty()) {
      diagnostics_.error(name.where,
                         fmt::format("instance type '{}' is not priced in Region '{}' as on_demand", name.value,
                                     plan.region),
                         catalog_.price_help(key, Purchase::on_demand));
    }
    return type;
  }

  static void set_limits(const InstanceType& type, StoragePlan& plan) {
    InstanceStorageLimits& limits = plan.config.limits;
    limits.network = limit_of(type.network_baseline, type.network_burst);
    limits.volumes_use_network = !type.ebs_optimized;
    if (!type.ebs_optimized) return;
    limits.iops = limit_of(type.ebs_iops_baseline, type.ebs_iops_max);
    limits.throughput = limit_of(type.ebs_throughput_baseline, type.ebs_throughput_max);
  }

  void check_count(const StorageMachineSettings& machine, const InstanceType& type) {
    std::int64_t count = 0;
    for (const VolumeSettings& volume : machine.volumes) {
      if (volume.request.type != VolumeType::instance_store) count += volume.stripes;
    }
    if (!type.ebs_volumes_max || count <= *type.ebs_volumes_max) return;
    diagnostics_.error(machine.instance_type.where,
                       fmt::format("{} has at most {} volumes, not {}", type.name, *type.ebs_volumes_max, count),
                       "take fewer and larger volumes, or another type");
  }

  bool report(const std::vector<VolumeBreach>& breaches, const VolumeSettings& volume) {
    for (const VolumeBreach& breach : breaches) {
      const auto place = volume.where.find(breach.field);
      diagnostics_.error(place != volume.where.end() ? place->second : volume.where.at("type"), breach.message,
                         breach.help);
    }
    return !breaches.empty();
  }

  void add_instance_store(const StorageMachineSettings& machine, const VolumeSettings& volume, const InstanceType& type,
                          StoragePlan& plan) {
    StorageVolumeConfig config;
    config.name = volume.name;
    config.in_instance = true;
    const std::optional<Iops> published = type.instance_store_read_iops;
    if (type.instance_store > Bytes{} && !published && !volume.store_iops) {
      diagnostics_.error(volume.where.at("type"),
                         fmt::format("AWS prints no IOPS of the instance store of {}", type.name),
                         "give store_iops, or take another type");
      return;
    }
    if (type.instance_store == Bytes{}) return;  // reported by check_instance_store
    const Iops reads = volume.store_iops ? Iops::of(*volume.store_iops) : *published;
    const Iops writes = volume.store_iops ? reads : type.instance_store_write_iops.value_or(reads);
    config.limits = instance_store_limits(reads, std::min(writes, reads));
    config.content = volume.content.value_or(Bytes{});
    for (std::size_t v = 0; volume.content_from && v < plan.config.volumes.size(); ++v) {
      if (plan.config.volumes[v].name == volume.content_from->value) config.content_from = v;
    }
    if (volume.content_from && !config.content_from) {
      std::vector<std::string> names;
      for (const StorageVolumeConfig& other : plan.config.volumes) names.push_back(other.name);
      diagnostics_.error(volume.content_from->where,
                         fmt::format("there is no volume '{}' before {}", volume.content_from->value, volume.name),
                         config::name_help("volume", volume.content_from->value, names));
    }
    for (const VolumeChangeSettings& change : machine.changes) {
      if (change.to.name == volume.name) {
        diagnostics_.error(change.where, "an instance store cannot be changed", "take another instance type");
      }
    }
    plan.config.volumes.push_back(std::move(config));
  }

  /// All instance-store volumes of a machine share its disks.
  void check_instance_store(const StorageMachineSettings& machine, const InstanceType& type) {
    std::int64_t gib = 0, count = 0;
    for (const VolumeSettings& volume : machine.volumes) {
      if (volume.request.type != VolumeType::instance_store) continue;
      gib += volume.request.size_gib;
      if (volume.content) gib = std::max(gib, volume.content->count() / Bytes{1_GiB}.count());
      if (++count > 1) {
        diagnostics_.error(volume.where.at("type"), "the disks of an instance are taken as one volume",
                           "let one volume be instance_store");
      }
      if (type.instance_store == Bytes{}) {
        diagnostics_.error(volume.where.at("type"), fmt::format("{} has no instance store", type.name), store_help(type));
      } else if (1_GiB * gib > type.instance_store) {
        diagnostics_.error(volume.where.at("size"),
                           fmt::format("the instance store of {} holds {}, not {} GiB", type.name,
                                       to_text(type.instance_store), gib),
                           fmt::format("the nearest size allowed is {} GiB",
                                       type.instance_store.count() / Bytes{1_GiB}.count()));
      }
    }
  }

  /// "m5d.large has one": the type's sibling with disks, if there is one.
  std::string store_help(const InstanceType& type) const {
    const std::size_t dot = type.name.find('.');
    const std::string sibling = type.name.substr(0, dot) + "d" + type.name.substr(std::min(dot, type.name.size()));
    const std::optional<InstanceType> found = catalog_.type(sibling);
    if (found && found->instance_store > Bytes{}) return fmt::format("the nearest type that has one is {}", sibling);
    return "take a type with disks, such as m5d or i3";
  }

  void add_volume(const StorageMachineSettings& machine, const VolumeSettings& volume, const VolumeHost& host,
                  StoragePlan& plan) {
    if (volume.request.size_gib <= 0) return;  // reported
    if (report(check_volume(volume.request, host, as_of_), volume)) return;
    const std::size_t index = plan.config.volumes.size();
    plan.config.volumes.push_back({.name = volume.name,
                                   .limits = striped(limits_of(volume.request, host, as_of_), volume.stripes),
                                   .restore = plan_restore(volume)});
    charge_restore(volume, plan);
    const VolumeSettings* latest = &volume;
    Time from;
    std::vector<const VolumeChangeSettings*> before;
    for (const VolumeChangeSettings& change : machine.changes) {
      if (change.to.name != volume.name) continue;
      if (!check_change(*latest, change, before, host)) return;
      charge(*latest, from, change.at, plan);
      plan.config.modifications.push_back({.volume = index, .at = change.at,
                                           .optimizing = optimizing_time(change.to.request.size_gib),
                                           .limits = striped(limits_of(change.to.request, host, as_of_), volume.stripes)});
      from = change.at;
      latest = &change.to;
      before.push_back(&change);
    }
    charge(*latest, from, Time::max(), plan);
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
      } else if (fast_restore_credits(snapshot_gib, *given.fast_restore_enabled_for, as_of_) >= one_credit) {
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

  void charge_restore(const VolumeSettings& volume, StoragePlan& plan) {
    if (!volume.restore) return;
    const RestoreSettings& restore = *volume.restore;
    if (restore.initialization_rate && restore.initialization_price > UsdPerGb{}) {
      plan.once.push_back({fmt::format("initialization of volume {}", volume.name), volume_of(restore.data),
                           restore.initialization_price});
    }
    if (!restore.fast_restore_enabled_for) return;
    if (const auto prices = catalog_.snapshot_prices(plan.region)) {
      plan.hourly.push_back({fmt::format("fast restore of the snapshot of volume {}", volume.name), "hours",
                             prices->fast_restore});
    }
  }

  bool check_change(const VolumeSettings& from, const VolumeChangeSettings& change,
                    const std::vector<const VolumeChangeSettings*>& before, const VolumeHost& host) {
    const bool broken = report(check_volume(change.to.request, host, as_of_), change.to);
    if (report(check_modification(from.request, change.to.request, host, as_of_), change.to) || broken) return false;
    if (is_hdd(from.request.type) != is_hdd(change.to.request.type)) {
      diagnostics_.error(change.where, fmt::format("a change from {} to {} is not modelled", to_name(from.request.type),
                                                   to_name(change.to.request.type)),
                         "give the volume its new type from the start, in a second scenario");
      return false;
    }
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

  void charge(const VolumeSettings& volume, Time from, Time to, StoragePlan& plan) {
    const VolumeRequest& request = volume.request;
    const std::string_view type = to_name(request.type);
    const auto prices = catalog_.volume_prices(plan.region, type);
    if (!prices) {
      if (!plan.region.empty()) {
        diagnostics_.error(volume.where.at("type"), fmt::format("{} has no price in Region '{}'", type, plan.region),
                           "take another type or Region");
      }
      return;
    }
    const auto add = [&](std::string_view what, std::string_view unit, std::int64_t units, Usd per_month) {
      if (units <= 0) return;
      plan.charges.push_back({.resource = fmt::format("{} {} of volume {}", type, what, volume.name),
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

  void add_load(const StorageMachineSettings& machine, const StorageLoadSettings& load, StoragePlan& plan) {
    StorageLoadConfig config{.name = load.name, .volume = {}, .io_size = load.io_size, .sequential = load.sequential,
                             .queue_depth = load.queue_depth};
    std::shared_ptr<const DemandConfig> demand = demand_of(load);
    if (load.volume) {
      std::vector<std::string> names;
      for (const VolumeSettings& volume : machine.volumes) names.push_back(volume.name);
      const auto found = std::find(names.begin(), names.end(), load.volume->value);
      if (found == names.end()) {
        diagnostics_.error(load.volume->where, fmt::format("there is no volume '{}'", load.volume->value),
                           config::name_help("volume", load.volume->value, names));
        return;
      }
      config.volume = static_cast<std::size_t>(found - names.begin());
      if (plan.config.volumes.size() < machine.volumes.size()) return;  // a volume was refused
    } else if (load.queue_depth || load.moves || load.trace) {
      diagnostics_.error(load.where, fmt::format("load '{}' has {} but no volume", load.name,
                                                 load.queue_depth ? "a queue depth" : load.moves ? "data to move" : "a trace"),
                         "give it a volume, or a demand to serve");
      return;
    } else if (!plan.config.limits.network) {
      diagnostics_.error(machine.instance_type.where,
                         fmt::format("the network of {} is not known, which load '{}' uses",
                                     machine.instance_type.value, load.name),
                         "take another type");
      return;
    }
    if (config.volume && plan.config.volumes[*config.volume].in_instance && !load.reads && !load.trace) {
      diagnostics_.error(load.where, fmt::format("load '{}' is on an instance store, which reads faster than it writes", load.name),
                         "say the share of its I/Os that read, such as reads: 70%");
    }
    config.reads = load.reads;
    config.deadline = load.deadline;
    if (load.moves) {
      config.work = true;
      config.recurring = load.moves->work;
      config.pace = load.moves->pace;
      config.on_instance = load.moves->through_instance;
      config.on_network = load.moves->through_network;
    }
    if (load.trace) {
      for (TracedLoad& traced : traced_loads(load, data_.run.duration)) {
        traced.config.volume = config.volume;
        plan.config.loads.push_back(std::move(traced.config));
        plan.demands.push_back(std::move(traced.demand));
      }
      const BlockTrace& trace = load.trace->trace;
      const Duration recorded = trace.window * static_cast<std::int64_t>(trace.windows.size());
      if (!trace.windows.empty() && !load.trace->repeat && recorded < data_.run.duration) {
        diagnostics_.error(load.where, fmt::format("the trace of load '{}' ends after {}, the run after {}", load.name,
                                                   to_text(recorded), to_text(data_.run.duration)),
                           "shorten run.duration, or let the trace repeat: true");
      }
      return;
    }
    plan.config.loads.push_back(std::move(config));
    plan.demands.push_back(std::move(demand));
  }

  /// Null for a closed loop, and for a demand that is not there, which is reported.
  std::shared_ptr<const DemandConfig> demand_of(const StorageLoadSettings& load) {
    if (!load.serves) return nullptr;
    for (const DemandConfig& demand : data_.demands) {
      if (demand.name == load.serves->value) return std::make_shared<const DemandConfig>(demand);
    }
    if (std::find(demands_given_.begin(), demands_given_.end(), load.serves->value) == demands_given_.end()) {
      diagnostics_.error(load.serves->where, fmt::format("there is no demand '{}'", load.serves->value),
                         config::name_help("demand", load.serves->value, demands_given_));
    }
    return nullptr;
  }

  const ScenarioData& data_;
  const Catalog& catalog_;
  const std::vector<std::string>& demands_given_;
  Date as_of_;
  config::Diagnostics& diagnostics_;
};

}  // namespace

Date storage_rules_date(const StorageSettings& settings, config::UtcTime run_start) {
  return date_of(settings.rules_as_of.value_or(run_start));
}

std::vector<StoragePlan> plan_storage(const StorageSettings& settings, const ScenarioData& data,
                                      const Catalog& catalog, const std::vector<std::string>& demands_given,
                                      config::Diagnostics& diagnostics) {
  Planner planner(data, catalog, demands_given, storage_rules_date(settings, data.run.start), diagnostics);
  std::vector<StoragePlan> plans;
  for (const StorageMachineSettings& machine : settings.machines) {
    if (std::optional<StoragePlan> plan = planner.plan(machine)) plans.push_back(std::move(*plan));
  }
  return plans;
}

}  // namespace fleetsim::scenario
