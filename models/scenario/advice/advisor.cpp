// Searches the alternatives of each machine: what cannot do alone is ruled out, the rest is simulated by rising cost.

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "fleetsim/advice.hpp"
#include "fleetsim/text.hpp"
#include "fleetsim/version.hpp"
#include "models/scenario/advice/trial.hpp"
#include "models/scenario/advice/volume_options.hpp"
#include "models/scenario/storage_planner.hpp"

namespace fleetsim {
namespace scenario {
namespace {

/// So many alternatives that are enough are shown, the cheapest of them chosen.
constexpr std::size_t enough_wanted = 3;
/// So many instance types that are enough with volumes without limits take part in the search.
constexpr std::size_t types_wanted = 5;
constexpr std::uint64_t whole_trials_max = 60, type_trials_max = 40;

constexpr double hours_of_month = 720;
/// The year of the table of instance types.
constexpr Date catalogue_date{std::chrono::year{2026} / 1 / 1};

std::string percent(double share) {
  const double value = share * 100;
  return fmt::format("{:.{}f} %", value, value >= 9.95 || value == 0 ? 0 : value >= 0.095 ? 1 : 2);
}

std::string_view limit_in_words(std::string_view name) {
  const std::optional<StorageLimit> limit = storage_limit_of(name);
  return limit ? in_words(*limit) : name;
}

double monthly_of_volumes(const StoragePlan& plan) {
  double usd = 0;
  for (const VolumeCharge& charge : plan.charges) {
    if (charge.to == Time::max()) usd += to_usd(charge.per_month) * static_cast<double>(charge.units);
  }
  return usd;
}
double monthly_of_instance(const StoragePlan& plan) {
  return (to_usd_per_hour(plan.price.instance) + to_usd_per_hour(plan.price.licence)) * hours_of_month;
}

/// An instance type that is enough with volumes without limits.
struct TypeOption {
  std::string name;
  double monthly = 0;
};

/// Everything is relative to one machine of the scenario.
class MachineSearch {
 public:
  MachineSearch(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine)
      : data_(data), options_(options), machine_(machine), catalog_(data.catalog), runs_(data, options) {
    for (const DemandConfig& demand : data.demands) demand_names_.push_back(demand.name);
  }

  /// Empty if it was interrupted.
  std::optional<MachineAdvice> search() {
    advice_.machine = machine_.name;
    const std::optional<StoragePlan> plan = plan_of(machine_);
    if (!plan) return std::nullopt;
    today_plan_ = *plan;
    host_type_ = catalog_.type(machine_.instance_type.value);
    const Trial today = runs_.run(*plan);
    if (!today.finished) return std::nullopt;
    runs_.set_wants(runs_.offered());
    advice_.today = alternative(machine_, *plan, today);
    tried_[words_of(machine_)] = advice_.today;
    wants_ = find_wants(data_, *plan, options_.seed.value_or(data_.run.seed),
                        options_.replications.value_or(data_.run.replications), options_.held_back_max);
    find_volumes();
    find_types();
    search_whole();
    explain_parts();
    if (stopped()) return std::nullopt;
    finish(today);
    return std::move(advice_);
  }

  std::uint64_t considered() const { return considered_; }
  std::uint64_t simulated() const { return runs_.count(); }

 private:
  bool stopped() const { return options_.stop.stop_requested(); }

  std::optional<StoragePlan> plan_of(const StorageMachineSettings& machine) {
    config::Diagnostics diagnostics;
    StorageSettings settings;
    settings.rules_as_of = data_.storage.rules_as_of;
    settings.machines = {machine};
    std::vector<StoragePlan> plans = plan_storage(settings, data_, catalog_, demand_names_, diagnostics);
    refusal_.clear();
    for (const config::Diagnostic& diagnostic : diagnostics.sorted()) {
      if (diagnostic.severity == config::Severity::error && refusal_.empty()) refusal_ = diagnostic.message;
    }
    if (!refusal_.empty() || plans.empty()) return std::nullopt;
    return std::move(plans.front());
  }

  Date date() const { return storage_rules_date(data_.storage, data_.run.start); }

  AdviceVerdict judge(const Trial& trial, std::string& reason) const {
    const Summary held = summarize(trial.held_back);
    const AdvisedLoad* worst = nullptr;
    for (const AdvisedLoad& load : trial.loads) {
      if (worst == nullptr || load.held_back.mean > worst->held_back.mean) worst = &load;
    }
    const double most = options_.held_back_max;
    const double low = held.ci95 ? held.ci95->low : held.mean, high = held.ci95 ? held.ci95->high : held.mean;
    const std::string what =
        worst == nullptr || held.mean == 0 ? "holds nothing back"
        : worst->limit == "none" ? fmt::format("holds back {} of the I/Os of {}", percent(held.mean), worst->name)
                                 : fmt::format("holds back {} of the I/Os of {}, mostly by {}", percent(held.mean), worst->name,
                                               limit_in_words(worst->limit));
    reason = what;
    if (high > most && low <= most) {
      reason += fmt::format("; {} to {} with 95 % confidence, so it is not decided", percent(std::max(0.0, low)), percent(high));
      return AdviceVerdict::undecided;
    }
    if (low > most) return AdviceVerdict::too_little;
    if (trial.too_slow) {
      for (const AdvisedLoad& load : trial.loads) {
        if (load.latency_mean_s <= to_seconds(*options_.latency_max)) continue;
        reason = fmt::format("an I/O of {} takes {:.3g} ms in the mean, asked for {:.3g}", load.name,
                             load.latency_mean_s * 1e3, to_seconds(*options_.latency_max) * 1e3);
      }
      return AdviceVerdict::too_little;
    }
    if (trial.network_busy) {
      reason = "its network is at 80 % of its maximum or more for 5 % of the time";
      return AdviceVerdict::too_little;
    }
    return AdviceVerdict::enough;
  }

  static std::string words_of(const StorageMachineSettings& machine) {
    std::string words = machine.instance_type.value;
    for (const VolumeSettings& volume : machine.volumes) words += "; " + volume.name + " " + in_words(volume);
    return words;
  }

  std::string change_of(const StorageMachineSettings& machine) const {
    std::string words;
    if (machine.instance_type.value != machine_.instance_type.value) {
      words = fmt::format("instance {}", machine.instance_type.value);
    }
    for (std::size_t v = 0; v < machine.volumes.size(); ++v) {
      const std::string volume = in_words(machine.volumes[v]);
      if (volume == in_words(machine_.volumes[v])) continue;
      words += fmt::format("{}volume {}: {}", words.empty() ? "" : "; ", machine.volumes[v].name, volume);
    }
    return words;
  }

  Alternative alternative(const StorageMachineSettings& machine, const StoragePlan& plan, const Trial& trial) const {
    Alternative found;
    found.instance_type = machine.instance_type.value;
    for (const VolumeSettings& volume : machine.volumes) found.volumes.push_back(volume.name + ": " + in_words(volume));
    found.change = change_of(machine);
    found.monthly_volumes_usd = monthly_of_volumes(plan);
    found.monthly_usd = monthly_of_instance(plan) + found.monthly_volumes_usd;
    found.verdict = judge(trial, found.reason);
    found.loads = trial.loads;
    found.held_back = summarize(trial.held_back);
    return found;
  }

  Alternative ruled_out(std::string change, std::string reason) const {
    Alternative found;
    found.instance_type = machine_.instance_type.value;
    found.change = std::move(change);
    found.reason = std::move(reason);
    return found;
  }

  /// The volume and its loads with no limit around them. Empty where a rule refuses it.
  std::optional<StoragePlan> alone(std::size_t v, const VolumeSettings& volume) {
    StorageMachineSettings machine = machine_;
    machine.volumes = {volume};
    std::erase_if(machine.changes, [&](const VolumeChangeSettings& change) {
      return change.to.name != volume.name || in_words(volume) != in_words(machine_.volumes[v]);
    });
    std::erase_if(machine.loads, [&](const StorageLoadSettings& load) { return !load.volume || load.volume->value != volume.name; });
    std::optional<StoragePlan> plan = plan_of(machine);
    if (plan) {
      plan->config.limits = {};
      plan->config.stops.clear();
    }
    return plan;
  }

  /// For each volume the cheapest settings of each kind that are enough alone.
  void find_volumes() {
    const VolumeHost host{.instance_type = host_type_->name, .nitro = host_type_->nitro};
    for (std::size_t v = 0; v < machine_.volumes.size() && !stopped(); ++v) {
      const VolumeSettings& volume = machine_.volumes[v];
      VolumeOptions found = volume_options(volume, wants_.volumes[v], host, date());
      for (const VolumeKindRefused& refused : found.refused) {
        advice_.others.push_back(ruled_out(fmt::format("volume {}: {}", volume.name, refused.kind), refused.reason));
      }
      std::vector<std::pair<double, VolumeOption>> priced;
      for (VolumeOption& option : found.options) {
        ++considered_;
        if (option.settings.request.type == VolumeType::instance_store) {  // whose limits are the instance's
          priced.emplace_back(0, std::move(option));
          continue;
        }
        if (const auto plan = alone(v, option.settings)) priced.emplace_back(monthly_of_volumes(*plan), std::move(option));
      }
      std::stable_sort(priced.begin(), priced.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      choose_volumes(v, priced);
    }
  }

  void choose_volumes(std::size_t v, const std::vector<std::pair<double, VolumeOption>>& priced) {
    std::vector<std::pair<double, VolumeSettings>>& chosen = volumes_.emplace_back();
    std::set<std::string> kinds;
    std::map<std::string, Alternative> failed;  // by kind: the dearest settings that are not enough
    for (const auto& [monthly, option] : priced) {
      if (kinds.contains(option.kind) || stopped()) continue;
      if (option.settings.request.type == VolumeType::instance_store) {
        chosen.emplace_back(monthly, option.settings);
        kinds.insert(option.kind);
        continue;
      }
      Trial trial = runs_.run(*alone(v, option.settings));
      if (!trial.finished) return;
      trial.network_busy = false;
      std::string reason;
      const AdviceVerdict verdict = judge(trial, reason);
      if (verdict == AdviceVerdict::enough || verdict == AdviceVerdict::undecided) {
        chosen.emplace_back(monthly, option.settings);
        kinds.insert(option.kind);
        failed.erase(option.kind);
      } else {
        failed[option.kind] = ruled_out(fmt::format("volume {}: {}", option.settings.name, in_words(option.settings)),
                                        "on any instance it " + reason);
      }
    }
    for (auto& [kind, why] : failed) {
      if (kind != "as it is") advice_.others.push_back(std::move(why));
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
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
    return fits(limits.iops, wants_.together.mean_iops, wants_.together.instance_iops.nearly) &&
           fits(limits.throughput, wants_.together.mean_mibps * mib, wants_.together.mibps.nearly * mib);
  }

  /// The types that have at least the vCPUs and memory of today's and its architecture, cheapest first.
  void find_types() {
    std::vector<TypeOption> priced;
    std::size_t smaller = 0, unpriced = 0;
    for (const std::string& name : catalog_.type_names()) {
      const std::optional<InstanceType> type = catalog_.type(name);
      ++considered_;
      if (type->architecture != host_type_->architecture || type->vcpus < host_type_->vcpus ||
          type->memory < host_type_->memory || (!type->ebs_optimized && name != host_type_->name)) {
        ++smaller;
        continue;
      }
      const PriceKey key{.region = today_plan_.region, .instance_type = name,
                         .os = std::string(to_name(machine_.operating_system))};
      const auto price = catalog_.price_with_licence(key, Purchase::on_demand, date());
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
      const bool has_store = catalog_.type(option.name)->instance_store > Bytes{};
      const bool wanted = types_.size() - with_store < types_wanted || (temporary && has_store && with_store < types_wanted);
      if (slow >= type_trials_max || stopped()) break;
      if (!wanted && !(temporary && with_store < types_wanted)) break;
      if (!wanted) continue;
      const std::optional<StoragePlan> plan = plan_with_free_volumes(option.name);
      if (!plan || !could_carry(*plan)) {
        ++weak;
        continue;
      }
      std::string reason;
      if (judge(runs_.run(*plan), reason) == AdviceVerdict::too_little) {
        ++slow;
        continue;
      }
      types_.push_back(option);
      if (has_store) ++with_store;
    }
    types_words_ = fmt::format("{} types of the catalogue have fewer vCPUs or less memory than {}, another architecture or "
                               "no EBS bandwidth of their own; {} have no price here; {} of the others, cheaper than those "
                               "shown, cannot carry the demand by their limits, and {} hold back too much when simulated.",
                               smaller, host_type_->name, unpriced, weak, slow);
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
    std::optional<StoragePlan> plan = plan_of(machine);
    if (!plan) return plan;
    for (std::size_t v = 0; v < plan->config.volumes.size(); ++v) {
      VolumeLimits& limits = plan->config.volumes[v].limits;
      // No slower than asked for: a volume that is too slow is not the type's fault.
      limits.latency = today_plan_.config.volumes[v].limits.latency;
      if (options_.latency_max) limits.latency = std::min(limits.latency, *options_.latency_max);
      limits.iops = limits.iops_burst = Iops::of(2'000'000);
      limits.throughput = limits.throughput_burst = mib_per_second(200'000);
    }
    return plan;
  }

  /// The machine with one choice for each volume, on a type.
  StorageMachineSettings combined(const std::string& type, const std::vector<std::size_t>& choice) const {
    StorageMachineSettings machine = machine_;
    machine.instance_type.value = type;
    for (std::size_t v = 0; v < choice.size(); ++v) machine.volumes[v] = volumes_[v][choice[v]].second;
    std::erase_if(machine.changes, [&](const VolumeChangeSettings& change) {
      for (std::size_t v = 0; v < machine.volumes.size(); ++v) {
        if (machine.volumes[v].name == change.to.name) return in_words(machine.volumes[v]) != in_words(machine_.volumes[v]);
      }
      return true;
    });
    return machine;
  }

  /// Simulates a machine unless it has been. Null if a rule refuses it or it was interrupted.
  const Alternative* try_out(const StorageMachineSettings& machine) {
    const std::string words = words_of(machine);
    if (const auto known = tried_.find(words); known != tried_.end()) return &known->second;
    const std::optional<StoragePlan> plan = plan_of(machine);
    if (!plan) return nullptr;
    const Trial trial = runs_.run(*plan);
    if (!trial.finished) return nullptr;
    return &(tried_[words] = alternative(machine, *plan, trial));
  }

  /// By rising cost, over types and choices of volumes, until enough are enough.
  void search_whole() {
    for (const auto& volume : volumes_) {
      if (volume.empty()) return;
    }
    using Combination = std::vector<std::size_t>;  // the type, then a choice for each volume
    const auto cost = [&](const Combination& c) {
      double usd = types_[c[0]].monthly;
      for (std::size_t v = 0; v < volumes_.size(); ++v) usd += volumes_[v][c[v + 1]].first;
      return usd;
    };
    std::set<std::pair<double, Combination>> frontier;
    std::set<Combination> seen;
    const auto reach = [&](const Combination& c) {
      if (seen.insert(c).second) frontier.emplace(cost(c), c);
    };
    if (!types_.empty()) reach(Combination(volumes_.size() + 1, 0));
    std::size_t enough = 0;
    std::uint64_t trials = 0;
    while (!frontier.empty() && enough < enough_wanted && trials < whole_trials_max && !stopped()) {
      const Combination c = frontier.begin()->second;
      frontier.erase(frontier.begin());
      const Combination choice(c.begin() + 1, c.end());
      if (const Alternative* tried = try_out(combined(types_[c[0]].name, choice))) {
        ++trials;
        if (tried->verdict == AdviceVerdict::enough) ++enough;
      }
      for (std::size_t k = 0; k < c.size(); ++k) {
        Combination next = c;
        ++next[k];
        if (next[k] < (k == 0 ? types_.size() : volumes_[k - 1].size())) reach(next);
      }
    }
  }

  /// What one change alone does: each kind of volume on today's instance, and today's volumes on the cheapest type.
  void explain_parts() {
    for (std::size_t v = 0; v < volumes_.size() && !stopped(); ++v) {
      for (const auto& [monthly, settings] : volumes_[v]) {
        StorageMachineSettings machine = machine_;
        machine.volumes[v] = settings;
        if (in_words(settings) == in_words(machine_.volumes[v])) continue;
        std::erase_if(machine.changes,
                      [&](const VolumeChangeSettings& change) { return change.to.name == settings.name; });
        if (try_out(machine) == nullptr && !refusal_.empty()) {
          advice_.others.push_back(ruled_out(change_of(machine), "on " + host_type_->name + ": " + refusal_));
        }
      }
    }
    try_instance_store();
    if (types_.empty() || stopped()) return;
    StorageMachineSettings machine = machine_;
    machine.instance_type.value = types_.front().name;
    if (try_out(machine) == nullptr && !refusal_.empty()) {
      advice_.others.push_back(ruled_out(change_of(machine), refusal_));
    }
  }

  /// Temporary data on the disks of the cheapest type that has them, and the cheapest choice for all else.
  void try_instance_store() {
    const auto with_store = std::find_if(types_.begin(), types_.end(), [&](const TypeOption& type) {
      return catalog_.type(type.name)->instance_store > Bytes{} && catalog_.type(type.name)->instance_store_read_iops;
    });
    if (with_store == types_.end() || stopped()) return;
    for (std::size_t v = 0; v < volumes_.size(); ++v) {
      for (std::size_t k = 0; k < volumes_[v].size(); ++k) {
        if (volumes_[v][k].second.request.type != VolumeType::instance_store) continue;
        std::vector<std::size_t> choice(volumes_.size(), 0);
        choice[v] = k;
        try_out(combined(with_store->name, choice));
      }
    }
  }

  void finish(const Trial& today) {
    std::vector<Alternative> all;
    for (auto& [words, found] : tried_) all.push_back(found);
    std::stable_sort(all.begin(), all.end(),
                     [](const Alternative& a, const Alternative& b) { return *a.monthly_usd < *b.monthly_usd; });
    for (Alternative& found : all) {
      if (!advice_.chosen && found.verdict == AdviceVerdict::enough) {
        found.verdict = AdviceVerdict::chosen;
        found.reason = "the cheapest that is enough: it " + found.reason;
        advice_.chosen = found;
        if (found.change.empty()) advice_.today = found;
      }
    }
    std::vector<Alternative> others;
    for (Alternative& found : all) {
      if (found.change.empty() || found.verdict == AdviceVerdict::chosen) continue;
      if (found.verdict == AdviceVerdict::enough) {
        found.reason += fmt::format("; {:.2f} USD a month dearer", *found.monthly_usd - *advice_.chosen->monthly_usd);
      }
      others.push_back(std::move(found));
    }
    for (Alternative& found : advice_.others) others.push_back(std::move(found));
    advice_.others = std::move(others);
    add_notes(today);
  }

  void add_notes(const Trial& today) {
    if (today.network_busy) {
      advice_.notes.push_back("The network is at 80 % of its maximum or more for 5 % of the time: a larger network is "
                              "advised, and only types whose network is below that are called enough.");
    }
    if (today.network_idle_ebs_busy) {
      advice_.notes.push_back("The network is at 10 % or less for 95 % of the time while EBS is busy: data that can live on "
                              "storage on the network (EFS, FSx) would take load off EBS. It is not priced here.");
    }
    if (advice_.chosen) {
      for (std::size_t v = 0; v < machine_.volumes.size(); ++v) {
        const std::string& words = advice_.chosen->volumes[v];
        const VolumeType type = machine_.volumes[v].request.type;
        if (type == VolumeType::io2 && words.find("io2") == std::string::npos) {
          advice_.notes.push_back(fmt::format("Volume {} would be less durable: 99.8 to 99.9 % a year instead of io2's "
                                              "99.999 %.", machine_.volumes[v].name));
        }
        if (words.find("instance store") != std::string::npos && type != VolumeType::instance_store) {
          advice_.notes.push_back(fmt::format("Data of volume {} would be lost whenever the instance stops.",
                                              machine_.volumes[v].name));
        }
        if (words.find(" x ") != std::string::npos) {
          advice_.notes.push_back(fmt::format("Volume {} would be a RAID 0: it dies with any of its members.",
                                              machine_.volumes[v].name));
        }
      }
    }
    if (data_.run.duration < 24_h) {
      advice_.notes.push_back(fmt::format("The run takes {}, and burst buckets are full when it begins: over a day or more, "
                                          "gp2, st1, sc1 and small instances may not be enough.",
                                          to_text(data_.run.duration)));
    }
    if (date() < catalogue_date) {
      advice_.notes.push_back(fmt::format("The catalogue is of 2026 and does not say since when a type exists: one that is "
                                          "shown may be newer than {}.", config::to_text(data_.run.start)));
    }
    advice_.notes.push_back(types_words_);
  }

  const ScenarioData& data_;
  const AdviceOptions& options_;
  const StorageMachineSettings& machine_;
  const Catalog catalog_;
  TrialRuns runs_;
  std::vector<std::string> demand_names_;
  StoragePlan today_plan_;
  std::optional<InstanceType> host_type_;
  MachineWants wants_;
  std::vector<std::vector<std::pair<double, VolumeSettings>>> volumes_;  // by volume, cheapest first, with USD a month
  std::vector<TypeOption> types_;                                        // cheapest first
  std::map<std::string, Alternative> tried_;                             // by settings in words
  std::string refusal_;                                                  // of the last plan
  std::string types_words_;
  std::uint64_t considered_ = 0;
  MachineAdvice advice_;
};

}  // namespace
}  // namespace scenario

std::string_view to_name(AdviceVerdict verdict) {
  switch (verdict) {
    case AdviceVerdict::chosen: return "chosen";
    case AdviceVerdict::enough: return "enough";
    case AdviceVerdict::too_little: return "too_little";
    case AdviceVerdict::undecided: return "undecided";
    case AdviceVerdict::ruled_out: return "ruled_out";
  }
  return "";
}

bool has_machines(const Scenario& scenario) { return !scenario.data().storage.machines.empty(); }

Advice advise(const Scenario& scenario, const AdviceOptions& options) {
  const ScenarioData& data = scenario.data();
  Advice advice;
  advice.scenario = data.name;
  advice.version = version;
  advice.seed = options.seed.value_or(data.run.seed);
  advice.replications = options.replications.value_or(data.run.replications);
  advice.duration = data.run.duration;
  advice.warm_up = data.run.warm_up;
  advice.held_back_max = options.held_back_max;
  advice.latency_max = options.latency_max;
  for (const StorageMachineSettings& machine : data.storage.machines) {
    scenario::MachineSearch search(data, options, machine);
    std::optional<MachineAdvice> found = search.search();
    advice.considered += search.considered();
    advice.simulated += search.simulated();
    if (!found) {
      advice.interrupted = true;
      break;
    }
    advice.machines.push_back(std::move(*found));
  }
  return advice;
}

}  // namespace fleetsim
