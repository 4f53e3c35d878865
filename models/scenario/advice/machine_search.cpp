#include "models/scenario/advice/machine_search.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/scenario/advice/machine_plans.hpp"
#include "models/scenario/advice/notes.hpp"
#include "models/scenario/advice/protected_plan.hpp"
#include "models/scenario/advice/trial.hpp"
#include "models/scenario/advice/type_options.hpp"
#include "models/scenario/advice/verdict.hpp"
#include "models/scenario/advice/volume_options.hpp"
#include "models/scenario/number_words.hpp"

namespace fleetsim::scenario {
namespace {

/// So many alternatives that are enough are shown, the cheapest of them chosen.
constexpr std::size_t enough_wanted = 3;
constexpr std::uint64_t whole_trials_max = 60;

/// Everything is relative to one machine of the scenario.
class MachineSearch {
 public:
  MachineSearch(const ScenarioData& data, const AdviceOptions& options, const StorageMachineSettings& machine)
      : data_(data), options_(options), machine_(machine), plans_(data), runs_(data, options) {}

  /// Empty if it was interrupted.
  std::optional<MachineAdvice> search() {
    advice_.machine = machine_.name;
    const std::optional<StoragePlan> plan = plans_.plan(machine_);
    if (!plan) return std::nullopt;
    host_type_ = plans_.catalog().type(machine_.instance_type.value);
    const Trial today = runs_.run(*plan);
    if (!today.finished) return std::nullopt;
    runs_.set_wants(runs_.offered());
    advice_.today = alternative(machine_, *plan, today);
    tried_[words_of(machine_)] = advice_.today;
    wants_ = find_wants(data_, with_protection(data_, *plan).plan, options_.seed.value_or(data_.run.seed),
                        options_.replications.value_or(data_.run.replications), options_.held_back_max);
    find_volumes();
    types_ = type_options(data_, options_, machine_, *plan, wants_.together, hosts_, plans_, runs_);
    considered_ += types_.considered;
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
    Judgement judgement = judge(trial, options_);
    found.verdict = judgement.verdict;
    found.reason = std::move(judgement.reason);
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

  /// The volume and its loads on such a host, with no limit around them. Empty where a rule refuses it.
  std::optional<StoragePlan> alone(std::size_t v, const VolumeSettings& volume, const std::string& host) {
    StorageMachineSettings machine = machine_;
    machine.instance_type.value = host;
    machine.volumes = {volume};
    std::erase_if(machine.changes, [&](const VolumeChangeSettings& change) {
      return change.to.name != volume.name || in_words(volume) != in_words(machine_.volumes[v]);
    });
    std::erase_if(machine.loads, [&](const StorageLoadSettings& load) { return !load.volume || load.volume->value != volume.name; });
    std::optional<StoragePlan> plan = plans_.plan(machine);
    if (plan) {
      plan->config.limits = {};
      plan->config.stops.clear();
    }
    return plan;
  }

  /// For each volume the cheapest settings of each kind that are enough alone.
  void find_volumes() {
    hosts_ = other_hosts(*host_type_, machine_, plans_);
    hosts_.insert(hosts_.begin(), VolumeHost{.instance_type = host_type_->name, .nitro = host_type_->nitro});
    for (std::size_t v = 0; v < machine_.volumes.size() && !stopped(); ++v) {
      std::vector<PricedOption> priced;
      std::set<std::pair<std::string, std::string>> known;  // kind and words
      for (const VolumeHost& host : hosts_) price_options(v, host, known, priced);
      std::stable_sort(priced.begin(), priced.end(),
                       [](const PricedOption& a, const PricedOption& b) { return a.monthly < b.monthly; });
      choose_volumes(v, priced);
    }
  }

  struct PricedOption {
    double monthly = 0;
    VolumeOption option;
    std::string host;  // on which it was found
  };
  void price_options(std::size_t v, const VolumeHost& host, std::set<std::pair<std::string, std::string>>& known,
                     std::vector<PricedOption>& priced) {
    const VolumeSettings& volume = machine_.volumes[v];
    VolumeOptions found = volume_options(volume, wants_.volumes[v], host, plans_.date());
    if (host.instance_type == host_type_->name) {
      for (const VolumeKindRefused& refused : found.refused) {
        advice_.others.push_back(ruled_out(fmt::format("volume {}: {}", volume.name, refused.kind), refused.reason));
      }
    }
    for (VolumeOption& option : found.options) {
      // Today's volume is another one elsewhere only where it becomes Block Express there.
      if (option.kind == "as it is" && host.instance_type != host_type_->name) {
        if (option.settings.request.type != VolumeType::io2) continue;
        option.kind = "as it is, on another host";
      }
      if (!known.emplace(option.kind, in_words(option.settings)).second) continue;
      ++considered_;
      if (option.settings.request.type == VolumeType::instance_store) {  // whose limits are the instance's
        priced.push_back({0, std::move(option), host.instance_type});
        continue;
      }
      const auto plan = alone(v, option.settings, host.instance_type);
      if (plan) priced.push_back({monthly_of_volumes(*plan), std::move(option), host.instance_type});
    }
  }

  void choose_volumes(std::size_t v, const std::vector<PricedOption>& priced) {
    std::vector<std::pair<double, VolumeSettings>>& chosen = volumes_.emplace_back();
    std::set<std::string> kinds;
    std::map<std::string, Alternative> failed;  // by kind: the dearest settings that are not enough
    for (const auto& [monthly, option, host] : priced) {
      if (kinds.contains(option.kind) || stopped()) continue;
      if (option.settings.request.type == VolumeType::instance_store) {
        chosen.emplace_back(monthly, option.settings);
        kinds.insert(option.kind);
        continue;
      }
      Trial trial = runs_.run(*alone(v, option.settings, host));
      if (!trial.finished) return;
      trial.network_busy = false;
      const Judgement judgement = judge(trial, options_);
      if (judgement.could_be_enough()) {
        chosen.emplace_back(monthly, option.settings);
        kinds.insert(option.kind);
        failed.erase(option.kind);
      } else {
        failed[option.kind] = ruled_out(fmt::format("volume {}: {}", option.settings.name, in_words(option.settings)),
                                        "on any instance it " + judgement.reason);
      }
    }
    for (auto& [kind, why] : failed) {
      if (kind != "as it is") advice_.others.push_back(std::move(why));
    }
    std::stable_sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
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
    const std::optional<StoragePlan> plan = plans_.plan(machine);
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
      double usd = types_.types[c[0]].monthly;
      for (std::size_t v = 0; v < volumes_.size(); ++v) usd += volumes_[v][c[v + 1]].first;
      return usd;
    };
    std::set<std::pair<double, Combination>> frontier;
    std::set<Combination> seen;
    const auto reach = [&](const Combination& c) {
      if (seen.insert(c).second) frontier.emplace(cost(c), c);
    };
    if (!types_.types.empty()) reach(Combination(volumes_.size() + 1, 0));
    std::size_t enough = 0;
    std::uint64_t trials = 0;
    while (!frontier.empty() && enough < enough_wanted && trials < whole_trials_max && !stopped()) {
      const Combination c = frontier.begin()->second;
      frontier.erase(frontier.begin());
      const Combination choice(c.begin() + 1, c.end());
      if (const Alternative* tried = try_out(combined(types_.types[c[0]].name, choice))) {
        ++trials;
        if (tried->verdict == AdviceVerdict::enough) ++enough;
      }
      for (std::size_t k = 0; k < c.size(); ++k) {
        Combination next = c;
        ++next[k];
        if (next[k] < (k == 0 ? types_.types.size() : volumes_[k - 1].size())) reach(next);
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
        if (try_out(machine) == nullptr && !plans_.refusal().empty()) {
          advice_.others.push_back(ruled_out(change_of(machine), "on " + host_type_->name + ": " + plans_.refusal()));
        }
      }
    }
    try_instance_store();
    try_unsplit();
    if (types_.types.empty() || stopped()) return;
    StorageMachineSettings machine = machine_;
    machine.instance_type.value = types_.types.front().name;
    if (try_out(machine) == nullptr && !plans_.refusal().empty()) {
      advice_.others.push_back(ruled_out(change_of(machine), plans_.refusal()));
    }
  }

  /// Where volumes would be split over more than today, the cheapest way that needs no more of them: a RAID 0 is not for
  /// everybody.
  void try_unsplit() {
    std::vector<std::size_t> choice;
    bool split = false;
    for (std::size_t v = 0; v < volumes_.size(); ++v) {
      std::size_t k = 0;
      while (k < volumes_[v].size() && (volumes_[v][k].second.stripes > machine_.volumes[v].stripes ||
                                        volumes_[v][k].second.request.type == VolumeType::instance_store)) {
        ++k;
      }
      if (k == volumes_[v].size()) return;
      split = split || k > 0;
      choice.push_back(k);
    }
    if (!split) return;
    for (const TypeOption& type : types_.types) {
      if (stopped()) return;
      const Alternative* tried = try_out(combined(type.name, choice));
      if (tried != nullptr && tried->verdict == AdviceVerdict::enough) return;
    }
  }

  /// Temporary data on the disks of the cheapest type that has them, and the cheapest choice for all else.
  void try_instance_store() {
    const auto with_store = std::find_if(types_.types.begin(), types_.types.end(), [&](const TypeOption& type) {
      return plans_.catalog().type(type.name)->instance_store > Bytes{} && plans_.catalog().type(type.name)->instance_store_read_iops;
    });
    if (with_store == types_.types.end() || stopped()) return;
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
        const std::int64_t cents = std::llround((*found.monthly_usd - *advice_.chosen->monthly_usd) * 100);
        found.reason += fmt::format("; {}.{:02} USD a month dearer", grouped(cents / 100), cents % 100);
      }
      others.push_back(std::move(found));
    }
    for (Alternative& found : advice_.others) others.push_back(std::move(found));
    advice_.others = std::move(others);
    advice_.notes = advice_notes(data_, plans_.date(), machine_, today, advice_.chosen);
    advice_.notes.push_back(types_.words);
  }

  const ScenarioData& data_;
  const AdviceOptions& options_;
  const StorageMachineSettings& machine_;
  MachinePlans plans_;
  TrialRuns runs_;
  std::optional<InstanceType> host_type_;
  std::vector<VolumeHost> hosts_;  // today's, then one of each kind on which volumes can do what they cannot on it
  MachineWants wants_;
  std::vector<std::vector<std::pair<double, VolumeSettings>>> volumes_;  // by volume, cheapest first, with USD a month
  TypeOptions types_;
  std::map<std::string, Alternative> tried_;                             // by settings in words
  std::uint64_t considered_ = 0;
  MachineAdvice advice_;
};

}  // namespace

MachineSearchResult search_machine(const ScenarioData& data, const AdviceOptions& options,
                                   const StorageMachineSettings& machine) {
  MachineSearch search(data, options, machine);
  MachineSearchResult result{.advice = search.search()};
  result.considered = search.considered();
  result.simulated = search.simulated();
  return result;
}

}  // namespace fleetsim::scenario
