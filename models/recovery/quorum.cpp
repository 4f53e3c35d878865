// Steps of failover clusters: a cluster that goes on by itself, one that has lost its quorum, and people who force it.

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/models/recovery/execution.hpp"

namespace fleetsim {

namespace {

/// Just before the disaster.
Time before(Time disaster) { return disaster - Duration::of(1); }

}  // namespace

bool PlanExecution::has_quorum(std::size_t cluster) const {
  if (forced_.contains(cluster)) return true;
  if (!drill_) return setting_.clusters->look(cluster, sim_.now()).quorum;
  // Nothing is lost: what a plan can force is practised as if it were.
  const std::vector<StepConfig>& steps = setting_.plan.steps();
  return std::none_of(steps.begin(), steps.end(), [&](const StepConfig& step) {
    return step.kind == StepKind::force_quorum && step.cluster_row == cluster;
  });
}

/// It kept quorum since before the disaster, and the application its node.
bool PlanExecution::went_on(std::size_t cluster) const {
  if (drill_ || forced_.contains(cluster)) return false;
  const ClusterLook first = setting_.clusters->look(cluster, before(outcome_.disaster));
  if (!first.quorum) return false;
  for (std::optional<Time> at = outcome_.disaster; at && *at <= sim_.now(); at = setting_.clusters->next_change(cluster, *at)) {
    const ClusterLook look = setting_.clusters->look(cluster, *at);
    if (!look.quorum || look.owner != first.owner) return false;
  }
  return true;
}

/// The node that the others have to find lost before one of them takes over; empty where the cluster as a whole had stopped.
std::optional<std::size_t> PlanExecution::lost_owner(std::size_t cluster) const {
  if (drill_ && !forced_.contains(cluster)) return setting_.clusters->look(cluster, sim_.now()).owner;
  if (forced_.contains(cluster)) return std::nullopt;
  ClusterLook last = setting_.clusters->look(cluster, before(outcome_.disaster));
  std::optional<std::size_t> lost;
  for (std::optional<Time> at = outcome_.disaster; at && *at <= sim_.now(); at = setting_.clusters->next_change(cluster, *at)) {
    const ClusterLook look = setting_.clusters->look(cluster, *at);
    if (!look.quorum || !last.quorum) {
      lost.reset();
    } else if (look.owner != last.owner) {
      lost = last.owner;
    }
    last = look;
  }
  return lost;
}

std::size_t PlanExecution::owner(std::size_t cluster) const {
  const auto forced = forced_.find(cluster);
  return forced != forced_.end() ? forced->second : setting_.clusters->look(cluster, sim_.now()).owner;
}

/// At the plan's target, if one is up there.
std::optional<std::size_t> PlanExecution::node_to_force(std::size_t cluster) const {
  const SiteId target = setting_.plan.resources().front().target;
  std::optional<std::size_t> any;
  for (std::size_t node = 0; node < setting_.clusters->node_count(cluster); ++node) {
    const Place place = setting_.clusters->node_place(cluster, node);
    if (!surroundings_.up(place, sim_.now())) continue;
    if (place.site == target) return node;
    if (!any) any = node;
  }
  return any;
}

std::string PlanExecution::votes_in_words(std::size_t cluster) const {
  const ClusterLook look = setting_.clusters->look(cluster, sim_.now());
  return fmt::format("cluster {} has {} of {} vote{}", setting_.clusters->name(cluster), look.votes_left, look.votes_all,
                     look.votes_all == 1 ? "" : "s");
}

/// Whether the disaster struck nothing but nodes that run no application, of clusters that go on, or only parted what is up.
bool PlanExecution::rides_out() {
  if (drill_ || setting_.grey || clusters_.empty()) return false;
  std::string words;
  for (const StepConfig& step : setting_.plan.steps()) {
    if (step.kind != StepKind::cluster_failover) continue;
    if (!went_on(step.cluster_row)) return false;
    words = fmt::format("{}, {} runs on", votes_in_words(step.cluster_row),
                        setting_.clusters->node_name(step.cluster_row, owner(step.cluster_row)));
  }
  if (words.empty()) return false;
  const std::vector<PlanResource>& resources = setting_.plan.resources();
  for (std::size_t r = 0; r < resources.size(); ++r) {
    if (!hit_[r]) continue;
    const Place place{.site = resources[r].source, .zone = resources[r].source_zone};
    if (surroundings_.up(place, sim_.now()) &&
        !surroundings_.destroyed(place, resources[r].name, outcome_.disaster, sim_.now())) {
      continue;
    }
    const std::vector<StepConfig>& steps = setting_.plan.steps();
    const bool passive = resources[r].node && std::any_of(steps.begin(), steps.end(), [&](const StepConfig& step) {
      return step.kind == StepKind::cluster_failover && step.cluster_row == resources[r].node->first;
    }) && owner(resources[r].node->first) != resources[r].node->second;
    if (!passive) return false;
  }
  outcome_.went_on = true;
  tell(Happening::went_on, std::nullopt, words);
  nothing_moves({});
  return true;
}

/// Whether the step of a cluster waits, or has nothing to do.
bool PlanExecution::settled_by_cluster(TaskId task) {
  const StepConfig& step = step_of(task);
  const bool quorum = has_quorum(step.cluster_row);
  if (step.kind == StepKind::force_quorum) {
    if (quorum) end_task(task, true, votes_in_words(step.cluster_row));
    return quorum;
  }
  if (!quorum) {
    awaiting_quorum_.push_back(task);
    tell(Happening::waits, task,
         drill_ ? std::string("its quorum to be forced") : "quorum: " + votes_in_words(step.cluster_row) + ", and needs more than half");
    return true;
  }
  if (!went_on(step.cluster_row)) return false;
  end_task(task, true, fmt::format("{}, {} runs on", votes_in_words(step.cluster_row),
                                   setting_.clusters->node_name(step.cluster_row, owner(step.cluster_row))));
  return true;
}

bool PlanExecution::force_quorum(TaskId task) {
  const std::size_t cluster = step_of(task).cluster_row;
  const std::optional<std::size_t> node = node_to_force(cluster);
  if (!node) return false;
  forced_[cluster] = *node;
  const SiteId here = setting_.clusters->node_place(cluster, *node).site;
  for (std::size_t other = 0; other < setting_.clusters->node_count(cluster); ++other) {
    const Place place = setting_.clusters->node_place(cluster, other);
    forced_beside_ = forced_beside_ || (place.site != here && surroundings_.up(place, sim_.now()));
  }
  return true;
}

/// A node that returns joins the side with quorum, and takes no writes of its own; unless quorum was forced beside others.
bool PlanExecution::kept_apart_by_quorum() const {
  const std::vector<StepConfig>& steps = setting_.plan.steps();
  return !forced_beside_ &&
         std::any_of(steps.begin(), steps.end(), [](const StepConfig& step) { return step.kind == StepKind::cluster_failover; });
}

void PlanExecution::quorum_found(std::optional<TaskId> by) {
  for (const TaskId task : std::exchange(awaiting_quorum_, {})) {
    if (outcome_.finished) return;
    if (!has_quorum(step_of(task).cluster_row)) {
      awaiting_quorum_.push_back(task);
      continue;
    }
    if (by) tasks_[task].binding = by;
    on(TaskAttemptBegun{static_cast<std::uint32_t>(task), tasks_[task].turn});
  }
}

/// Forced on a node that is lost, a cluster is as losses leave it.
void PlanExecution::forget_lost_forced() {
  std::erase_if(forced_, [&](const auto& forced) {
    return !surroundings_.up(setting_.clusters->node_place(forced.first, forced.second), sim_.now());
  });
}

/// What a cluster did is undone by the loss of the node that took over, or of quorum; people on their way go on.
bool PlanExecution::undone_by_cluster(TaskId task) const {
  const StepConfig& step = step_of(task);
  if (!is_of_cluster(step.kind)) return false;
  const Task& t = tasks_[task];
  const bool quorum = has_quorum(step.cluster_row);
  if (step.kind == StepKind::force_quorum) return t.state == State::done && !quorum;
  if (std::find(awaiting_quorum_.begin(), awaiting_quorum_.end(), task) != awaiting_quorum_.end()) return false;
  return !quorum || (t.place && !surroundings_.up(*t.place, sim_.now()));
}

/// To the next change of any cluster that a step names.
void PlanExecution::watch_clusters() {
  if (drill_ || clusters_.empty()) return;
  std::optional<Time> next;
  for (const std::size_t cluster : clusters_) {
    if (!outcome_.rta && !setting_.clusters->look(cluster, sim_.now()).quorum) outcome_.quorum_lost = true;
    const std::optional<Time> change = setting_.clusters->next_change(cluster, sim_.now());
    if (change && (!next || *change < *next)) next = change;
  }
  if (next) cluster_change_ = sim_.schedule_at(*this, *next, ClusterChanged{});
}

void PlanExecution::on(const ClusterChanged&) {
  if (outcome_.finished) return;
  watch_clusters();
  if (!outcome_.rta) suffer_strike();
  if (!outcome_.finished) quorum_found(std::nullopt);
}

}  // namespace fleetsim
