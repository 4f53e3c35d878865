// What disasters and drills of a replication come to, as metrics.

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "models/scenario/disaster_node.hpp"

namespace fleetsim::scenario {

std::vector<std::pair<Time, Time>> DisasterNode::without_disaster(const Plan& plan) const {
  std::vector<std::pair<Time, Time>> spans = plan.was_away;
  spans.insert(spans.end(), plan.in_vain.begin(), plan.in_vain.end());
  if (plan.away) spans.emplace_back(plan.away->outcome.disaster, Time::max());
  // Where the target is gone for good no disaster finds a point.
  const FaultSurroundings surroundings(topology_, {&faults_->timeline()});
  for (const PlanResource& resource : plan.data->plan->resources()) {
    if (const auto gone = surroundings.gone_since({.site = resource.target, .zone = {}})) spans.emplace_back(*gone, Time::max());
  }
  return spans;
}

std::vector<std::optional<double>> DisasterNode::ages_by_hour(const Plan& plan) const {
  const RecoveryPlan& recovery = *plan.data->plan;
  // As a disaster at the instant would find them: the first that the plan answers.
  std::vector<bool> hit(recovery.resources().size(), true);
  std::vector<ZoneId> zones_lost;
  if (!plan.data->answers.empty()) {
    const FaultConfig& fault = data_.disasters.faults[plan.data->answers.front()];
    if (!recovery.config().whole) hit = struck(recovery, fault);
    if (fault.kind == FaultKind::zone) zones_lost = fault.zone_ids;
  }
  std::vector<std::vector<PointLife>> resources;
  std::vector<const PlanResource*> with_data;
  // Points are walked; what is asked of data from before an intrusion, and what is sent as it is written, is sampled.
  bool by_points = recovery.config().data_from_before == Duration{};
  for (std::size_t r = 0; r < recovery.resources().size(); ++r) {
    const PlanResource& resource = recovery.resources()[r];
    if (!resource.data || !hit[r] || protection_ == nullptr) continue;
    with_data.push_back(&resource);
    std::vector<PointLife>& lives = resources.emplace_back();
    for (const PointHistory* history : protection_->histories(*resource.data, resource.target)) {
      for (const KeptPoint& point : history->points()) lives.push_back({point.point, point.usable, point.gone});
    }
    by_points = by_points && !protection_->continuous(*resource.data, resource.target);
  }
  if (resources.empty()) return std::vector<std::optional<double>>(168);
  const std::vector<std::pair<Time, Time>> spans = without_disaster(plan);
  if (by_points) return age_by_hour_of_week(resources, measured_from_, sim_.now(), data_.run.start, spans);
  // Every 181 s: a prime number, so that nothing that happens every few minutes is met at the same age each time.
  std::vector<Tally> ages(168);
  const FaultSurroundings surroundings(topology_, {&faults_->timeline()});
  for (Time at = measured_from_ + 90_s; at < sim_.now(); at += 181_s) {
    if (std::any_of(spans.begin(), spans.end(), [&](const auto& span) { return at >= span.first && at < span.second; })) continue;
    std::vector<ZoneId> down = surroundings.zones_down(at);
    down.insert(down.end(), zones_lost.begin(), zones_lost.end());
    const ProtectedPoints points(protection_, std::move(down));
    Duration oldest;
    bool all = true;
    for (const PlanResource* resource : with_data) {
      const std::optional<UsablePoint> point =
          points.newest(*resource->data, resource->target, at, at - recovery.config().data_from_before);
      all = all && point.has_value();
      if (point) oldest = std::max(oldest, at - point->point);
    }
    if (all) ages[static_cast<std::size_t>(hour_of_week(at, data_.run.start))].add(to_seconds(oldest));
  }
  std::vector<std::optional<double>> means(168);
  for (std::size_t h = 0; h < means.size(); ++h) {
    if (ages[h].count() > 0) means[h] = ages[h].mean();
  }
  return means;
}

void DisasterNode::report(MetricSink& sink) const {
  sink.add("faults.count", "1", static_cast<double>(fault_count_));
  if (!data_.disasters.environments.empty()) sink.add("faults.unanswered", "1", static_cast<double>(unanswered_));
  report_clusters(sink);
  for (const auto& plan : plans_) report_plan(sink, *plan);
  if (plans_.size() < 2) return;
  sink.add("service.disasters", "1", static_cast<double>(service_disasters_));
  for (const auto& [name, values] : {std::pair("rpa", &service_rpa_), std::pair("rta", &service_rta_)}) {
    sink.add(fmt::format("service.{}", name), "s", values->mean());
    sink.add(fmt::format("service.{}.p50", name), "s", values->quantile(0.5));
    sink.add(fmt::format("service.{}.p95", name), "s", values->quantile(0.95));
    sink.add(fmt::format("service.{}.max", name), "s", values->max());
  }
}

void DisasterNode::report_clusters(MetricSink& sink) const {
  for (std::size_t c = 0; c < data_.disasters.clusters.size(); ++c) {
    std::uint64_t losses = 0, moves = 0;
    Duration without;
    ClusterState last = clusters_->state(c, measured_from_);
    Time since = measured_from_;
    const auto pass = [&](Time until) {
      if (!last.quorum) without += until - since;
      since = until;
    };
    for (auto at = clusters_->next_change(c, measured_from_); at && *at < sim_.now(); at = clusters_->next_change(c, *at)) {
      const ClusterState& state = clusters_->state(c, *at);
      pass(*at);
      losses += last.quorum && !state.quorum;
      moves += state.owner != last.owner && !state.members[last.owner];  // people move it from a node that is up
      last = state;
    }
    pass(std::max(sim_.now(), measured_from_));
    const std::string prefix = fmt::format("failover_cluster.{}.", data_.disasters.clusters[c].config.name.value);
    sink.add(prefix + "quorum_losses", "1", static_cast<double>(losses));
    sink.add(prefix + "without_quorum", "s", to_seconds(without));
    sink.add(prefix + "owner_changes", "1", static_cast<double>(moves));
  }
}

void DisasterNode::report_plan(MetricSink& sink, const Plan& plan) const {
  const RecoveryPlanConfig& config = plan.data->plan->config();
  const std::string prefix = fmt::format("recovery.{}.", config.name.value);
  sink.add(prefix + "disasters", "1", static_cast<double>(plan.disasters.count()));
  plan.disasters.report(sink, prefix);
  const auto grey = [&](std::size_t fault) { return data_.disasters.faults[fault].kind == FaultKind::grey; };
  if (std::any_of(plan.data->answers.begin(), plan.data->answers.end(), grey)) {
    const auto all = static_cast<double>(plan.disasters.count());
    sink.add(prefix + "unnoticed_probability", "1",
             all > 0 ? std::optional(static_cast<double>(plan.disasters.unnoticed()) / all) : std::nullopt);
  }
  const std::vector<StepConfig>& steps = plan.data->plan->steps();
  if (std::any_of(steps.begin(), steps.end(), [](const StepConfig& step) { return is_of_cluster(step.kind); })) {
    const auto all = static_cast<double>(plan.disasters.count());
    const auto share = [&](std::uint64_t of) { return all > 0 ? std::optional(static_cast<double>(of) / all) : std::nullopt; };
    sink.add(prefix + "cluster_went_on_probability", "1", share(plan.disasters.went_on()));
    sink.add(prefix + "quorum_lost_probability", "1", share(plan.disasters.quorum_lost()));
  }
  sink.add(prefix + "struck_while_away", "1", static_cast<double>(plan.struck_while_away));
  Usd standby;
  for (const Standing& standing : plan.standing) standby += billing_.cost(standing.account);
  sink.add(prefix + "standby_cost", "USD", to_usd(standby));
  sink.add(prefix + "resources_lacking", "1", static_cast<double>(std::count_if(
      plan.data->plan->resources().begin(), plan.data->plan->resources().end(),
      [](const PlanResource& resource) { return resource.lacking; })));
  if (!plan.data->policies.empty()) {
    const auto all = [&](bool PlanPolicy::*valid) {
      return std::all_of(plan.data->policies.begin(), plan.data->policies.end(), [&](const PlanPolicy& p) { return p.*valid; });
    };
    sink.add(prefix + "policies_valid", "1", all(&PlanPolicy::valid) ? 1 : 0);
    sink.add(prefix + "policies_valid_by_interval", "1", all(&PlanPolicy::valid_by_interval) ? 1 : 0);
  }
  if (config.heat_map && sim_.now() > measured_from_) {
    constexpr std::array<const char*, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const std::vector<std::optional<double>> ages = ages_by_hour(plan);
    for (std::size_t h = 0; h < ages.size(); ++h) {
      sink.add(fmt::format("{}rpa_by_hour.{}-{:02}", prefix, days[h / 24], h % 24), "s", ages[h]);
    }
  }
  if (!config.drills) return;
  const auto drills = static_cast<double>(plan.drills.count());
  plan.drills.report(sink, prefix + "drill.");
  sink.add(prefix + "drill.count", "1", drills);
  sink.add(prefix + "drill.passed_fraction", "1",
           plan.drilled ? std::optional(static_cast<double>(plan.drills_passed) / drills) : std::nullopt);
  sink.add(prefix + "drill.longest_without", "s", to_seconds(plan.longest_without_drill));
  sink.add(prefix + "drill.cost", "USD", to_usd(plan.drill_bill.cost()));
}

}  // namespace fleetsim::scenario
