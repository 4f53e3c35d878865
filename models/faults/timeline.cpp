#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "fleetsim/models/faults.hpp"

namespace fleetsim {
namespace {

bool names(const std::vector<config::Located<std::string>>& all, std::string_view name) {
  return std::any_of(all.begin(), all.end(), [&](const auto& n) { return n.value == name; });
}

std::optional<std::size_t> row_of(const std::vector<FaultConfig>& configs, std::string_view name) {
  for (std::size_t c = 0; c < configs.size(); ++c) {
    if (configs[c].name.value == name) return c;
  }
  return std::nullopt;
}

/// Draws the fault of one row and, with it, those that it brings.
class Drawer {
 public:
  Drawer(const std::vector<FaultConfig>& configs, std::uint64_t seed, std::uint64_t replication, std::string prefix)
      : configs_(configs), seed_(seed), replication_(replication), prefix_(std::move(prefix)) {}

  std::vector<Fault> faults;

  Stream& stream(std::size_t config, std::string_view use) {
    const std::string name = fmt::format("{}{}/{}", prefix_, configs_[config].name.value, use);
    return streams_.try_emplace(name, seed_, replication_, name).first->second;
  }

  void happen(std::size_t config, Time begin, std::optional<Duration> recorded = {}) {
    const FaultConfig& fault = configs_[config];
    const std::uint64_t number = counts_[config]++;
    std::optional<Duration> duration = recorded;
    if (!duration && fault.duration) duration = fault.duration->sample(stream(config, "durations"));
    faults.push_back({.config = config,
                      .number = number,
                      .begin = begin,
                      .end = duration ? begin + std::max(*duration, 1_ns) : Time::max()});
    for (std::size_t b = 0; b < fault.brings.size(); ++b) {
      const BroughtFault& brought = fault.brings[b];
      const bool comes = stream(config, fmt::format("brings/{}", b)).chance(brought.probability.value);
      const Duration after = brought.after.sample(stream(config, fmt::format("after/{}", b)));
      const std::optional<std::size_t> row = row_of(configs_, brought.fault.value);
      if (comes && row) happen(*row, begin + after);
    }
  }

 private:
  const std::vector<FaultConfig>& configs_;
  std::uint64_t seed_, replication_;
  std::string prefix_;
  std::map<std::string, Stream> streams_;
  std::map<std::size_t, std::uint64_t> counts_;
};

}  // namespace

FaultTimeline FaultTimeline::of_run(const std::vector<FaultConfig>& configs, const Simulation& sim, Duration run_length) {
  FaultTimeline timeline(configs, sim.seed(), sim.replication(), "faults/");
  Drawer drawer(configs, sim.seed(), sim.replication(), timeline.prefix_);
  const Time horizon = Time::at(run_length);
  for (std::size_t c = 0; c < configs.size(); ++c) {
    const FaultConfig& config = configs[c];
    if (config.what_if > 0) continue;
    for (const Duration at : config.at) drawer.happen(c, Time::at(at));
    if (config.every) {
      Stream& starts = drawer.stream(c, "starts");
      for (Time at = Time{} + config.every->sample(starts); at < horizon;
           at += std::max(config.every->sample(starts), 1_ns)) {
        drawer.happen(c, at);
      }
    }
    if (!config.replay) continue;
    for (const auto& incident : config.replay->incidents) drawer.happen(c, incident.begin, incident.duration);
  }
  timeline.faults_ = std::move(drawer.faults);
  timeline.sort();
  return timeline;
}

FaultTimeline FaultTimeline::of_branch(const std::vector<FaultConfig>& configs, std::size_t fault, std::uint64_t branch,
                                       Time instant, std::uint64_t seed, std::uint64_t replication) {
  FaultTimeline timeline(configs, seed, replication, fmt::format("faults/{}/{}/", configs[fault].name.value, branch));
  Drawer drawer(configs, seed, replication, timeline.prefix_);
  drawer.happen(fault, instant);
  timeline.faults_ = std::move(drawer.faults);
  timeline.sort();
  return timeline;
}

std::vector<Time> FaultTimeline::instants(const FaultConfig& config, const Simulation& sim, Time from, Time to) {
  Stream stream = sim.stream("faults/" + config.name.value + "/instants");
  const auto span = static_cast<std::uint64_t>((to - from).count());
  std::vector<Time> all;
  for (std::int64_t i = 0; i < config.what_if && span > 0; ++i) {
    all.push_back(from + Duration::of(static_cast<std::int64_t>(stream.below(span))));
  }
  return all;
}

void FaultTimeline::sort() {
  std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) { return a.begin < b.begin; });
}

bool FaultTimeline::short_of(const Fault& fault, std::string_view instance_type) const {
  const FaultConfig& config = (*configs_)[fault.config];
  if (!config.instance_types.empty() && !names(config.instance_types, instance_type)) return false;
  Stream stream(seed_, replication_,
                fmt::format("{}{}/short/{}/{}", prefix_, config.name.value, fault.number, instance_type));
  return stream.chance(config.share.value);
}

std::string_view to_name(FaultKind kind) {
  switch (kind) {
    case FaultKind::zone: return "zone";
    case FaultKind::region: return "region";
    case FaultKind::account: return "account";
    case FaultKind::volume: return "volume";
    case FaultKind::link: return "link";
    case FaultKind::control_plane: return "control_plane";
    case FaultKind::capacity_shortage: return "capacity_shortage";
    case FaultKind::grey: return "grey";
    case FaultKind::spot_drought: return "spot_drought";
  }
  return "region";
}

bool stops_service(FaultKind kind) {
  return kind == FaultKind::zone || kind == FaultKind::region || kind == FaultKind::account ||
         kind == FaultKind::volume || kind == FaultKind::grey;
}

bool strikes(const FaultConfig& config, const FaultPlace& place) {
  const auto region = [&] {
    return place.region && std::find(config.region_ids.begin(), config.region_ids.end(), *place.region) != config.region_ids.end();
  };
  const auto zone = [&] {
    return place.zone && std::find(config.zone_ids.begin(), config.zone_ids.end(), *place.zone) != config.zone_ids.end();
  };
  if (config.kind == FaultKind::account) return !place.account.empty() && names(config.accounts, place.account);
  if (config.kind == FaultKind::volume) return !place.resource.empty() && names(config.resources, place.resource);
  return region() || zone();
}

Faults::Faults(Simulation& sim, FaultTimeline timeline, FaultListener& listener)
    : EventHandler(sim), sim_(sim), timeline_(std::move(timeline)), listener_(listener) {}

void Faults::start() {
  for (std::size_t f = 0; f < timeline_.faults().size(); ++f) {
    const Fault& fault = timeline_.faults()[f];
    sim_.schedule_at(*this, fault.begin, FaultDue{static_cast<std::uint32_t>(f)});
    if (fault.end < Time::max()) sim_.schedule_at(*this, fault.end, FaultEnded{static_cast<std::uint32_t>(f)});
  }
}

void Faults::on(const FaultDue& event) { sim_.schedule(*this, Duration{}, FaultBegan{event.fault}); }
void Faults::on(const FaultBegan& event) { listener_.fault_began(timeline_.faults()[event.fault]); }
void Faults::on(const FaultEnded& event) { listener_.fault_ended(timeline_.faults()[event.fault]); }

}  // namespace fleetsim
