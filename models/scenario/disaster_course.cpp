#include "models/scenario/disaster_course.hpp"

#include <algorithm>
#include <array>

namespace fleetsim::scenario {

Bytes BranchWayBack::send_back(DataId data, SiteId from, SiteId to, bool full, const Divergence& since, BytesPerSecond most) {
  return branch_.fail_back(data, from, to, full ? Resync::full : Resync::partial, since, most);
}

void BranchWayBack::failback_in_sync(DataId data) {
  for (PlanFailback* failback : failbacks_) failback->in_sync(data);
}

bool anything_shared(const DisasterData& data) {
  return std::any_of(data.plans.begin(), data.plans.end(), [](const RecoveryPlanData& each) {
    const RecoveryPlanConfig& plan = each.plan->config();
    return plan.api_rate || plan.restores_max > 0 || plan.restore_bandwidth ||
           std::any_of(plan.steps.begin(), plan.steps.end(), [](const StepConfig& step) { return step.people.has_value(); });
  });
}

bool comes_back(const RecoveryPlan& plan) {
  return plan.config().failback && plan.config().protects.value != plan.config().target.value;
}

bool restores(const RecoveryPlan& plan, std::size_t resource) {
  return std::any_of(plan.tasks().begin(), plan.tasks().end(), [&](const PlanTask& task) {
    return task.resource == resource && plan.steps()[task.step].kind == StepKind::restore;
  });
}

Departure departure(const PlanAnswer& answer, const RecoveryOutcome& outcome) {
  const Time served = outcome.disaster + *outcome.rta;
  return {.disaster = outcome.disaster, .stopped = answer.source_stops ? outcome.disaster : served, .served = served};
}

std::vector<SentBack> sent_back(const RecoveryPlan& plan, const RecoveryOutcome& outcome) {
  std::vector<SentBack> sent;
  for (std::size_t r = 0; r < outcome.resources.size(); ++r) {
    const ResourceOutcome& own = outcome.resources[r];
    const bool all = own.source_gone || plan.resources()[r].managed;
    if (!own.rpa) {
      sent.emplace_back();
    } else {
      sent.push_back({.what = all ? SentBack::What::all : SentBack::What::changed, .point = outcome.disaster - *own.rpa});
    }
  }
  return sent;
}

DisasterCourse::DisasterCourse(const Simulation& run, const DisasterData& data, config::UtcTime run_start,
                               const DataReplication* protection, Time at, const FaultSurroundings& surroundings,
                               const Clusters* clusters)
    : course_({.seed = run.seed(), .replication = run.replication()}), data_(data), run_start_(run_start),
      protection_(protection), surroundings_(surroundings), clusters_(clusters) {
  course_.run_until(at);
}

std::vector<std::vector<PlanAnswered>> DisasterCourse::carry_out(std::span<const Answers* const> disasters, bool drill) {
  // What a site takes is no matter of who answers what: so a later disaster changes nothing of what was before it.
  std::vector<const RecoveryPlan*> plans;
  for (const RecoveryPlanData& plan : data_.plans) plans.push_back(plan.plan.get());
  SharedWork shared(course_, data_.people, run_start_, limits_of(plans));
  struct Group {
    std::unique_ptr<ProtectedPoints> points;
    std::vector<std::unique_ptr<PlanExecution>> executions;
  };
  std::vector<Group> groups;
  for (const Answers* disaster : disasters) {
    course_.run_until(disaster->at);
    Group& group = groups.emplace_back();
    group.points = std::make_unique<ProtectedPoints>(protection_, surroundings_.zones_down(disaster->at), &data_.fast_restores);
    for (const PlanAnswer& answer : disaster->plans) {
      const ExecutionSetting setting{.plan = *answer.plan->plan, .people = data_.people, .target_built = answer.plan->target_built,
                                     .grey = answer.grey_until.has_value(), .grey_until = answer.grey_until.value_or(Time::max()),
                                     .clusters = clusters_};
      group.executions.push_back(
          std::make_unique<PlanExecution>(course_, setting, shared, *group.points, surroundings_, answer.stream_prefix, drill));
      if (answer.keep_course) group.executions.back()->keep_course();
    }
    for (std::size_t e = 0; e < group.executions.size(); ++e) group.executions[e]->begin(disaster->plans[e].hit);
  }
  course_.run();
  std::vector<std::vector<PlanAnswered>> results;
  for (const Group& group : groups) {
    std::vector<PlanAnswered>& own = results.emplace_back();
    for (const auto& execution : group.executions) {
      invariant(execution->finished(), "a plan ends, or gives up in time");
      own.push_back({.outcome = execution->outcome(), .failback = {}});
    }
  }
  return results;
}

void DisasterCourse::fail_back(const std::vector<PlanAnswer>& answers, std::vector<PlanAnswered>& results) {
  const auto returns = [&](std::size_t a) { return comes_back(*answers[a].plan->plan) && results[a].outcome.source_back; };
  bool any = false;
  for (std::size_t a = 0; a < answers.size(); ++a) any = any || returns(a);
  if (!any) return;
  // The ways back begin long after most plans have ended, and share nothing with them: one clock after the other.
  Simulation course({.seed = course_.seed(), .replication = course_.replication()});
  course.run_until(results.front().outcome.disaster);
  std::optional<BranchWayBack> way;
  if (protection_ != nullptr) way.emplace(course, *protection_, surroundings_);
  struct Nowhere final : WayBack {
    Bytes send_back(DataId, SiteId, SiteId, bool, const Divergence&, BytesPerSecond) override { return {}; }
  } nowhere;
  std::vector<std::unique_ptr<PlanFailback>> failbacks(answers.size());
  for (std::size_t a = 0; a < answers.size(); ++a) {
    if (!returns(a)) continue;
    const RecoveryPlan& plan = *answers[a].plan->plan;
    const RecoveryOutcome& outcome = results[a].outcome;
    WayBack& own = way ? static_cast<WayBack&>(*way) : nowhere;
    failbacks[a] = std::make_unique<PlanFailback>(course, plan, own, answers[a].stream_prefix);
    if (way) way->add(*failbacks[a]);
    failbacks[a]->begin(departure(answers[a], outcome), *outcome.source_back, sent_back(plan, outcome));
  }
  course.run();
  for (std::size_t a = 0; a < answers.size(); ++a) {
    if (failbacks[a]) results[a].failback = failbacks[a]->outcome();
  }
}

}  // namespace fleetsim::scenario
