#include "fleetsim/models/recovery/execution.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim {
namespace {

std::optional<std::size_t> find_name(const auto& all, const std::optional<config::Located<std::string>>& name) {
  if (!name) return std::nullopt;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name.value == name->value) return i;
  }
  return std::nullopt;
}

bool builds(StepKind kind) {
  return kind == StepKind::restore || kind == StepKind::provision || kind == StepKind::boot;
}

}  // namespace

PlanExecution::PlanExecution(Simulation& sim, const ExecutionSetting& setting, SharedWork& shared,
                             const RecoveryPoints& points, const Surroundings& surroundings, std::string stream_prefix,
                             bool drill)
    : EventHandler(sim), sim_(sim), setting_(setting), shared_(shared), points_(points), surroundings_(surroundings),
      prefix_(std::move(stream_prefix)), drill_(drill), plan_slots_(setting.plan.config().parallel) {
  const RecoveryPlan& plan = setting_.plan;
  tasks_.resize(plan.tasks().size());
  for (const StepConfig& step : plan.steps()) {
    steps_.emplace_back().slots = SlotQueue(step.parallel);
    team_of_.push_back(find_name(setting_.people, step.people));
    approval_of_.push_back(find_name(plan.steps(), step.needs_approval));
    const bool known = std::find(clusters_.begin(), clusters_.end(), step.cluster_row) != clusters_.end();
    if (is_of_cluster(step.kind) && !known && setting_.clusters != nullptr) clusters_.push_back(step.cluster_row);
  }
  for (const PlanResource& resource : plan.resources()) {
    standing_.push_back(resource.standing);
    reserved_.push_back(resource.reserved);
  }
  outcome_.resources.resize(plan.resources().size());
  outcome_.steps.resize(plan.steps().size());
}

void PlanExecution::begin(std::vector<bool> hit) {
  hit_ = std::move(hit);
  outcome_.disaster = sim_.now();
  choose_points();
  give_up_ = sim_.schedule(*this, setting_.plan.config().gives_up_after, PlanGaveUp{});
  if (!drill_) {
    lose_standing();
    schedule_strike();
    if (setting_.grey && setting_.grey_until < Time::max()) {
      grey_end_ = sim_.schedule_at(*this, std::max(setting_.grey_until, sim_.now()), GreyPassed{});
    }
  }
  if (rides_out()) return;
  watch_clusters();
  for (TaskId task = 0; task < tasks_.size(); ++task) tasks_[task].unmet = count_unmet(task);
  for (TaskId task = 0; task < tasks_.size() && !outcome_.finished; ++task) {
    if (tasks_[task].state == State::waiting && tasks_[task].unmet == 0) become_ready(task);
  }
}

const PlanResource* PlanExecution::resource_of(TaskId task) const {
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  return row ? &setting_.plan.resources()[*row] : nullptr;
}

Stream& PlanExecution::stream_of(TaskId task) {
  std::optional<Stream>& stream = tasks_[task].stream;
  if (!stream) {
    const PlanResource* resource = resource_of(task);
    std::string name = prefix_ + step_of(task).name.value;
    if (resource != nullptr) (name += '/') += resource->name;
    stream = sim_.stream(name);
  }
  return *stream;
}

void PlanExecution::choose_points() {
  const std::vector<PlanResource>& resources = setting_.plan.resources();
  used_.resize(resources.size());
  const Time at = outcome_.disaster;
  for (std::size_t r = 0; r < resources.size(); ++r) {
    const PlanResource& resource = resources[r];
    if (!resource.data || (!setting_.plan.config().whole && !hit_[r])) continue;
    ResourceOutcome& outcome = outcome_.resources[r];
    if (!data_gone(r)) {
      used_[r] = points_.newest(*resource.data, resource.target, at, at - setting_.plan.config().data_from_before);
    }
    if (!used_[r]) {
      outcome.data_lost = outcome_.total_loss = true;
      continue;
    }
    outcome.rpa = at - used_[r]->point;
    // What fails for users only still holds all that was written to it.
    (setting_.grey && !drill_ ? outcome.left_behind : outcome.lost) = used_[r]->lost;
    outcome_.lost += outcome.lost;
    outcome_.rpa = std::max(outcome_.rpa, outcome.rpa);
  }
  if (outcome_.total_loss) outcome_.rpa.reset();
}

// --- what a task waits for

std::size_t PlanExecution::count_unmet(TaskId task) const {
  std::size_t unmet = 0;
  for (const std::size_t step : setting_.plan.after(step_number(task))) unmet += steps_[step].joined ? 0U : 1U;
  for (const TaskId before : setting_.plan.tasks()[task].after_own) {
    unmet += tasks_[before].state == State::done ? 0U : 1U;
  }
  return unmet;
}

bool PlanExecution::skipped(TaskId task) const {
  const StepConfig& step = step_of(task);
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  if (row && !setting_.plan.config().whole && !hit_[*row]) return true;
  switch (step.kind) {
    case StepKind::boot: return row && launches(*row) == 0;
    case StepKind::force_quorum: return has_quorum(step.cluster_row);
    case StepKind::shut_down_source: {
      // What cannot be reached cannot be told to stop; and a drill leaves production alone.
      if (drill_) return true;
      const std::vector<PlanResource>& all = setting_.plan.resources();
      return std::none_of(all.begin(), all.end(), [&](const PlanResource& r) {
        return surroundings_.up({.site = r.source, .zone = r.source_zone}, sim_.now());
      });
    }
    default: return false;
  }
}

void PlanExecution::become_ready(TaskId task) {
  tasks_[task].state = State::active;
  StepOutcome& outcome = outcome_.steps[step_number(task)];
  if (!outcome.begun) outcome.begun = sim_.now() - outcome_.disaster;
  if (skipped(task)) {
    const bool quorum = step_of(task).kind == StepKind::force_quorum;
    return end_task(task, true, quorum ? votes_in_words(step_of(task).cluster_row) : std::string());
  }
  tasks_[task].built = still_built(task);
  tasks_[task].built ? find_built(task) : seek(task);
}

SlotQueue* PlanExecution::line_for(TaskId task, Hold hold) {
  const StepConfig& step = step_of(task);
  switch (hold) {
    case step_slot: return step.parallel > 0 ? &steps_[step_number(task)].slots : nullptr;
    case plan_slot: return builds(step.kind) ? &plan_slots_ : nullptr;
    case restore_slot: {
      const PlanResource* resource = resource_of(task);
      return step.kind == StepKind::restore && resource != nullptr ? &shared_.restores(resource->target) : nullptr;
    }
    default: {
      const std::optional<std::size_t>& team = team_of_[step_number(task)];
      return team ? &shared_.team(*team) : nullptr;
    }
  }
}

void PlanExecution::seek(TaskId task) {
  constexpr std::array<std::string_view, hold_count> lines{"a slot of its step", "a slot of the plan", "a restore at the site",
                                                           "somebody of the team"};
  for (std::size_t hold = 0; hold < hold_count; ++hold) {
    if (tasks_[task].holds[hold]) continue;
    SlotQueue* line = line_for(task, static_cast<Hold>(hold));
    if (line == nullptr) continue;
    if (!line->take(*this, task)) return tell(Happening::waits, task, lines[hold]);
    tasks_[task].holds[hold] = true;
  }
  team_of_[step_number(task)] ? page(task) : begin_attempt(task);
}

void PlanExecution::slot_granted(TaskId task) {
  for (std::size_t hold = 0; hold < hold_count; ++hold) {
    if (tasks_[task].holds[hold] || line_for(task, static_cast<Hold>(hold)) == nullptr) continue;
    tasks_[task].holds[hold] = true;
    break;
  }
  seek(task);
}

void PlanExecution::page(TaskId task) {
  const std::size_t team = *team_of_[step_number(task)];
  const PeopleConfig& config = setting_.people[team];
  const Roster& roster = shared_.roster(team);
  const Time now = sim_.now();
  if (!roster.on_duty(now) && config.reached_off_hours) {
    const Duration reached = config.reached_off_hours->sample(stream_of(task));
    if (reached > Duration{}) tell(Happening::waits, task, config.name.value + ", called outside of their hours");
    return schedule<TaskPersonReached>(task, reached);
  }
  // Without a call-out they see the page when their shift begins.
  const Time seen = roster.next_on_duty(now);
  const Duration reached = config.reached_after.sample(stream_of(task));
  if (seen == Time::max()) {  // the plan gives up in time
    return tell(Happening::waits, task, config.name.value + ", who are never on call again");
  }
  if (seen > now) {
    tell(Happening::waits, task, config.name.value, seen);
  } else if (reached > Duration{}) {
    tell(Happening::waits, task, config.name.value);
  }
  schedule<TaskPersonReached>(task, seen - now + reached);
}

void PlanExecution::on(const TaskPersonReached& event) {
  if (!stale(event.task, event.turn)) begin_attempt(event.task);
}

void PlanExecution::release(TaskId task) {
  for (std::size_t hold = hold_count; hold-- > 0;) {
    if (std::exchange(tasks_[task].holds[hold], false)) line_for(task, static_cast<Hold>(hold))->give_back();
  }
}

// --- ends

void PlanExecution::end_task(TaskId task, bool success, std::string_view note) {
  Task& t = tasks_[task];
  const std::size_t step = step_number(task);
  t.state = State::done;
  t.failed = !success;
  t.done_at = sim_.now();
  tell(success ? Happening::done : Happening::given_up, task, note);
  if (success && step_of(task).approval) grant(task);
  if (success && step_of(task).kind == StepKind::shut_down_source && t.attempts > 0) outcome_.source_shut_down = true;
  release(task);
  StepState& state = steps_[step];
  ++state.ended;
  state.succeeded += success ? 1U : 0U;
  if (!state.joined && state.ended == setting_.plan.tasks_of(step).size() && !joins(step)) return fail();
  if (!state.joined && joins(step)) {
    state.joined = true;
    outcome_.steps[step].done = sim_.now() - outcome_.disaster;
    for (const std::size_t follower : setting_.plan.followers(step)) {
      for (const TaskId next : setting_.plan.tasks_of(follower)) met(next, task);
    }
  }
  for (const TaskId next : setting_.plan.own_followers(task)) met(next, task);
  if (success && step_of(task).approval) {
    std::vector<TaskId> waiting;
    std::erase_if(awaiting_approval_, [&](const auto& pair) {
      if (pair.first != task) return false;
      waiting.push_back(pair.second);
      return true;
    });
    for (const TaskId next : waiting) seek(next);
  }
  if (success && step_of(task).kind == StepKind::boot && target_healthy()) target_serves(task);
  if (success && step_of(task).kind == StepKind::force_quorum) quorum_found(task);
  check_progress(task);
}

/// Enough of the step's tasks have succeeded; or all have ended, some given up, of a step that asks for all that it can get.
bool PlanExecution::joins(std::size_t step) const {
  const StepState& state = steps_[step];
  if (state.succeeded >= setting_.plan.enough(step)) return true;
  const std::size_t all = setting_.plan.tasks_of(step).size();
  return setting_.plan.enough(step) == all && state.ended == all;
}

/// Whether any instance runs at the target, if the plan is about instances.
bool PlanExecution::anybody_serves() const {
  bool boots = false;
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
    if (step_of(task).kind != StepKind::boot || step_of(task).needed_for != NeededFor::service || !row) continue;
    boots = true;
    if (standing(*row) > 0 || (tasks_[task].state == State::done && !tasks_[task].failed)) return true;
  }
  return !boots;
}

/// Whether health checks find an instance at the target; of a plan that boots none it is not about instances.
bool PlanExecution::target_healthy() const {
  const auto& resources = setting_.plan.resources();
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (resources[r].kind == ResourceKind::instances && standing(r) > 0) return true;
  }
  bool boots = false;
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    if (step_of(task).kind != StepKind::boot || skipped(task)) continue;
    boots = true;
    if (tasks_[task].state == State::done && !tasks_[task].failed) return true;
  }
  return !boots;
}

void PlanExecution::target_serves(TaskId by) {
  for (const TaskId task : std::exchange(awaiting_target_, {})) {
    tasks_[task].binding = by;
    if (!outcome_.finished) on(TaskAttemptBegun{static_cast<std::uint32_t>(task), tasks_[task].turn});
  }
}

void PlanExecution::met(TaskId follower, TaskId by) {
  Task& t = tasks_[follower];
  if (t.state != State::waiting || t.unmet == 0 || outcome_.finished) return;
  if (--t.unmet > 0) return;
  t.binding = by;
  become_ready(follower);
}

void PlanExecution::check_progress(TaskId last) {
  if (outcome_.finished) return;
  const std::vector<StepConfig>& steps = setting_.plan.steps();
  if (!outcome_.rta) {
    for (std::size_t s = 0; s < steps.size(); ++s) {
      if (steps[s].needed_for == NeededFor::service && !steps_[s].joined) return;
    }
    if (!anybody_serves()) return fail();
    served(last);
  }
  check_finished();
}

void PlanExecution::check_finished() {
  if (outcome_.finished) return;
  if (std::all_of(tasks_.begin(), tasks_.end(), [](const Task& t) { return t.state == State::done && !t.loading; })) finish();
}

void PlanExecution::served(TaskId last) {
  outcome_.rta = sim_.now() - outcome_.disaster;
  trace_path(last);
  sim_.cancel(strike_);
  tell(Happening::served, std::nullopt);
}

void PlanExecution::trace_path(TaskId last) {
  for (std::optional<TaskId> task = last; task; task = tasks_[*task].binding) {
    const std::optional<TaskId>& before = tasks_[*task].binding;
    const Time from = before ? tasks_[*before].done_at : outcome_.disaster;
    const Duration length = tasks_[*task].done_at - from;
    if (length > Duration{}) {
      outcome_.path.push_back({.step = step_number(*task), .resource = setting_.plan.tasks()[*task].resource, .length = length});
    }
  }
  std::reverse(outcome_.path.begin(), outcome_.path.end());
}

void PlanExecution::on(const PlanGaveUp&) {
  if (outcome_.finished) return;
  outcome_.rta ? finish() : fail();
}

void PlanExecution::fail() {
  if (outcome_.finished) return;
  outcome_.failed = true;
  outcome_.rta.reset();
  outcome_.path.clear();
  tell(Happening::failed, std::nullopt);
  finish();
}

void PlanExecution::finish() {
  outcome_.finished = true;
  outcome_.ended_after = sim_.now() - outcome_.disaster;
  sim_.cancel(give_up_);
  sim_.cancel(grey_end_);
  sim_.cancel(strike_);
  sim_.cancel(cluster_change_);
  // Others of the same time go on: what this one holds or waits for is theirs.
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    shared_.stop_loading(*this, task);
    for (std::size_t hold = 0; hold < hold_count; ++hold) {
      if (SlotQueue* line = line_for(task, static_cast<Hold>(hold))) line->forget(*this, task);
    }
  }
  for (TaskId task = 0; task < tasks_.size(); ++task) release(task);
  sum_up();
  if (!drill_ && !outcome_.unnoticed && !outcome_.went_on) look_back();
}

void PlanExecution::tell(Happening what, std::optional<TaskId> task, std::string_view note, std::optional<Time> until) {
  if (!keeps_course_) return;
  outcome_.course.push_back({.at = sim_.now() - outcome_.disaster,
                             .what = what,
                             .step = task ? std::optional(step_number(*task)) : std::nullopt,
                             .resource = task ? setting_.plan.tasks()[*task].resource : std::nullopt,
                             .note = std::string(note),
                             .until = until});
}

}  // namespace fleetsim
