#pragma once
/// The shapes that are scaled to a mean: only the proportions of their rows count.

#include "fleetsim/models/demand/profile.hpp"

namespace fleetsim::demand {

/// The largest row of a shape of weights, 2^40: fine enough for a part in 10^12, small enough that integrals fit.
inline constexpr std::int64_t weight_max = std::int64_t{1} << 40;

inline constexpr std::int64_t million = 1'000'000;
/// Millionths, the exact form in which factors multiply.
inline std::int64_t to_micro(double factor) { return fleetsim::detail::nearest(factor * 1e6); }

/// The shape of a trace or of a daily demand, its largest row weight_max; all rows zero if none is above zero.
RegularShape weights_of(const DemandConfig& config);

inline constexpr Duration week = 7_d;
/// Where a run that starts at `start` begins in the week, from Monday midnight UTC.
Duration begin_in_week(config::UtcTime start);

}  // namespace fleetsim::demand
