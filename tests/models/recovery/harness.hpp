#pragma once
/// Plans built by hand and a world that does what the test says.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fleetsim/models/recovery/execution.hpp"

namespace fleetsim::test {

inline config::Located<std::string> named(std::string name) { return {std::move(name), {}}; }
inline std::vector<config::Located<std::string>> all_named(std::vector<std::string> names) {
  std::vector<config::Located<std::string>> all;
  for (std::string& name : names) all.push_back(named(std::move(name)));
  return all;
}

inline StepConfig step(std::string name, Duration duration, std::vector<std::string> after = {},
                       std::vector<std::string> of = {}) {
  StepConfig config;
  config.name = named(std::move(name));
  config.duration = DurationDistribution(duration);
  config.after = all_named(std::move(after));
  config.of = all_named(std::move(of));
  config.needs_control_plane = false;
  return config;
}

inline PlanResource resource(std::string name, ResourceKind kind = ResourceKind::instances) {
  PlanResource r;
  r.name = std::move(name);
  r.kind = kind;
  r.source = {0};
  r.target = {1};
  return r;
}

struct FakePoints final : RecoveryPoints {
  std::map<std::uint32_t, UsablePoint> at_any_time;  ///< by data
  std::optional<UsablePoint> newest(DataId data, SiteId, Time, Time) const override {
    const auto it = at_any_time.find(data.index);
    return it == at_any_time.end() ? std::nullopt : std::optional(it->second);
  }
};

/// All is up, unless the test says otherwise.
struct FakeSurroundings final : Surroundings {
  struct Outage {
    std::uint32_t site;
    std::optional<std::uint32_t> zone;  // empty: the whole site
    Time from, to;
  };
  std::vector<Outage> outages;
  std::pair<Time, Time> control_plane_down;
  std::set<std::string> short_types;
  Time destroyed_from = Time::max();  ///< all data at every site

  static bool hits(const Outage& o, const Place& p, Time at) {
    return o.from <= at && at < o.to && o.site == p.site.index && (!o.zone || (p.zone && p.zone->index == *o.zone));
  }
  bool up(const Place& place, Time at) const override {
    for (const Outage& o : outages) {
      if (hits(o, place, at)) return false;
    }
    return true;
  }
  bool destroyed(const Place&, std::string_view, Time from, Time at) const override {
    return destroyed_from >= from && at >= destroyed_from;
  }
  bool control_plane_up(SiteId, Time at) const override {
    return at < control_plane_down.first || at >= control_plane_down.second;
  }
  bool has_capacity(const Place&, std::string_view type, Time) const override {
    return !short_types.contains(std::string(type));
  }
  std::optional<Time> next_strike(Time at) const override {
    std::optional<Time> next;
    for (const Outage& o : outages) {
      if (o.from > at && (!next || o.from < *next)) next = o.from;
    }
    return next;
  }
  std::optional<Time> back(const Place& place, Time at) const override {
    for (const Outage& o : outages) {
      if (hits(o, place, at)) return o.to == Time::max() ? std::nullopt : std::optional(o.to);
    }
    return at;
  }
};

/// Runs a plan after a disaster at `disaster`.
class PlanRun {
 public:
  RecoveryPlanConfig config;
  std::vector<PlanResource> resources;
  std::vector<PeopleConfig> people;
  FakePoints points;
  FakeSurroundings surroundings;
  config::UtcTime start{};  // 1970-01-01T00:00Z, a Thursday
  bool target_built = true;
  bool grey = false;
  bool drill = false;

  RecoveryOutcome operator()(Time disaster = {}, std::uint64_t replication = 0) {
    std::vector<PlanResource> rows = resources;
    if (rows.empty()) rows.push_back(resource("app"));
    const RecoveryPlan plan(config, rows);
    Simulation sim({.seed = 1, .replication = replication});
    sim.run_until(disaster);
    const ExecutionSetting setting{.plan = plan, .people = people, .target_built = target_built, .grey = grey};
    const RecoveryPlan* only = &plan;
    SharedWork shared(sim, people, start, limits_of({&only, 1}));
    PlanExecution execution(sim, setting, shared, points, surroundings, "test/", drill);
    execution.begin(std::vector<bool>(rows.size(), true));
    while (!execution.finished()) {
      // A day at a time, so that a plan that hangs is seen.
      sim.run_until(sim.now() + 1_d);
      if (sim.now() > disaster + 30_d) break;
    }
    return execution.outcome();
  }
};

inline Duration total(const std::vector<PathPart>& path) {
  Duration sum;
  for (const PathPart& part : path) sum += part.length;
  return sum;
}

}  // namespace fleetsim::test
