// One attempt of a task: approval, API calls, a place with capacity, how long it takes, what follows a failure.

#include "fleetsim/models/recovery/execution.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fleetsim {

void PlanExecution::begin_attempt(TaskId task) {
  if (outcome_.finished) return;
  const StepConfig& step = step_of(task);
  if (denied(task)) return;
  if (step.needs_control_plane && !std::exchange(tasks_[task].calls_let_through, false)) {
    const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
    const std::int64_t each = step.kind == StepKind::boot && row ? launches(*row) : 1;
    const SiteId site = setting_.plan.resources()[row.value_or(0)].target;
    const Time through = shared_.calls_let_through(site, static_cast<Int128>(step.api_calls) * each,
                                                   outcome_.disaster + setting_.plan.config().gives_up_after);
    const Duration wait = through - sim_.now();
    if (wait > Duration{}) {
      tasks_[task].calls_let_through = true;
      tell(Happening::waits, task, "its calls to be let through");
      return schedule<TaskAttemptBegun>(task, wait);
    }
  }
  on(TaskAttemptBegun{static_cast<std::uint32_t>(task), tasks_[task].turn});
}

/// Without a valid approval a start is denied: asked for again, or failed.
bool PlanExecution::denied(TaskId task) {
  const StepConfig& step = step_of(task);
  if (!step.needs_approval || approved_until(task)) return false;
  ++outcome_.steps[step_number(task)].denied;
  tell(Happening::denied, task);
  step.asks_again ? ask_again(task) : task_failed(task);
  return true;
}

bool PlanExecution::works_at_target(TaskId task) const {
  switch (step_of(task).kind) {
    case StepKind::promote:
    case StepKind::restore:
    case StepKind::provision:
    case StepKind::boot:
    case StepKind::warm:
    case StepKind::verify:
    case StepKind::redirect: return true;
    default: return false;
  }
}

/// What was built at the target beforehand is there when the target is up, unless somebody deleted it.
bool PlanExecution::still_built(TaskId task) const {
  if (step_of(task).kind != StepKind::provision || !setting_.target_built) return false;
  const PlanResource* resource = resource_of(task);
  const SiteId site = resource != nullptr ? resource->target : setting_.plan.resources().front().target;
  return !surroundings_.destroyed({.site = site, .zone = {}}, {}, outcome_.disaster, sim_.now());
}

void PlanExecution::find_built(TaskId task) {
  Task& t = tasks_[task];
  t.place = place_for(resource_of(task));
  if (t.place) return end_task(task, true);
  ++t.attempts;
  ++outcome_.steps[step_number(task)].attempts;
  attempt_failed(task, "its place is down");
}

std::optional<Place> PlanExecution::place_for(const PlanResource* resource) const {
  const Time now = sim_.now();
  const auto up = [&](const Place& place) { return surroundings_.up(place, now); };
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
  const std::size_t row = *setting_.plan.tasks()[task].resource;
  std::size_t rung = resource.wanted;
  if (resource.ladder.empty() || drill_ || reserved_[row]) {
    t.rung = rung;
    return true;
  }
  std::vector<Place> places;
  for (const ZoneId zone : resource.target_zones) places.push_back({.site = resource.target, .zone = zone});
  if (places.empty()) places.push_back({.site = resource.target, .zone = {}});
  for (;;) {
    for (const Place& place : places) {
      if (!surroundings_.up(place, sim_.now()) ||
          !surroundings_.has_capacity(place, resource.ladder[rung].name, sim_.now())) {
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
  if (denied(task)) return;  // its approval expired while its calls waited; once asked for again, they have been let through
  t.calls_let_through = false;
  if (is_of_cluster(step.kind) && settled_by_cluster(task)) return;
  // The source is down, or counts as down: of a grey failure people change the record.
  if (step.kind == StepKind::redirect && step.dns && primary_answers(false, target_healthy())) {
    awaiting_target_.push_back(task);
    return tell(Happening::waits, task, "a healthy target: until then Route 53 answers the primary");
  }
  StepOutcome& outcome = outcome_.steps[step_number(task)];
  ++t.attempts;
  ++outcome.attempts;
  outcome.ran = true;
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  if ((step.kind == StepKind::restore || step.kind == StepKind::promote) && row && !used_[*row]) {
    tell(Happening::attempt_failed, task, "no data is left to restore");
    return task_failed(task);
  }
  if (lacks_something(task)) {
    tell(Happening::attempt_failed, task, "the target lacks what it needs");
    return task_failed(task);
  }
  std::string_view launched;
  if (works_at_target(task)) {
    t.place = place_for(resource_of(task));
    if (!t.place) return attempt_failed(task, "its place is down");
    if (step.needs_control_plane && !surroundings_.control_plane_up(t.place->site, sim_.now())) {
      return attempt_failed(task, "the control plane is down");
    }
    if (step.kind == StepKind::boot && resource_of(task) != nullptr) {
      if (!launch(task)) return attempt_failed(task, "no capacity");
      if (!resource_of(task)->ladder.empty()) launched = launched_type(*resource_of(task), *t.rung).name;
    }
  }
  if (is_of_cluster(step.kind)) {
    const std::optional<std::size_t> node = step.kind == StepKind::force_quorum ? node_to_force(step.cluster_row) : owner(step.cluster_row);
    if (!node) return attempt_failed(task, "no node of the cluster is up");
    if (step.kind == StepKind::cluster_failover) t.place = setting_.clusters->node_place(step.cluster_row, *node);
    launched = setting_.clusters->node_name(step.cluster_row, *node);
  }
  t.fast = has_fast_restore(task);
  if (t.fast) launched = "with a credit of fast restore";
  tell(Happening::begun, task, launched);
  t.began = sim_.now();
  Duration duration = draw_duration(task);
  t.attempt_fails = step.failure_probability.value > 0 && stream_of(task).chance(step.failure_probability.value);
  t.expires = false;
  t.stands_at.reset();
  t.cut_off.reset();
  // Loading before it is done goes on within the same bounds.
  if (step.timeout) t.cut_off = sim_.now() + *step.timeout;
  if (step.ends_at_expiry) {
    const std::optional<Time> until = approved_until(task);
    if (until && (!t.cut_off || *until < *t.cut_off)) {
      t.cut_off = *until;
      t.expires = true;
    }
  }
  if (t.cut_off && sim_.now() + duration > *t.cut_off) return schedule<TaskCutOff>(task, *t.cut_off - sim_.now());
  schedule<TaskAttemptEnded>(task, duration);
}

double PlanExecution::slowness(TaskId task) const {
  std::int64_t wanted = 0, found = 0;
  const auto add = [&](std::size_t row, std::optional<std::size_t> rung) {
    const PlanResource& resource = setting_.plan.resources()[row];
    if (resource.ladder.empty()) return;
    const std::int64_t vcpus = resource.ladder[resource.wanted].vcpus;
    wanted += vcpus * resource.count;
    found += (rung ? launched_type(resource, *rung).vcpus : vcpus) * launches(row) + vcpus * standing(row);
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
  Duration duration;
  if (step.kind == StepKind::detect && !drill_ && setting_.grey && step.grey_after) {
    duration = step.grey_after->sample(stream_of(task));
  } else if (step.kind == StepKind::detect && step.health_check) {
    duration = detection_time(*step.health_check, stream_of(task));
  } else if (step.kind == StepKind::boot && resource != nullptr) {
    // The last of n independent boots: its distribution function is the n-th power of one's.
    const auto n = static_cast<double>(std::max<std::int64_t>(1, launches(*setting_.plan.tasks()[task].resource)));
    duration = step.duration.quantile(std::min(std::pow(stream_of(task).uniform(), 1 / n), 1 - 0x1p-53));
  } else {
    duration = step.duration.sample(stream_of(task));
  }
  if (step.kind == StepKind::cluster_failover) {
    duration += setting_.clusters->takeover(step.cluster_row, lost_owner(step.cluster_row), sim_.now(), stream_of(task));
  }
  if (step.cpu_bound) {
    if (const double ratio = slowness(task); ratio != 1) duration = seconds(to_seconds(duration) * ratio);
  }
  if (step.kind == StepKind::redirect && step.dns) duration += redirection_time(*step.dns);
  if (step.approval) duration += step.approval->starts_after;
  if (step.kind == StepKind::restore && resource != nullptr) duration += used_[*setting_.plan.tasks()[task].resource]->retrieval;
  if (step.kind == StepKind::restore && step.hydration && resource != nullptr) {
    double rate = static_cast<double>(step.hydration->count());
    if (step.hydration_spread > 0) {
      rate *= Distribution(LogNormal{.median = 1, .sigma = step.hydration_spread}).sample(stream_of(task));
    }
    tasks_[task].load_rate = BytesPerSecond::of(std::max<std::int64_t>(1, std::llround(rate)));
  }
  return duration;
}

void PlanExecution::on(const TaskAttemptEnded& event) {
  if (stale(event.task, event.turn)) return;
  Task& t = tasks_[event.task];
  if (t.attempt_fails) return attempt_failed(event.task, "it failed");
  const StepConfig& step = step_of(event.task);
  if (step.kind == StepKind::restore || step.kind == StepKind::promote) t.stands_at = sim_.now();
  if (step.kind == StepKind::force_quorum && !force_quorum(event.task)) {
    return attempt_failed(event.task, "no node of the cluster is up");
  }
  const bool loads = step.kind == StepKind::restore && step.hydration && resource_of(event.task) != nullptr && !t.fast;
  if (loads) begin_loading(event.task);
  if (!loads || !step.hydrate_first) return end_task(event.task, true);
  if (t.cut_off) schedule<TaskCutOff>(event.task, *t.cut_off - sim_.now());
}

void PlanExecution::on(const TaskCutOff& event) {
  if (stale(event.task, event.turn)) return;
  ++outcome_.steps[step_number(event.task)].cut_off;
  const bool expired = tasks_[event.task].expires;
  attempt_failed(event.task, expired ? "its approval expired" : "it took too long", expired);
}

/// The snapshot has had fast restore long enough for a credit, in the zone of the volume.
bool PlanExecution::has_fast_restore(TaskId task) const {
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  if (step_of(task).kind != StepKind::restore || !row || !used_[*row] || !used_[*row]->fast_from) return false;
  if (sim_.now() < *used_[*row]->fast_from) return false;
  const std::vector<ZoneId>& zones = setting_.plan.resources()[*row].target_zones;
  if (zones.empty() || !tasks_[task].place || !tasks_[task].place->zone) return true;
  const auto at = std::find(zones.begin(), zones.end(), *tasks_[task].place->zone);
  return at - zones.begin() < used_[*row]->fast_zones;
}

void PlanExecution::begin_loading(TaskId task) {
  const std::size_t row = *setting_.plan.tasks()[task].resource;
  tasks_[task].loading = true;
  shared_.load(*this, task, setting_.plan.resources()[row].target, used_[row]->restored, tasks_[task].load_rate);
}

void PlanExecution::blocks_loaded(TaskId task) {
  Task& t = tasks_[task];
  t.loading = false;
  t.loaded_at = sim_.now();
  tell(Happening::loaded, task);
  t.state == State::active ? end_task(task, true) : check_finished();
}

void PlanExecution::attempt_failed(TaskId task, std::string_view why, bool for_good) {
  const StepRetryConfig& retry = step_of(task).retry;
  Task& t = tasks_[task];
  ++outcome_.steps[step_number(task)].failed_attempts;
  tell(Happening::attempt_failed, task, why);
  if (std::exchange(t.loading, false)) shared_.stop_loading(*this, task);
  ++t.turn;  // a time-out of this attempt is none of the next
  if (for_good || (retry.attempts > 0 && t.attempts >= retry.attempts)) return task_failed(task);
  schedule<TaskRetryDue>(task, retry.every);
}

void PlanExecution::on(const TaskRetryDue& event) {
  if (stale(event.task, event.turn)) return;
  tasks_[event.task].built ? find_built(event.task) : begin_attempt(event.task);
}

void PlanExecution::task_failed(TaskId task) {
  const StepConfig& step = step_of(task);
  if (step.may_fail || step.needed_for == NeededFor::nothing) return end_task(task, false);
  fail();
}

}  // namespace fleetsim
