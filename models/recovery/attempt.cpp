// One attempt of a task: approval, API calls, a place with capacity, how long it takes, what follows a failure.

#include "fleetsim/models/recovery/execution.hpp"

#include <algorithm>
#include <cmath>

namespace fleetsim {

void PlanExecution::begin_attempt(TaskId task) {
  if (outcome_.finished) return;
  const StepConfig& step = step_of(task);
  if (step.needs_approval && !approved_until(task)) {
    ++outcome_.steps[step_number(task)].denied;
    return step.asks_again ? ask_again(task) : task_failed(task);
  }
  Duration wait;
  if (const std::optional<RequestRate>& rate = setting_.plan.config().api_rate; rate && step.needs_control_plane) {
    // A token bucket that refills at `rate` up to `burst` calls: calls are worked off one after another, and the bucket
    // lets so many of them begin early.
    const PlanResource* resource = resource_of(task);
    const std::int64_t each = step.kind == StepKind::boot && resource != nullptr ? resource->count - resource->standing : 1;
    const Duration call = Duration::of(1'000'000'000'000'000 / rate->count());
    api_busy_until_ = std::max(api_busy_until_, sim_.now()) + call * (step.api_calls * each);
    wait = std::max(Duration{}, api_busy_until_ - call * setting_.plan.config().api_burst - sim_.now());
  }
  if (wait > Duration{}) return schedule<TaskAttemptBegun>(task, wait);
  on(TaskAttemptBegun{static_cast<std::uint32_t>(task), tasks_[task].turn});
}

bool PlanExecution::works_at_target(TaskId task) const {
  switch (step_of(task).kind) {
    case StepKind::promote:
    case StepKind::restore:
    case StepKind::provision:
    case StepKind::boot:
    case StepKind::warm:
    case StepKind::verify: return true;
    default: return false;
  }
}

std::optional<Place> PlanExecution::place_for(const PlanResource* resource) const {
  const Time now = sim_.now();
  const auto up = [&](const Place& place) { return drill_ || surroundings_.up(place, now); };
  if (resource == nullptr || resource->target_zones.empty()) {
    const Place site{.site = resource != nullptr ? resource->target : setting_.plan.resources().front().target, .zone = {}};
    return up(site) ? std::optional(site) : std::nullopt;
  }
  for (const ZoneId zone : resource->target_zones) {
    if (const Place place{.site = resource->target, .zone = zone}; up(place)) return place;
  }
  return std::nullopt;
}

bool PlanExecution::lacks_something(TaskId task) const {
  const StepKind kind = step_of(task).kind;
  const std::vector<PlanResource>& all = setting_.plan.resources();
  if (const PlanResource* resource = resource_of(task)) {
    return resource->lacking && (kind == StepKind::provision || kind == StepKind::boot || kind == StepKind::restore ||
                                 kind == StepKind::promote);
  }
  return kind == StepKind::provision && std::any_of(all.begin(), all.end(), [](const PlanResource& r) { return r.lacking; });
}

bool PlanExecution::launch(TaskId task) {
  Task& t = tasks_[task];
  const PlanResource& resource = *resource_of(task);
  std::size_t rung = resource.wanted;
  if (resource.ladder.empty() || drill_ || resource.reserved) {
    t.rung = rung;
    return true;
  }
  std::vector<Place> places;
  for (const ZoneId zone : resource.target_zones) places.push_back({.site = resource.target, .zone = zone});
  if (places.empty()) places.push_back({.site = resource.target, .zone = {}});
  for (;;) {
    for (const Place& place : places) {
      if (!surroundings_.up(place, sim_.now()) ||
          !surroundings_.has_capacity(place, resource.ladder[rung].name, resource.count - resource.standing, sim_.now())) {
        continue;
      }
      t.rung = rung;
      t.place = place;
      return true;
    }
    const TypeFallback fallback = setting_.plan.config().fallback;
    if (fallback == TypeFallback::larger && rung + 1 < resource.ladder.size()) {
      ++rung;
    } else if (fallback == TypeFallback::smaller && rung > 0) {
      --rung;
    } else {
      return false;
    }
  }
}

void PlanExecution::on(const TaskAttemptBegun& event) {
  if (stale(event.task, event.turn)) return;
  const TaskId task = event.task;
  Task& t = tasks_[task];
  const StepConfig& step = step_of(task);
  StepOutcome& outcome = outcome_.steps[step_number(task)];
  ++t.attempts;
  ++outcome.attempts;
  outcome.ran = true;
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  if ((step.kind == StepKind::restore || step.kind == StepKind::promote) && row && !used_[*row]) {
    return task_failed(task);  // nothing is left to restore
  }
  if (lacks_something(task)) return task_failed(task);
  if (works_at_target(task)) {
    t.place = place_for(resource_of(task));
    if (!t.place) return attempt_failed(task);
    if (step.needs_control_plane && !drill_ && !surroundings_.control_plane_up(t.place->site, sim_.now())) {
      return attempt_failed(task);
    }
    if (step.kind == StepKind::boot && resource_of(task) != nullptr && !launch(task)) return attempt_failed(task);
  }
  Duration duration = draw_duration(task);
  t.attempt_fails = step.failure_probability.value > 0 && stream_of(task).chance(step.failure_probability.value);
  t.final_failure = false;
  if (step.timeout && duration > *step.timeout) {
    duration = *step.timeout;
    t.attempt_fails = true;
    ++outcome.cut_off;
  }
  if (step.ends_at_expiry) {
    const std::optional<Time> until = approved_until(task);
    if (until && *until - sim_.now() < duration) {
      duration = *until - sim_.now();
      t.attempt_fails = t.final_failure = true;
      ++outcome.cut_off;
    }
  }
  schedule<TaskAttemptEnded>(task, duration);
}

double PlanExecution::slowness(TaskId task) const {
  std::int64_t wanted = 0, found = 0;
  const auto add = [&](std::size_t row, std::optional<std::size_t> rung) {
    const PlanResource& resource = setting_.plan.resources()[row];
    if (resource.ladder.empty()) return;
    const std::int64_t standing = std::min(resource.standing, resource.count);
    const std::int64_t vcpus = resource.ladder[resource.wanted].vcpus;
    wanted += vcpus * resource.count;
    found += (rung ? launched_type(resource, *rung).vcpus : vcpus) * (resource.count - standing) + vcpus * standing;
  };
  const std::optional<std::size_t>& own = setting_.plan.tasks()[task].resource;
  for (TaskId other = 0; other < tasks_.size(); ++other) {
    const std::optional<std::size_t>& row = setting_.plan.tasks()[other].resource;
    if (step_of(other).kind == StepKind::boot && row && (!own || own == row)) add(*row, tasks_[other].rung);
  }
  return found > 0 ? static_cast<double>(wanted) / static_cast<double>(found) : 1;
}

Duration PlanExecution::draw_duration(TaskId task) {
  const StepConfig& step = step_of(task);
  const PlanResource* resource = resource_of(task);
  Task& t = tasks_[task];
  Duration duration;
  if (step.kind == StepKind::detect && !drill_ && surroundings_.grey(outcome_.disaster) && step.grey_after) {
    duration = step.grey_after->sample(stream_of(task));
  } else if (step.kind == StepKind::detect && step.health_check) {
    duration = detection_time(*step.health_check, stream_of(task));
  } else if (step.kind == StepKind::boot && resource != nullptr) {
    // The last of n independent boots: its distribution function is the n-th power of one's.
    const auto n = static_cast<double>(std::max<std::int64_t>(1, resource->count - resource->standing));
    duration = step.duration.quantile(std::min(std::pow(stream_of(task).uniform(), 1 / n), 1 - 0x1p-53));
  } else {
    duration = step.duration.sample(stream_of(task));
  }
  if (step.cpu_bound) {
    if (const double ratio = slowness(task); ratio != 1) duration = seconds(to_seconds(duration) * ratio);
  }
  if (step.kind == StepKind::redirect && step.dns) duration += redirection_time(*step.dns);
  if (step.approval) duration += step.approval->starts_after;
  if (step.kind == StepKind::restore && step.hydration && resource != nullptr) {
    double rate = static_cast<double>(step.hydration->count());
    if (step.hydration_spread > 0) {
      rate *= Distribution(LogNormal{.median = 1, .sigma = step.hydration_spread}).sample(stream_of(task));
    }
    const std::size_t row = *setting_.plan.tasks()[task].resource;
    const Duration loading = seconds(static_cast<double>(used_[row]->restored.count()) / rate);
    t.loaded_at = sim_.now() + duration + loading;
    if (step.hydrate_first) duration += loading;
  }
  return duration;
}

void PlanExecution::on(const TaskAttemptEnded& event) {
  if (stale(event.task, event.turn)) return;
  const Task& t = tasks_[event.task];
  if (!t.attempt_fails) return end_task(event.task, true);
  t.final_failure ? task_failed(event.task) : attempt_failed(event.task);
}

void PlanExecution::attempt_failed(TaskId task) {
  const StepRetryConfig& retry = step_of(task).retry;
  ++outcome_.steps[step_number(task)].failed_attempts;
  tasks_[task].loaded_at.reset();
  if (retry.attempts > 0 && tasks_[task].attempts >= retry.attempts) return task_failed(task);
  schedule<TaskRetryDue>(task, retry.every);
}

void PlanExecution::on(const TaskRetryDue& event) {
  if (!stale(event.task, event.turn)) begin_attempt(event.task);
}

void PlanExecution::task_failed(TaskId task) {
  const StepConfig& step = step_of(task);
  if (step.may_fail || step.needed_for == NeededFor::nothing) return end_task(task, false);
  fail();
}

// --- approvals

std::optional<Time> PlanExecution::approved_until(TaskId task) const {
  const std::optional<std::size_t> approval = approval_of_[step_number(task)];
  if (!approval) return std::nullopt;
  const auto tag = tags_.find(setting_.plan.steps()[*approval].approval->principal);
  if (tag == tags_.end() || tag->second.step != *approval || sim_.now() >= tag->second.until) return std::nullopt;
  if (tag->second.resource && tag->second.resource != setting_.plan.tasks()[task].resource) return std::nullopt;
  return tag->second.until;
}

void PlanExecution::grant(TaskId approval) {
  const std::size_t step = step_number(approval);
  const ApprovalConfig& config = *step_of(approval).approval;
  tags_[config.principal] = {.step = step,
                             .resource = setting_.plan.tasks()[approval].resource,
                             .until = sim_.now() + config.valid_for};
}

void PlanExecution::ask_again(TaskId task) {
  const std::size_t step = *approval_of_[step_number(task)];
  const std::vector<TaskId>& approvals = setting_.plan.tasks_of(step);
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  TaskId approval = approvals.front();
  for (const TaskId candidate : approvals) {
    if (setting_.plan.tasks()[candidate].resource == row) approval = candidate;
  }
  release(task);
  awaiting_approval_.emplace_back(approval, task);
  if (tasks_[approval].state != State::done) return;  // on its way
  ++tasks_[approval].turn;
  tasks_[approval].attempts = 0;
  --steps_[step].done;
  become_ready(approval);
}

}  // namespace fleetsim
