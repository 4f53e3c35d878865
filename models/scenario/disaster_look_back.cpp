// What is asked of a run when it is over: a disaster at each of many instants, each in a branch of its own, and drills.

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "models/scenario/disaster_node.hpp"

namespace fleetsim::scenario {

namespace {

std::optional<double> in_seconds(const std::optional<Duration>& d) {
  return d ? std::optional(to_seconds(*d)) : std::nullopt;
}

ResultDrill drill_result(const RecoveryPlan& plan, const RecoveryOutcome& outcome, config::UtcTime run_start, bool met) {
  const std::int64_t seconds = outcome.disaster.since_start().count() / nanoseconds_per_second;
  ResultDrill drill{.plan = plan.config().name.value,
                    .time = config::to_text(config::UtcTime{run_start.seconds_since_1970 + seconds}),
                    .whole = {in_seconds(outcome.rpa), in_seconds(outcome.rta), in_seconds(outcome.full_speed)},
                    .rpo_met = meets_rpo(plan.config(), outcome),
                    .rto_met = meets_rto(plan.config(), outcome),
                    .passed = met,
                    .resources = {}};
  for (std::size_t r = 0; r < outcome.resources.size(); ++r) {
    const ResourceOutcome& own = outcome.resources[r];
    drill.resources.push_back({plan.resources()[r].name, {in_seconds(own.rpa), in_seconds(own.rta), in_seconds(own.full_speed)}});
  }
  return drill;
}

}  // namespace

void DisasterNode::run_branches() {
  const auto& configs = data_.disasters.faults;
  for (std::size_t f = 0; f < configs.size(); ++f) {
    const std::vector<Time> instants = FaultTimeline::instants(configs[f], sim_, measured_from_, sim_.now());
    if (is_unanswered(f)) unanswered_ += instants.size();
    for (std::size_t branch = 0; branch < instants.size(); ++branch) {
      const FaultTimeline timeline =
          FaultTimeline::of_branch(configs, f, branch, instants[branch], sim_.seed(), sim_.replication());
      const FaultSurroundings surroundings(topology_, {&faults_->timeline(), &timeline});
      const std::string prefix = fmt::format("recovery/{}/{}/", configs[f].name.value, branch);
      std::vector<std::unique_ptr<Disaster>> disasters;
      std::vector<bool> away(plans_.size());
      for (const Fault& fault : timeline.faults()) {
        // Of what a fault brings after the end of the run no recovery point is known.
        const bool asked = &fault == &timeline.faults().front();
        if (!asked && fault.begin >= sim_.now()) continue;
        const std::string brought = asked ? prefix : fmt::format("{}{}/{}/", prefix, timeline.config(fault).name.value, fault.number);
        if (auto disaster = call(fault, brought, &away)) disasters.push_back(std::move(disaster));
      }
      if (!disasters.empty()) carry_out_branch(std::move(disasters), surroundings, instants[branch]);
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
    DisasterCourse course(sim_, data_.disasters, data_.run.start, protection_, *at, surroundings, clusters_.get());
    const std::vector<bool> all(recovery.resources().size(), true);
    const Answers drill{.at = *at, .plans = {{.plan = plan.data, .hit = all, .stream_prefix = prefix}}};
    const Answers* only = &drill;
    const RecoveryOutcome outcome = course.carry_out({&only, 1}, true).front().front().outcome;
    digest_ = std::rotl(digest_, 7) ^ course.fingerprint();
    plan.drills.add(outcome);
    plan.drilled = true;
    const bool met = !outcome.failed && meets_rpo(recovery.config(), outcome).value_or(true) &&
                     meets_rto(recovery.config(), outcome).value_or(true);
    if (met) {
      ++plan.drills_passed;
      plan.longest_without_drill = std::max(plan.longest_without_drill, *at - passed);
      passed = *at;
    }
    if (keep_courses_) plan.drill_results.push_back(drill_result(recovery, outcome, data_.run.start, met));
    plan.drill_bill.charge_retrieval(outcome, Duration{}, outcome.ended_after);
    plan.drill_bill.charge(outcome, Duration{}, outcome.rta.value_or(outcome.ended_after) + drills.kept_for);
  }
  plan.longest_without_drill = std::max(plan.longest_without_drill, sim_.now() - passed);
}

}  // namespace fleetsim::scenario
