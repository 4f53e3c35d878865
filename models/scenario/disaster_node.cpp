// The faults of a run, the plans that answer them, and their ways back.

#include "models/scenario/disaster_node.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "models/scenario/course_words.hpp"

namespace fleetsim::scenario {

DisasterNode::DisasterNode(Simulation& sim, Billing& billing, const ScenarioData& data, FleetsUnderFaults& fleets,
                           bool keep_courses)
    : EventHandler(sim), sim_(sim), billing_(billing), data_(data), fleets_(fleets), keep_courses_(keep_courses), topology_(data.topology) {
  faults_ = std::make_unique<Faults>(sim, FaultTimeline::of_run(data.disasters.faults, sim, data.run.duration), *this);
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
  fault_count_ = 0;
}

void DisasterNode::fault_began(const Fault& fault) {
  const FaultConfig& config = faults_->timeline().config(fault);
  ++fault_count_;
  active_.push_back(&fault);
  // Plans first: what they find is what was usable up to this instant.
  const FaultSurroundings surroundings(topology_, {&faults_->timeline()});
  const std::string prefix = fmt::format("recovery/{}/{}/", config.name.value, fault.number);
  const auto answered = answer(fault.config, sim_.now(), surroundings, prefix, false);
  add_to_service(answered);
  for (std::size_t p = 0; p < plans_.size(); ++p) {
    // A source that is not down goes on serving until its clients are redirected.
    const bool source_stops = stops_service(config.kind) && config.kind != FaultKind::grey;
    if (answered[p]) move_away(*plans_[p], answered[p]->outcome, source_stops, prefix + plans_[p]->data->plan->config().name.value + "/");
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

std::vector<std::optional<PlanAnswered>> DisasterNode::answer(std::size_t fault, Time at, const FaultSurroundings& surroundings,
                                                              const std::string& prefix, bool in_branch) {
  const FaultConfig& config = data_.disasters.faults[fault];
  std::vector<std::optional<PlanAnswered>> all(plans_.size());
  std::vector<PlanAnswer> answers;
  std::vector<std::size_t> numbers;
  for (std::size_t p = 0; p < plans_.size(); ++p) {
    Plan& plan = *plans_[p];
    if (std::find(plan.data->answers.begin(), plan.data->answers.end(), fault) == plan.data->answers.end()) continue;
    if (in_branch ? was_away(plan, at) : plan.away.has_value()) {
      ++plan.struck_while_away;
      continue;
    }
    numbers.push_back(p);
    answers.push_back({.plan = plan.data,
                       .hit = struck(*plan.data->plan, config),
                       .stream_prefix = fmt::format("{}{}/", prefix, plan.data->plan->config().name.value),
                       .keep_course = keep_courses_ && !plan.course,
                       .grey = config.kind == FaultKind::grey});
  }
  if (answers.empty()) return all;
  DisasterCourse course(sim_, data_.disasters, data_.run.start, protection_, at, surroundings);
  std::vector<PlanAnswered> results = course.carry_out(answers, false, in_branch);
  digest_ = std::rotl(digest_, 7) ^ course.fingerprint();
  for (std::size_t a = 0; a < answers.size(); ++a) {
    Plan& plan = *plans_[numbers[a]];
    if (answers[a].keep_course) {
      plan.course = course_in_words(*plan.data->plan, results[a], surroundings.after(at), config.name.value, data_.run.start);
    }
    count_disaster(plan, results[a], answers[a].stream_prefix);
    all[numbers[a]] = std::move(results[a]);
  }
  return all;
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

void DisasterNode::count_disaster(Plan& plan, const PlanAnswered& answered, const std::string& prefix) {
  const OutageCostConfig& cost = plan.data->plan->config().outage_cost;
  std::optional<OutageCost> drawn;
  if (!cost.bands.empty() || cost.per_hour > UsdPerHour{}) {
    Stream stream = sim_.stream(prefix + "outage_cost");
    drawn = draw_outage_cost(cost, outage_of(plan.data->plan->config(), answered.outcome), stream);
  }
  plan.disasters.add(answered.outcome, drawn ? std::optional(drawn->cost) : std::nullopt, drawn ? drawn->band : std::nullopt);
  if (!answered.failback) return;
  plan.disasters.add_failback(*answered.failback);
  if (answered.failback->ready_again) {
    plan.disasters.add_failover_cost(plan.failover_bill.cost_of_use(answered.outcome, *answered.failback->ready_again));
  }
}

void DisasterNode::add_to_service(const std::vector<std::optional<PlanAnswered>>& answered) {
  const bool any = std::any_of(answered.begin(), answered.end(), [](const auto& each) { return each.has_value(); });
  if (!any || plans_.size() < 2) return;
  ++service_disasters_;
  std::optional<Duration> rpa, rta;
  bool lost = false, failed = false;
  for (const auto& each : answered) {
    if (!each) continue;
    rpa = std::max(rpa, each->outcome.rpa);
    rta = std::max(rta, each->outcome.rta);
    lost = lost || each->outcome.total_loss;
    failed = failed || !each->outcome.rta;
  }
  if (rpa || lost) service_rpa_.add(lost ? std::nullopt : std::optional(to_seconds(*rpa)));
  service_rta_.add(failed ? std::nullopt : std::optional(to_seconds(*rta)));
}

// --- away, and back

/// The data that lives at the target after the outcome.
std::vector<DataId> DisasterNode::moved(const RecoveryPlan& plan, const RecoveryOutcome& outcome) {
  std::vector<DataId> all;
  for (std::size_t r = 0; r < plan.resources().size(); ++r) {
    if (outcome.resources[r].rpa && plan.resources()[r].data) all.push_back(*plan.resources()[r].data);
  }
  return all;
}

void DisasterNode::move_away(Plan& plan, const RecoveryOutcome& outcome, bool source_stops, const std::string& prefix) {
  const RecoveryPlan& recovery = *plan.data->plan;
  if (outcome.failed) {
    const Duration from = std::max(measured_from_ - outcome.disaster, Duration{});
    plan.failover_bill.charge(outcome, from, std::min(outcome.ended_after, Time::at(data_.run.duration) - outcome.disaster));
    return;
  }
  if (recovery.config().protects.value == recovery.config().target.value) return replace_volumes(recovery, outcome);
  plan.away.emplace(Away{.outcome = outcome, .failback = {}});
  const Time served = outcome.disaster + *outcome.rta;
  for (const DataId data : moved(recovery, outcome)) {
    if (source_stops) protection_->given_up(data);
    sim_.schedule_at(*this, served, DataMoved{data.index});
  }
  if (!comes_back(recovery) || !outcome.source_back) return;
  plan.away->failback = std::make_unique<PlanFailback>(sim_, recovery, *this, prefix, this);
  plan.away->failback->begin(outcome.disaster, served, *outcome.source_back, sent_back(outcome));
}

void DisasterNode::replace_volumes(const RecoveryPlan& plan, const RecoveryOutcome& outcome) {
  for (std::size_t r = 0; r < plan.resources().size(); ++r) {
    const std::optional<DataId>& data = plan.resources()[r].data;
    if (!data || !outcome.resources[r].rpa || !outcome.resources[r].source_gone) continue;
    sim_.schedule_at(*this, outcome.disaster + *outcome.rta, VolumeReplaced{data->index});
  }
}

void DisasterNode::on(const DataMoved& event) { protection_->failed_over(DataId{event.data}); }

void DisasterNode::on(const VolumeReplaced& event) { protection_->volume_back(DataId{event.data}); }

Bytes DisasterNode::send_back(DataId data, SiteId from, SiteId to, bool full, Time changed_since, BytesPerSecond most) {
  return protection_->fail_back(data, from, to, full ? Resync::full : Resync::partial, changed_since, most);
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
    if (!failback.outcome()->ready_again) return;  // it stays where it is
    for (const DataId data : moved(*plan->data->plan, plan->away->outcome)) protection_->failed_back(data);
    plan->disasters.add_failover_cost(plan->failover_bill.cost_of_use(plan->away->outcome, *failback.outcome()->ready_again));
    if (plan->course && plan->disasters.count() == 1) add_return(*plan->course, *failback.outcome());
    charge_away(*plan);
    plan->was_away.emplace_back(plan->away->outcome.disaster, sim_.now());
    plan->ended.push_back(std::move(plan->away->failback));
    plan->away.reset();
    return;
  }
}

bool DisasterNode::was_away(const Plan& plan, Time at) const {
  if (plan.away && at >= plan.away->outcome.disaster) return true;
  return std::any_of(plan.was_away.begin(), plan.was_away.end(),
                     [&](const auto& span) { return at >= span.first && at < span.second; });
}

void DisasterNode::charge_away(Plan& plan) {
  const Duration from = std::max(measured_from_ - plan.away->outcome.disaster, Duration{});
  plan.failover_bill.charge(plan.away->outcome, from, sim_.now() - plan.away->outcome.disaster);
}

void DisasterNode::finish() {
  for (auto& plan : plans_) {
    for (Standing& standing : plan->standing) {
      for (const InstanceMeter& meter : standing.meters) billing_.stop(meter, EndedBy::horizon);
    }
    if (plan->away) charge_away(*plan);
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

std::vector<ResultCourse> DisasterNode::courses() const {
  std::vector<ResultCourse> all;
  for (const auto& plan : plans_) {
    if (plan->course) all.push_back(*plan->course);
  }
  return all;
}

}  // namespace fleetsim::scenario
