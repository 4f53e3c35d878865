#pragma once
/// The readers of a group's settings, a file each.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fleetsim/models/auto_scaling/config.hpp"

namespace fleetsim::auto_scaling {

/// More than any account may run; keeps a mistyped number from filling the memory.
inline constexpr std::int64_t instances_max = 1'000'000;

/// What the groups of a fleet share.
struct SharedByGroups {
  std::optional<std::int64_t> expected_instances;
  std::vector<config::Located<std::string>> instance_types;
  std::optional<double> first_scale_out_above;  // of the fleet's first group
  std::set<std::string> group_names;
  bool expected_needed = false;                 // some group's steps are shares of expected_instances
};

/// The four-group policy, of a group without `policies`.
void read_composite(config::Section& group, SharedByGroups& shared, GroupConfig& config);
/// `policies:` and what goes with them.
void read_policies(config::Section& group, GroupConfig& config);
void read_scheduled_actions(config::Section& group, GroupConfig& config);
/// Zones, endings, health, replacement, warm pool, hooks.
void read_life(config::Section& group, GroupConfig& config);

}  // namespace fleetsim::auto_scaling
