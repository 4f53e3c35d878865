#include "models/scenario/advice/type_options.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "models/scenario/advice/verdict.hpp"

namespace fleetsim::scenario {
namespace {

/// So many instance types that are enough with volumes without limits take part in the search.
constexpr std::size_t types_wanted = 5;
constexpr std::uint64_t type_trials_max = 40;

/// Whether a type has what today's has beside its limits.
bool could_replace(const InstanceType& type, const InstanceType& today) {
  return type.architecture == today.architecture && type.vcpus >= today.vcpus && type.memory >= today.memory &&
         (type.ebs_optimized || type.name == today.name);
}

/// What the rules of volumes ask of a host.
struct HostKind {
  bool nitro = true, block_express = false;
  bool operator==(const HostKind&) const = default;
};
HostKind kind_of(const VolumeHost& host, Date date) { return {host.nitro, runs_block_express(host, date)}; }

class Types {
 public:
  Types(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine,
        const StoragePlan& today, const Wants& wants, const std::vector<VolumeHost>& hosts, MachinePlans& plans,
        TrialRuns& runs)
      : data_(data), options_(options), machine_(machine), today_(today), wants_(wants), plans_(plans), runs_(runs),
        host_(plans.catalog().type(machine.instance_type.value).value()) {
    classes_.push_back({[](const InstanceType&) { return true; }});
    const bool temporary = std::any_of(machine_.volumes.begin(), machine_.volumes.end(),
                                       [](const VolumeSettings& volume) { return volume.temporary; });
    if (temporary) classes_.push_back({[](const InstanceType& type) { return type.instance_store > Bytes{}; }});
    for (std::size_t h = 1; h < hosts.size(); ++h) {
      const Date date = plans.date();
      const HostKind kind = kind_of(hosts[h], date);
      classes_.push_back({[kind, date](const InstanceType& type) {
        return kind_of({.instance_type = type.name, .nitro = type.nitro}, date) == kind;
      }});
    }
  }

  /// The types that have at least the vCPUs and memory of today's and its architecture, cheapest first.
  TypeOptions find() {
    std::vector<TypeOption> priced;
    std::size_t smaller = 0, unpriced = 0;
    for (const std::string& name : plans_.catalog().type_names()) {
      const std::optional<InstanceType> type = plans_.catalog().type(name);
      ++found_.considered;
      if (!could_replace(*type, host_)) {
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
    std::size_t weak = 0, slow = 0;
    for (const TypeOption& option : priced) {
      if (slow >= type_trials_max || options_.stop.stop_requested() || !any_wanted()) break;
      const InstanceType type = *plans_.catalog().type(option.name);
      const bool wanted = std::any_of(classes_.begin(), classes_.end(), [&](const Class& of) {
        return of.found < types_wanted && of.has(type);
      });
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
      for (Class& of : classes_) of.found += of.has(type) ? 1U : 0U;
    }
    found_.words = fmt::format(
        "{} types of the catalogue have fewer vCPUs or less memory than {}, another architecture or no EBS bandwidth of "
        "their own; {} have no price here; {} of the others, cheaper than those shown, cannot carry the demand by their "
        "limits, and {} hold back too much when simulated.",
        smaller, host_.name, unpriced, weak, slow);
    return std::move(found_);
  }

 private:
  /// Types that have something in common, some of which are wanted.
  struct Class {
    std::function<bool(const InstanceType&)> has;
    std::size_t found = 0;
  };
  bool any_wanted() const {
    return std::any_of(classes_.begin(), classes_.end(), [](const Class& of) { return of.found < types_wanted; });
  }

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
  std::vector<Class> classes_;
  TypeOptions found_;
};

}  // namespace

std::vector<VolumeHost> other_hosts(const InstanceType& today, const StorageMachineSettings& machine, MachinePlans& plans) {
  const Date date = plans.date();
  const HostKind present = kind_of({.instance_type = today.name, .nitro = today.nitro}, date);
  std::vector<std::pair<UsdPerHour, VolumeHost>> cheapest;  // by kind
  for (const std::string& name : plans.catalog().type_names()) {
    const InstanceType type = *plans.catalog().type(name);
    const VolumeHost host{.instance_type = name, .nitro = type.nitro};
    const HostKind kind = kind_of(host, date);
    if (kind == present || !kind.nitro || !could_replace(type, today)) continue;
    const PriceKey key{.region = plans.region_of(machine), .instance_type = name,
                       .os = std::string(to_name(machine.operating_system))};
    const auto price = plans.catalog().price_with_licence(key, Purchase::on_demand, date);
    if (!price) continue;
    const UsdPerHour usd = price->instance + price->licence;
    const auto known = std::find_if(cheapest.begin(), cheapest.end(),
                                    [&](const auto& of) { return kind_of(of.second, date) == kind; });
    if (known == cheapest.end()) {
      cheapest.emplace_back(usd, host);
    } else if (usd < known->first) {
      *known = {usd, host};
    }
  }
  std::vector<VolumeHost> hosts;
  for (auto& [usd, host] : cheapest) hosts.push_back(std::move(host));
  return hosts;
}

TypeOptions type_options(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine,
                         const StoragePlan& today, const Wants& wants, const std::vector<VolumeHost>& hosts,
                         MachinePlans& plans, TrialRuns& runs) {
  return Types(data, options, machine, today, wants, hosts, plans, runs).find();
}

}  // namespace fleetsim::scenario
