// The faults of a run, the plans that answer them, and their ways back.

#include "models/scenario/disaster_node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "models/scenario/course_words.hpp"

namespace fleetsim::scenario {

DisasterNode::DisasterNode(Simulation& sim, Billing& billing, const ScenarioData& data, FleetsUnderFaults& fleets,
                           bool keep_courses)
    : EventHandler(sim), sim_(sim), billing_(billing), data_(data), fleets_(fleets), keep_courses_(keep_courses),
      plans_share_(anything_shared(data.disasters)),
      asks_what_if_(std::any_of(data.disasters.faults.begin(), data.disasters.faults.end(), [](const FaultConfig& f) { return f.what_if > 0; })),
      topology_(data.topology) {
  faults_ = std::make_unique<Faults>(sim, FaultTimeline::of_run(data.disasters.faults, sim, data.run.duration), *this);
  if (!data.disasters.clusters.empty()) {
    around_clusters_ = std::make_unique<FaultSurroundings>(topology_, std::vector<const FaultTimeline*>{&faults_->timeline()});
    clusters_ = std::make_unique<ClusterViews>(data.disasters, *around_clusters_, sim);
  }
  for (const RecoveryPlanData& plan : data.disasters.plans) {
    Plan& added = *plans_.emplace_back(std::make_unique<Plan>(billing, data, plan));
    const std::string region = topology_.name(topology_.region_of(plan.plan->resources().front().target));
    for (const StandingInstances& standing : plan.standing) {
      added.standing.push_back(
          {.tariff = billing.add_tariff(standing.price),
           .account = billing.add_account({.region = region, .zone = {}, .fleet = {}, .group = {},
                                           .resource = fmt::format("standby {} of {}", standing.instance_type, standing.name),
                                           .purchase = Purchase::on_demand, .unit = "instance-hours"}),
           .meters = {}});
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
  fault_count_ = unanswered_ = 0;
  for (auto& disaster : open_.disasters) disaster->counts = false;
}

void DisasterNode::fault_began(const Fault& fault) {
  const FaultConfig& config = faults_->timeline().config(fault);
  ++fault_count_;
  if (is_unanswered(fault.config)) ++unanswered_;
  active_.push_back(&fault);
  // Plans first: what they find is what was usable up to this instant.
  if (!plans_share_ || open_.ends <= sim_.now()) settle();
  if (auto disaster = call(fault, fmt::format("recovery/{}/{}/", config.name.value, fault.number), nullptr)) {
    open_.disasters.push_back(std::move(disaster));
    carry_out(open_, FaultSurroundings(topology_, {&faults_->timeline()}));
  }
  tell_protection(config, true);
  tell_fleets(config, true);
}

void DisasterNode::fault_ended(const Fault& fault) {
  const FaultConfig& config = faults_->timeline().config(fault);
  std::erase(active_, &fault);
  tell_protection(config, false);
  tell_fleets(config, false);
}

bool DisasterNode::is_unanswered(std::size_t fault) const {
  const std::vector<std::size_t>& rows = data_.disasters.unanswered;
  return std::binary_search(rows.begin(), rows.end(), fault);
}

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

// --- away, and back

/// Resources whose data lives at the target after the outcome.
std::vector<std::size_t> DisasterNode::moved(const RecoveryPlan& plan, const RecoveryOutcome& outcome) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < plan.resources().size(); ++r) {
    if (outcome.resources[r].rpa && plan.resources()[r].data) rows.push_back(r);
  }
  return rows;
}

std::vector<std::string> DisasterNode::copied_anew(const RecoveryPlan& plan) const {
  std::vector<std::string> names;
  if (!data_.protection) return names;
  const DataReplicationConfig& config = data_.protection->config;
  for (const ReplicaConfig& replica : config.replicas) {
    if (replica.after_return != AfterReturn::copied_anew) continue;
    const std::vector<std::uint32_t>& sent = config.data[replica.data.index].stores;
    for (std::size_t r = 0; r < plan.resources().size(); ++r) {
      const PlanResource& resource = plan.resources()[r];
      if (resource.data && resource.target == replica.site && !restores(plan, r) && config.data[resource.data->index].stores == sent) {
        names.push_back(replica.name);
      }
    }
  }
  return names;
}

void DisasterNode::on(const DataMoved& event) {
  std::optional<SiteId> promoted_at;
  if (event.promoted_at != DataMoved::restored) promoted_at = SiteId{event.promoted_at};
  protection_->failed_over(DataId{event.data}, promoted_at);
}

void DisasterNode::on(const VolumeReplaced& event) { protection_->volume_back(DataId{event.data}); }

Bytes DisasterNode::send_back(DataId data, SiteId from, SiteId to, bool full, const Divergence& since, BytesPerSecond most) {
  return protection_->fail_back(data, from, to, full ? Resync::full : Resync::partial, since, most);
}

void DisasterNode::failback_in_sync(DataId data) {
  for (auto& plan : plans_) {
    if (plan->away && plan->away->failback) plan->away->failback->in_sync(data);
  }
}

void DisasterNode::failback_ended(PlanFailback& failback) {
  for (auto& plan : plans_) {
    if (!plan->away || plan->away->failback.get() != &failback) continue;
    plan->disasters.add_failback(*failback.outcome());
    if (plan->course && plan->course_of == plan->away->outcome.disaster) add_return(*plan->course, *failback.outcome(), copied_anew(*plan->data->plan));
    for (auto& disaster : open_.disasters) {
      for (std::size_t a = 0; a < disaster->plans.size(); ++a) {
        const bool own = plans_[disaster->plans[a]] == plan && disaster->fault.begin == plan->away->outcome.disaster;
        if (own) disaster->results[a].way_back = failback.outcome();
      }
    }
    if (!failback.outcome()->ready_again) return;  // it stays where it is
    for (const std::size_t row : moved(*plan->data->plan, plan->away->outcome)) {
      protection_->failed_back(*plan->data->plan->resources()[row].data);
    }
    move_clusters_home(*plan->data->plan);
    plan->disasters.add_failover_cost(plan->failover_bill.cost_of_use(plan->away->outcome, *failback.outcome()->ready_again));
    charge_away(*plan);
    plan->was_away.emplace_back(plan->away->outcome.disaster, sim_.now());
    plan->ended.push_back(std::move(plan->away->failback));
    plan->away.reset();
    return;
  }
}

void DisasterNode::move_clusters_home(const RecoveryPlan& plan) {
  for (const StepConfig& step : plan.steps()) {
    if (step.kind != StepKind::cluster_failover) continue;
    // Every node at the source is home, whether or not the plan recovers it.
    std::vector<std::size_t> home;
    for (std::size_t n = 0; n < clusters_->node_count(step.cluster_row); ++n) {
      const SiteId site = clusters_->node_place(step.cluster_row, n).site;
      const bool at_source = std::any_of(plan.resources().begin(), plan.resources().end(), [&](const PlanResource& resource) {
        return resource.node && resource.node->first == step.cluster_row && resource.source == site;
      });
      if (at_source) home.push_back(n);
    }
    clusters_->move_home(step.cluster_row, home, sim_.now());
  }
}

bool DisasterNode::was_away_or_in_vain(const Plan& plan, Time at) const {
  if (plan.away && at >= plan.away->outcome.disaster) return true;
  const auto holds = [&](const auto& span) { return at >= span.first && at < span.second; };
  return std::any_of(plan.was_away.begin(), plan.was_away.end(), holds) || std::any_of(plan.in_vain.begin(), plan.in_vain.end(), holds);
}

void DisasterNode::charge_away(Plan& plan) {
  const Duration from = std::max(measured_from_ - plan.away->outcome.disaster, Duration{});
  plan.failover_bill.charge(plan.away->outcome, from, sim_.now() - plan.away->outcome.disaster);
}

void DisasterNode::finish() {
  settle();
  for (auto& plan : plans_) {
    for (Standing& standing : plan->standing) {
      for (const InstanceMeter& meter : standing.meters) billing_.stop(meter, EndedBy::horizon);
    }
    if (!plan->away) continue;
    // Of writes that outrun what is sent back no end need be waited for.
    PlanFailback* failback = plan->away->failback.get();
    if (failback != nullptr && failback->begun() && !failback->outcome() && plan->data->way_back_diverges) failback->give_up();
    charge_away(*plan);
  }
  // A look at the names of the metrics stops short of the horizon, and looks back on nothing.
  if (sim_.now() < Time::at(data_.run.duration)) return;
  run_branches();
  for (auto& plan : plans_) {
    if (plan->data->plan->config().drills) run_drills(*plan);
  }
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
  for (const auto& plan : plans_) sum += plan->drill_bill.cost();
  return sum;
}

Usd DisasterNode::failover_cost() const {
  Usd sum;
  for (const auto& plan : plans_) sum += plan->failover_bill.cost();
  return sum;
}

std::vector<ResultDrill> DisasterNode::drills() const {
  std::vector<ResultDrill> all;
  for (const auto& plan : plans_) all.insert(all.end(), plan->drill_results.begin(), plan->drill_results.end());
  return all;
}

std::vector<ResultCourse> DisasterNode::courses() const {
  std::vector<ResultCourse> all;
  for (const auto& plan : plans_) {
    if (plan->course) all.push_back(*plan->course);
  }
  return all;
}

}  // namespace fleetsim::scenario
