// The names in environments and faults: Regions, zones, accounts, instance types, volumes.

#include <algorithm>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "models/scenario/disaster_planner.hpp"
#include "models/scenario/region_prices.hpp"

namespace fleetsim::scenario {

DisasterPlanner::DisasterPlanner(const ScenarioData& data, const std::vector<FastRestore>& fast_restores, const Catalog& catalog,
                                 config::Diagnostics& diagnostics)
    : data_(data), fast_restores_(fast_restores), catalog_(catalog), topology_(data.topology), diagnostics_(diagnostics) {
  for (std::size_t z = 0; z < topology_.zone_count(); ++z) {
    zone_names_.push_back(topology_.name(ZoneId{static_cast<std::uint32_t>(z)}));
  }
}

void DisasterPlanner::resolve_environments(std::vector<EnvironmentConfig>& environments) {
  for (EnvironmentConfig& env : environments) {
    if (env.account.value.empty()) env.account = {topology_.accounts().front(), env.name.where};
    if (env.region.value.empty() && env.clone_of) {
      for (const EnvironmentConfig& original : environments) {
        if (original.name.value == env.clone_of->value) env.region = original.region;
      }
    }
    check_region(env.region);
    check_account(env.account);
    for (const VpcConfig& vpc : env.vpcs) {
      for (const SubnetConfig& subnet : vpc.subnets) check_zone(subnet.zone, env.region.value);
    }
    for (const DataStoreConfig& store : env.stores) {
      if (store.zone) check_zone(*store.zone, env.region.value);
    }
    for (const InstancesConfig& all : env.instances) check_type(all.instance_type, env.region.value);
    for (const ImageConfig& image : env.images) {
      for (const auto& account : image.shared_with) check_account(account);
    }
    for (const CloneInstancesConfig& change : env.changes) {
      if (change.instance_type) check_type(*change.instance_type, env.region.value);
    }
  }
  environments_ = &environments;
}

void DisasterPlanner::resolve_faults(std::vector<FaultConfig>& faults) {
  std::vector<std::string> stores;
  for (const EnvironmentConfig& env : *environments_) {
    for (const DataStoreConfig& store : env.stores) stores.push_back(store.name.value);
  }
  for (const StoragePlan& machine : data_.storages) {
    for (const StorageVolumeConfig& volume : machine.config.volumes) stores.push_back(machine.config.name + "/" + volume.name);
  }
  for (FaultConfig& fault : faults) {
    for (const Duration at : fault.at) {
      if (at < data_.run.duration) continue;
      diagnostics_.warning(fault.name.where,
                           fmt::format("fault '{}' does not happen at {}: the run is {} long", fault.name.value, to_text(at),
                                       to_text(data_.run.duration)),
                           "choose a time before the end of the run, or make the run longer");
    }
    for (const auto& name : fault.regions) {
      if (check_region(name)) fault.region_ids.push_back(*topology_.region(name.value));
    }
    for (const auto& name : fault.zones) {
      const std::optional<ZoneId> zone = topology_.zone(name.value);
      if (zone) fault.zone_ids.push_back(*zone);
      else unknown(name, "zone", zone_names_);
    }
    for (const auto& name : fault.accounts) check_account(name);
    for (const auto& name : fault.resources) {
      if (std::find(stores.begin(), stores.end(), name.value) == stores.end()) unknown(name, "volume or database", stores);
    }
    for (const auto& name : fault.instance_types) {
      if (!catalog_.type(name.value)) {
        diagnostics_.error(name.where, fmt::format("instance type '{}' is not in the catalogue", name.value),
                           catalog_.type_help(name.value));
      }
    }
  }
  faults_ = &faults;
}

void DisasterPlanner::unknown(const Located<std::string>& name, std::string_view what, const std::vector<std::string>& names) {
  diagnostics_.error(name.where, fmt::format("there is no {} '{}'", what, name.value), config::name_help(what, name.value, names));
}

bool DisasterPlanner::check_region(const Located<std::string>& name) {
  if (topology_.region(name.value)) return true;
  if (!name.value.empty()) unknown(name, "Region", topology_.region_names());
  return false;
}

void DisasterPlanner::check_account(const Located<std::string>& name) {
  const auto& accounts = topology_.accounts();
  if (std::find(accounts.begin(), accounts.end(), name.value) == accounts.end()) unknown(name, "account", accounts);
}

void DisasterPlanner::check_zone(const Located<std::string>& name, const std::string& region) {
  const std::optional<RegionId> id = topology_.region(region);
  if (!id) return;
  const std::vector<std::string> names = topology_.zone_names(*id);
  if (std::find(names.begin(), names.end(), name.value) == names.end()) unknown(name, "zone", names);
}

void DisasterPlanner::check_type(const Located<std::string>& name, const std::string& region) {
  if (!topology_.region(region)) return;
  if (!catalog_.type(name.value)) {
    diagnostics_.error(name.where, fmt::format("instance type '{}' is not in the catalogue", name.value),
                       catalog_.type_help(name.value));
  } else if (!catalog_.price({.region = region, .instance_type = name.value}, Purchase::on_demand)) {
    if (report_unpriced_region(data_.topology, catalog_, region, diagnostics_)) return;
    diagnostics_.error(name.where, fmt::format("instance type '{}' is not priced in Region '{}'", name.value, region),
                       catalog_.price_help({.region = region, .instance_type = name.value}, Purchase::on_demand));
  } else {
    const std::chrono::sys_seconds start{std::chrono::seconds(data_.run.start.seconds_since_1970)};
    if (const auto refusal = catalog_.refusal(name.value, region, std::chrono::floor<std::chrono::days>(start))) {
      diagnostics_.error(name.where, refusal->problem, refusal->help);
    }
  }
}

const EnvironmentConfig* DisasterPlanner::find_environment(const Located<std::string>& name) {
  std::vector<std::string> names;
  for (const EnvironmentConfig& env : *environments_) {
    if (env.name.value == name.value) return &env;
    names.push_back(env.name.value);
  }
  if (!name.value.empty()) unknown(name, "environment", names);
  return nullptr;
}

const EnvironmentConfig* DisasterPlanner::environment_of(const Located<std::string>& name) const {
  for (const EnvironmentConfig& env : *environments_) {
    if (env.name.value == name.value) return &env;
  }
  return nullptr;
}

}  // namespace fleetsim::scenario
