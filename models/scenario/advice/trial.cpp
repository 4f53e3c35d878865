#include "models/scenario/advice/trial.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "models/scenario/advice/protected_plan.hpp"

namespace fleetsim::scenario {
namespace {

/// Of metrics by their names; zero for one that no replication observed.
class Measured {
 public:
  explicit Measured(const RunResult& result) : result_(result) {}
  double mean(const std::string& name) const {
    const Metric* metric = result_.find(name);
    return metric != nullptr && metric->n > 0 ? metric->mean : 0;
  }
  std::vector<double> values(const std::string& name) const {
    const Metric* metric = result_.find(name);
    if (metric == nullptr || metric->n == 0) return std::vector<double>(result_.replications, 0.0);
    std::vector<double> values = metric->values;
    for (double& value : values) value = value == value ? value : 0;  // not observed: nothing was offered
    return values;
  }
  bool ever(const std::string& name) const {
    const Metric* metric = result_.find(name);
    return metric != nullptr && metric->n > 0 && metric->max > 0;
  }

 private:
  const RunResult& result_;
};

}  // namespace

Trial TrialRuns::run(const StoragePlan& plan) {
  ScenarioData edited;
  edited.name = data_.name;
  edited.run = data_.run;
  edited.topology = data_.topology;
  edited.billing = data_.billing;
  ProtectedPlan whole = with_protection(data_, plan);
  edited.storages = {std::move(whole.plan)};
  edited.protection = std::move(whole.protection);
  if (edited.protection) edited.demands = data_.demands;  // which stores may follow
  RunOptions options;
  options.seed = options_.seed;
  options.replications = options_.replications;
  options.jobs = options_.jobs;
  options.stop = options_.stop;
  if (options_.progress) options.progress = [this](std::uint64_t, std::uint64_t) { options_.progress(); };
  const RunResult result = fleetsim::run(Scenario(std::make_shared<ScenarioData>(std::move(edited))), options);
  ++count_;
  Trial trial;
  trial.finished = result.replications == result.replications_wanted;
  if (!trial.finished) return trial;

  const Measured measured(result);
  const std::string machine = "storage." + plan.config.name;
  trial.held_back.assign(result.replications, 0.0);
  offered_.clear();
  for (const StorageLoadConfig& config : plan.config.loads) {
    if (config.work) continue;
    const std::string load = machine + ".load." + config.name;
    AdvisedLoad advised;
    advised.name = config.name;
    const double span = to_seconds(data_.run.duration - data_.run.warm_up);
    advised.offered_iops = measured.mean(load + ".offered") / span;
    advised.done_iops = measured.mean(load + ".done") / span;
    advised.throughput_mibps = measured.mean(load + ".throughput");
    advised.latency_mean_s = measured.mean(load + ".latency_mean");
    std::vector<double> held;
    if (config.queue_depth) {
      offered_[config.name] = measured.values(load + ".offered");
      const auto wanted = wants_.find(config.name);
      const std::vector<double>& offered = wanted != wants_.end() ? wanted->second : offered_[config.name];
      held = measured.values(load + ".done");
      for (std::size_t r = 0; r < held.size(); ++r) {
        held[r] = offered[r] > 0 ? std::max(0.0, 1 - held[r] / offered[r]) : 0;
      }
    } else {
      held = measured.values(load + (config.deadline ? ".late_fraction" : ".wait_fraction"));
    }
    for (std::size_t r = 0; r < held.size(); ++r) trial.held_back[r] = std::max(trial.held_back[r], held[r]);
    advised.held_back = summarize(held);
    double most = 0;
    advised.limit = "none";
    for (std::size_t k = 1; k < storage_limit_count; ++k) {
      const auto name = std::string(to_name(static_cast<StorageLimit>(k)));
      const double time = measured.mean(load + ".time_limited_by." + name);
      if (time > most) {
        most = time;
        advised.limit = name;
      }
    }
    if (options_.latency_max) {
      trial.too_slow |= advised.latency_mean_s > to_seconds(*options_.latency_max) * (1 + 1e-9);
    }
    trial.loads.push_back(std::move(advised));
  }
  trial.network_busy = measured.ever(machine + ".instance.advice_larger_network");
  trial.network_idle_ebs_busy = measured.ever(machine + ".instance.advice_offload_to_network");
  return trial;
}

}  // namespace fleetsim::scenario
