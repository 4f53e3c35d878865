#include "models/scenario/advice/machine_search.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
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
/// Combinations that a rule refuses cost no simulation, but are not looked through without end.
constexpr std::uint64_t whole_refusals_max = 1000;

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
    tried_[words_of(machine_)] = tried_as(machine_, advice_.today);
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

  struct Tried {
    Alternative found;
    std::int64_t members = 0;  // volumes, each as often as it is striped
    int changes = 0;           // from today
  };
  Tried tried_as(const StorageMachineSettings& machine, Alternative found) const {
    Tried tried{.found = std::move(found), .members = 0, .changes = machine.instance_type.value != machine_.instance_type.value ? 1 : 0};
    for (std::size_t v = 0; v < machine.volumes.size(); ++v) {
      tried.members += machine.volumes[v].stripes;
      tried.changes += in_words(machine.volumes[v]) != in_words(machine_.volumes[v]) ? 1 : 0;
    }
    return tried;
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
    if (const auto known = tried_.find(words); known != tried_.end()) return &known->second.found;
    const std::optional<StoragePlan> plan = plans_.plan(machine);
    if (!plan) return nullptr;
    const Trial trial = runs_.run(*plan);
    if (!trial.finished) return nullptr;
    return &(tried_[words] = tried_as(machine, alternative(machine, *plan, trial))).found;
  }

  /// Types and choices of each volume that may be combined: one volume at most is the instance store, whose types have disks.
  struct Ways {
    std::vector<const TypeOption*> types;
    std::vector<std::vector<std::size_t>> choices;  // by volume, among volumes_
  };
  bool is_store(std::size_t v, std::size_t k) const {
    return volumes_[v][k].second.request.type == VolumeType::instance_store;
  }
  bool has_disks(const TypeOption& type) const {
    return plans_.catalog().type(type.name)->instance_store > Bytes{};
  }
  /// With this volume as the instance store, or with none; empty where that cannot be.
  std::optional<Ways> ways_with(std::optional<std::size_t> store) const {
    Ways ways;
    for (const TypeOption& type : types_.types) {
      if (!store || has_disks(type)) ways.types.push_back(&type);
    }
    if (ways.types.empty()) return std::nullopt;
    for (std::size_t v = 0; v < volumes_.size(); ++v) {
      std::vector<std::size_t>& choices = ways.choices.emplace_back();
      for (std::size_t k = 0; k < volumes_[v].size(); ++k) {
        if (is_store(v, k) == (store == v)) choices.push_back(k);
      }
      if (choices.empty()) return std::nullopt;
    }
    return ways;
  }

  /// By rising cost, over types and choices of volumes, until enough are enough.
  void search_whole() {
    std::vector<Ways> ways;
    if (std::optional<Ways> none = ways_with(std::nullopt)) ways.push_back(std::move(*none));
    for (std::size_t v = 0; v < volumes_.size(); ++v) {
      if (std::optional<Ways> one = ways_with(v)) ways.push_back(std::move(*one));
    }
    struct Combination {
      std::size_t way = 0, type = 0;
      std::vector<std::size_t> choice;  // by volume
      auto operator<=>(const Combination&) const = default;
    };
    const auto taken = [&](const Combination& c) {
      std::vector<std::size_t> choice;
      for (std::size_t v = 0; v < c.choice.size(); ++v) choice.push_back(ways[c.way].choices[v][c.choice[v]]);
      return choice;
    };
    const auto cost = [&](const Combination& c) {
      double usd = ways[c.way].types[c.type]->monthly;
      const std::vector<std::size_t> choice = taken(c);
      for (std::size_t v = 0; v < choice.size(); ++v) usd += volumes_[v][choice[v]].first;
      return usd;
    };
    std::set<std::pair<double, Combination>> frontier;
    std::set<Combination> seen;
    const auto reach = [&](const Combination& c) {
      if (seen.insert(c).second) frontier.emplace(cost(c), c);
    };
    for (std::size_t w = 0; w < ways.size(); ++w) reach({w, 0, std::vector<std::size_t>(volumes_.size(), 0)});
    std::size_t enough = 0;
    std::uint64_t trials = 0, refusals = 0;
    while (!frontier.empty() && enough < enough_wanted && trials < whole_trials_max && refusals < whole_refusals_max && !stopped()) {
      const Combination c = frontier.begin()->second;
      frontier.erase(frontier.begin());
      const Ways& way = ways[c.way];
      const Alternative* tried = try_out(combined(way.types[c.type]->name, taken(c)));
      ++(tried != nullptr ? trials : refusals);
      if (tried != nullptr && tried->verdict == AdviceVerdict::enough) ++enough;
      Combination next = c;
      if (++next.type < way.types.size()) reach(next);
      for (std::size_t v = 0; v < c.choice.size(); ++v) {
        next = c;
        if (++next.choice[v] < way.choices[v].size()) reach(next);
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
    for (std::size_t v = 0; v < volumes_.size() && !stopped(); ++v) {
      const std::optional<Ways> ways = ways_with(v);
      if (!ways) continue;
      std::vector<std::size_t> choice;
      for (const std::vector<std::size_t>& choices : ways->choices) choice.push_back(choices.front());
      try_out(combined(ways->types.front()->name, choice));
    }
  }

  void finish(const Trial& today) {
    // At one price what is there, then fewer volumes, which are less of a RAID 0, then fewer changes.
    std::vector<const Tried*> ranked;
    for (const auto& [words, tried] : tried_) ranked.push_back(&tried);
    const auto rank = [](const Tried* of) {
      return std::tuple(std::llround(*of->found.monthly_usd * 1e6), of->changes > 0, of->members, of->changes);
    };
    std::stable_sort(ranked.begin(), ranked.end(), [&](const Tried* a, const Tried* b) { return rank(a) < rank(b); });
    std::vector<Alternative> all;
    for (const Tried* tried : ranked) all.push_back(tried->found);
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
  std::map<std::string, Tried> tried_;                                   // by settings in words
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
