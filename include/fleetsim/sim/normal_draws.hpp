#pragma once
/// Standard normal numbers by the block, for models that draw millions of them.

#include <span>

#include "fleetsim/sim/random.hpp"

namespace fleetsim {

/// Fills `out` with independent draws of mean 0 and variance 1, by inversion of one uniform number each, in order:
/// drawing block by block gives the same numbers whatever the lengths of the blocks.
/// Source: M. J. Wichura, Algorithm AS 241, PPND16, Applied Statistics 37 (1988); relative accuracy 10^-15.
void draw_standard_normals(Stream& stream, std::span<double> out);

}  // namespace fleetsim
