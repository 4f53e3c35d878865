#pragma once
/// Which of a model's inputs move its output. Inputs run over [0, 1], the share of their range.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fleetsim/sim/confidence.hpp"
#include "fleetsim/sim/experiment/designs.hpp"
#include "fleetsim/sim/random.hpp"

namespace fleetsim::experiment {

/// Elementary effects (Morris, "Factorial sampling plans for preliminary computational experiments", Technometrics 33(2),
/// 1991) on a grid of four levels, steps of 2/3. A trajectory changes one input after the other, in an order drawn for
/// it: inputs + 1 points. All trajectories' points in one list, each with its trajectory's in order.
std::vector<UnitPoint> morris_points(std::size_t trajectories, std::size_t inputs, Stream& stream);

struct MorrisEffect {
  double mean = 0;           ///< mu: change of the output over the input's whole range, signs cancelling
  double mean_absolute = 0;  ///< mu*: the input's importance (Campolongo, Cariboni and Saltelli 2007)
  double spread = 0;         ///< sigma: large beside mu* where the effect bends or depends on other inputs
  Interval interval{};         ///< 95 % of mu*, over the trajectories; of width zero for fewer than two
};
/// One for each input, from the outputs at the points, in their order. Requires: as many outputs as points.
std::vector<MorrisEffect> morris_effects(const std::vector<UnitPoint>& points, std::span<const double> outputs,
                                         std::size_t inputs);

/// The points of Saltelli's estimators: `base` points A, `base` points B, then for each input the points A with that
/// input taken from B; base x (inputs + 2) in all. From a Sobol' sequence of 2 x inputs dimensions.
std::vector<UnitPoint> sobol_index_points(std::size_t base, std::size_t inputs, Stream& stream);

struct SobolIndex {
  double first = 0;         ///< share of the output's variance that the input alone explains
  Interval first_interval{};  ///< 95 %, by bootstrap over the base points
  double total = 0;         ///< the same with all its interactions: 0 means it could be fixed
  Interval total_interval{};
};
/// First-order indices after Saltelli et al. (2010), total ones after Jansen (1999); both in "Variance based sensitivity
/// analysis of model output", Computer Physics Communications 181. Not-a-number where the output does not vary.
std::vector<SobolIndex> sobol_indices(std::size_t base, std::size_t inputs, std::span<const double> outputs,
                                      Stream& stream);

}  // namespace fleetsim::experiment
