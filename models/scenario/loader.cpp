#include "models/scenario/loader.hpp"

#include <algorithm>
#include <chrono>
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
#include "models/scenario/fleet_metrics.hpp"
#include "models/scenario/fleet_planner.hpp"
#include "models/scenario/group_network.hpp"
#include "models/scenario/metric_names.hpp"
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
  const std::chrono::sys_seconds begin{std::chrono::seconds(data.run.start.seconds_since_1970)};
  const std::chrono::seconds length{(data.run.duration.count() + nanoseconds_per_second - 1) / nanoseconds_per_second};
  const auto as_of = std::chrono::floor<std::chrono::days>(begin);
  const FleetSurroundings around{.regions = data.topology,
                                 .topology = topology,
                                 .catalog = catalog,
                                 .demands = data.demands,
                                 .pools = pools,
                                 .given = {.demands = root.names_in("demand"), .regions = root.names_in("regions")},
                                 .days = {.begin = begin, .end = begin + length},
                                 .replaces_previous_generation = data.catalog.replace_previous_generation};
  data.storage = read_storage(root);
  const ProtectionSettings protection = read_protection(root);
  std::vector<MeasuredName> fleet_names;
  const auto read_fleet_plan = [&](const config::Located<std::string>& name, config::Section& in) {
    FleetPlan plan;
    fleet_names.push_back({"fleet", name});
    plan.config = read_fleet(name.value, in);
    plan.groups = read_groups(in, [&](config::Section& group, const GroupConfig& config) {
      const bool spot = config.purchases.back() == Purchase::spot;
      const bool on_demand = config.purchases.front() == Purchase::on_demand;
      plan.allocations.push_back(read_allocation(group, config.instance_types, spot, on_demand));
      plan.operating_systems.push_back(read_operating_system(group));
      plan.max_prices.push_back(read_max_price(group, spot));
      plan.credit_modes.push_back(read_credit_mode(group));
      plan.networks.push_back(read_group_network(group));
      return read_how_launched(group, config, plan);
    });
    for (std::size_t g = 0; g < plan.groups.size(); ++g) plan.groups[g].weights = plan.allocations[g].weights;
    join_metrics(plan, data.run, diagnostics);
    if (!in.describing()) data.fleets.push_back(plan_fleet(in, std::move(plan), around, diagnostics));
  };
  constexpr std::string_view fleets_doc =
      "instances that together serve one demand; needed unless storage, protection or recovery is given";
  if (root.describing() || root.has("storage") || root.has("protection") || root.has("recovery")) {
    root.named("fleets", "fleet", fleets_doc, read_fleet_plan);
  } else {
    root.required_named("fleets", "fleet", fleets_doc, read_fleet_plan);
  }
  check_metric_names("fleet", fleet_names, {"group"}, diagnostics);
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
