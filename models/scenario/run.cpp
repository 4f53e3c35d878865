// Runs the replications of a scenario and gathers what they measured.

#include <algorithm>
#include <atomic>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "fleetsim/models/demand/profile.hpp"
#include "fleetsim/models/spot_market/settings.hpp"
#include "fleetsim/scenario.hpp"
#include "fleetsim/sim/experiment.hpp"
#include "models/scenario/gather_metrics.hpp"
#include "models/scenario/result_head.hpp"
#include "models/scenario/scenario_data.hpp"
#include "models/scenario/world.hpp"

namespace fleetsim {

namespace {

using scenario::ReplicationResult;

/// Lines with equal descriptions, averaged over the replications; a line that a replication lacks counts as zero.
std::vector<ResultLedgerLine> gather_ledger(const std::vector<ReplicationResult>& replications) {
  using Key = std::tuple<std::string, std::string, std::string, std::string, std::string, std::string, std::string>;
  std::map<Key, std::pair<double, Int128>> sums;  // nano-dollars
  for (const ReplicationResult& replication : replications) {
    for (const LedgerLine& line : replication.ledger) {
      auto& [quantity, cost] = sums[{line.item.region, line.item.zone, line.item.fleet, line.item.group,
                                     line.item.resource, std::string(to_name(line.item.purchase)), line.item.unit}];
      quantity += line.quantity;
      cost += line.cost.count();
    }
  }
  std::vector<ResultLedgerLine> ledger;
  const auto n = static_cast<double>(replications.size());
  for (const auto& [key, sum] : sums) {
    const auto& [region, zone, fleet, group, resource, purchase, unit] = key;
    ledger.push_back({.region = region, .zone = zone, .fleet = fleet, .group = group, .resource = resource,
                      .purchase = purchase, .unit = unit, .quantity = sum.first / n,
                      .cost_usd = static_cast<double>(sum.second) / 1e9 / n});
  }
  return ledger;
}

/// A warning of any replication once, with how many replications gave one of its kind.
std::vector<std::string> gather_warnings(const std::vector<ReplicationResult>& replications) {
  std::vector<std::string> warnings;
  std::size_t warned = 0;
  for (const ReplicationResult& replication : replications) {
    if (replication.warnings.empty()) continue;
    if (++warned == 1) warnings = replication.warnings;
  }
  if (warned > 0 && warned < replications.size()) {
    warnings.push_back("the order of costs contradicts the thresholds in " + std::to_string(warned) + " of " +
                       std::to_string(replications.size()) + " replications");
  }
  return warnings;
}

/// A commitment that nothing uses is money spent for nothing, or covers something else than was meant.
void add_commitment_warnings(RunResult& result, const std::vector<CommitmentConfig>& commitments) {
  for (const CommitmentConfig& commitment : commitments) {
    const Metric* used = result.find("commitment." + commitment.name + ".utilization");
    const Metric* cost = result.find("commitment." + commitment.name + ".cost");
    if (used == nullptr || cost == nullptr || used->n == 0 || used->max > 0) continue;
    result.warnings.push_back(fmt::format("commitment {} costs {:.2f} USD and is never used: nothing that it covers is left "
                                          "to it by what is applied before it",
                                          commitment.name, cost->mean));
  }
}

/// Where replications outnumber the days that a recording can begin on, some of them replay the same.
void add_replay_warnings(RunResult& result, const ScenarioData& data) {
  const auto warn = [&](const std::string& what, std::int64_t days) {
    if (days == 0 || result.replications_wanted <= static_cast<std::uint64_t>(days)) return;
    result.warnings.push_back("the recorded " + what + " can begin on " + std::to_string(days) +
                              " different days, fewer than the " + std::to_string(result.replications_wanted) +
                              " replications: some replay the same days");
  };
  const ReplayDays days = replay_days(data.spot_market, data.run.duration);
  warn("Spot capacity", days.capacity);
  warn("Spot prices", days.price);
  for (const DemandConfig& demand : data.demands) {
    const auto* trace = std::get_if<TraceDemand>(&demand.shape);
    if (trace == nullptr || !trace->random_day) continue;
    warn("demand " + demand.name, demand_beginnings(demand, {.start = data.run.start, .length = data.run.duration}).days);
  }
}

std::uint64_t combine(const std::vector<ReplicationResult>& replications) {
  std::uint64_t digest = 0xcbf29ce484222325;
  for (const ReplicationResult& replication : replications) {
    digest = (digest ^ replication.fingerprint) * 0x100000001b3;
    digest ^= digest >> 29;
  }
  return digest;
}

std::string purchase_in_words(const GroupConfig& group) {
  return group.purchases.size() > 1 ? "mixed" : std::string(to_name(group.purchases.front()));
}

std::string join(const std::vector<config::Located<std::string>>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name.value;
  return text;
}

ProtectionSummary summary_of(const DataReplicationConfig& config) {
  ProtectionSummary summary;
  for (const PolicyConfig& policy : config.policies) {
    ProtectionSummary::Policy& added = summary.policies.emplace_back();
    added.name = policy.name;
    const SiteId home = config.stores[config.data[policy.protects.front().index].stores.front()].home;
    added.sites.push_back(config.site_names[home.index]);
    for (const CopyConfig& copy : policy.copies) added.sites.push_back(config.site_names[copy.site.index]);
  }
  for (const ReplicaConfig& replica : config.replicas) summary.replicas.push_back(replica.name);
  for (const StoreConfig& store : config.stores) summary.stores.push_back(store.name);
  for (const DataConfig& thing : config.data) summary.data.push_back(thing.name);
  for (const InstantConfig& instant : config.instants) summary.instants.push_back(instant.name);
  summary.sites = config.site_names;
  return summary;
}

}  // namespace

const Metric* RunResult::find(std::string_view name) const { return scenario::find_metric(metrics, name); }

const std::string& Scenario::name() const { return data_->name; }
const std::string& Scenario::description() const { return data_->description; }
std::uint64_t Scenario::seed() const { return data_->run.seed; }
std::uint64_t Scenario::replications() const { return data_->run.replications; }
Duration Scenario::duration() const { return data_->run.duration; }
Duration Scenario::warm_up() const { return data_->run.warm_up; }

std::vector<std::string> metric_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const MetricValue& metric : scenario::reported_metrics(scenario.data())) names.push_back(metric.name);
  return names;
}

RunResult run(const Scenario& scenario, const RunOptions& options) {
  const ScenarioData& data = scenario.data();
  RunResult result;
  scenario::fill_head(result, data, options);
  result.replications_wanted = options.replications.value_or(data.run.replications);

  std::atomic<bool> stop_requested = false;
  const std::stop_callback on_stop(options.stop, [&] { stop_requested = true; });
  const ExperimentOptions experiment{.replications = result.replications_wanted,
                                     .jobs = options.jobs,
                                     .stop_requested = &stop_requested,
                                     .progress = options.progress};
  auto finished = run_replications(experiment, [&](std::uint64_t replication) {
    const bool first = replication == 0;
    return scenario::run_replication(data, result.seed, replication,
                                     {.series = first, .activities = first ? options.activities_max : 0});
  });
  std::vector<ReplicationResult> replications;
  for (std::uint64_t r = 0; r < finished.done; ++r) replications.push_back(std::move(*finished.by_replication[r]));

  result.replications = replications.size();
  result.metrics = scenario::gather_metrics(replications);
  result.ledger = gather_ledger(replications);
  result.warnings = gather_warnings(replications);
  add_replay_warnings(result, data);
  add_commitment_warnings(result, data.commitments);
  result.fingerprint = combine(replications);
  if (!replications.empty()) {
    result.series = std::move(replications.front().series);
    result.courses = std::move(replications.front().courses);
    result.drills = std::move(replications.front().drills);
    result.activities = std::move(replications.front().activities);
    result.activities_left_out = replications.front().activities_left_out;
  }
  for (const scenario::Objective& objective : data.objectives) {
    result.objectives.push_back(scenario::judge(objective, result.metrics));
  }
  for (const scenario::FleetPlan& fleet : data.fleets) {
    for (const GroupConfig& group : fleet.groups) {
      result.groups.push_back({.fleet = fleet.config.name, .group = group.name,
                               .purchase = purchase_in_words(group), .zones = join(group.zones)});
    }
  }
  for (const scenario::RecoveryPlanData& data_of_plan : data.disasters.plans) {
    const RecoveryPlan& plan = *data_of_plan.plan;
    PlanSummary& summary = result.plans.emplace_back();
    summary.name = plan.config().name.value;
    summary.protects = plan.config().protects.value;
    summary.target = plan.config().target.value;
    for (const std::size_t fault : data_of_plan.answers) summary.answers.push_back(data.disasters.faults[fault].name.value);
    if (plan.config().drills) summary.drills = plan.config().drills->schedule.text();
    summary.rpo = plan.config().objectives.rpo;
    summary.rto = plan.config().objectives.rto;
    for (const std::size_t step : plan.order()) summary.steps.push_back(plan.steps()[step].name.value);
    for (const PlanResource& resource : plan.resources()) summary.resources.push_back(resource.name);
  }
  if (data.protection) result.protection = summary_of(data.protection->config);
  return result;
}

}  // namespace fleetsim
