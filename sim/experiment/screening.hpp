#pragma once
/// What the sequential procedures share: the constant of their continuation region.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "fleetsim/sim/experiment/selection.hpp"

namespace fleetsim::experiment {

/// Replications that are asked for at a time. Decisions are taken after each of them as if they came singly; those that
/// a decision leaves over are kept and cost little beside the waiting of threads for one another.
inline constexpr std::uint64_t look_ahead = 8;

/// h^2 = 2 c eta (n0 - 1) with c = 1, where eta solves (1 + 2 eta)^(-(n0 - 1) / 2) / 2 = error.
/// Requires: 0 < error < 1/2, first >= 2.
inline double squared_h(double error, std::uint64_t first) {
  const double degrees = static_cast<double>(first - 1);
  const double eta = (std::pow(2 * error, -2 / degrees) - 1) / 2;
  return 2 * eta * degrees;
}

/// More first replications where those so far do not vary; the same number at the end.
inline std::uint64_t more_first(std::uint64_t first, std::uint64_t at_most) {
  return std::max(first, std::min({2 * first, constants_taken_after, at_most}));
}

}  // namespace fleetsim::experiment
