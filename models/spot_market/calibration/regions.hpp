#pragma once

#include "fleetsim/models/spot_market/calibration.hpp"

namespace fleetsim::calibration {

/// Pools that were recorded from the same instant on, by Region; those of at least two. The latent factor is fitted
/// where two pools or more have enough runs of both kinds.
std::vector<RegionReport> region_reports(const std::vector<PoolReport>& pools, const Request& request);

/// Several pools over their common time.
struct JointOpenness {
  double any_open = 0;          // share of the time that one is
  double mean_correlation = 0;  // over the pairs that have one
};
JointOpenness joint_openness(const std::vector<StepTrace<std::int64_t>>& traces, std::int64_t needed);

/// Correlation of open and closed of two recordings over the time that both have; empty if one does not change in it.
std::optional<double> correlation_of(const StepTrace<std::int64_t>& a, const StepTrace<std::int64_t>& b,
                                     std::int64_t needed);

}  // namespace fleetsim::calibration
