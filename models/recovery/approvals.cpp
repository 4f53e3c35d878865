// Approvals: a tag on a principal that names what it may start, for a while.

#include "fleetsim/models/recovery/execution.hpp"

namespace fleetsim {

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
  --steps_[step].ended;
  if (!tasks_[approval].failed) --steps_[step].succeeded;
  become_ready(approval);
}

}  // namespace fleetsim
