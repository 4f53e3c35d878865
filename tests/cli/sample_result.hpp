#pragma once
/// A result made by hand: one fleet of two groups, ten replications, round numbers.

#include "fleetsim/result.hpp"

namespace fleetsim::test {

RunResult sample_result();

/// A metric observed in `n` replications, with an interval of `half_width` around its mean and a spread of twice that.
Metric metric(std::string name, std::string unit, double mean, double half_width, std::uint64_t n = 10);

}  // namespace fleetsim::test
