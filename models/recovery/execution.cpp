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

PlanExecution::PlanExecution(Simulation& sim, const ExecutionSetting& setting, const RecoveryPoints& points,
                             const Surroundings& surroundings, std::string stream_prefix, bool drill)
    : EventHandler(sim), sim_(sim), setting_(setting), points_(points), surroundings_(surroundings),
      prefix_(std::move(stream_prefix)), drill_(drill) {
  const RecoveryPlan& plan = setting_.plan;
  tasks_.resize(plan.tasks().size());
  steps_.resize(plan.steps().size());
  people_.resize(setting_.people.size());
  for (const PeopleConfig& people : setting_.people) rosters_.emplace_back(people, setting_.run_start);
  for (const StepConfig& step : plan.steps()) {
    team_of_.push_back(find_name(setting_.people, step.people));
    approval_of_.push_back(find_name(plan.steps(), step.needs_approval));
  }
  outcome_.resources.resize(plan.resources().size());
  outcome_.steps.resize(plan.steps().size());
}

void PlanExecution::begin(std::vector<bool> hit) {
  hit_ = std::move(hit);
  outcome_.disaster = sim_.now();
  choose_points();
  give_up_ = sim_.schedule(*this, setting_.plan.config().gives_up_after, PlanGaveUp{});
  if (!drill_) schedule_strike();
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
    if (!surroundings_.destroyed({.site = resource.target, .zone = {}}, {}, at)) {
      used_[r] = points_.newest(*resource.data, resource.target, at, at - setting_.plan.config().data_from_before);
    }
    if (!used_[r]) {
      outcome.data_lost = outcome_.total_loss = true;
      continue;
    }
    outcome.rpa = at - used_[r]->point;
    outcome.lost = used_[r]->lost;
    outcome_.lost += used_[r]->lost;
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
  const PlanResource* resource = resource_of(task);
  const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
  if (row && !setting_.plan.config().whole && !hit_[*row]) return true;
  switch (step.kind) {
    case StepKind::boot: return resource != nullptr && resource->standing >= resource->count;
    case StepKind::provision: return setting_.target_built;
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
  if (skipped(task)) return end_task(task, true);
  seek_slot(task);
}

void PlanExecution::seek_slot(TaskId task) {
  const StepConfig& step = step_of(task);
  StepState& state = steps_[step_number(task)];
  Task& t = tasks_[task];
  if (!t.holds_slot) {
    if (step.parallel > 0 && state.running >= step.parallel) {
      state.queue.push_back(task);
      return;
    }
    ++state.running;
    t.holds_slot = true;
  }
  const std::int64_t plan_limit = setting_.plan.config().parallel;
  if (plan_limit > 0 && builds(step.kind) && !t.holds_plan_slot) {
    if (plan_running_ >= plan_limit) {
      plan_queue_.push_back(task);
      return;
    }
    ++plan_running_;
    t.holds_plan_slot = true;
  }
  seek_person(task);
}

void PlanExecution::seek_person(TaskId task) {
  const std::optional<std::size_t> team = team_of_[step_number(task)];
  if (!team) return begin_attempt(task);
  PeopleState& people = people_[*team];
  const PeopleConfig& config = setting_.people[*team];
  if (people.busy >= config.count) {
    people.queue.push_back(task);
    return;
  }
  ++people.busy;
  tasks_[task].holds_person = true;
  const Time now = sim_.now();
  const bool on_duty = rosters_[*team].on_duty(now);
  if (!on_duty && config.reached_off_hours) {
    return schedule<TaskPersonReached>(task, config.reached_off_hours->sample(stream_of(task)));
  }
  // Without a call-out they see the page when their shift begins.
  const Time seen = rosters_[*team].next_on_duty(now);
  const Duration reached = config.reached_after.sample(stream_of(task));
  if (seen == Time::max()) return;  // no shift ever: the plan gives up in time
  schedule<TaskPersonReached>(task, seen - now + reached);
}

void PlanExecution::on(const TaskPersonReached& event) {
  if (!stale(event.task, event.turn)) begin_attempt(event.task);
}

void PlanExecution::release(TaskId task) {
  Task& t = tasks_[task];
  const auto pop = [&](std::deque<TaskId>& queue, auto go_on) {
    if (queue.empty()) return;
    const TaskId next = queue.front();
    queue.pop_front();
    go_on(next);
  };
  if (std::exchange(t.holds_person, false)) {
    PeopleState& people = people_[*team_of_[step_number(task)]];
    --people.busy;
    pop(people.queue, [&](TaskId next) { seek_person(next); });
  }
  if (std::exchange(t.holds_plan_slot, false)) {
    --plan_running_;
    pop(plan_queue_, [&](TaskId next) { seek_slot(next); });
  }
  if (std::exchange(t.holds_slot, false)) {
    StepState& step = steps_[step_number(task)];
    --step.running;
    pop(step.queue, [&](TaskId next) { seek_slot(next); });
  }
}

// --- ends

void PlanExecution::end_task(TaskId task, bool success) {
  Task& t = tasks_[task];
  const std::size_t step = step_number(task);
  t.state = State::done;
  t.failed = !success;
  t.done_at = sim_.now();
  if (success && step_of(task).approval) grant(task);
  if (success && step_of(task).kind == StepKind::shut_down_source && t.attempts > 0) outcome_.source_shut_down = true;
  release(task);
  StepState& state = steps_[step];
  ++state.done;
  if (!state.joined && state.done >= setting_.plan.enough(step)) {
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
    for (const TaskId next : waiting) seek_slot(next);
  }
  check_progress(task);
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
    served(last);
  }
  const bool all_done = std::all_of(tasks_.begin(), tasks_.end(), [](const Task& t) { return t.state == State::done; });
  if (all_done) finish();
}

void PlanExecution::served(TaskId last) {
  outcome_.rta = sim_.now() - outcome_.disaster;
  trace_path(last);
  sim_.cancel(strike_);
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
  finish();
}

void PlanExecution::finish() {
  outcome_.finished = true;
  sim_.cancel(give_up_);
  sim_.cancel(strike_);
  sum_up();
  if (!drill_) plan_failback();
}

}  // namespace fleetsim
