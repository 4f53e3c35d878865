#include "models/scenario/advice/type_options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "models/scenario/advice/verdict.hpp"

namespace fleetsim::scenario {
namespace {

/// So many instance types that are enough with volumes without limits take part in the search.
constexpr std::size_t types_wanted = 5;
constexpr std::uint64_t type_trials_max = 40;

class Types {
 public:
  Types(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine,
        const StoragePlan& today, const Wants& wants, MachinePlans& plans, TrialRuns& runs)
      : data_(data), options_(options), machine_(machine), today_(today), wants_(wants), plans_(plans), runs_(runs),
        host_(plans.catalog().type(machine.instance_type.value).value()) {}

  /// The types that have at least the vCPUs and memory of today's and its architecture, cheapest first.
  TypeOptions find() {
    std::vector<TypeOption> priced;
    std::size_t smaller = 0, unpriced = 0;
    for (const std::string& name : plans_.catalog().type_names()) {
      const std::optional<InstanceType> type = plans_.catalog().type(name);
      ++found_.considered;
      if (type->architecture != host_.architecture || type->vcpus < host_.vcpus ||
          type->memory < host_.memory || (!type->ebs_optimized && name != host_.name)) {
        ++smaller;
        continue;
      }
      const PriceKey key{.region = today_.region, .instance_type = name,
                         .os = std::string(to_name(machine_.operating_system))};
      const auto price = plans_.catalog().price_with_licence(key, Purchase::on_demand, plans_.date());
      if (!price) {
        ++unpriced;
        continue;
      }
      priced.push_back({name, (to_usd_per_hour(price->instance) + to_usd_per_hour(price->licence)) * hours_of_month});
    }
    std::stable_sort(priced.begin(), priced.end(),
                     [](const TypeOption& a, const TypeOption& b) { return a.monthly < b.monthly; });
    const bool temporary = std::any_of(machine_.volumes.begin(), machine_.volumes.end(),
                                       [](const VolumeSettings& volume) { return volume.temporary; });
    std::size_t with_store = 0, weak = 0, slow = 0;
    for (const TypeOption& option : priced) {
      const bool has_store = plans_.catalog().type(option.name)->instance_store > Bytes{};
      const bool wanted =
          found_.types.size() - with_store < types_wanted || (temporary && has_store && with_store < types_wanted);
      if (slow >= type_trials_max || options_.stop.stop_requested()) break;
      if (!wanted && !(temporary && with_store < types_wanted)) break;
      if (!wanted) continue;
      const std::optional<StoragePlan> plan = plan_with_free_volumes(option.name);
      if (!plan || !could_carry(*plan)) {
        ++weak;
        continue;
      }
      if (judge(runs_.run(*plan), options_).verdict == AdviceVerdict::too_little) {
        ++slow;
        continue;
      }
      found_.types.push_back(option);
      if (has_store) ++with_store;
    }
    found_.words = fmt::format(
        "{} types of the catalogue have fewer vCPUs or less memory than {}, another architecture or no EBS bandwidth of "
        "their own; {} have no price here; {} of the others, cheaper than those shown, cannot carry the demand by their "
        "limits, and {} hold back too much when simulated.",
        smaller, host_.name, unpriced, weak, slow);
    return std::move(found_);
  }

 private:
  /// Whether the type's limits could carry the machine: what is offered in the mean must fit the base and the bucket, and
  /// the level that is exceeded by no more than the share asked for must fit the maximum.
  bool could_carry(const StoragePlan& plan) const {
    const InstanceStorageLimits& limits = plan.config.limits;
    const double length = to_seconds(data_.run.duration);
    const double kept = 1 - options_.held_back_max;
    const auto fits = [&](const std::optional<BurstLimit>& limit, double mean, double nearly) {
      if (!limit) return true;
      const auto base = static_cast<double>(limit->base), most = static_cast<double>(limit->max);
      const double bucket = (most - base) * to_seconds(limits.burst_time);
      return mean * kept * length <= base * length + bucket && nearly * kept <= most;
    };
    constexpr double mib = 1'048'576.0;
    return fits(limits.iops, wants_.mean_iops, wants_.instance_iops.nearly) &&
           fits(limits.throughput, wants_.mean_mibps * mib, wants_.mibps.nearly * mib);
  }

  /// The machine on another type, its volumes without limits.
  std::optional<StoragePlan> plan_with_free_volumes(const std::string& type) {
    StorageMachineSettings machine = machine_;
    machine.instance_type.value = type;
    machine.volumes.clear();
    machine.changes.clear();
    std::vector<VolumeSettings> volumes = machine_.volumes;
    for (VolumeSettings& volume : volumes) {
      volume.request = {.type = VolumeType::gp3, .size_gib = 100};
      volume.stripes = 1;
      volume.restore.reset();
      machine.volumes.push_back(volume);
    }
    std::optional<StoragePlan> plan = plans_.plan(machine);
    if (!plan) return plan;
    for (std::size_t v = 0; v < plan->config.volumes.size(); ++v) {
      VolumeLimits& limits = plan->config.volumes[v].limits;
      // No slower than asked for: a volume that is too slow is not the type's fault.
      limits.latency = today_.config.volumes[v].limits.latency;
      if (options_.latency_max) limits.latency = std::min(limits.latency, *options_.latency_max);
      limits.iops = limits.iops_burst = Iops::of(2'000'000);
      limits.throughput = limits.throughput_burst = mib_per_second(200'000);
    }
    return plan;
  }

  const ScenarioData& data_;
  const AdviceOptions& options_;
  const StorageMachineSettings& machine_;
  const StoragePlan& today_;
  const Wants& wants_;  // of all loads together
  MachinePlans& plans_;
  TrialRuns& runs_;
  const InstanceType host_;
  TypeOptions found_;
};

}  // namespace

TypeOptions type_options(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine,
                         const StoragePlan& today, const Wants& wants, MachinePlans& plans, TrialRuns& runs) {
  return Types(data, options, machine, today, wants, plans, runs).find();
}

}  // namespace fleetsim::scenario
