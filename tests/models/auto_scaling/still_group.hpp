#pragma once
/// Groups whose desired capacity stays where it is, for what happens to their instances.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/models/auto_scaling/harness.hpp"

namespace fleetsim::test {

using Numbers = std::vector<std::uint32_t>;
using Counts = std::vector<std::int64_t>;

/// Without policies: desired stays at `initial`.
inline GroupConfig still_group(std::int64_t initial, std::vector<std::string> zones = {"a"}) {
  GroupConfig config = simple_group(std::move(zones));
  config.composite.reset();
  config.initial = initial;
  config.min = 0;
  config.termination_policies = {TerminationPolicy::oldest_instance};
  return config;
}
inline Counts counts(const GroupRun& run) {
  Counts counts;
  for (const auto& zone : run.zones) counts.push_back(zone.count[0] + zone.count[1]);
  return counts;
}
inline UserAction user(Duration at, UserActionKind kind, std::int64_t count) {
  return {.at = Time::at(at), .kind = kind, .count = count, .zone = {}, .decrement_desired = false};
}

/// A refresh at 1 h that is driven in minutes: what was launched serves and is warm a minute later.
inline GroupConfig refreshed(std::int64_t size, InstanceRefreshConfig refresh = {}) {
  GroupConfig config = still_group(size);
  refresh.at = Time::at(1_h);
  config.refreshes = {refresh};
  return config;
}
inline void drive(GroupRun& run, Duration until) {
  while (run.sim.now() < Time::at(until)) {
    run.run_until(run.sim.now().since_start() + 1_min);
    run.settle();
  }
}

}  // namespace fleetsim::test
