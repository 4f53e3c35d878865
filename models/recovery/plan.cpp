#include "fleetsim/models/recovery/plan.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {
namespace {

/// An edge leads from a step to one that follows it.
using StepGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

std::map<std::string, std::size_t> number_of(const std::vector<StepConfig>& steps) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t s = 0; s < steps.size(); ++s) numbers.emplace(steps[s].name.value, s);
  return numbers;
}

StepGraph graph_of(const std::vector<StepConfig>& steps) {
  const std::map<std::string, std::size_t> numbers = number_of(steps);
  StepGraph graph(steps.size());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    for (const auto* names : {&steps[s].after, &steps[s].after_own}) {
      for (const auto& name : *names) {
        const auto before = numbers.find(name.value);
        if (before != numbers.end()) boost::add_edge(before->second, s, graph);
      }
    }
  }
  return graph;
}

/// Keeps the path of a depth-first search, and the first cycle that it closes.
class CycleFinder : public boost::dfs_visitor<> {
 public:
  struct Found {
    std::vector<std::size_t> path, cycle;
  };
  explicit CycleFinder(Found& found) : found_(found) {}
  void discover_vertex(std::size_t vertex, const StepGraph&) { found_.path.push_back(vertex); }
  void finish_vertex(std::size_t, const StepGraph&) { found_.path.pop_back(); }
  void back_edge(StepGraph::edge_descriptor edge, const StepGraph& graph) {
    if (!found_.cycle.empty()) return;
    const auto begin = std::find(found_.path.begin(), found_.path.end(), boost::target(edge, graph));
    found_.cycle.assign(begin, found_.path.end());
    found_.cycle.push_back(*begin);
  }

 private:
  Found& found_;
};

std::vector<std::size_t> cycle_of(const StepGraph& graph) {
  CycleFinder::Found found;
  boost::depth_first_search(graph, boost::visitor(CycleFinder(found)));
  return found.cycle;
}

std::vector<std::size_t> order_of(const StepGraph& graph) {
  std::vector<std::size_t> order;
  boost::topological_sort(graph, std::back_inserter(order));
  std::reverse(order.begin(), order.end());
  return order;
}

}  // namespace

std::string_view to_name(StepKind kind) {
  switch (kind) {
    case StepKind::detect: return "detect";
    case StepKind::decide: return "decide";
    case StepKind::approve: return "approve";
    case StepKind::promote: return "promote";
    case StepKind::restore: return "restore";
    case StepKind::provision: return "provision";
    case StepKind::boot: return "boot";
    case StepKind::warm: return "warm";
    case StepKind::redirect: return "redirect";
    case StepKind::verify: return "verify";
    case StepKind::shut_down_source: return "shut_down_source";
    case StepKind::cluster_failover: return "cluster_failover";
    case StepKind::force_quorum: return "force_quorum";
    case StepKind::custom: return "custom";
  }
  return "custom";
}

std::vector<std::string> find_cycle(const std::vector<StepConfig>& steps) {
  std::vector<std::string> names;
  for (const std::size_t step : cycle_of(graph_of(steps))) names.push_back(steps[step].name.value);
  return names;
}

RecoveryPlan::RecoveryPlan(RecoveryPlanConfig config, std::vector<PlanResource> resources)
    : config_(std::move(config)), resources_(std::move(resources)) {
  const std::map<std::string, std::size_t> numbers = number_of(config_.steps);
  std::map<std::string, std::size_t> rows;
  for (std::size_t r = 0; r < resources_.size(); ++r) rows.emplace(resources_[r].name, r);

  order_ = order_of(graph_of(config_.steps));
  after_.resize(config_.steps.size());
  followers_.resize(config_.steps.size());
  tasks_of_.resize(config_.steps.size());
  enough_.resize(config_.steps.size());
  for (std::size_t s = 0; s < config_.steps.size(); ++s) {
    const StepConfig& step = config_.steps[s];
    for (const auto& name : step.after) after_[s].push_back(numbers.at(name.value));
    for (const std::size_t before : after_[s]) followers_[before].push_back(s);
    const auto add_task = [&](std::optional<std::size_t> resource) {
      tasks_of_[s].push_back(tasks_.size());
      tasks_.push_back({.step = s, .resource = resource, .after_own = {}});
    };
    for (const auto& name : step.of) add_task(rows.at(name.value));
    if (step.of.empty()) add_task(std::nullopt);
    const double share = std::ceil(step.enough.value * static_cast<double>(tasks_of_[s].size()) - 1e-9);
    enough_[s] = std::max<std::size_t>(1, static_cast<std::size_t>(share));
  }
  own_followers_.resize(tasks_.size());
  for (std::size_t t = 0; t < tasks_.size(); ++t) {
    PlanTask& task = tasks_[t];
    if (!task.resource) continue;
    for (const auto& name : config_.steps[task.step].after_own) {
      for (const std::size_t before : tasks_of_[numbers.at(name.value)]) {
        const std::optional<std::size_t> of = tasks_[before].resource;
        const std::vector<std::size_t>& uses = resources_[*task.resource].uses;
        if (of && (of == task.resource || std::find(uses.begin(), uses.end(), *of) != uses.end())) {
          task.after_own.push_back(before);
          own_followers_[before].push_back(t);
        }
      }
    }
  }
}

Duration RecoveryPlan::mean_duration(std::size_t step) const {
  const StepConfig& config = config_.steps[step];
  if (config.kind == StepKind::detect && config.health_check) return mean_detection_time(*config.health_check);
  Duration mean = config.duration.mean() + config.takeover_mean;
  if (config.kind == StepKind::redirect && config.dns) mean += redirection_time(*config.dns);
  if (config.approval) mean += config.approval->starts_after;
  return mean;
}

Duration RecoveryPlan::least_duration(std::size_t step) const {
  const StepConfig& config = config_.steps[step];
  if (config.kind == StepKind::detect && config.health_check) {
    return config.health_check->interval * (config.health_check->failure_threshold - 1) + config.health_check->timeout;
  }
  Duration least = config.duration.quantile(1e-9) + config.takeover_least;
  if (config.kind == StepKind::redirect && config.dns) least += redirection_time(*config.dns);
  if (config.approval) least += config.approval->starts_after;
  return least;
}

RecoveryPlan::StaticPath RecoveryPlan::static_critical_path(bool built, bool shortest) const {
  return longest_path(built, order_, after_, [&](std::size_t step) { return shortest ? least_duration(step) : mean_duration(step); });
}

std::optional<RecoveryPlan::StaticPath> RecoveryPlan::static_path_without_quorum(bool built) const {
  StepGraph graph = graph_of(config_.steps);
  std::vector<std::vector<std::size_t>> after = after_;
  std::vector<bool> forced(config_.steps.size());  // by step: its cluster's quorum
  for (std::size_t s = 0; s < config_.steps.size(); ++s) {
    if (config_.steps[s].kind != StepKind::cluster_failover) continue;
    for (std::size_t f = 0; f < config_.steps.size(); ++f) {
      if (config_.steps[f].kind != StepKind::force_quorum || config_.steps[f].cluster_row != config_.steps[s].cluster_row) continue;
      forced[s] = true;
      after[s].push_back(f);
      boost::add_edge(f, s, graph);
    }
  }
  if (std::find(forced.begin(), forced.end(), true) == forced.end() || !cycle_of(graph).empty()) return std::nullopt;
  return longest_path(built, order_of(graph), after, [&](std::size_t step) {
    const StepConfig& of = config_.steps[step];
    return forced[step] ? mean_duration(step) - of.takeover_mean + of.restart_mean : mean_duration(step);
  });
}

RecoveryPlan::StaticPath RecoveryPlan::longest_path(bool built, const std::vector<std::size_t>& order,
                                                    const std::vector<std::vector<std::size_t>>& after,
                                                    const std::function<Duration(std::size_t)>& duration_of) const {
  const auto length_of = [&](const PlanTask& task) {
    const StepConfig& step = config_.steps[task.step];
    if (step.kind == StepKind::provision && built) return Duration{};
    if (step.kind == StepKind::boot && task.resource && resources_[*task.resource].standing >= resources_[*task.resource].count) return Duration{};
    const Duration own = duration_of(task.step);
    return step.kind == StepKind::restore && task.resource ? own + resources_[*task.resource].retrieval : own;
  };
  // Each task begins when the last of what it follows has ended: of a step, the task that makes it count as done.
  std::vector<Duration> end(tasks_.size());
  std::vector<std::optional<std::size_t>> before(tasks_.size());
  std::vector<std::size_t> joined_by(config_.steps.size());
  for (const std::size_t s : order) {
    std::vector<std::size_t> own = tasks_of_[s];
    for (const std::size_t t : own) {
      const auto follow = [&](std::size_t earlier) {
        if (before[t] && end[*before[t]] >= end[earlier]) return;
        before[t] = earlier;
      };
      for (const std::size_t step : after[s]) follow(joined_by[step]);
      for (const std::size_t task : tasks_[t].after_own) follow(task);
      end[t] = (before[t] ? end[*before[t]] : Duration{}) + length_of(tasks_[t]);
    }
    std::stable_sort(own.begin(), own.end(), [&](std::size_t a, std::size_t b) { return end[a] < end[b]; });
    joined_by[s] = own[enough_[s] - 1];
  }
  StaticPath path;
  for (std::size_t s = 0; s < config_.steps.size(); ++s) {
    Duration begin = end[joined_by[s]];
    for (const std::size_t t : tasks_of_[s]) begin = std::min(begin, end[t] - length_of(tasks_[t]));
    path.spans.emplace_back(begin, end[joined_by[s]]);
  }
  std::optional<std::size_t> last;
  for (const std::size_t s : order) {
    if (config_.steps[s].needed_for == NeededFor::service && (!last || end[joined_by[s]] > end[*last])) last = joined_by[s];
  }
  if (!last) return path;
  path.length = end[*last];
  for (std::optional<std::size_t> t = last; t; t = before[*t]) {
    path.steps.insert(path.steps.begin(), tasks_[*t].step);
    path.lengths.insert(path.lengths.begin(), length_of(tasks_[*t]));
  }
  return path;
}

}  // namespace fleetsim
