#include "models/scenario/storage_planner.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "fleetsim/models/storage/network.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/metric_names.hpp"
#include "models/scenario/region_prices.hpp"
#include "models/scenario/storage_traces.hpp"
#include "models/scenario/volume_planner.hpp"

namespace fleetsim::scenario {
namespace {

Date date_of(config::UtcTime time) {
  return Date{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds{std::chrono::seconds{time.seconds_since_1970}})};
}

template <class Unit>
std::optional<BurstLimit> limit_of(const std::optional<Unit>& base, const std::optional<Unit>& max) {
  if (!base || !max) return std::nullopt;
  return BurstLimit{std::min(base->count(), max->count()), max->count()};
}

class Planner {
 public:
  Planner(const ScenarioData& data, const Catalog& catalog, const std::vector<std::string>& demands_given, Date as_of,
          config::Diagnostics& diagnostics)
      : data_(data), catalog_(catalog), demands_given_(demands_given), as_of_(as_of), diagnostics_(diagnostics) {
    for (const DemandConfig& demand : data.demands) demands_.emplace(demand.name, std::make_shared<const DemandConfig>(demand));
  }

  std::optional<StoragePlan> plan(const StorageMachineSettings& machine) {
    StoragePlan plan;
    plan.config.name = machine.name;
    plan.instance_type = machine.instance_type.value;
    find_region(machine, plan);
    find_zone(machine, plan);
    if (report_unpriced_region(data_.topology, catalog_, plan.region, diagnostics_)) plan.region.clear();
    const std::optional<InstanceType> type = find_type(machine, plan);
    if (!type) return std::nullopt;
    set_limits(*type, plan);
    plan.config.limits.network_burst_time = machine.network_burst_time;
    check_count(machine, *type);
    plan_volumes(machine, *type, catalog_, as_of_, plan, diagnostics_);
    for (const InstanceStopSettings& stop : machine.stops) plan.config.stops.push_back({stop.at, stop.length});
    if (machine.review) {
      plan.config.review = *machine.review;
      plan.config.reviews = static_cast<std::size_t>(data_.run.duration.count() / machine.review->count());
    }
    for (const StorageLoadSettings& load : machine.loads) add_load(machine, load, plan);
    check_names(machine, plan);
    return plan;
  }

 private:
  void find_zone(const StorageMachineSettings& machine, StoragePlan& plan) {
    for (const RegionConfig& region : data_.topology.regions) {
      if (region.name.value != plan.region) continue;
      std::vector<std::string> names;
      for (const auto& zone : region.zones) names.push_back(zone.value);
      if (names.empty()) return;  // reported as such
      if (!machine.zone) {
        plan.zone = names.front();
      } else if (std::find(names.begin(), names.end(), machine.zone->value) != names.end()) {
        plan.zone = machine.zone->value;
      } else {
        diagnostics_.error(machine.zone->where, fmt::format("there is no zone '{}' in {}", machine.zone->value, plan.region),
                           config::name_help("zone", machine.zone->value, names));
      }
    }
  }

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
    if (!plan.region.empty()) {
      const auto refusal = catalog_.refusal(name.value, plan.region, date_of(data_.run.start));
      if (refusal) diagnostics_.error(name.where, refusal->problem, refusal->help);
    }
    plan.operating_system = machine.operating_system;
    plan.vcpus = static_cast<int>(type->vcpus);
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

  void set_limits(const InstanceType& type, StoragePlan& plan) const {
    InstanceStorageLimits& limits = plan.config.limits;
    limits.network = limit_of(type.network_baseline, type.network_burst);
    if (type.network_burst) {
      const OutsideNetwork outside = outside_network(*type.network_burst, type.vcpus, type.current_generation, as_of_);
      if (outside.most < *type.network_burst) limits.network_outside = outside.most;
      limits.other_regions_outside = outside.other_regions;
    }
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
    if (config.volume && load.moves && load.moves->snapshot && plan.config.volumes[*config.volume].in_instance) {
      diagnostics_.error(load.where, fmt::format("load '{}' is a snapshot of an instance store, of which there are none", load.name),
                         "name an EBS volume, or leave snapshot away");
    }
    config.reads = load.reads;
    config.deadline = load.deadline;
    if (load.moves) {
      config.work = true;
      config.recurring = load.moves->work;
      config.pace = load.moves->pace;
      config.on_instance = load.moves->through_instance;
      config.snapshot = load.moves->snapshot;
    }
    if (!load.volume || (load.moves && load.moves->through_network)) {
      config.network = load.network.value_or(NetworkUse{});
    } else if (load.network) {
      diagnostics_.error(load.network_where, fmt::format("load '{}' does not use the network", load.name),
                         "leave network away, or the volume; of data that moves write through_network: true");
    }
    if (!offered(load.connection_kind, as_of_)) {
      diagnostics_.error(load.network_where, fmt::format("load '{}' has connections with ENA Express, which is not offered yet", load.name),
                         "let connection_kind be ordinary, or set storage.rules_as_of");
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

  /// Results are told apart by the names of loads.
  void check_names(const StorageMachineSettings& machine, const StoragePlan& plan) {
    for (const StorageLoadConfig& own : own_loads(plan.config)) {
      for (const StorageLoadSettings& load : machine.loads) {
        if (load.name != own.name) continue;
        diagnostics_.error(load.where, fmt::format("machine '{}' has a load '{}' of its own", machine.name, own.name),
                           "give this one another name");
      }
    }
  }

  /// Null for a closed loop, and for a demand that is not there, which is reported.
  std::shared_ptr<const DemandConfig> demand_of(const StorageLoadSettings& load) {
    if (!load.serves) return nullptr;
    if (const auto found = demands_.find(load.serves->value); found != demands_.end()) return found->second;
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
  std::map<std::string, std::shared_ptr<const DemandConfig>> demands_;  // by name; loads of many volumes share each
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
  std::vector<MeasuredName> names;
  for (const StorageMachineSettings& machine : settings.machines) names.push_back({"machine", {machine.name, machine.where}});
  check_metric_names("storage", names, {"instance", "load", "volume"}, diagnostics);
  for (const StorageMachineSettings& machine : settings.machines) {
    if (std::optional<StoragePlan> plan = planner.plan(machine)) plans.push_back(std::move(*plan));
  }
  return plans;
}

}  // namespace fleetsim::scenario
