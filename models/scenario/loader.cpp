#include "models/scenario/loader.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/file_kind.hpp"
#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/models/storage/config.hpp"
#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/config/document.hpp"
#include "fleetsim/text.hpp"
#include "models/scenario/commitment_planner.hpp"
#include "models/scenario/data_planner.hpp"
#include "models/scenario/placement_scores.hpp"
#include "models/scenario/recovery_planner.hpp"
#include "models/scenario/spot_purchase.hpp"
#include "models/scenario/storage_planner.hpp"
#include "models/scenario/world.hpp"

namespace fleetsim::scenario {

namespace {

RunSettings read_run(config::Section& root) {
  RunSettings run;
  run.duration = 30_d;
  root.required_section("run", "how long, from when, and how often the scenario is run", [&](config::Section& in) {
    in.required("start", run.start).doc("instant on the calendar at which the run begins");
    in.optional("duration", run.duration).positive().at_most(config::longest_duration).doc("length of a replication, warm-up included");
    in.optional("warm_up", run.warm_up).not_negative().doc("not measured, at the beginning of each replication");
    std::int64_t seed = 1, replications = 20;
    in.optional("seed", seed).not_negative().doc("of all random numbers");
    in.optional("replications", replications)
        .between(std::int64_t{1}, std::int64_t{1'000'000})
        .doc("independent runs; intervals come from their spread");
    run.seed = static_cast<std::uint64_t>(seed);
    run.replications = static_cast<std::uint64_t>(replications);
    if (!in.describing() && run.warm_up >= run.duration) {
      in.error("warm_up", "warm_up is not shorter than duration", "let warm_up be a small part of duration");
    }
  });
  return run;
}

OperatingSystem read_operating_system(config::Section& group) {
  OperatingSystem os = OperatingSystem::linux;
  group.optional_choice("operating_system", os, operating_system_choices())
      .doc("what its instances run, which sets their price and, for suse and rhel before April 2024, that whole hours are "
           "billed; the built-in prices are of linux, others come from the price list in `catalog.prices`");
  return os;
}

CreditMode read_credit_mode(config::Section& group) {
  CreditMode mode = CreditMode::of_its_family;
  group.optional_choice<CreditMode>("cpu_credits", mode,
                                    {{"standard", CreditMode::standard}, {"unlimited", CreditMode::unlimited}})
      .default_is("unlimited, of T2 standard")
      .doc("what a burstable instance does without CPU credits: slow down to its baseline, or go on at a price");
  return mode;
}

std::vector<std::string> zone_names(const TopologyConfig& topology) {
  std::vector<std::string> names;
  for (const RegionConfig& region : topology.regions) {
    for (const auto& zone : region.zones) names.push_back(zone.value);
  }
  return names;
}

void warn_of_idle_schedules(const FleetPlan& plan, const RunSettings& run, config::Diagnostics& diagnostics) {
  for (const GroupConfig& group : plan.groups) {
    for (const ScheduledAction& action : group.scheduled_actions) {
      if (!action.recurrence && !action.start) continue;  // reported when it was read
      const std::optional<Time> first = ScheduledActionClock(action, run.start).first();
      if (first && *first <= Time::at(run.duration)) continue;
      diagnostics.warning(action.where, fmt::format("group {}: this scheduled action does not happen in the run", group.name),
                          "choose a time between run.start and its end");
    }
    const auto warn = [&](Time at, const char* what) {
      if (at <= Time::at(run.duration)) return;
      diagnostics.warning(group.where, fmt::format("group {}: its {} at {} does not happen in the run", group.name, what, to_text(at)),
                          "choose a time before the end of the run");
    };
    for (const InstanceRefreshConfig& refresh : group.refreshes) warn(refresh.at, "instance refresh");
    for (const UserAction& action : group.user_actions) warn(action.at, "action by hand");
  }
}

/// What a fleet publishes and its groups' alarms see: periods that fit, and CloudWatch's lag where policies follow them.
void join_metrics(FleetPlan& plan, const RunSettings& run, config::Diagnostics& diagnostics) {
  FleetConfig& fleet = plan.config;
  if (fleet.metric_period <= Duration{}) return;  // reported when it was read
  for (GroupConfig& group : plan.groups) {
    group.metric_period = fleet.metric_period;
    if (group.health.elb && !fleet.load_balancer) {
      diagnostics.error(group.where, fmt::format("group {}: health_check.elb, and its fleet has no load balancer", group.name),
                        "add load_balancer: {} to the fleet, or leave elb out");
    }
    const auto check = [&](const AlarmConfig& alarm) {
      const Duration length = alarm.period_length;
      if (length.count() % fleet.metric_period.count() != 0) {
        diagnostics.error(group.where,
                          fmt::format("group {}: an alarm's period, {}, is no multiple of the fleet's metric.period, {}",
                                      group.name, to_text(length), to_text(fleet.metric_period)),
                          "choose a period that is, or a shorter metric: {period: ...} of the fleet");
      }
      // One with a period of its own has been checked when it was read.
      if (length == Duration{} && fleet.metric_period > alarm_span_max / std::max(1, alarm.rule.periods)) {
        diagnostics.error(group.where,
                          fmt::format("group {}: an alarm looks back over {} periods of {}, longer than a day", group.name,
                                      alarm.rule.periods, to_text(fleet.metric_period)),
                          "CloudWatch evaluates at most one day: let the alarm have fewer periods, or shorten metric: "
                          "{period: ...} of the fleet");
      }
    };
    const bool has_refresh_alarms = std::any_of(
        group.refreshes.begin(), group.refreshes.end(),
        [](const InstanceRefreshConfig& refresh) { return !refresh.alarms.empty(); });
    if ((!group.composite && !group.policies.empty()) || has_refresh_alarms) fleet.instance_metrics = true;
    for (const ScalingPolicyPtr& policy : group.policies) {
      for (const AlarmConfig& alarm : policy->alarms()) check(alarm);
    }
    for (const InstanceRefreshConfig& refresh : group.refreshes) {
      for (const AlarmConfig& alarm : refresh.alarms) check(alarm);
    }
    if (!group.detailed_monitoring && (300_s).count() % fleet.metric_period.count() != 0) {
      diagnostics.error(group.where,
                        fmt::format("group {}: without detailed_monitoring EC2's metrics come every 5m, no multiple of the "
                                    "fleet's metric.period, {}",
                                    group.name, to_text(fleet.metric_period)),
                        "choose a metric: {period: ...} that divides 5m");
    }
  }
  if (fleet.instance_metrics && !fleet.metric_lag_given) fleet.metric_lag = 60_s;
  warn_of_idle_schedules(plan, run, diagnostics);
}

/// The Spot pools that the groups of all fleets use, each made once, in the order of their first use.
class SpotPools {
 public:
  SpotPools(const SpotMarketSettings& settings, const RunSettings& run, config::Diagnostics& diagnostics)
      : settings_(settings), run_(run), diagnostics_(diagnostics) {}

  /// `where` is the group that uses it, with instances of this system.
  PoolId find_or_add(const std::string& zone, const std::string& type, OperatingSystem os, UsdPerHour on_demand,
                     const config::Location& where) {
    const auto [it, added] = by_name_.try_emplace({zone, type}, PoolId{static_cast<std::uint32_t>(pools.size())});
    if (added) {
      pools.push_back(make_spot_pool(settings_, zone, type, on_demand, run_.duration, diagnostics_, os));
      systems_.push_back(os);
    } else if (const OperatingSystem first = systems_[it->second.index]; first != os) {
      diagnostics_.error(where,
                         fmt::format("pool {}/{} is used with {} here and with {} before; it can have one price only",
                                     zone, type, to_name(os), to_name(first)),
                         "give one of the groups other zones or types, or run the two in scenarios of their own");
    }
    return it->second;
  }

  std::vector<SpotPoolConfig> pools;

 private:
  const SpotMarketSettings& settings_;
  const RunSettings& run_;
  config::Diagnostics& diagnostics_;
  std::map<std::pair<std::string, std::string>, PoolId> by_name_;
  std::vector<OperatingSystem> systems_;  // by pool
};

/// The names that the file gives, whether or not what they name could be read.
struct GivenNames {
  std::vector<std::string> demands;
  std::vector<std::string> regions;
};

/// Turns the names of a fleet into the things they name; reports every name that names nothing.
class FleetPlanner {
 public:
  FleetPlanner(const TopologyConfig& regions, const Topology& topology, const Catalog& catalog,
               const std::vector<DemandConfig>& demands, SpotPools& pools, GivenNames given,
               std::chrono::sys_days as_of, config::Diagnostics& diagnostics)
      : regions_(regions), topology_(topology), catalog_(catalog), demands_(demands), pools_(pools),
        given_(std::move(given)), as_of_(as_of), diagnostics_(diagnostics) {
    zones_known_ = !given_.regions.empty() && regions.regions.size() == given_.regions.size() &&
                   std::none_of(regions.regions.begin(), regions.regions.end(),
                                [](const RegionConfig& region) { return region.zones.empty(); });
  }

  FleetPlan plan(config::Section& in, FleetPlan plan) {
    find_demand(in, plan);
    check_hibernation(plan, catalog_, diagnostics_);
    const std::optional<ZoneId> home = find_home(in, plan);
    std::optional<RegionId> region;
    if (home) region = topology_.region_of(*home);
    for (std::size_t g = 0; g < plan.groups.size(); ++g) {
      warn_of_unequal_types(plan, g);
      check_threshold(in, plan, g);
      plan_group(in, plan, g, region, home);
    }
    if (region) plan.config.region = topology_.name(*region);
    price_balancer(in, plan);
    return plan;
  }

 private:
  void price_balancer(config::Section& in, FleetPlan& plan) {
    if (!plan.config.load_balancer) return;
    const std::optional<UsdPerHour>& own = plan.config.load_balancer->charges.price;
    const std::optional<UsdPerHour> price = own ? own : catalog_.load_balancer_price(plan.config.region);
    if (price) {
      plan.balancer_price = *price;
    } else if (!plan.config.region.empty()) {
      in.error("load_balancer", fmt::format("load_balancer: an hour of one is not priced in Region '{}'", plan.config.region),
               "add its price, such as charges: {price: 0.0225 USD/h}");
    }
  }

  void find_demand(config::Section& in, FleetPlan& plan) {
    const std::string& serves = plan.config.serves;
    const auto it = std::find_if(demands_.begin(), demands_.end(),
                                 [&](const DemandConfig& demand) { return demand.name == serves; });
    if (it != demands_.end()) plan.demand = static_cast<std::size_t>(it - demands_.begin());
    const std::vector<std::string>& names = given_.demands;
    if (serves.empty() || names.empty() || std::find(names.begin(), names.end(), serves) != names.end()) return;
    in.error("serves", fmt::format("there is no demand '{}'", serves), config::name_help("demand", serves, names));
  }

  std::optional<ZoneId> find_home(config::Section& in, const FleetPlan& plan) {
    if (plan.config.home_zone.empty()) return std::nullopt;
    const std::optional<ZoneId> home = topology_.zone(plan.config.home_zone);
    if (!home) report_unknown_zone(in, in.where("home_zone"), plan.config.home_zone);
    return home;
  }

  /// Says nothing where the zones themselves could not be read, which has been reported.
  void report_unknown_zone(config::Section& in, const config::Location& where, const std::string& zone) const {
    if (!zones_known_) return;
    in.error_at(where, fmt::format("there is no zone '{}'", zone),
                config::name_help("zone", zone, zone_names(regions_)));
  }

  void plan_group(config::Section& in, FleetPlan& plan, std::size_t g, std::optional<RegionId>& region,
                  std::optional<ZoneId> home) {
    const GroupConfig& group = plan.groups[g];
    for (std::size_t z = 0; z < group.zones.size(); ++z) {
      const config::Located<std::string>& name = group.zones[z];
      const std::optional<ZoneId> zone = topology_.zone(name.value);
      if (!zone) {
        report_unknown_zone(in, name.where, name.value);
        continue;
      }
      if (!region) region = topology_.region_of(*zone);
      if (topology_.region_of(*zone) != *region) {
        in.error_at(name.where,
                               fmt::format("zone '{}' is not in Region '{}'", name.value, topology_.name(*region)),
                               "a fleet lies in one Region: that of its home zone or of its first group");
        continue;
      }
      for (std::size_t t = 0; t < group.instance_types.size(); ++t) {
        for (const Purchase purchase : group.purchases) plan_placement(in, plan, {g, t, purchase}, *zone, home);
      }
    }
  }

  /// A metric that is never above its cap never fires an alarm there.
  static void check_threshold(config::Section& in, const FleetPlan& plan, std::size_t g) {
    const GroupConfig& group = plan.groups[g];
    if (!group.composite || group.composite->scale_out_above <= plan.config.metric_cap) return;
    in.error_at(group.where,
                fmt::format("group {}: scale_out_above, {:g}%, is above the largest value of the metric, {:g}%",
                            group.name, group.composite->scale_out_above, plan.config.metric_cap),
                "write 75% for three quarters, or raise metric: {cap: ...} of the fleet");
  }

  /// Without weights a large instance counts as much as a small one.
  void warn_of_unequal_types(const FleetPlan& plan, std::size_t g) const {
    if (plan.allocations[g].weighted) return;
    std::optional<InstanceType> smallest, largest;
    for (const auto& name : plan.groups[g].instance_types) {
      const std::optional<InstanceType> type = catalog_.type(name.value);
      if (!type) return;
      if (!smallest || type->vcpus < smallest->vcpus) smallest = type;
      if (!largest || type->vcpus > largest->vcpus) largest = type;
    }
    if (!smallest || smallest->vcpus == largest->vcpus) return;
    diagnostics_.warning(
        plan.groups[g].where,
        fmt::format("group {} counts one {} ({} vCPUs) as much as one {} ({} vCPUs)", plan.groups[g].name,
                    smallest->name, smallest->vcpus, largest->name, largest->vcpus),
        "give it weights, such as the types' vCPUs");
  }

  /// docs/models/fleet.md, `boot_time`.
  const DurationDistribution windows_boot{LogNormal{.median = 240, .sigma = 0.35}};

  struct Place {
    std::size_t group;
    std::size_t type;  // within the group's instance types
    Purchase purchase;
  };

  void plan_placement(config::Section& in, FleetPlan& plan, Place place, ZoneId zone, std::optional<ZoneId> home) {
    const GroupConfig& group = plan.groups[place.group];
    const config::Located<std::string>& type_name = group.instance_types[place.type];
    const std::optional<InstanceType> type = catalog_.type(type_name.value);
    if (!type) {
      in.error_at(type_name.where,
                             fmt::format("instance type '{}' is not in the catalogue", type_name.value),
                             catalog_.type_help(type_name.value));
      return;
    }
    const std::string region = topology_.name(topology_.region_of(zone));
    PlacementPlan placement;
    placement.group = place.group;
    placement.weight = plan.allocations[place.group].weights[place.type];
    placement.config = {.group = {},
                        .instance_type = type->name,
                        .zone = topology_.name(zone),
                        .purchase = place.purchase,
                        .vcpus = static_cast<int>(type->vcpus),
                        .performance_factor = type->performance_factor,
                        .instance_warmup = group.instance_warmup,
                        .home_round_trip = {},
                        .in_home_zone = !home || *home == zone};
    if (home && *home != zone) {
      placement.config.home_round_trip = topology_.round_trip(zone, *home);
      placement.transfer_price_out = topology_.transfer_price_out(zone, *home);
      placement.transfer_price_in = topology_.transfer_price_in(zone, *home);
    }
    placement.os = plan.operating_systems[place.group];
    if (placement.os == OperatingSystem::windows && !plan.config.boot_time_given) placement.config.boot_time = windows_boot;
    const PriceKey key{.region = region, .instance_type = type->name, .os = std::string(to_name(placement.os))};
    const Purchase listed = place.purchase == Purchase::spot ? Purchase::on_demand : place.purchase;
    const std::optional<InstancePrice> price = catalog_.price_with_licence(key, listed, as_of_);
    if (!price) {
      in.error_at(type_name.where,
                             fmt::format("instance type '{}' is not priced in Region '{}' as {}{}", type_name.value,
                                         region, to_name(listed),
                                         placement.os == OperatingSystem::linux
                                             ? ""
                                             : fmt::format(" with {}", to_name(placement.os))),
                             catalog_.price_help(key, listed));
      return;
    }
    placement.price = price->instance;
    placement.licence = price->licence;
    set_credits(in, plan, place, *type, placement);
    if (place.purchase == Purchase::spot) {
      const std::optional<UsdPerHour>& max_price = plan.max_prices[place.group];
      // The Spot price of a system has its licence in it, and so has the on-demand price that it is compared with.
      const UsdPerHour on_demand = price->instance + price->licence;
      placement.price = on_demand;
      placement.licence = {};
      placement.max_price = max_price ? *max_price * placement.weight : on_demand;
      if (const auto& ec2_fleet = plan.ec2_fleets[place.group]; ec2_fleet && ec2_fleet->unit_price_max) {
        placement.max_price = std::min(placement.max_price, *ec2_fleet->unit_price_max * placement.weight);
      }
      placement.pool = pools_.find_or_add(placement.config.zone, type->name, placement.os, on_demand, type_name.where);
    }
    plan.placements.push_back(std::move(placement));
  }

  void set_credits(config::Section& in, const FleetPlan& plan, Place place, const InstanceType& type,
                   PlacementPlan& placement) const {
    const CreditMode mode = plan.credit_modes[place.group];
    const config::Location& where = plan.groups[place.group].instance_types[place.type].where;
    if (!type.cpu_credits) {
      if (mode == CreditMode::of_its_family) return;
      in.error_at(where, fmt::format("instance type '{}' has no CPU credits, which the group speaks of", type.name),
                  "leave cpu_credits out, or choose a T2, T3, T3a or T4g type");
      return;
    }
    if (plan.config.requests && plan.config.requests->model == RequestModel::each) {
      diagnostics_.warning(where, fmt::format("instance type '{}' runs on CPU credits, which requests one by one do not know: it "
                                              "is taken to have enough", type.name),
                           "write requests: {model: fluid} to see it slow down");
      return;
    }
    const bool unlimited =
        mode == CreditMode::of_its_family ? type.cpu_credits->unlimited_by_default : mode == CreditMode::unlimited;
    placement.config.cpu_credits = CpuCreditConfig{.earned_per_hour = type.cpu_credits->earned_per_hour,
                                                   .accrued_max = type.cpu_credits->accrued_max,
                                                   .launch = unlimited ? 0 : type.cpu_credits->launch,
                                                   .unlimited = unlimited,
                                                   .kept_when_stopped = type.cpu_credits->kept_when_stopped};
    placement.surplus_credits = catalog_.surplus_credit_price(type.name, placement.os);
  }

  const TopologyConfig& regions_;
  const Topology& topology_;
  const Catalog& catalog_;
  const std::vector<DemandConfig>& demands_;
  SpotPools& pools_;
  GivenNames given_;
  std::chrono::sys_days as_of_;
  config::Diagnostics& diagnostics_;
  bool zones_known_;
};

}  // namespace

ScenarioData read_scenario(config::Section& root, config::Diagnostics& diagnostics) {
  ScenarioData data;
  root.required("name", data.name).doc("what the scenario is about, in a few words");
  root.optional("description", data.description).doc("what it asks and what to expect, for readers");
  data.run = read_run(root);
  data.topology = read_topology(root);
  data.catalog = read_catalog(root);
  const Catalog catalog(data.catalog);
  const bool serves = root.has("fleets") || root.has("storage") || !(root.has("protection") || root.has("recovery"));
  data.demands = read_demands(root, {.start = data.run.start, .length = data.run.duration}, serves);
  const SpotMarketSettings market = read_spot_market(root);
  data.billing = read_billing(root);
  const std::vector<CommitmentSettings> commitments = read_commitments(root);

  SpotPools pools(market, data.run, diagnostics);
  const Topology topology(data.topology);
  const std::chrono::sys_days as_of = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_seconds(std::chrono::seconds(data.run.start.seconds_since_1970)));
  FleetPlanner planner(data.topology, topology, catalog, data.demands, pools,
                       {.demands = root.names_in("demand"), .regions = root.names_in("regions")}, as_of, diagnostics);
  data.storage = read_storage(root);
  const ProtectionSettings protection = read_protection(root);
  const auto read_fleet_plan = [&](const config::Located<std::string>& name, config::Section& in) {
    FleetPlan plan;
    plan.config = read_fleet(name.value, in);
    plan.groups = read_groups(in, [&](config::Section& group, const GroupConfig& config) {
      const bool spot = config.purchases.back() == Purchase::spot;
      const bool on_demand = config.purchases.front() == Purchase::on_demand;
      plan.allocations.push_back(read_allocation(group, config.instance_types, spot, on_demand));
      plan.operating_systems.push_back(read_operating_system(group));
      plan.max_prices.push_back(read_max_price(group, spot));
      plan.credit_modes.push_back(read_credit_mode(group));
      return read_how_launched(group, config, plan);
    });
    for (std::size_t g = 0; g < plan.groups.size(); ++g) plan.groups[g].weights = plan.allocations[g].weights;
    join_metrics(plan, data.run, diagnostics);
    if (!in.describing()) data.fleets.push_back(planner.plan(in, std::move(plan)));
  };
  constexpr std::string_view fleets_doc =
      "instances that together serve one demand; needed unless storage, protection or recovery is given";
  if (root.describing() || root.has("storage") || root.has("protection") || root.has("recovery")) {
    root.named("fleets", "fleet", fleets_doc, read_fleet_plan);
  } else {
    root.required_named("fleets", "fleet", fleets_doc, read_fleet_plan);
  }
  check_fleet_quota(data.fleets, diagnostics);
  if (!root.describing()) data.storages = plan_storage(data.storage, data, catalog, root.names_in("demand"), diagnostics);
  if (!root.describing()) {
    data.protection = plan_protection(protection, data, catalog, root.names_in("demand"), root.names_in("regions"), diagnostics);
  }
  if (!root.describing()) {
    data.commitments = plan_commitments(commitments, topology, data.topology, catalog, data.fleets, data.storages,
                                        diagnostics);
    check_spot_market_names(market, zone_names(data.topology), catalog.type_names(), diagnostics);
    data.spot_market = make_spot_market(market, std::move(pools.pools), data.run.duration, diagnostics);
    // EC2 always sends them; without a listener they would only cost time.
    if (!data.spot_market.rebalance &&
        std::any_of(data.fleets.begin(), data.fleets.end(), hears_rebalance_recommendations)) {
      data.spot_market.rebalance.emplace();
    }
    plan_placement_questions(market, catalog, as_of, data, diagnostics);
  }
  data.disasters = read_disasters(root, data, catalog, diagnostics);
  root.list("objectives", data.objectives,
            [](config::Section& in, Objective& objective) { objective = read_objective(in); })
      .doc("what the results are expected to be; `run` exits with 1 if one is missed");
  return data;
}

}  // namespace fleetsim::scenario

namespace fleetsim {

LoadedScenario load_scenario(const std::string& path, const std::vector<std::string>& sets) {
  LoadedScenario loaded;
  config::Diagnostics diagnostics;
  std::optional<config::Document> document =
      config::Document::read(path, {.overrides = sets, .folder = {}}, diagnostics);
  if (document) {
    config::Section root = document->root();
    if (!read_file_kind(root, FileKind::scenario)) {
      loaded.files = document->files();
      loaded.diagnostics = diagnostics.sorted();
      return loaded;
    }
    ScenarioData data = scenario::read_scenario(root, diagnostics);
    document->finish();
    loaded.files = document->files();
    if (!diagnostics.has_errors() && !data.objectives.empty()) {
      scenario::check_objectives(data.objectives, scenario::reported_metrics(data), diagnostics);
    }
    if (!diagnostics.has_errors()) loaded.scenario = Scenario(std::make_shared<ScenarioData>(std::move(data)));
  }
  loaded.diagnostics = diagnostics.sorted();
  return loaded;
}

}  // namespace fleetsim
