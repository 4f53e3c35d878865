// What an execution comes to: its sums, what a second strike undoes, and the way back.

#include "fleetsim/models/recovery/execution.hpp"

#include <algorithm>

namespace fleetsim {

void PlanExecution::sum_up() {
  double wanted = 0, found = 0;
  Duration full_speed;
  bool complete = outcome_.rta.has_value();
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    const Task& t = tasks_[task];
    const StepConfig& step = step_of(task);
    const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
    if (step.kind == StepKind::boot && row && !setting_.plan.resources()[*row].ladder.empty()) {
      const PlanResource& resource = setting_.plan.resources()[*row];
      const std::int64_t launches = std::max<std::int64_t>(0, resource.count - resource.standing);
      const auto vcpus = static_cast<double>(resource.ladder[resource.wanted].vcpus);
      wanted += vcpus * static_cast<double>(resource.count);
      found += vcpus * static_cast<double>(std::min(resource.count, resource.standing));
      if (t.state == State::done && t.rung) {
        outcome_.resources[*row].rung = t.rung;
        const TypeRung& type = launched_type(resource, *t.rung);
        found += static_cast<double>(type.vcpus * launches);
        outcome_.target_price += type.price * launches;
        if (*t.rung != resource.wanted) ++outcome_.fallbacks;
      }
    }
    if (step.needed_for == NeededFor::nothing) continue;
    if (t.state != State::done) {
      complete = false;
      continue;
    }
    const Duration done = t.done_at - outcome_.disaster;
    const Duration loaded = t.loaded_at ? std::max(done, *t.loaded_at - outcome_.disaster) : done;
    full_speed = std::max(full_speed, loaded);
    if (!row) continue;
    ResourceOutcome& own = outcome_.resources[*row];
    if (step.needed_for == NeededFor::service) own.rta = std::max(own.rta, std::optional(done));
    own.full_speed = std::max(own.full_speed, std::optional(loaded));
  }
  if (complete) outcome_.full_speed = std::max(full_speed, *outcome_.rta);
  if (wanted > 0) outcome_.vcpus_share = found / wanted;
}

// --- a second strike

void PlanExecution::schedule_strike() {
  if (const std::optional<Time> next = surroundings_.next_strike(sim_.now())) {
    strike_ = sim_.schedule_at(*this, *next, SecondStrike{});
  }
}

void PlanExecution::on(const SecondStrike&) {
  if (outcome_.finished || outcome_.rta) return;
  if (undo_struck()) ++outcome_.strikes;
  if (!outcome_.finished && !outcome_.rta) schedule_strike();
}

void PlanExecution::reset(TaskId task) {
  Task& t = tasks_[task];
  const auto forget = [&](std::deque<TaskId>& queue) { std::erase(queue, task); };
  forget(steps_[step_number(task)].queue);
  forget(plan_queue_);
  if (const auto team = team_of_[step_number(task)]) forget(people_[*team].queue);
  std::erase_if(awaiting_approval_, [&](const auto& pair) { return pair.second == task; });
  t.state = State::waiting;
  ++t.turn;
  t.attempts = 0;
  t.failed = false;
  t.rung.reset();
  t.place.reset();
  t.loaded_at.reset();
  // `binding` stays: if what it waited for last is undone too, it will be set anew.
}

bool PlanExecution::undo_struck() {
  std::vector<bool> undone(tasks_.size());
  bool any = false;
  for (const std::size_t step : setting_.plan.order()) {
    for (const TaskId task : setting_.plan.tasks_of(step)) {
      const Task& t = tasks_[task];
      if (t.state == State::waiting) continue;
      bool undo = t.place && works_at_target(task) && !surroundings_.up(*t.place, sim_.now());
      for (const TaskId before : setting_.plan.tasks()[task].after_own) undo = undo || undone[before];
      for (const std::size_t before : setting_.plan.after(step)) {
        if (setting_.plan.steps()[before].approval) continue;  // being asked again undoes nothing
        const auto& tasks = setting_.plan.tasks_of(before);
        const auto left = std::count_if(tasks.begin(), tasks.end(), [&](TaskId b) {
          return tasks_[b].state == State::done && !undone[b];
        });
        undo = undo || static_cast<std::size_t>(left) < setting_.plan.enough(before);
      }
      undone[task] = undo;
      any = any || undo;
    }
  }
  if (!any) return false;
  // First all states, then the slots: a released slot must not start a task that is itself undone.
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    if (undone[task]) reset(task);
  }
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    const auto& tasks = setting_.plan.tasks_of(step);
    steps_[step].done = static_cast<std::size_t>(
        std::count_if(tasks.begin(), tasks.end(), [&](TaskId task) { return tasks_[task].state == State::done; }));
    const bool approved = setting_.plan.steps()[step].approval && steps_[step].joined;
    steps_[step].joined = approved || steps_[step].done >= setting_.plan.enough(step);
  }
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    if (tasks_[task].state == State::waiting) tasks_[task].unmet = count_unmet(task);
  }
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    if (undone[task]) release(task);
  }
  for (TaskId task = 0; task < tasks_.size() && !outcome_.finished; ++task) {
    if (undone[task] && tasks_[task].state == State::waiting && tasks_[task].unmet == 0) become_ready(task);
  }
  return true;
}

// --- the way back

void PlanExecution::plan_failback() {
  if (!outcome_.rta) return;
  const std::vector<PlanResource>& resources = setting_.plan.resources();
  bool returns = true;
  Time back = outcome_.disaster;
  for (const PlanResource& resource : resources) {
    const auto own = surroundings_.back({.site = resource.source, .zone = resource.source_zone}, outcome_.disaster);
    returns = returns && own.has_value();
    if (own) back = std::max(back, *own);
  }
  outcome_.double_serving = returns && !outcome_.source_shut_down;
  const std::optional<FailbackConfig>& failback = setting_.plan.config().failback;
  if (!failback || !returns) return;
  Stream stream = sim_.stream(prefix_ + "failback");
  const Time begin = std::max(outcome_.disaster + *outcome_.rta, back) + failback->wait.sample(stream);
  Duration longest;
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (!resources[r].data || !used_[r]) continue;
    const DataId data = *resources[r].data;
    const Bytes to_send = failback->full_resync ? points_.written(data, outcome_.disaster)
                                                : points_.changed(data, outcome_.disaster, begin - outcome_.disaster);
    outcome_.failback_bytes += to_send;
    // Writes go on while the backlog is sent: D / (b - w).
    const std::int64_t gain = failback->bandwidth.count() - points_.write_rate(data).count();
    if (gain <= 0) {
      outcome_.failback_never_in_sync = true;
    } else {
      longest = std::max(longest, seconds(static_cast<double>(to_send.count()) / static_cast<double>(gain)));
    }
  }
  if (outcome_.failback_never_in_sync) return;
  outcome_.failback_outage = failback->switch_duration.sample(stream);
  outcome_.ready_again = begin + longest + outcome_.failback_outage - outcome_.disaster;
}

}  // namespace fleetsim
