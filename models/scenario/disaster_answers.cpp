// The plans that answer disasters: carried out beside each other while they overlap, and counted when nothing can delay them.

#include <algorithm>
#include <bit>
#include <iterator>

#include <fmt/format.h>

#include "models/scenario/course_words.hpp"
#include "models/scenario/disaster_node.hpp"

namespace fleetsim::scenario {

namespace {

/// Whether the run goes on after one outcome as after the other.
bool same_for_the_run(const RecoveryOutcome& a, const RecoveryOutcome& b) {
  const auto same_data = [](const ResourceOutcome& x, const ResourceOutcome& y) {
    return x.rpa == y.rpa && x.source_gone == y.source_gone;
  };
  return a.failed == b.failed && a.rta == b.rta && a.source_back == b.source_back && a.unnoticed == b.unnoticed && a.went_on == b.went_on &&
         std::equal(a.resources.begin(), a.resources.end(), b.resources.begin(), same_data);
}

/// Whether the plan puts right what was lost where it was: another volume may be lost meanwhile.
bool in_place(const RecoveryPlanConfig& plan) { return plan.protects.value == plan.target.value; }

}  // namespace

std::unique_ptr<DisasterNode::Disaster> DisasterNode::call(const Fault& fault, std::string prefix, std::vector<bool>* away) {
  const FaultConfig& config = data_.disasters.faults[fault.config];
  auto disaster = std::make_unique<Disaster>();
  disaster->fault = fault;
  disaster->prefix = std::move(prefix);
  disaster->answers.at = fault.begin;
  for (std::size_t p = 0; p < plans_.size(); ++p) {
    Plan& plan = *plans_[p];
    if (std::find(plan.data->answers.begin(), plan.data->answers.end(), fault.config) == plan.data->answers.end()) continue;
    const bool busy = away != nullptr ? (*away)[p] || was_away_or_in_vain(plan, fault.begin)
                                      : plan.away.has_value() || plan.in_vain_until > fault.begin;
    if (busy) {
      ++plan.struck_while_away;
      continue;
    }
    if (away != nullptr) (*away)[p] = true;
    disaster->plans.push_back(p);
    disaster->answers.plans.push_back(
        {.plan = plan.data,
         .hit = struck(*plan.data->plan, config),
         .stream_prefix = fmt::format("{}{}/", disaster->prefix, plan.data->plan->config().name.value),
         .keep_course = keep_courses_ && !plan.course,
         .grey_until = config.kind == FaultKind::grey ? std::optional(fault.end) : std::nullopt,
         // A source that is not down goes on serving until its clients are redirected.
         .source_stops = stops_service(config.kind) && config.kind != FaultKind::grey});
  }
  disaster->moves.resize(disaster->plans.size());
  return disaster->plans.empty() ? nullptr : std::move(disaster);
}

void DisasterNode::carry_out(Overlap& overlap, const FaultSurroundings& surroundings) {
  std::vector<const Answers*> all;
  for (const auto& disaster : overlap.disasters) all.push_back(&disaster->answers);
  DisasterCourse course(sim_, data_.disasters, data_.run.start, protection_, all.front()->at, surroundings, clusters_.get());
  std::vector<std::vector<PlanAnswered>> results = course.carry_out(all, false);
  overlap.digest = course.fingerprint();
  overlap.ends = Time{};
  for (std::size_t d = 0; d < overlap.disasters.size(); ++d) {
    Disaster& disaster = *overlap.disasters[d];
    const bool anew = disaster.results.empty();
    for (std::size_t a = 0; a < disaster.plans.size(); ++a) {
      PlanAnswered& result = results[d][a];
      const RecoveryPlanConfig& config = plans_[disaster.plans[a]]->data->plan->config();
      const Time ends = result.outcome.disaster + result.outcome.ended_after;
      plans_[disaster.plans[a]]->in_vain_until = result.outcome.failed && !in_place(config) ? ends : Time{};
      overlap.ends = std::max(overlap.ends, ends);
      if (anew) {
        disaster.results.push_back(std::move(result));
        move_away(disaster, a, true);
        continue;
      }
      result.way_back = disaster.results[a].way_back;
      if (same_for_the_run(disaster.results[a].outcome, result.outcome)) {
        disaster.results[a] = std::move(result);
      } else {
        call_off(disaster, a);
        std::swap(disaster.results[a], result);
        move_away(disaster, a, false);
        if (disaster.results[a].outcome.failed) stay_at_home(disaster, a, result.outcome);
      }
      Plan& plan = *plans_[disaster.plans[a]];
      if (plan.away && plan.away->outcome.disaster == disaster.fault.begin) plan.away->outcome = disaster.results[a].outcome;
    }
  }
}

void DisasterNode::settle() {
  if (open_.disasters.empty()) return;
  const FaultSurroundings surroundings(topology_, {&faults_->timeline()});
  for (auto& disaster : open_.disasters) {
    count(*disaster, surroundings);
    for (std::size_t a = 0; a < disaster->plans.size(); ++a) {
      const RecoveryOutcome& outcome = disaster->results[a].outcome;
      const Duration from = std::max(measured_from_ - outcome.disaster, Duration{});
      const Duration until = std::min(outcome.ended_after, Time::at(data_.run.duration) - outcome.disaster);
      Plan& plan = *plans_[disaster->plans[a]];
      plan.failover_bill.charge_retrieval(outcome, from, until);
      if (!outcome.failed) continue;
      plan.failover_bill.charge(outcome, from, until);
      // A what-if instant meanwhile does not begin it once more either.
      if (!in_place(plan.data->plan->config())) plan.in_vain.emplace_back(outcome.disaster, outcome.disaster + outcome.ended_after);
    }
  }
  digest_ = std::rotl(digest_, 7) ^ open_.digest;
  Overlap settled = std::exchange(open_, {});
  if (!asks_what_if_ || !plans_share_) return;
  for (auto& disaster : settled.disasters) disaster->results = {};  // only who was called is asked for again
  settled_.push_back(std::move(settled));
}

void DisasterNode::count(Disaster& disaster, const FaultSurroundings& surroundings) {
  for (std::size_t a = 0; a < disaster.plans.size(); ++a) {
    Plan& plan = *plans_[disaster.plans[a]];
    const PlanAnswered& answered = disaster.results[a];
    if (disaster.answers.plans[a].keep_course && !plan.course) {
      plan.course = course_in_words(*plan.data->plan, answered, surroundings.after(disaster.fault.begin),
                                    data_.disasters.faults[disaster.fault.config], data_.run.start, copied_anew(*plan.data->plan));
      plan.course_of = disaster.fault.begin;
      if (answered.way_back) add_return(*plan.course, *answered.way_back, copied_anew(*plan.data->plan));
    }
    if (disaster.counts) count_disaster(plan, answered, disaster.answers.plans[a].stream_prefix);
  }
  if (disaster.counts) add_to_service(disaster);
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

void DisasterNode::add_to_service(const Disaster& disaster) {
  if (plans_.size() < 2) return;
  ++service_disasters_;
  std::optional<Duration> rpa, rta;
  bool lost = false, failed = false;
  for (const PlanAnswered& each : disaster.results) {
    rpa = std::max(rpa, each.outcome.rpa);
    rta = std::max(rta, each.outcome.rta);
    lost = lost || each.outcome.total_loss;
    failed = failed || !each.outcome.rta;
  }
  if (rpa || lost) service_rpa_.add(lost ? std::nullopt : std::optional(to_seconds(*rpa)));
  service_rta_.add(failed ? std::nullopt : std::optional(to_seconds(*rta)));
}

/// Beside the plans of the run that are being carried out at the instant.
void DisasterNode::carry_out_branch(std::vector<std::unique_ptr<Disaster>> disasters, const FaultSurroundings& surroundings,
                                    Time from) {
  const Time at = disasters.front()->fault.begin;
  std::vector<const Answers*> all;
  for (const Overlap& overlap : settled_) {
    if (overlap.ends <= at) continue;
    for (const auto& other : overlap.disasters) {
      if (other->fault.begin <= at) all.push_back(&other->answers);
    }
  }
  const std::size_t of_run = all.size();
  for (const auto& disaster : disasters) all.push_back(&disaster->answers);
  std::optional<ClusterViews> clusters;
  if (clusters_) clusters.emplace(*clusters_, surroundings, sim_, disasters.front()->prefix, from);
  DisasterCourse course(sim_, data_.disasters, data_.run.start, protection_, all.front()->at, surroundings, clusters ? &*clusters : nullptr);
  std::vector<std::vector<PlanAnswered>> results = course.carry_out(all, false);
  // Their ways back share the links too.
  std::vector<PlanAnswer> answers;
  std::vector<PlanAnswered> answered;
  for (std::size_t d = 0; d < disasters.size(); ++d) {
    const std::vector<PlanAnswer>& plans = disasters[d]->answers.plans;
    answers.insert(answers.end(), plans.begin(), plans.end());
    std::move(results[of_run + d].begin(), results[of_run + d].end(), std::back_inserter(answered));
  }
  course.fail_back(answers, answered);
  digest_ = std::rotl(digest_, 7) ^ course.fingerprint();
  auto next = answered.begin();
  for (const auto& disaster : disasters) {
    const auto end = next + static_cast<std::ptrdiff_t>(disaster->plans.size());
    std::move(next, end, std::back_inserter(disaster->results));
    next = end;
    count(*disaster, surroundings);
  }
}

// --- what follows in the run

void DisasterNode::move_away(Disaster& disaster, std::size_t answer, bool anew) {
  Plan& plan = *plans_[disaster.plans[answer]];
  const RecoveryPlan& recovery = *plan.data->plan;
  const RecoveryOutcome& outcome = disaster.results[answer].outcome;
  if (outcome.unnoticed || outcome.went_on || outcome.failed) return;
  std::vector<EventHandle>& moves = disaster.moves[answer];
  if (in_place(recovery.config())) return replace_volumes(recovery, outcome, moves);
  plan.away.emplace(Away{.outcome = outcome, .failback = {}});
  const Time served = outcome.disaster + *outcome.rta;
  for (const std::size_t row : moved(recovery, outcome)) {
    const DataId data = *recovery.resources()[row].data;
    if (disaster.answers.plans[answer].source_stops && anew) protection_->given_up(data);
    const std::uint32_t promoted_at = restores(recovery, row) ? DataMoved::restored : recovery.resources()[row].target.index;
    if (served >= sim_.now()) moves.push_back(sim_.schedule_at(*this, served, DataMoved{data.index, promoted_at}));
  }
  if (!comes_back(recovery) || !outcome.source_back) return;
  plan.away->failback =
      std::make_unique<PlanFailback>(sim_, recovery, *this, disaster.answers.plans[answer].stream_prefix, this);
  plan.away->failback->begin(departure(disaster.answers.plans[answer], outcome), *outcome.source_back, sent_back(recovery, outcome));
}

void DisasterNode::call_off(Disaster& disaster, std::size_t answer) {
  for (const EventHandle& move : std::exchange(disaster.moves[answer], {})) sim_.cancel(move);
  Plan& plan = *plans_[disaster.plans[answer]];
  if (!plan.away || plan.away->outcome.disaster != disaster.fault.begin) return;
  if (plan.away->failback) {
    plan.away->failback->cancel();
    plan.ended.push_back(std::move(plan.away->failback));
  }
  plan.away.reset();
}

/// A plan that was to succeed fails, for want of what others took: what it was to move is served at home, when that is back.
void DisasterNode::stay_at_home(const Disaster& disaster, std::size_t answer, const RecoveryOutcome& expected) {
  // Of a volume that is lost there is nothing at home.
  if (expected.failed || data_.disasters.faults[disaster.fault.config].kind == FaultKind::volume) return;
  const RecoveryPlan& plan = *plans_[disaster.plans[answer]]->data->plan;
  if (in_place(plan.config())) return;
  for (const std::size_t row : moved(plan, expected)) protection_->failed_back(*plan.resources()[row].data);
}

void DisasterNode::replace_volumes(const RecoveryPlan& plan, const RecoveryOutcome& outcome, std::vector<EventHandle>& moves) {
  const Time served = outcome.disaster + *outcome.rta;
  for (std::size_t r = 0; r < plan.resources().size() && served >= sim_.now(); ++r) {
    const std::optional<DataId>& data = plan.resources()[r].data;
    if (!data || !outcome.resources[r].rpa || !outcome.resources[r].source_gone) continue;
    moves.push_back(sim_.schedule_at(*this, served, VolumeReplaced{data->index}));
  }
}

}  // namespace fleetsim::scenario
