#pragma once
/// Which points of a space of parameters an experiment looks at.
///
/// A parameter with a list of levels is counted by them, one with a range runs from 0 (its low end) to 1. What the
/// levels mean is for the caller.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fleetsim/sim/random.hpp"

namespace fleetsim::experiment {

/// A level of each parameter, counted from 0.
using Levels = std::vector<std::size_t>;
/// A share of each parameter's range, in [0, 1].
using UnitPoint = std::vector<double>;

/// Points of the full grid: the product of the levels; the largest number there is where that is too large to count.
std::uint64_t grid_size(std::span<const std::size_t> levels);
/// Every combination of levels, the last parameter's changing fastest. Requires: each has one level or more.
std::vector<Levels> grid(std::span<const std::size_t> levels);
/// The base, then for each parameter in turn each of its other levels with all others at the base's.
/// Requires: as many levels as base levels, each within.
std::vector<Levels> one_at_a_time(std::span<const std::size_t> levels, const Levels& base);

/// A Latin hypercube (McKay, Beckman and Conover, "A comparison of three methods for selecting values of input
/// variables", Technometrics 21(2), 1979): each of `points` equal cells of each parameter holds exactly one point,
/// placed uniformly within.
std::vector<UnitPoint> latin_hypercube(std::size_t points, std::size_t parameters, Stream& stream);
/// The first points of the Sobol' sequence (Boost.Random, direction numbers of Joe and Kuo 2008), each coordinate's
/// bits turned over by a mask drawn for it. The first 2^k points have one in each of 2^k equal cells of each parameter,
/// as those of a Latin hypercube, and are spread evenly over pairs and triples of parameters too.
/// Requires: points < 2^32, parameters <= 3667.
std::vector<UnitPoint> sobol(std::size_t points, std::size_t parameters, Stream& stream);

}  // namespace fleetsim::experiment
