#pragma once
/// What a group says of the network of its instances: an Elastic Fabric Adapter, or EC2-Classic instead of a VPC. Both are
/// rules about what can be launched, and change nothing else.
///
/// Source: [1] Amazon EC2 user guide, Elastic Fabric Adapter (2023-05); [2] AWS News Blog, EC2-Classic Networking is
///         Retiring (2021-07-28), and Amazon EC2 user guide, EC2-Classic: its Regions, families and dates.

#include <chrono>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

GroupNetwork read_group_network(config::Section& group);

/// From the first day of a run to the day after its last instant.
struct RunDays {
  std::chrono::sys_seconds begin, end;
};

/// Reports what cannot be launched. Requires: the fleet has its Region and its types are the ones that are launched.
void check_networks(const FleetPlan& plan, const Catalog& catalog, RunDays run, config::Diagnostics& diagnostics);

}  // namespace fleetsim::scenario
