#pragma once
/// What the loads of a machine want over time, without any limit: the levels that a limit must have.

#include <cstdint>
#include <vector>

#include "models/scenario/scenario_data.hpp"

namespace fleetsim::scenario {

/// A level that is wanted at most, and one above which no more than a given share of the I/Os is offered.
struct WantedLevel {
  double nearly = 0, most = 0;
};
/// Of one volume, or of all of a machine together.
struct Wants {
  WantedLevel ssd_iops;      ///< as an SSD volume counts them
  WantedLevel instance_iops; ///< as the instance counts them
  WantedLevel mibps;
  WantedLevel hdd_mibps;     ///< as an HDD volume counts them
  double mean_iops = 0, mean_mibps = 0;
  double work_mibps = 0;     ///< of backups and snapshots, at the paces that they are given
  bool large = true;         ///< every load's I/Os are sequential or 128 KiB or more
};
struct MachineWants {
  std::vector<Wants> volumes;  ///< by volume of the plan
  Wants together;
};

/// Runs the demands alone, `replications` times. `share`: of the I/Os, for `nearly`.
MachineWants find_wants(const ScenarioData& data, const StoragePlan& plan, std::uint64_t seed,
                        std::uint64_t replications, double share);

}  // namespace fleetsim::scenario
