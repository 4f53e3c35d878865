// What an execution comes to: its sums, and what a second strike undoes.

#include "fleetsim/models/recovery/execution.hpp"

#include <algorithm>
#include <utility>

namespace fleetsim {

void PlanExecution::sum_up() {
  double wanted = 0, found = 0;
  Duration full_speed;
  bool complete = outcome_.rta.has_value();
  std::vector<bool> unserved(outcome_.resources.size()), slow(outcome_.resources.size());
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    const Task& t = tasks_[task];
    const StepConfig& step = step_of(task);
    const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
    if (step.kind == StepKind::boot && row && !setting_.plan.resources()[*row].ladder.empty()) {
      const PlanResource& resource = setting_.plan.resources()[*row];
      const auto vcpus = static_cast<double>(resource.ladder[resource.wanted].vcpus);
      wanted += vcpus * static_cast<double>(resource.count);
      found += vcpus * static_cast<double>(standing(*row));
      if (t.state == State::done && t.rung) {
        outcome_.resources[*row].rung = t.rung;
        const TypeRung& type = launched_type(resource, *t.rung);
        found += static_cast<double>(type.vcpus * launches(*row));
        outcome_.resources[*row].launched = launches(*row);
        outcome_.resources[*row].launched_price = type.price;
        outcome_.target_price += type.price * launches(*row);
        if (*t.rung != resource.wanted) ++outcome_.fallbacks;
      }
    }
    if (row && t.state == State::done && !t.failed && t.attempts > 0 && (step.kind == StepKind::boot || step.kind == StepKind::restore)) {
      std::optional<Duration>& up = outcome_.resources[*row].up_after;
      up = std::min(up.value_or(Duration::max()), t.began - outcome_.disaster);
      if (step.kind == StepKind::restore && used_[*row] && used_[*row]->retrieval > Duration{}) {
        outcome_.resources[*row].retrieved = used_[*row]->restored;
      }
    }
    if (row && t.stands_at && t.state == State::done && !t.failed) {
      std::optional<Duration>& stands = outcome_.resources[*row].stands_after;
      stands = std::min(stands.value_or(Duration::max()), *t.stands_at - outcome_.disaster);
    }
    if (step.needed_for == NeededFor::nothing) continue;
    const bool succeeded = t.state == State::done && !t.failed;
    complete = complete && succeeded && !t.loading;
    if (row) {
      slow[*row] = slow[*row] || !succeeded || t.loading;
      unserved[*row] = unserved[*row] || (!succeeded && step.needed_for == NeededFor::service);
    }
    if (!succeeded) continue;
    const Duration done = t.done_at - outcome_.disaster;
    const Duration loaded = t.loaded_at ? std::max(done, *t.loaded_at - outcome_.disaster) : done;
    full_speed = std::max(full_speed, loaded);
    if (!row) continue;
    ResourceOutcome& own = outcome_.resources[*row];
    if (step.needed_for == NeededFor::service) own.rta = std::max(own.rta, std::optional(done));
    own.full_speed = std::max(own.full_speed, std::optional(loaded));
  }
  // What was given up, or is still to be done, is not served or not at full speed.
  for (std::size_t r = 0; r < outcome_.resources.size(); ++r) {
    if (unserved[r]) outcome_.resources[r].rta.reset();
    if (slow[r]) outcome_.resources[r].full_speed.reset();
  }
  if (complete) {
    outcome_.full_speed = std::max(full_speed, *outcome_.rta);
    tell(Happening::full_speed, std::nullopt);
    if (keeps_course_) outcome_.course.back().at = *outcome_.full_speed;
  }
  if (wanted > 0) outcome_.vcpus_share = found / wanted;
}

// --- a grey failure that ends by itself

/// Whoever has noticed it carries the plan out; if nobody has, there is nothing left to notice.
void PlanExecution::on(const GreyPassed&) {
  if (outcome_.finished) return;
  std::optional<std::size_t> noticing;
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    if (setting_.plan.steps()[s].kind != StepKind::detect) continue;
    if (steps_[s].joined) return;
    if (!noticing) noticing = s;
  }
  if (!noticing) return;
  outcome_.unnoticed = true;
  const Duration lasted = sim_.now() - outcome_.disaster;
  tell(Happening::passed, std::nullopt);
  nothing_moves(lasted);
  outcome_.path = {{.step = *noticing, .resource = {}, .length = lasted}};
}

void PlanExecution::nothing_moves(Duration lasted) {
  outcome_.total_loss = false;
  finish();
  outcome_.rta = outcome_.full_speed = lasted;
  outcome_.lost = {};
  outcome_.vcpus_share = 1;
  bool data = false;
  for (std::size_t r = 0; r < outcome_.resources.size(); ++r) {
    ResourceOutcome& own = outcome_.resources[r];
    const bool holds = setting_.plan.resources()[r].data && (setting_.plan.config().whole || hit_[r]);
    data = data || holds;
    own = {};
    own.rta = own.full_speed = lasted;
    if (holds) own.rpa = Duration{};
  }
  outcome_.rpa = data ? std::optional(Duration{}) : std::nullopt;
}

// --- a second strike

void PlanExecution::schedule_strike() {
  if (const std::optional<Time> next = surroundings_.next_strike(sim_.now())) {
    strike_ = sim_.schedule_at(*this, *next, SecondStrike{});
  }
}

void PlanExecution::on(const SecondStrike&) {
  if (outcome_.finished || outcome_.rta) return;
  suffer_strike();
  if (!outcome_.finished && !outcome_.rta) schedule_strike();
}

void PlanExecution::suffer_strike() {
  std::vector<bool> standing_lost(standing_.size());
  const std::vector<std::int64_t> stood = standing_;
  forget_lost_forced();
  lose_standing();
  lose_data();
  for (std::size_t r = 0; r < stood.size(); ++r) standing_lost[r] = standing_[r] < stood[r];
  if (undo_struck(standing_lost)) ++outcome_.strikes;
}

/// Instances that stand at the target are in the first of its zones, and end with it; so do capacity reservations.
void PlanExecution::lose_standing() {
  const std::vector<PlanResource>& resources = setting_.plan.resources();
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (standing_[r] == 0 && !reserved_[r]) continue;
    Place place{.site = resources[r].target, .zone = {}};
    if (!resources[r].target_zones.empty()) place.zone = resources[r].target_zones.front();
    if (surroundings_.up(place, sim_.now())) continue;
    outcome_.standing_lost += static_cast<std::uint64_t>(standing(r));
    standing_[r] = 0;
    reserved_[r] = false;
  }
}

/// Of points kept at a site that is lost for good, or whose account was compromised, none is left.
bool PlanExecution::data_gone(std::size_t row) const {
  const Place site{.site = setting_.plan.resources()[row].target, .zone = {}};
  return surroundings_.destroyed(site, {}, outcome_.disaster, sim_.now());
}

void PlanExecution::lose_data() {
  const std::vector<PlanResource>& resources = setting_.plan.resources();
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (!used_[r] || !data_gone(r)) continue;
    used_[r].reset();
    outcome_.lost -= std::exchange(outcome_.resources[r].lost, {});
    outcome_.resources[r].data_lost = outcome_.total_loss = true;
    outcome_.resources[r].rpa.reset();
    outcome_.rpa.reset();
  }
}

void PlanExecution::reset(TaskId task) {
  Task& t = tasks_[task];
  for (std::size_t hold = 0; hold < hold_count; ++hold) {
    if (SlotQueue* line = line_for(task, static_cast<Hold>(hold))) line->forget(*this, task);
  }
  if (std::exchange(t.loading, false)) shared_.stop_loading(*this, task);
  std::erase(awaiting_target_, task);
  std::erase(awaiting_quorum_, task);
  std::erase_if(awaiting_approval_, [&](const auto& pair) { return pair.second == task; });
  t.state = State::waiting;
  ++t.turn;
  t.attempts = 0;
  t.calls_let_through = false;
  t.failed = false;
  t.rung.reset();
  t.place.reset();
  t.stands_at.reset();
  t.loaded_at.reset();
  // `binding` stays: if what it waited for last is undone too, it will be set anew.
}

bool PlanExecution::undo_struck(const std::vector<bool>& standing_lost) {
  std::vector<bool> undone(tasks_.size());
  bool any = false;
  for (const std::size_t step : setting_.plan.order()) {
    for (const TaskId task : setting_.plan.tasks_of(step)) {
      const Task& t = tasks_[task];
      if (t.state == State::waiting) continue;
      const std::optional<std::size_t>& row = setting_.plan.tasks()[task].resource;
      bool undo = t.place && works_at_target(task) && !surroundings_.up(*t.place, sim_.now());
      undo = undo || (t.built && !still_built(task)) || undone_by_cluster(task);
      undo = undo || (row && standing_lost[*row] && setting_.plan.steps()[step].kind == StepKind::boot);
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
  tell(Happening::struck, std::nullopt);
  // First all states, then the slots: a released slot must not start a task that is itself undone.
  for (TaskId task = 0; task < tasks_.size(); ++task) {
    if (undone[task]) reset(task);
  }
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    const auto& tasks = setting_.plan.tasks_of(step);
    const auto count = [&](auto which) { return static_cast<std::size_t>(std::count_if(tasks.begin(), tasks.end(), which)); };
    steps_[step].ended = count([&](TaskId task) { return tasks_[task].state == State::done; });
    steps_[step].succeeded = count([&](TaskId task) { return tasks_[task].state == State::done && !tasks_[task].failed; });
    const bool approved = setting_.plan.steps()[step].approval && steps_[step].joined;
    steps_[step].joined = approved || joins(step);
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

/// What the source does while the target serves.
void PlanExecution::look_back() {
  if (!outcome_.rta) return;
  Time back = outcome_.disaster;
  for (const PlanResource& resource : setting_.plan.resources()) {
    const auto own = surroundings_.back({.site = resource.source, .zone = resource.source_zone}, outcome_.disaster);
    if (!own) return;
    back = std::max(back, *own);
  }
  outcome_.source_back = back;
  for (std::size_t r = 0; r < outcome_.resources.size(); ++r) {
    const PlanResource& resource = setting_.plan.resources()[r];
    outcome_.resources[r].source_gone = surroundings_.destroyed({.site = resource.source, .zone = resource.source_zone},
                                                                resource.name, outcome_.disaster, back);
  }
  outcome_.double_serving = !outcome_.source_shut_down && !kept_apart_by_quorum();
}

}  // namespace fleetsim
