#pragma once

#include "fleetsim/models/spot_market/calibration.hpp"

namespace fleetsim::calibration {

/// Pools that were recorded from the same instant on, by Region; those of at least two. The parameters of the latent
/// factor are left empty.
std::vector<RegionReport> region_reports(const std::vector<PoolReport>& pools, std::int64_t needed);

/// Correlation of open and closed of two recordings over the time that both have; empty if one does not change in it.
std::optional<double> correlation_of(const StepTrace<std::int64_t>& a, const StepTrace<std::int64_t>& b,
                                     std::int64_t needed);

}  // namespace fleetsim::calibration
