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
  double most(const std::string& name) const {
    const Metric* metric = result_.find(name);
    return metric != nullptr && metric->n > 0 ? metric->max : 0;
  }
  bool ever(const std::string& name) const { return most(name) > 0; }

 private:
  const RunResult& result_;
};

/// Whether a limit of the machine or the volume held the work back at all: what it cannot do else is not theirs.
bool held_back(const Measured& measured, const std::string& load) {
  for (std::size_t k = 1; k < storage_limit_count; ++k) {
    if (measured.ever(fmt::format("{}.time_limited_by.{}", load, to_name(static_cast<StorageLimit>(k))))) return true;
  }
  return false;
}

/// The first work of the machine that does not keep up: a stream to which more is written than its agent sends, snapshots
/// that are refused as others are still being read, data that begin to move anew before they have moved. Empty: all does.
std::string falls_behind(const StoragePlan& plan, const std::optional<ProtectionPlan>& protection, const Measured& measured,
                         double share_allowed) {
  const std::string loads = "storage." + plan.config.name + ".load.";
  for (const StorageLoadConfig& load : plan.config.loads) {
    if (!load.recurring || !load.recurring->every || !held_back(measured, loads + load.name)) continue;
    const double every = to_seconds(*load.recurring->every), longest = measured.most(loads + load.name + ".work_time_max");
    const double waiting = measured.most(loads + load.name + ".backlog") * static_cast<double>(load.io_size.count());
    if (longest <= every && waiting <= static_cast<double>(load.recurring->data.count()) * (1 + 1e-9)) continue;
    return fmt::format("begins to move the data of {} anew before they have moved", load.name);
  }
  if (!protection) return {};
  for (std::size_t r = 0; r < protection->agents.size(); ++r) {
    const std::string& name = protection->config.replicas[r].name;
    if (!protection->agents[r] || !held_back(measured, loads + name)) continue;
    const double waiting = measured.mean("data." + name + ".backlog") * 1'073'741'824.0;
    const double sent = measured.mean("data." + name + ".sent") * 1e9;
    if (waiting <= share_allowed * (waiting + sent)) continue;
    return fmt::format("leaves {:.1f} % of what is written unsent by {}", 100 * waiting / (waiting + sent), name);
  }
  for (const PolicyConfig& policy : protection->config.policies) {
    const double refused = measured.most("data." + policy.name + ".snapshots_refused");
    if (refused == 0) continue;
    for (const DataId data : policy.protects) {
      for (const std::uint32_t s : protection->config.data[data.index].stores) {
        const std::optional<MachineLoad>& load = protection->snapshots[s];
        if (!load || !held_back(measured, loads + plan.config.loads[load->load].name)) continue;
        return fmt::format("refuses {} snapshots of {}, as those before them are still being read", refused, policy.name);
      }
    }
  }
  return {};
}

}  // namespace

Trial TrialRuns::run(const StoragePlan& plan) {
  ScenarioData edited;
  edited.name = data_.name;
  edited.run = data_.run;
  edited.topology = data_.topology;
  edited.billing = data_.billing;
  const ProtectedPlan whole = with_protection(data_, plan);
  edited.storages = {whole.plan};
  edited.protection = whole.protection;
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
  trial.behind = falls_behind(whole.plan, whole.protection, measured, options_.held_back_max);
  trial.network_busy = measured.ever(machine + ".instance.advice_larger_network");
  trial.network_idle_ebs_busy = measured.ever(machine + ".instance.advice_offload_to_network");
  return trial;
}

}  // namespace fleetsim::scenario
