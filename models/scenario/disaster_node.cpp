#include "models/scenario/disaster_node.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include <fmt/format.h>

#include "models/scenario/protected_points.hpp"

namespace fleetsim::scenario {

DisasterNode::DisasterNode(Simulation& sim, Billing& billing, const ScenarioData& data, FleetsUnderFaults& fleets)
    : EventHandler(sim), sim_(sim), billing_(billing), data_(data), fleets_(fleets), topology_(data.topology) {
  faults_ = std::make_unique<Faults>(sim, FaultTimeline::of_run(data.disasters.faults, sim, data.run.duration), *this);
  for (const RecoveryPlanData& plan : data.disasters.plans) {
    Plan& added = *plans_.emplace_back(std::make_unique<Plan>(plan));
    const std::string region = topology_.name(topology_.region_of(plan.plan->resources().front().target));
    const auto account = [&](std::string resource, std::string unit) {
      return billing.add_account({.region = region, .zone = {}, .fleet = {}, .group = {}, .resource = std::move(resource),
                                  .purchase = Purchase::on_demand, .unit = std::move(unit)});
    };
    for (const StandingInstances& standing : plan.standing) {
      added.standing.push_back({.tariff = billing.add_tariff(standing.price),
                                .account = account(fmt::format("standby {} of {}", standing.instance_type, standing.name),
                                                   "instance-hours"),
                                .meters = {}});
    }
    if (plan.plan->config().drills) {
      added.drill_account = account(fmt::format("drills of {}", plan.plan->config().name.value), "drill-hours");
    }
  }
}

void DisasterNode::start() {
  for (auto& plan : plans_) {
    for (std::size_t s = 0; s < plan->standing.size(); ++s) {
      Standing& standing = plan->standing[s];
      for (std::int64_t i = 0; i < plan->data->standing[s].count; ++i) {
        standing.meters.push_back(billing_.start(standing.tariff, standing.account));
      }
    }
  }
  faults_->start();
}

void DisasterNode::begin_measurement() {
  measured_from_ = sim_.now();
  for (auto& plan : plans_) {
    plan->disasters = PlanTally(*plan->data->plan);
    plan->struck_while_away = 0;
  }
  service_rpa_ = service_rta_ = {};
  service_disasters_ = 0;
  fault_count_ = 0;
}

// --- faults of the run

std::vector<std::string_view> DisasterNode::zones_of(const FaultConfig& fault) const {
  std::vector<std::string_view> names;
  for (const ZoneId zone : fault.zone_ids) names.push_back(topology_.name(zone));
  for (const RegionId region : fault.region_ids) {
    for (const ZoneId zone : topology_.zones_of(region)) names.push_back(topology_.name(zone));
  }
  return names;
}

void DisasterNode::fault_began(const Fault& fault) {
  const FaultConfig& config = faults_->timeline().config(fault);
  ++fault_count_;
  active_.push_back(&fault);
  // Plans first: what they find is what was usable up to this instant.
  const FaultSurroundings surroundings(topology_, {&faults_->timeline()});
  const std::string prefix = fmt::format("recovery/{}/{}/", config.name.value, fault.number);
  std::vector<std::optional<RecoveryOutcome>> outcomes;
  for (auto& plan : plans_) {
    const auto& answers = plan->data->answers;
    if (std::find(answers.begin(), answers.end(), fault.config) == answers.end()) continue;
    if (sim_.now() < plan->away_until) {
      ++plan->struck_while_away;
      continue;
    }
    const std::string own = fmt::format("{}{}/", prefix, plan->data->plan->config().name.value);
    const RecoveryOutcome outcome = execute(*plan, sim_.now(), surroundings, &config, own, false);
    count_disaster(*plan, outcome, own);
    move_away(static_cast<std::uint32_t>(&plan - plans_.data()), outcome);
    outcomes.push_back(outcome);
  }
  add_to_service(outcomes);
  tell_protection(config, true);
  switch (config.kind) {
    case FaultKind::zone:
    case FaultKind::region:
      for (const std::string_view zone : zones_of(config)) fleets_.zone_lost(zone);
      break;
    case FaultKind::spot_drought:
      for (const std::string_view zone : zones_of(config)) fleets_.spot_drought_began(zone, config.share.value);
      break;
    default: break;
  }
}

void DisasterNode::fault_ended(const Fault& fault) {
  const FaultConfig& config = faults_->timeline().config(fault);
  std::erase(active_, &fault);
  tell_protection(config, false);
  switch (config.kind) {
    case FaultKind::zone:
    case FaultKind::region:
      for (const std::string_view zone : zones_of(config)) fleets_.zone_back(zone);
      break;
    case FaultKind::spot_drought:
      for (const std::string_view zone : zones_of(config)) fleets_.spot_drought_ended(zone);
      break;
    default: break;
  }
}

void DisasterNode::move_away(std::uint32_t number, const RecoveryOutcome& outcome) {
  Plan& plan = *plans_[number];
  const RecoveryPlan& recovery = *plan.data->plan;
  if (outcome.failed || recovery.config().protects.value == recovery.config().target.value) return;
  plan.away_until = outcome.ready_again ? sim_.now() + *outcome.ready_again : Time::max();
  if (outcome.ready_again) sim_.schedule(*this, *outcome.ready_again, ApplicationCameBack{number});
  for (const PlanResource& resource : recovery.resources()) {
    if (resource.data) protection_->failed_over(*resource.data);
  }
}

void DisasterNode::on(const ApplicationCameBack& event) {
  for (const PlanResource& resource : plans_[event.plan]->data->plan->resources()) {
    if (resource.data) protection_->failed_back(*resource.data);
  }
}

void DisasterNode::tell_protection(const FaultConfig& fault, bool begins) {
  if (protection_ == nullptr) return;
  // A place is lost with the first fault that strikes it, and back with the end of the last.
  const auto changes = [&](std::uint32_t place) {
    int& depth = depth_[{fault.kind, place}];
    depth += begins ? 1 : -1;
    return depth == (begins ? 1 : 0);
  };
  switch (fault.kind) {
    case FaultKind::region:
      for (const RegionId region : fault.region_ids) {
        if (changes(region.index)) begins ? protection_->region_lost(region) : protection_->region_back(region);
      }
      break;
    case FaultKind::zone:
      for (const ZoneId zone : fault.zone_ids) {
        if (changes(zone.index)) begins ? protection_->zone_lost(zone) : protection_->zone_back(zone);
      }
      break;
    case FaultKind::control_plane:
      for (const RegionId region : fault.region_ids) {
        if (changes(region.index)) protection_->control_plane(region, !begins);
      }
      break;
    case FaultKind::link:
      for (const auto& [from, to] : {std::pair(0U, 1U), std::pair(1U, 0U)}) {
        protection_->set_link(fault.region_ids[from], fault.region_ids[to], begins ? fault.share : Ratio{1});
      }
      break;
    case FaultKind::account:
      for (const auto& name : fault.accounts) {
        const auto& accounts = topology_.accounts();
        const auto account = std::find(accounts.begin(), accounts.end(), name.value);
        if (begins) protection_->account_compromised(static_cast<std::uint32_t>(account - accounts.begin()));
      }
      break;
    case FaultKind::volume:
      for (const EnvironmentConfig& environment : data_.disasters.environments) {
        for (const DataStoreConfig& store : environment.stores) {
          const bool hit = std::any_of(fault.resources.begin(), fault.resources.end(),
                                       [&](const auto& name) { return name.value == store.name.value; });
          const auto data = data_.protection->config.find(store.protected_as.value);
          if (begins && hit && data) protection_->volume_lost(*data);
        }
      }
      break;
    default: break;
  }
}

bool DisasterNode::allows(std::string_view zone_name, std::string_view instance_type) const {
  if (active_.empty()) return true;
  const std::optional<ZoneId> zone = topology_.zone(zone_name);
  if (!zone) return true;
  const FaultPlace place{.region = topology_.region_of(*zone), .zone = *zone, .account = {}, .resource = {}};
  return std::none_of(active_.begin(), active_.end(), [&](const Fault* fault) {
    const FaultConfig& config = faults_->timeline().config(*fault);
    switch (config.kind) {
      case FaultKind::zone:
      case FaultKind::region:
      case FaultKind::control_plane: return strikes(config, place);
      case FaultKind::capacity_shortage: return strikes(config, place) && faults_->timeline().short_of(*fault, instance_type);
      default: return false;
    }
  });
}

// --- plans

std::vector<bool> DisasterNode::struck(const RecoveryPlan& plan, const FaultConfig& fault) const {
  const std::vector<PlanResource>& resources = plan.resources();
  std::vector<bool> hit(resources.size());
  for (std::size_t r = 0; r < resources.size(); ++r) {
    const PlanResource& resource = resources[r];
    hit[r] = strikes(fault, {.region = topology_.region_of(resource.source), .zone = resource.source_zone,
                             .account = topology_.accounts()[topology_.account_of(resource.source)],
                             .resource = resource.name});
  }
  // What uses something that was struck is struck too; rows name what they use, so repeat until nothing changes.
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t r = 0; r < resources.size(); ++r) {
      const bool uses_struck = std::any_of(resources[r].uses.begin(), resources[r].uses.end(), [&](std::size_t u) { return hit[u]; });
      if (!hit[r] && uses_struck) hit[r] = changed = true;
    }
  }
  return hit;
}

RecoveryOutcome DisasterNode::execute(const Plan& plan, Time at, const FaultSurroundings& surroundings,
                                      const FaultConfig* fault, const std::string& prefix, bool drill) {
  const RecoveryPlan& recovery = *plan.data->plan;
  // A course of its own: faults come from outside, and what a plan does reaches no other model, so that executions of
  // one history can be run one after another.
  Simulation course({.seed = sim_.seed(), .replication = sim_.replication()});
  course.run_until(at);
  const ExecutionSetting setting{.plan = recovery, .people = data_.disasters.people, .run_start = data_.run.start,
                                 .target_built = plan.data->target_built};
  const std::optional<ZoneId> without =
      fault != nullptr && fault->kind == FaultKind::zone && !fault->zone_ids.empty() ? std::optional(fault->zone_ids.front())
                                                                                     : std::nullopt;
  const ProtectedPoints points(protection_, sim_.now(), without);
  PlanExecution execution(course, setting, points, surroundings, prefix, drill);
  execution.begin(fault != nullptr ? struck(recovery, *fault) : std::vector<bool>(recovery.resources().size(), true));
  if (!execution.finished()) course.run();
  invariant(execution.finished(), "a plan ends, or gives up in time");
  digest_ = std::rotl(digest_, 7) ^ course.fingerprint();
  return execution.outcome();
}

void DisasterNode::count_disaster(Plan& plan, const RecoveryOutcome& outcome, const std::string& prefix) {
  const OutageCostConfig& cost = plan.data->plan->config().outage_cost;
  if (cost.bands.empty() && cost.per_hour == UsdPerHour{}) return plan.disasters.add(outcome);
  Stream stream = sim_.stream(prefix + "outage_cost");
  const OutageCost drawn = draw_outage_cost(cost, outcome.rta, stream);
  plan.disasters.add(outcome, drawn.cost, drawn.band);
}

void DisasterNode::add_to_service(const std::vector<std::optional<RecoveryOutcome>>& outcomes) {
  if (outcomes.empty() || plans_.size() < 2) return;
  ++service_disasters_;
  std::optional<Duration> rpa, rta;
  bool lost = false, failed = false;
  for (const auto& outcome : outcomes) {
    rpa = std::max(rpa, outcome->rpa);
    rta = std::max(rta, outcome->rta);
    lost = lost || outcome->total_loss;
    failed = failed || !outcome->rta;
  }
  if (rpa || lost) service_rpa_.add(lost ? std::nullopt : std::optional(to_seconds(*rpa)));
  service_rta_.add(failed ? std::nullopt : std::optional(to_seconds(*rta)));
}

void DisasterNode::run_branches() {
  const auto& configs = data_.disasters.faults;
  for (std::size_t f = 0; f < configs.size(); ++f) {
    const std::vector<Time> instants = FaultTimeline::instants(configs[f], sim_, measured_from_, sim_.now());
    for (std::size_t branch = 0; branch < instants.size(); ++branch) {
      const FaultTimeline timeline =
          FaultTimeline::of_branch(configs, f, branch, instants[branch], sim_.seed(), sim_.replication());
      const FaultSurroundings surroundings(topology_, {&faults_->timeline(), &timeline});
      std::vector<std::optional<RecoveryOutcome>> outcomes;
      for (auto& plan : plans_) {
        const auto& answers = plan->data->answers;
        if (std::find(answers.begin(), answers.end(), f) == answers.end()) continue;
        const std::string prefix =
            fmt::format("recovery/{}/{}/{}/", configs[f].name.value, branch, plan->data->plan->config().name.value);
        const RecoveryOutcome outcome = execute(*plan, instants[branch], surroundings, &configs[f], prefix, false);
        count_disaster(*plan, outcome, prefix);
        outcomes.push_back(outcome);
      }
      add_to_service(outcomes);
    }
  }
}

void DisasterNode::run_drills(Plan& plan) {
  const RecoveryPlan& recovery = *plan.data->plan;
  const DrillConfig& drills = *recovery.config().drills;
  const ScheduleClock clock(drills.schedule, drills.time_zone, data_.run.start);
  const FaultSurroundings surroundings(topology_, {&faults_->timeline()});
  Time passed = measured_from_;
  std::uint64_t number = 0;
  for (std::optional<Time> at = clock.first(); at && *at < sim_.now(); at = clock.next(*at), ++number) {
    if (*at < measured_from_) continue;
    const std::string prefix = fmt::format("recovery/drills/{}/{}/", recovery.config().name.value, number);
    const RecoveryOutcome outcome = execute(plan, *at, surroundings, nullptr, prefix, true);
    plan.drills.add(outcome);
    plan.drilled = true;
    const bool met = !outcome.failed && meets_rpo(recovery.config(), outcome).value_or(true) &&
                     meets_rto(recovery.config(), outcome).value_or(true);
    if (met) {
      ++plan.drills_passed;
      plan.longest_without_drill = std::max(plan.longest_without_drill, *at - passed);
      passed = *at;
    }
    if (outcome.rta) {
      billing_.charge_instances(*plan.drill_account, 1, *outcome.rta + drills.kept_for, outcome.target_price);
    }
  }
  plan.longest_without_drill = std::max(plan.longest_without_drill, sim_.now() - passed);
}

void DisasterNode::finish() {
  for (auto& plan : plans_) {
    for (Standing& standing : plan->standing) {
      for (const InstanceMeter& meter : standing.meters) billing_.stop(meter, EndedBy::horizon);
    }
  }
  // A look at the names of the metrics stops short of the horizon, and looks back on nothing.
  if (sim_.now() < Time::at(data_.run.duration)) return;
  run_branches();
  for (auto& plan : plans_) {
    if (plan->data->plan->config().drills) run_drills(*plan);
  }
}

std::vector<std::optional<double>> DisasterNode::ages_by_hour(const RecoveryPlan& plan) const {
  std::vector<std::vector<PointLife>> resources;
  bool by_points = true;
  for (const PlanResource& resource : plan.resources()) {
    if (!resource.data || protection_ == nullptr) continue;
    std::vector<PointLife>& lives = resources.emplace_back();
    for (const PointHistory* history : protection_->histories(*resource.data, resource.target)) {
      for (const KeptPoint& point : history->points()) lives.push_back({point.point, point.usable, point.gone});
    }
    by_points = by_points && !lives.empty();
  }
  if (resources.empty()) return std::vector<std::optional<double>>(168);
  if (by_points) return age_by_hour_of_week(resources, measured_from_, sim_.now(), data_.run.start);
  // What is sent as it is written has no points to walk: its age is asked for in the middle of every five minutes.
  std::vector<Tally> ages(168);
  const ProtectedPoints points(protection_, sim_.now(), {});
  for (Time at = measured_from_ + 150_s; at < sim_.now(); at += 5_min) {
    Duration oldest;
    bool all = true;
    for (const PlanResource& resource : plan.resources()) {
      if (!resource.data) continue;
      const std::optional<UsablePoint> point = points.newest(*resource.data, resource.target, at, at);
      all = all && point.has_value();
      if (point) oldest = std::max(oldest, at - point->point);
    }
    if (all) ages[static_cast<std::size_t>(hour_of_week(at, data_.run.start))].add(to_seconds(oldest));
  }
  std::vector<std::optional<double>> means(168);
  for (std::size_t h = 0; h < means.size(); ++h) {
    if (ages[h].count() > 0) means[h] = ages[h].mean();
  }
  return means;
}

Usd DisasterNode::standby_cost() const {
  Usd sum;
  for (const auto& plan : plans_) {
    for (const Standing& standing : plan->standing) sum += billing_.cost(standing.account);
  }
  return sum;
}

Usd DisasterNode::drill_cost() const {
  Usd sum;
  for (const auto& plan : plans_) {
    if (plan->drill_account) sum += billing_.cost(*plan->drill_account);
  }
  return sum;
}

void DisasterNode::report(MetricSink& sink) const {
  sink.add("faults.count", "1", static_cast<double>(fault_count_));
  for (const auto& plan : plans_) {
    const RecoveryPlanConfig& config = plan->data->plan->config();
    const std::string prefix = fmt::format("recovery.{}.", config.name.value);
    sink.add(prefix + "disasters", "1", static_cast<double>(plan->disasters.count()));
    plan->disasters.report(sink, prefix);
    sink.add(prefix + "struck_while_away", "1", static_cast<double>(plan->struck_while_away));
    Usd standby;
    for (const Standing& standing : plan->standing) standby += billing_.cost(standing.account);
    sink.add(prefix + "standby_cost", "USD", to_usd(standby));
    sink.add(prefix + "resources_lacking", "1", static_cast<double>(std::count_if(
        plan->data->plan->resources().begin(), plan->data->plan->resources().end(),
        [](const PlanResource& resource) { return resource.lacking; })));
    if (!plan->data->policies.empty()) {
      const auto all = [&](bool PlanPolicy::*valid) {
        return std::all_of(plan->data->policies.begin(), plan->data->policies.end(), [&](const PlanPolicy& p) { return p.*valid; });
      };
      sink.add(prefix + "policies_valid", "1", all(&PlanPolicy::valid) ? 1 : 0);
      sink.add(prefix + "policies_valid_by_interval", "1", all(&PlanPolicy::valid_by_interval) ? 1 : 0);
    }
    if (config.heat_map && sim_.now() > measured_from_) {
      constexpr std::array<const char*, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
      const std::vector<std::optional<double>> ages = ages_by_hour(*plan->data->plan);
      for (std::size_t h = 0; h < ages.size(); ++h) {
        sink.add(fmt::format("{}rpa_by_hour.{}-{:02}", prefix, days[h / 24], h % 24), "s", ages[h]);
      }
    }
    if (!config.drills) continue;
    const auto drills = static_cast<double>(plan->drills.count());
    plan->drills.report(sink, prefix + "drill.");
    sink.add(prefix + "drill.count", "1", drills);
    sink.add(prefix + "drill.passed_fraction", "1",
             plan->drilled ? std::optional(static_cast<double>(plan->drills_passed) / drills) : std::nullopt);
    sink.add(prefix + "drill.longest_without", "s", to_seconds(plan->longest_without_drill));
    sink.add(prefix + "drill.cost", "USD", to_usd(billing_.cost(*plan->drill_account)));
  }
  if (plans_.size() < 2) return;
  sink.add("service.disasters", "1", static_cast<double>(service_disasters_));
  for (const auto& [name, values] : {std::pair("rpa", &service_rpa_), std::pair("rta", &service_rta_)}) {
    sink.add(fmt::format("service.{}", name), "s", values->mean());
    sink.add(fmt::format("service.{}.p50", name), "s", values->quantile(0.5));
    sink.add(fmt::format("service.{}.p95", name), "s", values->quantile(0.95));
    sink.add(fmt::format("service.{}.max", name), "s", values->max());
  }
}

}  // namespace fleetsim::scenario
