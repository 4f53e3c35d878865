#pragma once
/// Which designs nobody would choose: another is at least as good in every metric and better in one.

#include <cstddef>
#include <optional>
#include <vector>

namespace fleetsim::experiment {

/// For each design the first on the frontier that dominates it by its means; empty for those on the frontier. `means[d]` has the metrics
/// of design d, each better the smaller it is; not-a-number (never observed) dominates nothing and is dominated by
/// nothing. Equal designs do not dominate each other.
std::vector<std::optional<std::size_t>> dominated_by(const std::vector<std::vector<double>>& means);

}  // namespace fleetsim::experiment
